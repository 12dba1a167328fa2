"""Bookings that end (B6): decided at their end and the grace, not before, and by what was known of them then."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.conftest import GRACE
from tests.kit.bus import Bus
from tests.kit.messages import at
from tests.kit.place import WorkerProcess
from tests.kit.story import Story, bare, cause, changed
from tests.kit.waiting import until


def from_now(seconds: float) -> datetime:
    """A moment near now, in whole seconds as people enter them."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)


def text(moment: datetime) -> str:
    """As it travels."""
    return moment.isoformat().replace("+00:00", "Z")


def booking(story: Story, client: str, ends: datetime, **data: Any) -> dict[str, Any]:
    """An hour with a client that ends then, entered an hour before it began."""
    return story.event(
        "booking.scheduled",
        text(ends - timedelta(hours=2)),
        **{
            "client_id": client,
            "booking_id": f"b-{client}",
            "kind": "appointment",
            "starts_at": text(ends - timedelta(hours=1)),
            "ends_at": text(ends),
            **data,
        },
    )


def test_b6_a_booking_that_ends_now_converts_after_its_end_and_the_grace(story: Story) -> None:
    ends = from_now(2)
    booked = booking(story, "c1", ends)
    story.tell_all(booked)
    assert story.short("c1") == [">lead"]
    events = story.wait_for("c1", ">lead", "lead>customer")
    why = cause("automation", booked, trigger="booking_attended")
    assert bare(events)[1] == changed("c1", "lead", "customer", text(ends), 2, why)
    told = [got for got in story.records("client-status-changes") if got.json["type"].endswith("changed")][-1]
    assert told.timestamp / 1000 >= ends.timestamp() + GRACE


def test_a_booking_rescheduled_before_its_end_counts_at_its_new_end(story: Story) -> None:
    booked = booking(story, "c1", from_now(1))
    later = from_now(3)
    moved = story.event(
        "booking.rescheduled",
        text(from_now(-5)),
        client_id="c1",
        booking_id="b-c1",
        starts_at=text(later - timedelta(hours=1)),
        ends_at=text(later),
    )
    story.tell_all(booked, moved)
    events = story.wait_for("c1", ">lead", "lead>customer")
    assert events[1]["time"] == text(later)


def test_no_show_at_the_very_end_prevents_and_after_it_withdraws(story: Story) -> None:
    day = datetime(2024, 5, 6, 11, tzinfo=UTC)
    story.tell_all(
        booking(story, "at-end", day),
        story.event("booking.no_show", "11:00", client_id="at-end", booking_id="b-at-end"),
        booking(story, "after", day),
        story.event("booking.no_show", "11:01", client_id="after", booking_id="b-after"),
    )
    story.wait_for("after", ">lead", "lead>customer", "review")
    assert story.short("at-end") == [">lead"]


def test_with_explicit_completion_only_attendance_counts(story: Story) -> None:
    story.tell("automation.set", "08:00", completion="explicit")
    story.tell_all(booking(story, "c1", datetime(2024, 5, 6, 11, tzinfo=UTC)))
    attended = story.tell("booking.attended", "12:00", client_id="c1", booking_id="b-c1")
    why = cause("automation", attended, trigger="booking_attended")
    story.wait_for("c1", ">lead", "lead>customer")
    assert bare(story.outputs("c1"))[1:] == [changed("c1", "lead", "customer", "12:00", 2, why, revision=1)]


def test_a_booking_entered_after_its_end_counts_when_it_was_entered(story: Story) -> None:
    late = story.event(
        "booking.scheduled", "15:00", client_id="c1", booking_id="b1", kind="group_event",
        starts_at=at("10:00"), ends_at=at("11:00"),
    )  # fmt: skip
    story.tell_all(late)
    events = story.wait_for("c1", ">lead", "lead>customer")
    assert events[1]["time"] == at("15:00")


def test_b6_a_restart_that_spans_the_end_decides_as_a_worker_that_was_up(
    bus: Bus, start_worker: Callable[..., WorkerProcess]
) -> None:
    story = Story(bus, "salon")
    worker = start_worker(COMPLETION_GRACE=str(GRACE))
    ends = from_now(3)
    story.tell_all(booking(story, "comes", ends), booking(story, "cancels", ends))
    assert story.short("comes") == story.short("cancels") == [">lead"]
    worker.stop()
    assert datetime.now(UTC) < ends, "this machine is too slow for this test: give the booking more time"
    cancelled = story.event("booking.cancelled", text(ends), client_id="cancels", booking_id="b-cancels")
    story.send(cancelled)
    until(lambda: time.time() > ends.timestamp() + GRACE, "the end of the booking")
    worker = start_worker(COMPLETION_GRACE=str(GRACE))
    events = story.wait_for("comes", ">lead", "lead>customer")
    assert events[1]["time"] == text(ends)
    bus.settle()
    assert story.short("cancels") == [">lead"]
    assert story.profile("cancels")["counts"]["cancelled"] == 1
    worker.stop()
    story.check_promises()


def test_b6_a_cancellation_that_waits_behind_many_records_still_prevents(
    bus: Bus, start_worker: Callable[..., WorkerProcess]
) -> None:
    story = Story(bus, "salon")
    ends = from_now(-3600)
    filler = [
        story.event("booking.no_show", text(ends), client_id=f"f{n % 50}", booking_id=f"n{n}") for n in range(3000)
    ]
    cancelled = story.event("booking.cancelled", text(ends), client_id="cancels", booking_id="b-cancels")
    story.send(booking(story, "comes", ends), booking(story, "cancels", ends), *filler, cancelled)
    worker = start_worker(COMPLETION_GRACE=str(GRACE), TRANSACTION_RECORDS="100")
    story.wait_for("comes", ">lead", "lead>customer")
    bus.settle()
    assert story.short("cancels") == [">lead"]
    worker.stop()
