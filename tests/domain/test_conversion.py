"""B1-B5 and B7: how a client appears, becomes a customer, and what happens when the reason goes away."""

from typing import Any

import pytest

from tests.domain.driver import Driver

FACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("booking_attended", "booking.attended", {"booking_id": "b1"}),
    ("invoice_issued", "invoice.issued", {"invoice_id": "i1", "amount": "80.00", "currency": "EUR"}),
    ("payment_made", "payment.received", {"payment_id": "p1", "amount": "80.00", "currency": "EUR"}),
    ("payment_made", "payment.recorded", {"payment_id": "p1", "amount": "80.00", "currency": "EUR"}),
]


def pay(salon: Driver, time: str, payment: str = "p1", client: str = "c1", **data: Any) -> list[dict[str, Any]]:
    money = {"payment_id": payment, "amount": "10.00", "currency": "EUR", **data}
    return salon.tell("payment.received", time, client_id=client, **money)


def test_b1_a_client_without_a_status_gets_the_initial_one(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("client.imported", "09:00", client_id="c2")
    assert salon.changes("c1") == [(None, "lead", "09:00", "created")]
    assert salon.changes("c2") == [(None, "lead", "09:00", "import")]


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("booking.cancelled", {"booking_id": "b1"}),
        ("invoice.cancelled", {"invoice_id": "i1"}),
        ("payment.refunded", {"payment_id": "p1"}),
        ("client.updated", {"name": "Ann"}),
        ("client.messaged", {"direction": "in"}),
        ("client.noted", {"text": "hello"}),
        ("client.documented", {"document_id": "d1", "title": "Plan"}),
        ("client.reviewed", {"score": 5}),
        ("client.card_saved", {"brand": "visa", "last4": "4242"}),
        ("campaign.delivered", {"campaign_id": "spring"}),
        ("campaign.clicked", {"campaign_id": "spring"}),
    ],
)
def test_b2_any_event_about_an_unknown_client_creates_the_card_implicitly(
    salon: Driver, type_: str, data: dict[str, Any]
) -> None:
    salon.tell(type_, "10:00", client_id="c1", **data)
    assert salon.card("c1")["source"] == "implicit"
    assert salon.changes("c1") == [(None, "lead", "10:00", "created")]


def test_b2_a_later_creation_fills_in_what_is_blank_and_only_that(salon: Driver) -> None:
    salon.tell("client.updated", "10:00", client_id="c1", name="Ann", email="ann@example.org")
    salon.tell(
        "client.created", "10:05", client_id="c1",
        name="Bob", email="bob@example.org", phone="+31 6 1", source_="website_widget", staff_id="s1", industry="hair",
    )  # fmt: skip
    card = salon.card("c1")
    assert (card["name"], card["emails"], card["phones"]) == ("Ann", ["ann@example.org"], ["+31 6 1"])
    assert (card["source"], card["staff_id"], card["industry"]) == ("website_widget", "s1", "hair")
    assert len(salon.about("c1")) == 1


def test_b2_an_empty_name_is_blank(salon: Driver) -> None:
    salon.tell("client.created", "10:00", client_id="c1", name="", staff_id="")
    salon.tell("client.created", "10:05", client_id="c1", name="Ann", staff_id="s1")
    assert (salon.card("c1")["name"], salon.card("c1")["staff_id"]) == ("Ann", "s1")


@pytest.mark.parametrize("type_", ["client.created", "client.imported"])
def test_b2_addresses_and_numbers_that_are_known_are_left_alone(salon: Driver, type_: str) -> None:
    salon.tell("client.created", "10:00", client_id="c1", email="ann@x.org")
    salon.tell(type_, "10:05", client_id="c1", email="bob@x.org", phone="1")
    salon.tell(type_, "10:10", client_id="c1", email="ann@y.org", phone="2")
    assert (salon.card("c1")["emails"], salon.card("c1")["phones"]) == (["ann@x.org"], ["1"])


def test_b2_created_at_is_the_earliest_time_of_any_event_or_command_that_named_the_client(salon: Driver) -> None:
    pay(salon, "12:00")
    salon.tell("client.created", "11:00", client_id="c1")
    assert salon.card("c1")["created_at"] == "2024-05-06T11:00:00Z"
    salon.ask("tags.add", "10:00", client_ids=["c1"], tags=["x"])
    assert salon.card("c1")["created_at"] == "2024-05-06T10:00:00Z"
    salon.tell("client.noted", "13:00", client_id="c1", text="later")
    assert salon.card("c1")["created_at"] == "2024-05-06T10:00:00Z"


@pytest.mark.parametrize(("type_", "cause"), [("client.created", "created"), ("client.imported", "import")])
def test_b3_a_status_brought_along_counts_as_set_by_hand(salon: Driver, type_: str, cause: str) -> None:
    salon.tell(type_, "10:00", client_id="c1", status="vip")
    assert salon.changes("c1") == [(None, "vip", "10:00", cause)]
    assert salon.card("c1")["status_set_at"] == "2024-05-06T10:00:00Z"
    salon.tell(type_, "10:00", client_id="c2", status="lead")
    pay(salon, "09:59", client="c2")
    assert salon.status("c2") == "lead"
    pay(salon, "10:01", "p2", client="c2")
    assert salon.status("c2") == "customer"


def test_b3_a_late_creation_with_a_status_is_put_where_it_belongs(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.tell("client.created", "09:00", client_id="c1", status="lead")
    assert salon.status("c1") == "customer"
    salon.tell("client.imported", "11:00", client_id="c1", status="vip")
    assert salon.changes("c1")[-1] == ("customer", "vip", "11:00", "import")
    salon.tell("client.imported", "10:30", client_id="c1", status="inactive")
    assert salon.status("c1") == "vip"


def test_b3_an_unknown_status_is_dead_lettered_whole_and_can_be_replayed(salon: Driver) -> None:
    event = salon.event("client.created", "10:00", client_id="c1", name="Ann", status="partner")
    salon.feed([event])
    assert salon.dead_codes == ["unknown_status"]
    assert not salon.has_card("c1")
    salon.ask("status.define", "11:00", code="partner")
    salon.feed([event])
    assert salon.changes("c1") == [(None, "partner", "10:00", "created")]


def test_b3_an_unknown_status_for_a_known_client_changes_nothing(salon: Driver) -> None:
    salon.tell("client.created", "10:00", client_id="c1")
    before = salon.card("c1")
    salon.tell("client.created", "09:00", client_id="c1", name="Ann", tags=["x"], status="partner")
    assert salon.dead_codes == ["unknown_status"]
    assert salon.card("c1") == before


@pytest.mark.parametrize(("by_command", "by_creation", "wins"), [("a", "b", "inactive"), ("b", "a", "vip")])
def test_b3_a_tie_with_a_command_is_decided_by_source_and_id(
    salon: Driver, by_command: str, by_creation: str, wins: str
) -> None:
    for client, order in (("c1", (0, 1)), ("c2", (1, 0))):
        events = [
            salon.event("status.set", "10:00", client_ids=[client], status="vip", source=by_command, id=f"x{client}"),
            salon.event("client.created", "10:00", client_id=client, status="inactive", source=by_creation),
        ]
        for place in order:
            salon.feed([events[place]])
        assert salon.status(client) == wins


@pytest.mark.parametrize(("trigger", "type_", "data"), FACTS)
def test_b4_b5_each_fact_converts_a_lead_at_its_own_time(
    salon: Driver, trigger: str, type_: str, data: dict[str, Any]
) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    (told,) = salon.tell(type_, "10:00", client_id="c1", id="the-fact", source="shop", **data)
    assert salon.changes("c1")[1:] == [("lead", "customer", "10:00", trigger)]
    assert told["data"]["cause"] == {
        "type": "automation", "event_source": "shop", "event_id": "the-fact", "event_type": type_, "trigger": trigger,
    }  # fmt: skip


@pytest.mark.parametrize(("trigger", "type_", "data"), FACTS)
def test_b4_a_trigger_that_was_off_at_the_time_of_the_fact_does_not_convert(
    salon: Driver, trigger: str, type_: str, data: dict[str, Any]
) -> None:
    salon.ask("automation.set", "10:00", triggers={trigger: False})
    salon.tell(type_, "10:00", client_id="c1", **data)
    assert salon.status("c1") == "lead"
    salon.tell(type_, "09:59", client_id="c2", **data)
    assert salon.status("c2") == "customer"


def test_b5_a_message_converts_only_where_the_trigger_is_on(salon: Driver) -> None:
    salon.tell("client.messaged", "10:00", client_id="c1", direction="in")
    assert salon.status("c1") == "lead"
    salon.ask("automation.set", "11:00", triggers={"message_received": True})
    salon.tell("client.messaged", "11:30", client_id="c1", direction="out")
    assert salon.status("c1") == "lead"
    salon.tell("client.messaged", "11:40", client_id="c1", direction="in")
    assert salon.changes("c1")[-1] == ("lead", "customer", "11:40", "message_received")


def test_b5_a_booking_that_is_merely_scheduled_qualifies_for_nothing(salon: Driver, booked: Any) -> None:
    salon.at("2024-05-06T09:40:00Z")
    booked()
    salon.tell("booking.rescheduled", "09:35", client_id="c1", booking_id="b1", starts_at="12:00", ends_at="13:00")
    salon.settle()
    assert salon.status("c1") == "lead"


def test_b7_a_cancelled_invoice_suggests_a_review_and_changes_nothing(salon: Driver) -> None:
    salon.tell("invoice.issued", "10:00", client_id="c2", invoice_id="i1", amount="5", currency="EUR")
    (told,) = salon.tell("invoice.cancelled", "11:00", client_id="c2", invoice_id="i1", id="x", source="books")
    assert salon.changes("c2") == [
        (None, "lead", "10:00", "created"),
        ("lead", "customer", "10:00", "invoice_issued"),
        ("review", "11:00", "invoice.cancelled"),
    ]
    assert told["data"] == {
        "client_id": "c2", "status": "customer", "reason": "all_evidence_withdrawn", "sequence": 3,
        "cause": {
            "type": "automation", "event_source": "books", "event_id": "x", "event_type": "invoice.cancelled"
        },
    }  # fmt: skip


def test_b7_no_review_while_anything_else_stands(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.tell("invoice.issued", "10:30", client_id="c1", invoice_id="i1", amount="5", currency="EUR")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    assert ("review", "11:00", "payment.refunded") not in salon.changes("c1")
    salon.tell("invoice.cancelled", "12:00", client_id="c1", invoice_id="i1")
    assert salon.changes("c1")[-1] == ("review", "12:00", "invoice.cancelled")


def test_b7_a_fact_that_did_not_qualify_is_no_reason_to_stay(salon: Driver) -> None:
    salon.ask("automation.set", "08:00", triggers={"invoice_issued": False})
    salon.tell("invoice.issued", "10:00", client_id="c1", invoice_id="i1", amount="5", currency="EUR")
    pay(salon, "10:30")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    assert salon.changes("c1")[-1] == ("review", "11:00", "payment.refunded")


def test_b7_once_per_conversion(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    pay(salon, "12:00", "p2")
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p2")
    assert [c[0] for c in salon.changes("c1")].count("review") == 1
    salon.ask("status.set", "14:00", client_ids=["c1"], status="lead")
    pay(salon, "15:00", "p3")
    salon.tell("payment.refunded", "16:00", client_id="c1", payment_id="p3")
    assert [c[0] for c in salon.changes("c1")].count("review") == 2


@pytest.mark.parametrize("status", ["customer", "vip"])
def test_b7_a_manual_change_even_to_the_same_status_ends_that(salon: Driver, status: str) -> None:
    pay(salon, "10:00")
    salon.ask("status.set", "10:30", client_ids=["c1"], status=status)
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    assert not any(c[0] == "review" for c in salon.changes("c1"))


def test_b7_a3_no_review_of_a_client_whose_status_is_not_the_converted_one_any_more(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.ask("status.define", "10:30", code="vip", role="converted")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    assert [change[:2] for change in salon.changes("c1")] == [(None, "lead"), ("lead", "customer")]
    salon.ask("status.set", "11:30", client_ids=["c1"], status="lead")
    pay(salon, "12:00", "p2")
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p2")
    assert salon.changes("c1")[-2:] == [
        ("lead", "vip", "12:00", "payment_made"),
        ("review", "13:00", "payment.refunded"),
    ]


def test_b7_a_payment_stands_until_all_of_it_is_refunded(salon: Driver) -> None:
    pay(salon, "10:00", amount="10.00")
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1", amount="4")
    salon.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1", amount="5.99")
    assert not any(c[0] == "review" for c in salon.changes("c1"))
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p1", amount="0.01")
    assert salon.changes("c1")[-1] == ("review", "13:00", "payment.refunded")


def test_b7_a_refund_that_comes_before_its_payment_suggests_a_review_with_it(salon: Driver) -> None:
    salon.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    pay(salon, "10:00")
    assert salon.changes("c1") == [
        (None, "lead", "11:00", "created"),
        ("lead", "customer", "10:00", "payment_made"),
        ("review", "11:00", "payment.refunded"),
    ]


def test_b7_a_cancellation_that_comes_before_its_invoice_suggests_a_review_with_it(salon: Driver) -> None:
    salon.tell("invoice.cancelled", "11:00", client_id="c1", invoice_id="i1")
    salon.tell("invoice.issued", "10:00", client_id="c1", invoice_id="i1", amount="5", currency="EUR")
    assert salon.changes("c1")[1:] == [
        ("lead", "customer", "10:00", "invoice_issued"),
        ("review", "11:00", "invoice.cancelled"),
    ]


def test_b7_staff_may_go_back_and_the_next_fact_converts_again(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.ask("status.set", "11:00", client_ids=["c1"], status="lead")
    pay(salon, "10:30", "p2")
    assert salon.status("c1") == "lead"
    pay(salon, "12:00", "p3")
    assert salon.changes("c1")[-1] == ("lead", "customer", "12:00", "payment_made")


@pytest.mark.parametrize("status", ["vip", "inactive", "partner"])
def test_b8_other_statuses_are_never_left_automatically(salon: Driver, status: str) -> None:
    salon.ask("status.define", "08:00", code="partner")
    salon.ask("status.set", "09:00", client_ids=["c1"], status=status)
    pay(salon, "10:00")
    assert salon.status("c1") == status


def test_p2_a_version_that_moves_the_fact_before_a_manual_change_moves_the_conversion(salon: Driver) -> None:
    """The fact is at the time of the first version, whichever version arrived first."""
    salon.ask("status.set", "11:00", client_ids=["c1"], status="lead")
    pay(salon, "12:00")
    assert salon.status("c1") == "customer"
    pay(salon, "10:00")
    assert salon.changes("c1")[-1] == ("customer", "lead", "11:00", "manual")
    pay(salon, "13:00", "p2")
    assert salon.changes("c1")[-1] == ("lead", "customer", "13:00", "payment_made")
