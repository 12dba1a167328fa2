"""Bookings (B6): what happened to one booking, folded in the order of event time.

A booking keeps its few events, so that any order of arrival folds to the same state (P2). The worker's own decision
that a booking elapsed is one more event in that list: once told, it is not taken back (C3).
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain.facts import Fact, Kind, Ref
from worker.domain.things import Codec

MAX_EVENTS: Final = 50
"""Events kept of one booking; the oldest go first."""


class Step(IntEnum):
    """What an event does to a booking. At the same moment they count in this order; stored, so never renumbered."""

    PLANNED = 0
    CANCELLED = 1
    NO_SHOW = 2
    ATTENDED = 3
    ELAPSED = 4
    """The worker's decision: at this moment the booking ended and nothing had prevented it."""
    PASSED = 5
    """The worker's decision: it ended while only explicit attendance counted."""


class State(IntEnum):
    """Where a booking stands now."""

    UNKNOWN = 0
    OPEN = 1
    ATTENDED = 2
    CANCELLED = 3
    NO_SHOW = 4


class BookingEvent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event of a booking; ``starts`` and ``ends`` are 0 where the event has none."""

    time: Micros
    step: int
    ref: Ref
    starts: Micros = 0
    ends: Micros = 0

    @property
    def order(self) -> tuple[Micros, int, str, Micros, Micros]:
        """Event time decides; of one moment, the step, then the id, and if two senders gave the same, what they say:
        not the order of arrival (P2)."""
        return (self.time, self.step, self.ref.id, self.starts, self.ends)

    @property
    def elapses_at(self) -> Micros:
        """B6: its end, or its own time where it was entered after its end."""
        return max(self.ends, self.time)


class Booking(msgspec.Struct, array_like=True, gc=False, tag=1):
    """One attendee's booking: its events in order, and what they fold to."""

    events: list[BookingEvent]
    kind: str | None = None
    state: int = State.UNKNOWN
    starts: Micros = 0
    ends: Micros = 0
    due: Micros = 0
    """When the worker must next decide whether it elapsed; 0 when there is nothing to decide."""
    kind_at: Micros = 0
    """The time of the event that said its kind."""

    def has_kind(self, kind: str | None, at: Micros) -> None:
        """P3: of what was said of its kind the latest counts; of one moment the greater."""
        if kind is not None and (self.kind is None or (at, kind) > (self.kind_at, self.kind)):
            self.kind, self.kind_at = kind, at


class _OneEvent(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=0):
    """How a booking of one event is stored; the rest follows from it."""

    kind_of_event: int
    source: int
    id: str
    time: Micros
    starts: Micros
    ends: Micros
    kind: str | None

    def booking(self) -> Booking:
        """The booking."""
        ref = Ref(self.kind_of_event, self.source, self.id)
        event = BookingEvent(self.time, STEP_OF_KIND[self.kind_of_event], ref, self.starts, self.ends)
        booking = Booking([event])
        booking.has_kind(self.kind, self.time)
        refold(booking)
        return booking


def shorten(booking: Booking) -> Booking | _OneEvent:
    """The form in which a booking is stored."""
    if len(booking.events) != 1 or (event := booking.events[0]).step >= Step.ELAPSED:
        return booking
    ref = event.ref
    return _OneEvent(ref.kind, ref.source, ref.id, event.time, event.starts, event.ends, booking.kind)


_decode = msgspec.json.Decoder(dict[str, Booking | _OneEvent]).decode


def decode_bookings(raw: bytes) -> dict[str, Booking]:
    """Stored bookings by id. Raises msgspec.ValidationError."""
    return {id_: b if isinstance(b, Booking) else b.booking() for id_, b in _decode(raw).items()}


BOOKINGS: Final = Codec(decode_bookings, shorten)


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What a list of events folds to. ``facts`` are all that ever were, up to the end of ``due_plan``, the plan to be
    decided next: what is told must not depend on how late the decision comes (B6)."""

    state: State
    plan: BookingEvent | None
    facts: list[Fact]
    due_plan: BookingEvent | None


class _Fold:
    """Runs through the events once; the fields are what is true after the events so far."""

    __slots__ = ("due", "facts", "plan", "settled", "standing", "state")

    def __init__(self, settled: set[tuple[Micros, Micros]]) -> None:
        self.state = State.UNKNOWN
        self.plan: BookingEvent | None = None
        self.facts: list[Fact] = []
        self.standing = False
        self.due: BookingEvent | None = None
        self.settled = settled
        """When plans were decided, and which end they had: another plan may elapse at the same moment."""

    def planned(self, event: BookingEvent) -> None:
        """A new plan re-opens the booking, unless it lies in the past and the booking took place already."""
        if self.standing and event.ends <= event.time:
            self.plan = event
            return
        self.withdraw(event)
        self.state, self.plan = State.OPEN, event

    def prevented(self, event: BookingEvent, state: State) -> None:
        self.withdraw(event)
        self.state = state

    def took_place(self, event: BookingEvent) -> None:
        if event.ends and event.step == Step.ATTENDED:
            self.plan = event
        if not self.standing and self.due is None:  # else the end to be decided comes first: the earlier fact stands
            self.facts.append(Fact("booking_attended", event.time, event.ref))
        self.standing, self.state = True, State.ATTENDED

    def elapsed(self, event: BookingEvent) -> None:
        """It stands unless an older cancellation or change of plan has become known since it was decided."""
        if self.state == State.OPEN and self.plan is not None and self.plan.ends == event.ends:
            self.took_place(event)

    def withdraw(self, event: BookingEvent) -> None:
        if self.standing and self.facts and self.facts[-1].stands:
            self.facts[-1] = msgspec.structs.replace(self.facts[-1], withdrawn_at=event.time, withdrawn_by=event.ref)
        self.standing = False

    def look_for_end(self, until: Micros | None) -> None:
        """Did the open plan end before the next event, with no decision yet? (At or before the end prevents.)"""
        if self.due is not None or self.state != State.OPEN or self.plan is None or not self.plan.ends:
            return
        end = self.plan.elapses_at
        if (end, self.plan.ends) not in self.settled and (until is None or end < until):
            self.due = self.plan


def facts_of(id_: str, outcome: Outcome) -> list[Fact]:
    """The facts of the booking with this id."""
    return [Fact(f.trigger, f.time, f.ref, f.withdrawn_at, f.withdrawn_by, id_) for f in outcome.facts]


def fold(events: Sequence[BookingEvent]) -> Outcome:
    """What the events, in order, make of the booking."""
    if len(events) == 1 and (only := _fold_one(events[0])) is not None:
        return only
    fold_ = _Fold({(e.time, e.ends) for e in events if e.step >= Step.ELAPSED})
    for event in events:
        step = event.step
        if step < Step.ELAPSED:
            fold_.look_for_end(event.time)
        if step == Step.PLANNED:
            fold_.planned(event)
        elif step == Step.CANCELLED:
            fold_.prevented(event, State.CANCELLED)
        elif step == Step.NO_SHOW:
            fold_.prevented(event, State.NO_SHOW)
        elif step == Step.ATTENDED:
            fold_.took_place(event)
        elif step == Step.ELAPSED:
            fold_.elapsed(event)
    fold_.look_for_end(None)
    return Outcome(fold_.state, fold_.plan, fold_.facts, fold_.due)


def _fold_one(event: BookingEvent) -> Outcome | None:
    """The short way for what most bookings are: one that is planned, or one that took place."""
    if event.step == Step.PLANNED:
        return Outcome(State.OPEN, event, [], event if event.ends else None)
    if event.step == Step.ATTENDED:
        fact = Fact("booking_attended", event.time, event.ref)
        return Outcome(State.ATTENDED, event if event.ends else None, [fact], None)
    return None


def add(booking: Booking, event: BookingEvent) -> Outcome | None:
    """Put an event at its place in time and fold again. None when this very event is there already."""
    events = booking.events
    if events:
        if any(e.ref == event.ref and e.step == event.step and e.time == event.time for e in events):
            return None
        events.append(event)
        if event.order < events[-2].order:
            events.sort(key=lambda e: e.order)
        del events[:-MAX_EVENTS]
    else:
        events.append(event)
    return refold(booking)


def refold(booking: Booking) -> Outcome:
    """Fold the booking's events and store what they make of it."""
    outcome = fold(booking.events)
    booking.state = outcome.state
    plan = outcome.plan
    booking.starts, booking.ends = (plan.starts, plan.ends) if plan is not None else (0, 0)
    booking.due = outcome.due_plan.ends if outcome.due_plan is not None else 0
    return outcome


def decide_end(booking: Booking, *, elapsed: bool) -> Outcome:
    """Store the decision about the plan that is due: it elapsed, or only explicit attendance counted (B6)."""
    plan = fold(booking.events).due_plan
    if plan is None:
        return refold(booking)
    step = Step.ELAPSED if elapsed else Step.PASSED
    decision = BookingEvent(plan.elapses_at, step, plan.ref, plan.starts, plan.ends)
    booking.events.append(decision)
    booking.events.sort(key=lambda e: e.order)
    del booking.events[:-MAX_EVENTS]  # never the decision, which is not before its plan
    return refold(booking)


STEP_OF_KIND: Final[Mapping[int, Step]] = {
    Kind.BOOKING_SCHEDULED: Step.PLANNED,
    Kind.BOOKING_RESCHEDULED: Step.PLANNED,
    Kind.BOOKING_CANCELLED: Step.CANCELLED,
    Kind.BOOKING_NO_SHOW: Step.NO_SHOW,
    Kind.BOOKING_ATTENDED: Step.ATTENDED,
}
