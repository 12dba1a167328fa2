"""G1: what stands on a card."""

import itertools
from typing import Any

import pytest

from tests.domain.driver import Driver


def invoice(salon: Driver, time: str, amount: str, invoice_id: str = "i1", currency: str = "EUR", **data: Any) -> None:
    about = {"client_id": "c1", "invoice_id": invoice_id, "amount": amount, "currency": currency}
    salon.tell("invoice.issued", time, **about, **data)


def pay(salon: Driver, time: str, amount: str, payment_id: str = "p1", currency: str = "EUR", **data: Any) -> None:
    about = {"client_id": "c1", "payment_id": payment_id, "amount": amount, "currency": currency}
    salon.tell("payment.received", time, **about, **data)


def test_g1_who_somebody_is(salon: Driver) -> None:
    salon.tell(
        "client.created", "10:00", client_id="c1", name="Ann", email="a@x.org", phone="1", source_="website_widget",
        staff_id="s1", client_type="A", industry="hair", headcount="1-5", linked_systems=["crm", "crm"],
    )  # fmt: skip
    card = salon.card("c1")
    shown = ("name", "emails", "phones", "source", "staff_id", "client_type", "industry", "headcount", "linked_systems")
    assert [card[name] for name in shown] == [
        "Ann", ["a@x.org"], ["1"], "website_widget", "s1", "A", "hair", "1-5", ["crm"],
    ]  # fmt: skip
    assert (card["v"], card["businessid"], card["client_id"], card["sequence"]) == (1, "salon", "c1", 1)


def test_an_update_changes_what_it_names_and_null_clears(salon: Driver) -> None:
    salon.tell("client.created", "10:00", client_id="c1", name="Ann", email="a@x.org", staff_id="s1")
    salon.tell("client.updated", "11:00", client_id="c1", staff_id=None, email="b@x.org")
    card = salon.card("c1")
    assert (card["name"], card["emails"]) == ("Ann", ["b@x.org"])
    assert "staff_id" not in card
    salon.tell("client.updated", "12:00", client_id="c1", emails=["c@x.org", "d@x.org", "c@x.org"], phones=["1", "2"])
    assert (salon.card("c1")["emails"], salon.card("c1")["phones"]) == (["c@x.org", "d@x.org"], ["1", "2"])
    salon.tell("client.updated", "12:30", client_id="c1", email="d@x.org", phones=None)
    assert salon.card("c1")["emails"] == ["d@x.org"]
    assert "phones" not in salon.card("c1")


def test_an_update_that_comes_late_does_not_undo_a_later_one(salon: Driver) -> None:
    salon.tell("client.updated", "12:00", client_id="c1", name="New", staff_id="s2")
    salon.tell("client.updated", "11:00", client_id="c1", name="Old", industry="hair")
    card = salon.card("c1")
    assert (card["name"], card["staff_id"], card["industry"]) == ("New", "s2", "hair")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_p3_of_updates_of_the_first_and_of_all_addresses_the_later_count_in_any_order(
    salon: Driver, order: tuple[int, ...]
) -> None:
    updates = [
        {"emails": ["1@x.org", "2@x.org"]}, {"email": "3@x.org"}, {"phone": "4"}, {"phones": ["5", "6"], "phone": "7"},
    ]  # fmt: skip
    for number in order:
        salon.tell("client.updated", f"1{number}:00", client_id="c1", **updates[number])
    card = salon.card("c1")
    assert (card["emails"], card["phones"]) == (["3@x.org", "2@x.org"], ["7", "6"])


def test_an_update_cannot_bring_status_or_tags(salon: Driver) -> None:
    salon.tell("client.updated", "12:00", client_id="c1", status="vip", tags=["x"])
    assert (salon.status("c1"), salon.tags("c1")) == ("lead", set())


@pytest.mark.parametrize("type_", ["client.created", "client.imported", "client.updated"])
def test_g2_an_unknown_field_is_dead_lettered_whole(salon: Driver, type_: str) -> None:
    salon.tell(type_, "12:00", client_id="c1", name="Ann", fields={"birthday": "2000-01-01"})
    assert salon.dead_codes == ["unknown_field"]
    assert not salon.has_card("c1")


def test_g1_counts_are_of_things_by_their_present_state(salon: Driver, booked: Any) -> None:
    booked()
    salon.settle()
    assert salon.card("c1")["counts"]["attended"] == 1
    salon.tell("booking.no_show", "12:00", client_id="c1", booking_id="b1")
    salon.tell("booking.cancelled", "12:30", client_id="c1", booking_id="b2")
    invoice(salon, "10:00", "5")
    invoice(salon, "10:00", "5", "i2")
    salon.tell("invoice.cancelled", "11:00", client_id="c1", invoice_id="i2")
    pay(salon, "10:00", "5")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    for direction in ("in", "in", "out"):
        salon.tell("client.messaged", "10:00", client_id="c1", direction=direction)
    salon.tell("client.documented", "10:00", client_id="c1", document_id="d1", title="Plan")
    salon.tell("client.documented", "10:01", client_id="c1", document_id="d1", title="Plan, again")
    assert salon.card("c1")["counts"] == {
        "attended": 0, "no_shows": 1, "cancelled": 1, "invoices": 1, "payments": 1, "messages_in": 2,
        "messages_out": 1, "documents": 1,
    }  # fmt: skip


def test_g1_totals_have_as_many_decimals_as_their_most_precise_addend(salon: Driver) -> None:
    invoice(salon, "10:00", "120")
    assert salon.card("c1")["totals"]["EUR"]["invoiced"] == "120"
    invoice(salon, "10:01", "0.5", "i2")
    invoice(salon, "10:02", "0.1250", "i3")
    pay(salon, "10:03", "999999999999999.9999")
    pay(salon, "10:04", "0.0001", "p2")
    pay(salon, "10:05", "3", "p3", "USD")
    assert salon.card("c1")["totals"] == {
        "EUR": {"invoiced": "120.6250", "paid": "1000000000000000.0000", "refunded": "0"},
        "USD": {"invoiced": "0", "paid": "3", "refunded": "0"},
    }


def test_paid_is_gross_and_refunded_apart(salon: Driver) -> None:
    pay(salon, "10:00", "10.00")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1", amount="2.5")
    assert salon.card("c1")["totals"]["EUR"] == {"invoiced": "0", "paid": "10.00", "refunded": "2.5"}
    salon.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1")
    assert salon.card("c1")["totals"]["EUR"]["refunded"] == "10.00"
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p1", amount="99")
    assert salon.card("c1")["totals"]["EUR"]["refunded"] == "10.00"


def test_a_refund_larger_than_its_payment_gives_back_all_of_it(salon: Driver) -> None:
    pay(salon, "10:00", "0.0001")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1", amount="10")
    assert salon.card("c1")["totals"]["EUR"]["refunded"] == "0.0001"


def test_p3_of_two_versions_the_data_of_the_later_time_count(salon: Driver) -> None:
    invoice(salon, "11:00", "20")
    invoice(salon, "10:00", "10", currency="USD")
    assert salon.card("c1")["totals"] == {"EUR": {"invoiced": "20", "paid": "0", "refunded": "0"}}
    invoice(salon, "12:00", "30")
    assert salon.card("c1")["totals"]["EUR"]["invoiced"] == "30"
    assert salon.card("c1")["counts"]["invoices"] == 1


def test_g1_outstanding_per_invoice_in_its_currency_never_below_zero_without_cancelled_ones(salon: Driver) -> None:
    invoice(salon, "10:00", "100.00")
    invoice(salon, "10:01", "50", "i2")
    invoice(salon, "10:02", "7", "i3", "USD")
    pay(salon, "11:00", "60.00", invoice_id="i1")
    pay(salon, "11:01", "60", "p2", invoice_id="i2")
    pay(salon, "11:02", "5", "p3", "EUR", invoice_id="i3")
    assert salon.card("c1")["outstanding"] == {"EUR": "40.00", "USD": "7"}
    salon.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1", amount="10")
    assert salon.card("c1")["outstanding"]["EUR"] == "50.00"
    salon.tell("invoice.cancelled", "13:00", client_id="c1", invoice_id="i1")
    assert salon.card("c1")["outstanding"] == {"USD": "7"}


def test_a_payment_that_comes_before_its_invoice_is_on_it(salon: Driver) -> None:
    pay(salon, "11:00", "60", invoice_id="i1")
    invoice(salon, "10:00", "100")
    assert salon.card("c1")["outstanding"] == {"EUR": "40"}


def test_g1_k2_overdue_the_day_after_due_on(salon: Driver) -> None:
    salon.at("2024-05-07T00:00:00Z")
    invoice(salon, "10:00", "10", due_on="2024-05-07")
    invoice(salon, "10:00", "10", "i2", due_on="2024-05-06")
    assert salon.card("c1")["overdue"] == ["i2"]
    salon.restart()
    salon.at("2024-05-07T23:59:59.999Z")
    assert salon.card("c1")["overdue"] == ["i2"]
    assert salon.at("2024-05-08T00:00:00Z") == []
    assert salon.card("c1")["overdue"] == ["i2", "i1"]
    assert salon.engine.next_due() is None
    pay(salon, "11:00", "10", invoice_id="i1")
    assert salon.card("c1")["overdue"] == ["i2"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("when", ["before", "after"])
def test_g1_p2_what_is_overdue_is_listed_the_oldest_first(salon: Driver, order: tuple[int, ...], when: str) -> None:
    told = [("i3", "2024-05-06"), ("i1", "2024-05-07"), ("i2", "2024-05-06")]
    salon.at("2024-05-07T00:00:00Z" if when == "before" else "2024-05-09T00:00:00Z")
    for n in order:
        invoice(salon, "10:00", "10", told[n][0], due_on=told[n][1])
    salon.at("2024-05-09T00:00:00Z")
    assert salon.card("c1")["overdue"] == ["i2", "i3", "i1"]
    pay(salon, "11:00", "10", invoice_id="i3")
    assert salon.card("c1")["overdue"] == ["i2", "i1"]
    salon.restart()


def test_overdue_not_when_it_was_paid_before(salon: Driver) -> None:
    salon.at("2024-05-06T12:00:00Z")
    invoice(salon, "10:00", "10", due_on="2024-05-07")
    pay(salon, "11:00", "10", invoice_id="i1")
    salon.at("2024-06-01T00:00:00Z")
    assert "overdue" not in salon.card("c1")


def test_g1_the_next_ten_bookings_are_upcoming(salon: Driver, booked: Any) -> None:
    salon.at("2024-05-06T08:00:00Z")
    for n in reversed(range(12)):
        booked(time="07:00", starts=f"{10 + n}:00", ends=f"{10 + n}:30", booking_id=f"b{n:02}")
    assert [u["booking_id"] for u in salon.card("c1")["upcoming"]] == [f"b{n:02}" for n in range(10)]
    assert salon.card("c1")["upcoming"][0] == {
        "booking_id": "b00", "kind": "appointment", "starts_at": "2024-05-06T10:00:00Z",
        "ends_at": "2024-05-06T10:30:00Z",
    }  # fmt: skip
    salon.tell("booking.cancelled", "07:30", client_id="c1", booking_id="b03")
    assert [u["booking_id"] for u in salon.card("c1")["upcoming"]][-1] == "b10"
    salon.tell(
        "booking.rescheduled", "07:40", client_id="c1", booking_id="b00",
        starts_at="2024-05-06T23:00:00Z", ends_at="2024-05-06T23:30:00Z",
    )  # fmt: skip
    assert [u["booking_id"] for u in salon.card("c1")["upcoming"]][-1] == "b11"
    salon.at("2024-05-06T20:00:00Z")
    assert [u["booking_id"] for u in salon.card("c1")["upcoming"]] == ["b10", "b11", "b00"]
    salon.at("2024-05-07T20:00:00Z")
    assert "upcoming" not in salon.card("c1")


def test_a_booking_that_passed_without_attendance_is_not_upcoming(salon: Driver, booked: Any) -> None:
    salon.at("2024-05-06T08:00:00Z")
    salon.ask("automation.set", "07:00", completion="explicit")
    booked(time="07:00")
    assert len(salon.card("c1")["upcoming"]) == 1
    salon.at("2024-05-06T12:00:00Z")
    assert "upcoming" not in salon.card("c1")


def test_the_latest_note_by_its_time(salon: Driver) -> None:
    salon.tell("client.noted", "12:00", client_id="c1", text="later")
    salon.tell("client.noted", "11:00", client_id="c1", text="earlier", author="Ann")
    assert salon.card("c1")["latest_note"] == "later"


def test_the_score_is_the_average_of_all_reviews(salon: Driver) -> None:
    for score in (5, 4, 4):
        salon.tell("client.reviewed", "10:00", client_id="c1", score=score)
    assert salon.card("c1")["score"] == {"average": 4.33, "count": 3}


def test_g1_cards_on_file_once_each_and_never_more_than_four_digits(salon: Driver) -> None:
    saved = {"client_id": "c1", "brand": "visa", "last4": "4242"}
    salon.tell("client.card_saved", "10:00", **saved, expires="2026-01")
    salon.tell("client.card_saved", "11:00", **saved, expires="2028-01", number_="1234")
    salon.tell("client.card_saved", "11:00", client_id="c1", brand="amex", last4="0005")
    assert salon.card("c1")["cards"] == [
        {"brand": "visa", "last4": "4242", "expires": "2028-01"}, {"brand": "amex", "last4": "0005"},
    ]  # fmt: skip


def test_p3_g1_of_two_words_about_a_card_on_file_the_later_counts_in_any_order(salon: Driver) -> None:
    saved = {"brand": "visa", "last4": "4242"}
    salon.tell("client.card_saved", "11:00", client_id="c1", **saved, expires="2028-01")
    salon.tell("client.card_saved", "10:00", client_id="c1", **saved, expires="2026-01")
    assert salon.card("c1")["cards"] == [{**saved, "expires": "2028-01"}]
    salon.tell("client.created", "09:00", client_id="c2")
    salon.ask("clients.merge", "12:00", primary_id="c2", duplicate_ids=["c1"])
    salon.tell("client.card_saved", "10:30", client_id="c1", **saved, expires="2027-01")
    assert salon.card("c2")["cards"] == [{**saved, "expires": "2028-01"}]
    for number in range(30):
        salon.tell("client.card_saved", "13:00", client_id="c2", brand="amex", last4=f"{number:04}")
    assert len(salon.card("c2")["cards"]) == 20
    salon.tell("client.card_saved", "12:30", client_id="c2", **saved, expires="2027-01")
    assert salon.card("c2")["cards"][-1] == {**saved, "expires": "2027-01"}, "it was forgotten, with when it was said"


@pytest.mark.parametrize(
    ("type_", "data", "is_activity"),
    [
        ("payment.received", {"payment_id": "p1", "amount": "1", "currency": "EUR"}, True),
        ("invoice.issued", {"invoice_id": "i1", "amount": "1", "currency": "EUR"}, True),
        ("booking.attended", {"booking_id": "b1"}, True),
        ("client.messaged", {"direction": "in"}, True),
        ("client.messaged", {"direction": "out"}, True),
        ("client.updated", {"name": "Ann"}, False),
        ("client.noted", {"text": "x"}, False),
        ("campaign.clicked", {"campaign_id": "x"}, False),
    ],
)
def test_last_activity(salon: Driver, type_: str, data: dict[str, Any], is_activity: bool) -> None:
    salon.tell(type_, "10:00", client_id="c1", **data)
    assert salon.card("c1").get("last_activity_at") == ("2024-05-06T10:00:00Z" if is_activity else None)


@pytest.mark.parametrize("type_", ["booking.cancelled", "booking.no_show"])
def test_b10_g1_a_booking_that_was_cancelled_or_missed_was_no_activity(salon: Driver, type_: str) -> None:
    active = {"field": "last_activity_at", "op": "gte", "value": "2024-05-06T09:30:00Z"}
    salon.tell("audience.define", "08:00", audience_id="active", name="A", filter=active)
    salon.settle()
    booking = {"client_id": "c1", "booking_id": "b1"}
    plan = salon.event("booking.scheduled", "09:30", **booking, kind="appointment", starts_at="11:00", ends_at="12:00")
    salon.tell("client.messaged", "09:00", client_id="c1", direction="out")
    salon.feed([plan])
    assert salon.card("c1")["last_activity_at"] == "2024-05-06T09:30:00Z"
    assert [o["type"] for o in salon.tell(type_, "10:00", **booking)] == ["audience.left"]
    assert salon.card("c1")["last_activity_at"] == "2024-05-06T09:00:00Z"
    salon.tell("booking.rescheduled", "10:30", **booking, starts_at="11:30", ends_at="12:30")
    assert salon.card("c1")["last_activity_at"] == "2024-05-06T10:30:00Z"
    salon.tell("booking.attended", "12:30", **booking)
    salon.tell(type_, "12:40", **booking)
    assert salon.card("c1")["last_activity_at"] == "2024-05-06T09:00:00Z"
    salon.tell(type_, "10:00", client_id="c2", booking_id="b2")
    salon.feed([{**plan, "id": "late", "data": {**plan["data"], "client_id": "c2", "booking_id": "b2"}}])
    assert "last_activity_at" not in salon.card("c2")


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("payment.received", {"payment_id": "p1", "amount": "1", "currency": "EUR"}),
        ("invoice.issued", {"invoice_id": "i1", "amount": "1", "currency": "EUR"}),
        ("booking.attended", {"booking_id": "b1"}),
    ],
)
def test_g1_p3_what_happened_was_at_the_time_of_its_first_version(
    salon: Driver, type_: str, data: dict[str, Any], is_late: bool
) -> None:
    salon.tell("client.messaged", "09:00", client_id="c1", direction="in")
    for time in ("11:00", "10:00") if is_late else ("10:00", "11:00"):
        salon.tell(type_, time, client_id="c1", **data)
    assert salon.card("c1")["last_activity_at"] == "2024-05-06T10:00:00Z"


def test_fields_without_a_value_are_left_out(salon: Driver) -> None:
    salon.tell("campaign.viewed", "10:00", client_id="c1", campaign_id="x")
    assert set(salon.card("c1")) == {
        "v", "businessid", "client_id", "source", "created_at", "status", "status_since", "status_cause", "counts",
        "sequence", "state",
    }  # fmt: skip


def test_what_is_empty_is_no_value(salon: Driver) -> None:
    texts = dict.fromkeys(("name", "source_", "staff_id", "client_type", "industry", "headcount"), "")
    salon.tell("client.created", "10:00", client_id="c1", **texts, email="", phone="", linked_systems=[""], tags=[])
    bare = salon.card("c1")
    assert not {"name", "source", "staff_id", "client_type", "emails", "phones", "linked_systems", "tags"} & bare.keys()
    salon.tell("client.created", "10:01", client_id="c2", name="Ann", source_="web", client_type="A", staff_id="s1")
    salon.tell("client.updated", "10:02", client_id="c2", **texts, emails=["", "a@x.org", ""], linked_systems=["", ""])
    card = salon.card("c2")
    assert not {"name", "source", "staff_id", "client_type", "linked_systems"} & card.keys()
    assert card["emails"] == ["a@x.org"]
    salon.tell("client.card_saved", "10:03", client_id="c2", brand="visa", last4="4242", expires="")
    assert salon.card("c2")["cards"] == [{"brand": "visa", "last4": "4242"}]


def test_p3_p2_two_senders_who_use_one_time_and_id_do_not_make_the_order_of_arrival_count(salon: Driver) -> None:
    versions = [{"amount": "10", "currency": "EUR", "source": "s"}, {"amount": "10", "currency": "USD", "source": "t"}]
    for client, order in (("c1", versions), ("c2", versions[::-1])):
        for version in order:
            salon.tell("invoice.issued", "10:00", id=f"i-{client}", client_id=client, invoice_id="i", **version)
            salon.tell("payment.received", "10:00", id=f"p-{client}", client_id=client, payment_id="p", **version)
    assert salon.card("c1")["totals"] == salon.card("c2")["totals"]
    assert salon.card("c1")["outstanding"] == salon.card("c2")["outstanding"] == {"USD": "10"}
