"""E2: what two cards of one client have between them, on one card; each thing once (P3)."""

from typing import Any

import pytest

from tests.domain.driver import Driver
from tests.domain.merging import MONEY, merge, pay
from tests.kit.messages import DAY


def about_person(salon: Driver, type_: str, time: str, client: str, **data: Any) -> None:
    """``data.source`` included."""
    salon.feed([{**salon.event(type_, time), "data": {"client_id": client, **data}}])


def test_e2_blank_fields_are_filled_in_the_order_given(salon: Driver) -> None:
    salon.tell("field.define", "08:00", field_id="shoe", label="Shoe", type="number")
    salon.tell("field.define", "08:00", field_id="pet", label="Pet", type="text")
    about_person(
        salon, "client.created", "09:00", "c1", name="Anna", email="anna@x.org", phone="+31 6 1", fields={"pet": "cat"}
    )
    about_person(salon, "client.created", "08:30", "c2", name="Ann", email="Anna@X.org", phone="+3161", staff_id="s2",
                 source="website", fields={"shoe": 38, "pet": "dog"})  # fmt: skip
    about_person(salon, "client.created", "08:45", "c3", email="a@y.org", phone="06 22", staff_id="s3", industry="it",
                 source="phone", fields={"shoe": 39})  # fmt: skip
    merge(salon, "c1", "c2", "c3")
    card = salon.card("c1")
    assert (card["name"], card["staff_id"], card["source"], card["industry"]) == ("Anna", "s2", "website", "it")
    assert card["emails"] == ["anna@x.org", "a@y.org"]
    assert card["phones"] == ["+31 6 1", "06 22"]
    assert card["fields"] == {"pet": "cat", "shoe": 38}
    assert card["created_at"] == f"{DAY}T08:30:00Z"
    salon.restart()


def test_e2_an_implicit_source_is_no_source(salon: Driver) -> None:
    pay(salon, "c1", "p1")
    salon.tell("client.created", "09:00", client_id="c2", name="Ann")
    pay(salon, "c3", "p2")
    about_person(salon, "client.created", "08:45", "c4", source="phone")
    merge(salon, "c2", "c3", time="12:00")
    assert "source" not in salon.card("c2")
    merge(salon, "c1", "c2", "c4", time="12:01")
    assert salon.card("c1")["source"] == "phone"


def test_e2_an_update_of_the_duplicate_from_before_the_merge_fills_blanks_only(pair: Driver) -> None:
    merge(pair)
    about_person(pair, "client.updated", "11:00", "c4", name="Late", staff_id="s1", email="late@x.org", source="web")
    card = pair.card("c1")
    assert (card["name"], card["staff_id"], card["emails"], card["source"]) == (
        "Anna Smit",
        "s1",
        ["late@x.org"],
        "web",
    )
    pair.tell("client.updated", "13:00", client_id="c4", name="Later")
    assert pair.card("c1")["name"] == "Later"


def test_e2_counts_sums_and_things(salon: Driver) -> None:
    for client, n in (("c1", 1), ("c4", 2)):
        salon.tell("client.messaged", "09:00", client_id=client, direction="out")
        salon.tell("booking.attended", "09:10", client_id=client, booking_id=f"b{n}")
        salon.tell("booking.no_show", "09:10", client_id=client, booking_id=f"n{n}")
        salon.tell("booking.cancelled", "09:10", client_id=client, booking_id="shared")
        salon.tell(
            "invoice.issued", "09:20", client_id=client, invoice_id=f"i{n}", amount="30.00", currency="EUR", due_on=DAY
        )
        salon.tell("client.documented", "09:30", client_id=client, document_id="d1", title="x")
        salon.tell("client.documented", "09:30", client_id=client, document_id=f"e{n}", title="x")
        salon.tell("client.reviewed", "09:40", client_id=client, score=2 * n)
        salon.tell("client.card_saved", "09:50", client_id=client, brand="visa", last4="4242", expires=f"12/{n}0")
        salon.tell("client.card_saved", "09:50", client_id=client, brand="visa", last4=f"000{n}")
    salon.tell(
        "payment.received", "10:00", client_id="c4", payment_id="p", invoice_id="i1", amount="10.5", currency="EUR"
    )
    salon.tell("payment.received", "10:00", client_id="c4", payment_id="q", amount="1", currency="USD")
    salon.tell("payment.refunded", "10:10", client_id="c4", payment_id="q")
    merge(salon)
    card = salon.card("c1")
    assert card["counts"] == {
        "attended": 2, "no_shows": 2, "cancelled": 1, "invoices": 2, "payments": 2, "messages_in": 0,
        "messages_out": 2, "documents": 3,
    }  # fmt: skip
    assert card["totals"] == {
        "EUR": {"invoiced": "60.00", "paid": "10.5", "refunded": "0"},
        "USD": {"invoiced": "0", "paid": "1", "refunded": "1"},
    }
    assert card["outstanding"] == {"EUR": "49.50"}
    assert sorted(card["overdue"]) == ["i1", "i2"]
    assert card["score"] == {"average": 3.0, "count": 2}
    assert [(c["last4"], c.get("expires")) for c in card["cards"]] == [
        ("4242", "12/10"),
        ("0001", None),
        ("0002", None),
    ]
    assert card["last_activity_at"] == f"{DAY}T10:00:00Z"
    salon.restart()


def test_e2_an_event_that_either_card_has_seen_counts_once(pair: Driver) -> None:
    message = pair.event("client.messaged", "11:00", client_id="c4", direction="in")
    review = pair.event("client.reviewed", "11:00", client_id="c1", score=5)
    pair.feed([message, review])
    merge(pair)
    pair.feed([message, review])
    card = pair.card("c1")
    assert (card["counts"]["messages_in"], card["score"]["count"]) == (1, 1)


@pytest.mark.parametrize("order", [("c1", "c4"), ("c4", "c1")])
def test_p3_a_thing_that_both_have_counts_once_the_later_version(salon: Driver, order: tuple[str, str]) -> None:
    """E2."""
    one, other = order
    salon.tell("payment.received", "09:00", client_id=one, payment_id="p", amount="5", currency="EUR")
    salon.tell("payment.recorded", "10:00", client_id=other, payment_id="p", amount="7", currency="EUR")
    salon.tell("payment.refunded", "10:30", client_id=one, payment_id="p", amount="1")
    salon.tell("payment.refunded", "10:40", client_id=other, payment_id="p", amount="2")
    salon.tell("invoice.issued", "10:00", client_id=one, invoice_id="i", amount="5", currency="EUR")
    salon.tell("invoice.cancelled", "10:30", client_id=other, invoice_id="i")
    merge(salon)
    card = salon.card("c1")
    assert (card["counts"]["payments"], card["counts"]["invoices"]) == (1, 0)
    assert card["totals"] == {"EUR": {"invoiced": "0", "paid": "7", "refunded": "3"}}
    salon.restart()


@pytest.mark.parametrize("is_merged", [False, True])
def test_p2_g1_what_two_cards_know_of_one_thing_says_when_the_client_was_active(salon: Driver, is_merged: bool) -> None:
    """As it does when both were one card already."""
    for client in ("c1", "c4"):
        salon.tell("client.created", "08:00", client_id=client)
    salon.tell("client.messaged", "08:30", client_id="c1", direction="in")
    if is_merged:
        merge(salon, time="08:45")
    times = {"starts_at": "15:00", "ends_at": "16:00", "kind": "appointment"}
    salon.tell("booking.scheduled", "11:00", client_id="c1", booking_id="b", **times)
    salon.tell("booking.cancelled", "11:30", client_id="c4", booking_id="b")
    salon.tell("invoice.issued", "10:30", client_id="c1", invoice_id="i", amount="5", currency="EUR")
    salon.tell("invoice.issued", "10:00", client_id="c4", invoice_id="i", amount="5", currency="EUR")
    if not is_merged:
        merge(salon, time="12:00")
    assert salon.card("c1")["last_activity_at"] == f"{DAY}T10:00:00Z"
    salon.restart()


def test_p3_more_things_than_are_kept_stay_counted(salon: Driver) -> None:
    for client in ("c1", "c4"):
        salon.feed(
            salon.event("payment.received", "09:00", client_id=client, payment_id=f"{client}{n}", **MONEY)
            for n in range(600)
        )
        salon.feed(
            salon.event("invoice.issued", "09:00", client_id=client, invoice_id=f"{client}{n}", **MONEY)
            for n in range(600)
        )
        salon.feed(
            salon.event("booking.attended", "09:00", client_id=client, booking_id=f"{client}{n}") for n in range(600)
        )
        salon.feed(salon.event("client.messaged", "09:00", client_id=client, direction="in") for n in range(60))
    merge(salon)
    card = salon.card("c1")
    assert [card["counts"][n] for n in ("payments", "invoices", "attended", "messages_in")] == [
        1_200,
        1_200,
        1_200,
        120,
    ]
    assert card["totals"] == {"EUR": {"invoiced": "12000.00", "paid": "12000.00", "refunded": "0"}}
    assert card["outstanding"] == {"EUR": "12000.00"}
    assert "overdue" not in card
    salon.restart()
