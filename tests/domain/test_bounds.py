"""P3, J4: how much is remembered, and what becomes of what is not."""

from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences
from topics.fields import MAX_ACTOR_LENGTH
from worker.domain import booking_events, card, client_events, money_events

KEPT = 30
"""In place of 1,000, so that a test takes no minutes."""
MONEY = {"client_id": "c1", "amount": "1.00", "currency": "EUR"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer things are kept of each kind."""
    for module in (booking_events, money_events, client_events):
        assert module.MAX_THINGS == 1_000
        monkeypatch.setattr(module, "MAX_THINGS", KEPT)


def many(salon: Driver, type_: str, name: str, count: int, time: str = "10:00", **data: Any) -> None:
    """Events about ``count`` things with ids of their own."""
    salon.feed(salon.event(type_, time, **{"client_id": "c1", **data, name: f"x{n}"}) for n in range(count))


def test_p3_an_event_is_known_by_source_and_id(salon: Driver) -> None:
    message = {"client_id": "c1", "direction": "in"}
    for source, id_ in (("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("b", "1")):
        salon.tell("client.messaged", "10:00", source=source, id=id_, **message)
    assert salon.card("c1")["counts"]["messages_in"] == 3
    salon.restart()
    salon.tell("client.messaged", "10:00", source="a", id="1", **message)
    assert salon.card("c1")["counts"]["messages_in"] == 3


def test_p3_line_ends_in_a_source_or_an_id_make_no_two_events_one(salon: Driver) -> None:
    message = {"client_id": "c1", "direction": "in"}
    for source, id_ in (("a\nb", "c"), ("a", "b\nc"), ("\na", "b\nc"), ("'a\\nb'", "c")):
        salon.tell("client.messaged", "10:00", source=source, id=id_, **message)
        salon.tell("tags.add", "10:00", source=source, id=id_, client_ids=["c1"], tags=[f"{source} {id_}"])
    assert salon.card("c1")["counts"]["messages_in"] == 4
    assert len({output["id"] for output in salon.outputs}) == len(salon.outputs)


def test_j4_a_change_names_the_source_of_its_event_however_many_a_client_has(salon: Driver) -> None:
    for number in range(60):
        salon.tell("client.messaged", "09:00", source=f"pod-{number}", client_id="c1", direction="in")
    salon.tell("payment.received", "10:00", source="till", payment_id="p1", id="x", **MONEY)
    assert salon.about("c1")[-1]["data"]["cause"] == salon.card("c1")["status_cause"] == {
        "type": "automation", "event_source": "till", "event_id": "x", "event_type": "payment.received",
        "trigger": "payment_made",
    }  # fmt: skip


def test_p1_an_event_and_a_command_of_one_id_are_told_under_ids_of_their_own(salon: Driver) -> None:
    salon.tell("client.created", "10:00", client_id="c1", id="1")
    assert salon.ask("status.set", "11:00", client_ids=["c1"], status="vip", id="1")["applied"] == ["c1"]
    assert [change[:2] for change in salon.changes("c1")] == [(None, "lead"), ("lead", "vip")]
    check_sequences(salon.outputs)


def test_j4_an_actor_travels_with_every_change_and_is_bounded(salon: Driver) -> None:
    command = {"client_ids": ["c1"], "status": "vip"}
    answer = salon.ask("status.set", "10:00", actor="x" * (MAX_ACTOR_LENGTH + 1), **command)
    (problem,) = answer["errors"]
    assert (answer["result"], problem["code"]) == ("rejected", "invalid_data")
    assert f"`actor` must have at most {MAX_ACTOR_LENGTH} characters" in problem["message"]
    assert salon.ask("status.set", "10:00", actor="x" * MAX_ACTOR_LENGTH, **command)["applied"] == ["c1"]


def test_p3_the_last_hundred_events_of_a_client_are_known(salon: Driver) -> None:
    events = [
        salon.event("client.messaged", "10:00", client_id="c1", direction="out", id=f"m{n}", source="t")
        for n in range(101)
    ]
    salon.feed(events)
    salon.feed(events[1:])
    assert salon.card("c1")["counts"]["messages_out"] == 101
    salon.feed(events[:1])
    assert salon.card("c1")["counts"]["messages_out"] == 102


def test_p3_a_thing_counts_once_by_its_id_however_often_it_is_sent(salon: Driver) -> None:
    for n in range(3):
        salon.tell("payment.received", f"1{n}:00", payment_id="p1", **MONEY)
        salon.tell("invoice.issued", f"1{n}:00", invoice_id="i1", **MONEY)
        salon.tell("booking.attended", f"1{n}:00", client_id="c1", booking_id="b1")
        salon.tell("client.documented", f"1{n}:00", client_id="c1", document_id="d1", title="x")
    counts = salon.card("c1")["counts"]
    assert [counts[name] for name in ("payments", "invoices", "attended", "documents")] == [1, 1, 1, 1]
    assert salon.card("c1")["totals"] == {"EUR": {"invoiced": "1.00", "paid": "1.00", "refunded": "0"}}


@pytest.mark.usefixtures("few")
def test_p3_older_payments_stay_counted(salon: Driver) -> None:
    salon.tell("invoice.issued", "09:00", invoice_id="i1", **MONEY)
    salon.tell("payment.received", "09:30", payment_id="first", invoice_id="i1", **MONEY)
    many(salon, "payment.received", "payment_id", KEPT + 1, **MONEY)
    card = salon.card("c1")
    assert card["counts"]["payments"] == KEPT + 2
    assert card["totals"]["EUR"]["paid"] == f"{KEPT + 2}.00"
    salon.tell("invoice.issued", "12:00", invoice_id="i2", **MONEY)
    assert salon.card("c1")["outstanding"] == {"EUR": "1.00"}
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id=f"x{KEPT}")
    assert salon.card("c1")["outstanding"] == {"EUR": "1.00"}
    assert salon.card("c1")["totals"]["EUR"]["refunded"] == "1.00"
    salon.restart()


def test_older_refunds_stay_counted(salon: Driver) -> None:
    salon.feed(
        salon.event("payment.refunded", "10:00", client_id="c1", payment_id="p1", amount="0.01") for _ in range(150)
    )
    salon.tell("payment.received", "09:00", payment_id="p1", **{**MONEY, "amount": "2"})
    assert salon.card("c1")["totals"]["EUR"] == {"invoiced": "0", "paid": "2", "refunded": "1.50"}


@pytest.mark.usefixtures("few")
def test_p3_older_invoices_stay_counted(salon: Driver) -> None:
    many(salon, "invoice.issued", "invoice_id", KEPT + 2, **MONEY)
    salon.tell("payment.received", "11:00", payment_id="p1", invoice_id=f"x{KEPT + 1}", **MONEY)
    card = salon.card("c1")
    assert card["counts"]["invoices"] == KEPT + 2
    assert card["totals"]["EUR"]["invoiced"] == f"{KEPT + 2}.00"
    assert card["outstanding"] == {"EUR": f"{KEPT + 1}.00"}
    salon.restart()


@pytest.mark.usefixtures("few")
def test_p3_bookings_that_all_end_at_once_are_forgotten_as_any_others(salon: Driver) -> None:
    times = {"kind": "appointment", "starts_at": "10:00", "ends_at": "11:00"}
    many(salon, "booking.scheduled", "booking_id", KEPT + 5, "09:00", **times)
    salon.settle()
    for booking, attended in (("x4", KEPT + 5), ("x20", KEPT + 4)):
        salon.tell("booking.no_show", "12:00", client_id="c1", booking_id=booking)
        assert salon.card("c1")["counts"]["attended"] == attended


@pytest.mark.usefixtures("few")
def test_p3_older_bookings_stay_counted_and_stand(salon: Driver) -> None:
    salon.tell("booking.attended", "09:00", client_id="c1", booking_id="first")
    many(salon, "booking.attended", "booking_id", KEPT + 1)
    salon.feed(
        salon.event("booking.cancelled", "12:00", client_id="c1", booking_id=f"x{n}")
        for n in reversed(range(1, KEPT + 1))
    )
    counts = salon.card("c1")["counts"]
    assert counts["attended"] + counts["cancelled"] == KEPT + 2
    assert not any(c[0] == "review" for c in salon.changes("c1"))


@pytest.mark.usefixtures("few")
def test_p3_older_documents_stay_counted(salon: Driver) -> None:
    many(salon, "client.documented", "document_id", KEPT + 1, title="x")
    assert salon.card("c1")["counts"]["documents"] == KEPT + 1
    salon.tell("client.documented", "11:00", client_id="c1", document_id=f"x{KEPT}", title="x")
    assert salon.card("c1")["counts"]["documents"] == KEPT + 1


def test_j4_ids_sent_again_and_again_do_not_grow_a_card(salon: Driver) -> None:
    def size() -> int:
        return len(salon.engine.stores["client-profiles"][b"salon/c1"])

    salon.ask("automation.set", "08:00", triggers={"message_received": True})
    sizes = []
    for _ in range(3):
        for n in range(120):
            salon.tell("client.messaged", "10:00", client_id="c1", direction="in", source=f"s{n}")
            salon.tell(
                "booking.rescheduled", "10:00", client_id="c1", booking_id="b1", starts_at="10:00", ends_at="11:00"
            )
            salon.tell("payment.refunded", "10:00", client_id="c1", payment_id="p1", amount="0.01")
            salon.tell("client.card_saved", "10:00", client_id="c1", brand=f"b{n}", last4="4242")
            salon.ask("tags.remove", "10:00", client_ids=["c1"], tags=[f"t{n}-{len(sizes)}"])
        sizes.append(size())
    assert sizes[2] < sizes[0] * 1.5


def test_j4_open_bookings_are_bounded(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert booking_events.MAX_OPEN_BOOKINGS == 10_000
    monkeypatch.setattr(booking_events, "MAX_OPEN_BOOKINGS", 50)
    times = {"kind": "appointment", "starts_at": "2030-01-01T10:00:00Z", "ends_at": "2030-01-01T11:00:00Z"}
    many(salon, "booking.scheduled", "booking_id", 50, **times)
    salon.tell("booking.scheduled", "11:00", client_id="c1", booking_id="one-more", **times)
    assert salon.dead_codes == ["invalid_data"]
    salon.tell("booking.cancelled", "11:00", client_id="c1", booking_id="x0")
    salon.tell("booking.scheduled", "11:00", client_id="c1", booking_id="one-more", **times)
    assert salon.dead_codes == ["invalid_data"]
    salon.restart()


@pytest.mark.parametrize("type_", ["booking.attended", "booking.no_show", "booking.cancelled"])
def test_j4_what_is_not_open_counts_besides_as_many_open_bookings_as_there_may_be(
    salon: Driver, monkeypatch: pytest.MonkeyPatch, type_: str
) -> None:
    monkeypatch.setattr(booking_events, "MAX_OPEN_BOOKINGS", 50)
    times = {"kind": "appointment", "starts_at": "2030-01-01T10:00:00Z", "ends_at": "2030-01-01T11:00:00Z"}
    many(salon, "booking.scheduled", "booking_id", 50, **times)
    salon.tell(type_, "11:00", client_id="c1", booking_id="walk-in")
    assert salon.dead_codes == []
    assert salon.status("c1") == ("customer" if type_ == "booking.attended" else "lead")
    salon.tell("booking.rescheduled", "11:00", client_id="c1", booking_id="one-more", **times)
    assert salon.dead_codes == ["invalid_data"]


def test_j4_a_card_stays_small_enough_to_be_written(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1", industry="hair")
    text = "x" * 900_000
    names = ("name", "staff_id", "client_type", "headcount", "source_", "industry", "phone", "email")
    for name in names:
        salon.tell("client.updated", "10:00", client_id="c1", **{name: text})
    before = salon.card("c1")
    told = salon.feed(
        [
            salon.event("client.noted", "10:00", client_id="c1", text=text),
            salon.event("client.noted", "10:00", client_id="c2", text="x"),
        ]
    )
    assert salon.dead_codes == ["too_large"]
    assert (salon.card("c1"), [o["subject"] for o in told]) == (before, ["c2"])
    salon.restart()
    salon.tell("client.updated", "11:00", client_id="c1", name="Ann")
    assert salon.card("c1")["name"] == "Ann"


def test_c4_j4_a_command_that_would_make_a_card_too_large_is_answered(
    salon: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "MAX_CARD_BYTES", 2_000)
    salon.tell("client.created", "09:00", client_id="c1")
    before = salon.card("c1")
    command = salon.event("status.set", "10:00", client_ids=["c2", "c1"], status="vip", reason="y" * 2_000)
    for _ in range(2):  # C6
        (answer,) = salon.feed([command])
        (problem,) = answer["data"]["errors"]
        assert (answer["type"], answer["data"]["applied"], problem["code"]) == ("command.rejected", [], "too_large")
        assert "the card of c2 would have" in problem["message"]
    assert (salon.dead_codes, salon.card("c1"), salon.has_card("c2")) == ([], before, False)
    salon.restart()
    assert salon.ask("status.set", "10:00", client_ids=["c2", "c1"], status="vip")["applied"] == ["c2", "c1"]


def test_j4_merges_add_so_many_addresses_and_no_more(salon: Driver) -> None:
    for client in ("c1", "c2"):
        emails, phones = [f"{client}.{n}@x.org" for n in range(150)], [f"{client[1]}{n}" for n in range(150)]
        salon.tell("client.updated", "09:00", client_id=client, emails=emails, phones=phones)
    assert salon.ask("clients.merge", "10:00", primary_id="c1", duplicate_ids=["c2"])["result"] == "applied"
    card = salon.card("c1")
    assert (len(card["emails"]), card["emails"][-1]) == (client_events.MAX_ADDRESSES, "c2.49@x.org")
    assert len(card["phones"]) == client_events.MAX_ADDRESSES
