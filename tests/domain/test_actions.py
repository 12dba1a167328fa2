"""G5: what staff ask for from a client's card."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import PROFILE, histories


def ask(salon: Driver, action: str, client: str = "c1", **data: Any) -> dict[str, Any]:
    return salon.ask("action.request", "20:00", client_id=client, action=action, **data)


def requested(salon: Driver) -> list[dict[str, Any]]:
    return [o for o in salon.outputs if o["type"] == "action.requested"]


def context(salon: Driver) -> dict[str, Any]:
    (told,) = requested(salon)
    return dict(told["data"]["context"])


def refused(salon: Driver, action: str, client: str = "c1", **data: Any) -> str:
    """The code of a request that is refused, and leaves no trace."""
    before = salon.card(client) if salon.has_card(client) else None
    answer = ask(salon, action, client, **data)
    assert (answer["result"], answer["applied"], requested(salon)) == ("rejected", [], [])
    assert (salon.card(client) if salon.has_card(client) else None) == before
    return str(answer["errors"][0]["code"])


def invoice(salon: Driver, invoice_id: str, amount: str, due_on: str | None = "2024-05-20", **data: Any) -> None:
    about = {"client_id": "c1", "invoice_id": invoice_id, "amount": amount, "currency": "EUR", **data}
    salon.tell("invoice.issued", "10:00", due_on=due_on, **about)


def pay(salon: Driver, payment_id: str, amount: str, invoice_id: str, **data: Any) -> None:
    about = {"client_id": "c1", "payment_id": payment_id, "amount": amount, "currency": "EUR", **data}
    salon.tell("payment.received", "11:00", invoice_id=invoice_id, **about)


@pytest.fixture
def ann(salon: Driver) -> Driver:
    """A client with a name, two addresses and a phone."""
    salon.tell("client.created", "09:00", client_id="c1", name="Ann", email="a@x.org", phone="1", staff_id="s1")
    salon.tell("client.created", "09:01", client_id="c1", email="b@x.org")
    return salon


@pytest.mark.parametrize("action", ["payment_reminder", "invoice_booking", "invite_to_book"])
def test_an_unknown_client_gets_no_card(salon: Driver, action: str) -> None:
    assert refused(salon, action, "nobody", booking_id="b1") == "unknown_client"
    assert not salon.has_card("nobody")


def test_an_invitation_has_the_contact_data_and_nothing_else(ann: Driver) -> None:
    ann.ask("automation.set", "09:30", locale="nl-BE")
    answer = ann.ask("action.request", "12:00", client_id="c1", action="invite_to_book", actor="Bo", id="m1")
    assert (answer["result"], answer["applied"], "preview" in answer) == ("applied", ["c1"], False)
    (told,) = requested(ann)
    assert (told["topic"], told["subject"], told["time"]) == ("client-actions", "c1", "2024-05-06T12:00:00Z")
    assert told["data"] == {
        "client_id": "c1",
        "action": "invite_to_book",
        "context": {"locale": "nl-BE", "name": "Ann", "email": "a@x.org", "phone": "1"},
        "cause": {
            "type": "manual", "event_source": "tests", "event_id": "m1", "event_type": "action.request", "actor": "Bo",
        },
        "sequence": 2,
    }  # fmt: skip


def test_what_is_not_known_of_a_client_is_left_out(salon: Driver) -> None:
    salon.tell("client.noted", "09:00", client_id="c1", text="x")
    ask(salon, "invite_to_book")
    assert context(salon) == {"locale": "en"}


def test_a_reminder_names_what_is_overdue_and_what_is_left_of_it(ann: Driver) -> None:
    invoice(ann, "i1", "120.00", "2024-05-30", number="2024-7")
    pay(ann, "p1", "50", "i1")
    pay(ann, "p2", "10.5", "i1")
    ann.tell("payment.refunded", "12:00", client_id="c1", payment_id="p2", amount="0.25")
    pay(ann, "p3", "99", "i1", currency="USD")
    invoice(ann, "i2", "7", "2024-05-20")
    invoice(ann, "i3", "30", "2024-05-20", currency="USD")
    invoice(ann, "not-due", "8", "2024-06-01")
    invoice(ann, "never-due", "8", None)
    invoice(ann, "paid", "9")
    pay(ann, "p4", "9", "paid")
    invoice(ann, "cancelled", "9")
    ann.tell("invoice.cancelled", "12:00", client_id="c1", invoice_id="cancelled")
    ask(ann, "payment_reminder")
    assert context(ann) == {
        "locale": "en",
        "name": "Ann",
        "email": "a@x.org",
        "phone": "1",
        "invoices": [
            {"invoice_id": "i2", "outstanding": "7", "currency": "EUR", "due_on": "2024-05-20"},
            {"invoice_id": "i3", "outstanding": "30", "currency": "USD", "due_on": "2024-05-20"},
            {
                "invoice_id": "i1", "number": "2024-7", "outstanding": "59.75", "currency": "EUR",
                "due_on": "2024-05-30",
            },
        ],
        "totals": {"EUR": "66.75", "USD": "30"},
    }  # fmt: skip


def test_a_reminder_of_one_invoice(ann: Driver) -> None:
    invoice(ann, "i1", "5")
    invoice(ann, "i2", "7")
    invoice(ann, "i3", "9", "2024-06-05")
    assert refused(ann, "payment_reminder", invoice_id="i3") == "nothing_overdue"
    assert refused(ann, "payment_reminder", invoice_id="unknown") == "nothing_overdue"
    ask(ann, "payment_reminder", invoice_id="i2")
    assert [i["invoice_id"] for i in context(ann)["invoices"]] == ["i2"]
    assert context(ann)["totals"] == {"EUR": "7"}


def test_a_reminder_when_nothing_is_overdue(ann: Driver) -> None:
    assert refused(ann, "payment_reminder") == "nothing_overdue"
    invoice(ann, "i1", "5", "2024-06-01")
    assert refused(ann, "payment_reminder") == "nothing_overdue"
    ann.at("2024-06-02T00:00:00Z")
    ask(ann, "payment_reminder")
    assert context(ann)["totals"] == {"EUR": "5"}


def test_an_invoice_for_a_booking_that_took_place(ann: Driver, booked: Any) -> None:
    booked()
    assert refused(ann, "invoice_booking") == "invalid_data"
    assert refused(ann, "invoice_booking", booking_id="b2") == "no_such_booking"
    assert refused(ann, "invoice_booking", booking_id="b1") == "not_attended"
    ann.settle()
    invoice(ann, "i1", "5", booking_id="b1")
    assert refused(ann, "invoice_booking", booking_id="b1") == "already_invoiced"
    ann.tell("invoice.cancelled", "12:00", client_id="c1", invoice_id="i1")
    ann.restart()
    ask(ann, "invoice_booking", booking_id="b1")
    assert context(ann) == {
        "locale": "en",
        "name": "Ann",
        "email": "a@x.org",
        "phone": "1",
        "booking": {
            "booking_id": "b1",
            "kind": "appointment",
            "starts_at": "2024-05-06T10:00:00Z",
            "ends_at": "2024-05-06T11:00:00Z",
            "attended_at": "2024-05-06T11:00:00Z",
        },
    }


@pytest.mark.parametrize("type_", ["booking.cancelled", "booking.no_show"])
def test_no_invoice_for_a_booking_that_did_not_take_place(ann: Driver, booked: Any, type_: str) -> None:
    booked()
    ann.tell(type_, "10:30", client_id="c1", booking_id="b1")
    ann.settle()
    assert refused(ann, "invoice_booking", booking_id="b1") == "not_attended"


def test_no_invoice_for_the_booking_of_somebody_else(ann: Driver) -> None:
    ann.tell("booking.attended", "10:00", client_id="c2", booking_id="b2")
    assert refused(ann, "invoice_booking", booking_id="b2") == "no_such_booking"


def test_an_invoice_for_an_attendance_without_a_booking_says_when_it_was(ann: Driver) -> None:
    ann.tell("booking.attended", "10:15", client_id="c1", booking_id="b1")
    ask(ann, "invoice_booking", booking_id="b1")
    assert context(ann)["booking"] == {"booking_id": "b1", "attended_at": "2024-05-06T10:15:00Z"}


def test_an_attendance_that_comes_before_the_end_is_decided(ann: Driver, booked: Any) -> None:
    booked()
    ann.tell("booking.attended", "11:30", client_id="c1", booking_id="b1")
    ask(ann, "invoice_booking", booking_id="b1")
    assert context(ann)["booking"]["attended_at"] == "2024-05-06T11:00:00Z"


def test_c5_a_dry_run_shows_what_would_be_told(ann: Driver) -> None:
    before = ann.card("c1")
    answer = ask(ann, "invite_to_book", dry_run=True)
    assert (answer["result"], answer["applied"]) == ("applied", ["c1"])
    assert answer["preview"] == {
        "client_id": "c1",
        "context": {"locale": "en", "name": "Ann", "email": "a@x.org", "phone": "1"},
    }
    assert (requested(ann), ann.card("c1")) == ([], before)
    assert ask(ann, "payment_reminder", dry_run=True)["errors"][0]["code"] == "nothing_overdue"


def test_g6_nothing_of_an_erased_client_is_shown_or_kept(ann: Driver) -> None:
    command = ann.event("action.request", "12:00", client_id="c1", action="invite_to_book", dry_run=True)
    ann.feed([command])
    ann.ask("client.erase", "13:00", client_id="c1")
    (again,) = ann.feed([command])
    assert again["data"]["preview"] == {}
    assert not any(b"a@x.org" in value for state in ann.engine.stores.values() for value in state.values())
    ann.tell("client.noted", "14:00", client_id="c1", text="back")
    late = ann.ask("action.request", "12:30", client_id="c1", action="invite_to_book")
    assert late["errors"][0]["code"] == "unknown_client"
    ask(ann, "invite_to_book")
    assert context(ann) == {"locale": "en"}


def test_c6_the_same_request_again_is_answered_again_and_not_told_again(ann: Driver) -> None:
    command = ann.event("action.request", "12:00", client_id="c1", action="invite_to_book")
    (told, answer) = ann.feed([command])
    ann.restart()
    assert ann.feed([command]) == [answer]
    assert [o["id"] for o in requested(ann)] == [told["id"]]
    check_sequences(ann.outputs)


def test_b2_a_request_names_the_client_and_is_no_activity(ann: Driver) -> None:
    ann.ask("action.request", "08:00", client_id="c1", action="invite_to_book")
    assert ann.card("c1")["created_at"] == "2024-05-06T08:00:00Z"
    assert "last_activity_at" not in ann.card("c1")


@PROFILE
@given(histories(), st.booleans())
def test_g1_a_reminder_is_for_what_the_card_says_is_overdue(history: list[dict[str, Any]], restart: bool) -> None:
    driver = Driver()
    driver.feed(history)
    driver.settle()
    if restart:
        driver.restart()
    if not driver.has_card("c1"):
        return
    card = driver.card("c1")
    answer = ask(driver, "payment_reminder")
    if not card.get("overdue"):
        assert answer["errors"][0]["code"] == "nothing_overdue"
        return
    found = context(driver)
    assert {i["invoice_id"] for i in found["invoices"]} == set(card["overdue"])
    sums: dict[str, Decimal] = {}
    for one in found["invoices"]:
        sums[one["currency"]] = sums.get(one["currency"], Decimal()) + Decimal(one["outstanding"])
        assert Decimal(one["outstanding"]) > 0
    assert {c: f"{s:f}" for c, s in sums.items()} == found["totals"]
    for currency, total in found["totals"].items():
        assert Decimal(total) <= Decimal(card["outstanding"][currency])
