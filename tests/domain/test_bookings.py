"""B6: when a booking counts as attended, and what takes that back."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.driver import Driver
from topics.moments import SECOND

Book = Callable[..., list[dict[str, Any]]]
ATTENDED = ("lead", "customer", "11:00", "booking_attended")


def about(salon: Driver, step: str, time: str, **data: Any) -> list[dict[str, Any]]:
    return salon.tell(f"booking.{step}", time, client_id="c1", booking_id="b1", **data)


def changes(salon: Driver) -> list[tuple[Any, ...]]:
    """What was told after the client appeared."""
    salon.settle()
    salon.restart()
    return salon.changes("c1")[1:]


def test_b6_elapsed_at_its_end_and_told_no_earlier_than_the_grace_after_it(salon: Driver, booked: Book) -> None:
    salon.at("2024-05-06T09:31:00Z")
    booked()
    assert salon.at("2024-05-06T11:00:59Z") == []
    assert salon.engine.timers == 1
    (told,) = salon.at("2024-05-06T11:01:00Z")
    assert told["time"] == "2024-05-06T11:00:00Z"
    assert told["data"]["cause"]["event_type"] == "booking.scheduled"
    assert salon.changes("c1")[1:] == [ATTENDED]
    assert salon.engine.timers == 0


def test_b6_each_booking_has_its_own_grace(salon: Driver, booked: Book) -> None:
    salon.at("2024-05-06T09:31:00Z")
    booked()
    booked(booking_id="b2", ends="2024-05-06T11:00:30Z")
    salon.at("2024-05-06T11:01:00Z")
    assert salon.card("c1")["counts"]["attended"] == 1
    salon.at("2024-05-06T11:01:30Z")
    assert salon.card("c1")["counts"]["attended"] == 2


def traced(salon: Driver, number: int, type_: str, time: str, **data: Any) -> str:
    """Tell it with a ``traceparent`` of its own, which is returned."""
    trace = f"00-{number:032x}-{number:016x}-01"
    salon.feed([{**salon.event(type_, time, **data), "traceparent": trace}])
    return trace


def test_b6_the_trace_of_the_event_that_planned_a_booking_goes_on_when_it_elapses(salon: Driver) -> None:
    """Contract: ``traceparent`` is carried over to every output that the event causes, however late."""
    salon.at("2024-05-06T09:00:00Z")
    plan = {"kind": "appointment", "starts_at": "10:00", "ends_at": "11:00"}
    first = traced(salon, 1, "booking.scheduled", "08:00", client_id="c1", booking_id="b1", **plan)
    traced(salon, 2, "booking.scheduled", "08:01", client_id="c2", booking_id="b2", **plan)
    moved = {"client_id": "c2", "booking_id": "b2", "starts_at": "11:00", "ends_at": "12:00"}
    second = traced(salon, 3, "booking.rescheduled", "08:02", **moved)
    traced(salon, 4, "booking.scheduled", "08:03", client_id="c3", booking_id="b3", **plan)
    salon.tell("booking.cancelled", "08:04", client_id="c3", booking_id="b3")
    fourth = traced(salon, 5, "booking.scheduled", "08:05", client_id="c4", booking_id="b4", **plan)
    salon.tell("client.created", "08:06", client_id="c5")
    salon.tell("clients.merge", "08:07", primary_id="c5", duplicate_ids=["c4"])
    salon.restart()
    told = {o["subject"]: o.get("traceparent") for o in salon.at("2024-05-06T13:00:00Z")}
    assert told == {"c1": first, "c2": second, "c5": fourth}
    salon.restart()


@pytest.mark.parametrize("step", ["cancelled", "no_show"])
@pytest.mark.parametrize("time", ["10:30", "11:00"])
def test_b6_cancelled_or_a_no_show_at_or_before_the_end_prevents(
    salon: Driver, booked: Book, step: str, time: str
) -> None:
    booked()
    about(salon, step, time)
    assert changes(salon) == []


@pytest.mark.parametrize("step", ["cancelled", "no_show"])
def test_b6_cancelled_or_a_no_show_after_the_end_withdraws(salon: Driver, booked: Book, step: str) -> None:
    booked()
    about(salon, step, "11:00:01")
    assert changes(salon) == [ATTENDED, ("review", "11:00", f"booking.{step}")]


@pytest.mark.parametrize("time", ["10:30", "11:00"])
def test_b6_rescheduled_at_or_before_the_end_moves_the_end(salon: Driver, booked: Book, time: str) -> None:
    booked()
    about(salon, "rescheduled", time, starts_at="14:00", ends_at="15:00")
    assert changes(salon) == [("lead", "customer", "15:00", "booking_attended")]


def test_b6_rescheduled_after_the_end_reopens_and_withdraws(salon: Driver, booked: Book) -> None:
    salon.at("2024-05-06T12:00:00Z")
    booked()
    assert changes(salon) == [ATTENDED]
    about(salon, "rescheduled", "11:30", starts_at="14:00", ends_at="15:00")
    assert salon.card("c1")["counts"]["attended"] == 0
    assert changes(salon) == [ATTENDED, ("review", "11:30", "booking.rescheduled")]
    salon.at("2024-05-06T16:00:00Z")
    assert salon.card("c1")["counts"]["attended"] == 1
    assert changes(salon)[-1][0] == "review"


@pytest.mark.parametrize("step", ["cancelled", "no_show", "rescheduled"])
def test_p2_what_was_told_is_not_taken_back_by_what_comes_late_but_a_review_is_suggested(
    salon: Driver, booked: Book, step: str
) -> None:
    booked()
    salon.settle()
    times = {"starts_at": "2024-07-01T10:00:00Z", "ends_at": "2024-07-01T11:00:00Z"} if step == "rescheduled" else {}
    about(salon, step, "10:30", **times)
    assert changes(salon) == [ATTENDED, ("review", "10:30", f"booking.{step}")]
    assert salon.status("c1") == "customer"
    assert salon.card("c1")["counts"]["attended"] == 0


def test_p2_what_was_not_told_is_as_if_it_had_never_been(salon: Driver, booked: Book) -> None:
    salon.ask("status.set", "09:00", client_ids=["c1"], status="vip")
    booked()
    salon.settle()
    about(salon, "cancelled", "10:15")
    salon.ask("status.set", "10:30", client_ids=["c1"], status="lead")
    assert salon.status("c1") == "lead"


def test_b6_with_explicit_completion_only_attendance_counts(salon: Driver, booked: Book) -> None:
    salon.ask("automation.set", "08:00", completion="explicit")
    booked()
    assert changes(salon) == []
    about(salon, "attended", "11:30")
    assert changes(salon) == [("lead", "customer", "11:30", "booking_attended")]


@pytest.mark.parametrize(("since", "counts"), [("11:00", False), ("11:01", True)])
def test_b6_the_mode_in_force_at_the_end_decides(salon: Driver, booked: Book, since: str, counts: bool) -> None:
    salon.ask("automation.set", since, completion="explicit")
    booked()
    assert changes(salon) == ([ATTENDED] if counts else [])


def test_b6_a_booking_entered_after_its_own_end_counts_when_it_was_entered(salon: Driver, booked: Book) -> None:
    booked(time="12:00")
    assert changes(salon) == [("lead", "customer", "12:00", "booking_attended")]


def test_b6_an_attendance_before_the_end_is_the_fact(salon: Driver, booked: Book) -> None:
    booked()
    about(salon, "attended", "10:50")
    assert changes(salon) == [("lead", "customer", "10:50", "booking_attended")]


@pytest.mark.parametrize("late", [False, True])
def test_b6_where_the_booking_had_elapsed_before_the_earlier_fact_stands(
    salon: Driver, booked: Book, late: bool
) -> None:
    """A worker that lags, and finds the attendance with the booking, decides as one that did not."""
    booked()
    if not late:
        salon.settle()
    about(salon, "attended", "12:00")
    assert changes(salon) == [ATTENDED]


@pytest.mark.parametrize("late", [False, True])
def test_b6_a_worker_that_lags_tells_what_one_tells_that_does_not(salon: Driver, booked: Book, late: bool) -> None:
    """Example 3: the payment at 12:00 must not take the place of the booking that ended before."""
    booked()
    for step in (
        salon.event("booking.no_show", "11:30", client_id="c1", booking_id="b1"),
        salon.event("payment.received", "12:00", client_id="c1", payment_id="p1", amount="1", currency="EUR"),
    ):
        if not late:
            salon.settle()
        salon.feed([step])
    told = changes(salon)
    assert told[0] == ATTENDED
    assert told[1:] == ([("review", "11:30", "booking.no_show")] if not late else [])


def test_b6_a_review_waits_for_a_booking_that_ended_before_the_withdrawal(salon: Driver, booked: Book) -> None:
    salon.tell("payment.received", "09:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    booked()
    salon.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1")
    assert changes(salon) == [("lead", "customer", "09:00", "payment_made")]
    about(salon, "no_show", "13:00")
    assert changes(salon)[-1] == ("review", "13:00", "booking.no_show")


def test_b6_what_waited_for_a_booking_is_told_when_the_booking_is_cancelled(salon: Driver, booked: Book) -> None:
    booked()
    salon.tell("payment.received", "12:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert salon.status("c1") == "lead"
    salon.restart()
    about(salon, "cancelled", "10:30")
    assert salon.changes("c1")[1:] == [("lead", "customer", "12:00", "payment_made")]


def test_b6_a_fact_before_the_end_of_a_booking_does_not_wait(salon: Driver, booked: Book) -> None:
    booked()
    salon.tell("payment.received", "11:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert salon.status("c1") == "customer"


def test_b6_attended_without_a_schedule(salon: Driver) -> None:
    about(salon, "attended", "11:30", kind="group_event")
    assert changes(salon) == [("lead", "customer", "11:30", "booking_attended")]


def test_b6_attended_before_scheduled_arrives(salon: Driver, booked: Book) -> None:
    about(salon, "attended", "11:30")
    booked()
    assert changes(salon) == [("lead", "customer", "11:30", "booking_attended")]
    assert salon.card("c1")["counts"]["attended"] == 1
    assert "upcoming" not in salon.card("c1")


def test_b6_rescheduled_before_scheduled_arrives(salon: Driver, booked: Book) -> None:
    about(salon, "rescheduled", "09:45", starts_at="14:00", ends_at="15:00")
    booked()
    assert changes(salon) == [("lead", "customer", "15:00", "booking_attended")]


def test_b6_rescheduled_into_the_past_at_the_very_end_that_was_decided(salon: Driver, booked: Book) -> None:
    booked()
    salon.settle()
    about(salon, "rescheduled", "11:00", starts_at="09:00", ends_at="09:30")
    salon.settle()
    assert salon.card("c1")["counts"]["attended"] == 1
    assert "upcoming" not in salon.card("c1")


def test_b6_a_booking_told_stays_told_when_settings_come_late(salon: Driver, booked: Book) -> None:
    booked()
    salon.settle()
    salon.ask("automation.set", "10:30", completion="explicit")
    assert ATTENDED in changes(salon)
    assert salon.status("c1") == "customer"


def test_p2_a_booking_that_told_nothing_is_judged_by_settings_that_come_late(salon: Driver, booked: Book) -> None:
    salon.ask("status.set", "09:00", client_ids=["c1"], status="vip")
    booked()
    salon.settle()
    assert salon.card("c1")["counts"]["attended"] == 1
    salon.ask("automation.set", "10:00", completion="explicit")
    salon.settle()
    assert salon.card("c1")["counts"]["attended"] == 0
    salon.ask("status.set", "10:30", client_ids=["c1"], status="lead")
    assert salon.status("c1") == "lead"


def test_c3_a_booking_that_passed_elapses_when_settings_come_late(salon: Driver, booked: Book) -> None:
    salon.ask("automation.set", "08:00", completion="explicit")
    booked()
    assert changes(salon) == []
    salon.ask("automation.set", "10:00", completion="elapsed")
    assert changes(salon) == [ATTENDED]


def test_ends_before_it_starts_is_invalid(salon: Driver, booked: Book) -> None:
    booked(starts="11:00", ends="10:00")
    assert salon.dead_codes == ["invalid_data"]
    booked(starts="11:00", ends="11:00")
    assert changes(salon) == [ATTENDED]


def test_p3_two_versions_of_a_booking_the_later_ones_data_count(salon: Driver, booked: Book) -> None:
    booked(time="09:40", ends="12:00")
    booked(time="09:30", ends="11:00")
    assert changes(salon) == [("lead", "customer", "12:00", "booking_attended")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_p3_the_kind_of_a_booking_is_the_one_that_was_said_last_in_any_order(
    salon: Driver, booked: Book, order: tuple[int, ...]
) -> None:
    """Also where one of the versions was a duplicate's (E2)."""
    kinds = ["appointment", "appointment", "group_event"]
    ahead = {"starts": "2024-07-01T10:00:00Z", "ends": "2024-07-01T11:00:00Z"}
    for number in order:
        booked(time=f"09:3{number}", kind=kinds[number], client_id="c2" if number == 2 else "c1", **ahead)
        salon.restart()
    salon.ask("clients.merge", "10:00", primary_id="c1", duplicate_ids=["c2"])
    assert [b["kind"] for b in salon.card("c1")["upcoming"]] == ["group_event"]
    booked(time="09:20", kind="appointment", **ahead)
    assert [b["kind"] for b in salon.card("c1")["upcoming"]] == ["group_event"]


def test_p3_the_kind_of_a_booking_before_1970(salon: Driver, booked: Book) -> None:
    ahead = {"starts": "2024-07-01T10:00:00Z", "ends": "2024-07-01T11:00:00Z"}
    for year, kind in (("1960", "appointment"), ("1961", "group_event"), ("1959", "appointment")):
        booked(time=f"{year}-01-01T10:00:00Z", kind=kind, **ahead)
        salon.restart()
    assert [b["kind"] for b in salon.card("c1")["upcoming"]] == ["group_event"]


def test_bookings_of_two_clients_may_have_the_same_id(salon: Driver, booked: Book) -> None:
    booked()
    booked(client_id="c2")
    about(salon, "cancelled", "10:30")
    salon.settle()
    assert (salon.status("c1"), salon.status("c2")) == ("lead", "customer")


def test_k2_a_due_timer_fires_once(salon: Driver, booked: Book) -> None:
    booked()
    salon.restart()
    assert len(salon.settle()) == 1
    salon.restart()
    assert salon.settle() == []


def test_k2_many_timers_of_many_clients(salon: Driver, booked: Book) -> None:
    salon.feed(
        salon.event(
            "booking.scheduled", "09:30", client_id=f"c{n}", booking_id=f"b{m}", kind="appointment",
            starts_at="10:00", ends_at=f"{11 + m}:00",
        )
        for n in range(1200) for m in range(2)
    )  # fmt: skip
    told = salon.settle()
    assert len(told) == 1200
    assert {o["time"] for o in told} == {"2024-05-06T11:00:00Z"}


@pytest.mark.parametrize("cancelled", [True, False])
def test_b6_a_booking_entered_when_it_is_due_waits_for_what_is_right_behind_it(cancelled: bool) -> None:
    salon = Driver(linger=SECOND)
    of_b1 = {"client_id": "c1", "booking_id": "b1"}
    salon.tell("booking.scheduled", "09:30", kind="appointment", starts_at="10:00", ends_at="11:00", **of_b1)
    assert salon.settle() == []
    salon.now += SECOND // 2
    salon.tell("booking.cancelled" if cancelled else "client.noted", "10:30", text="x", **of_b1)
    assert salon.settle() == []
    salon.now += SECOND // 2
    salon.settle()
    told = [] if cancelled else [("lead", "customer", "11:00", "booking_attended")]
    assert salon.changes("c1")[1:] == told
