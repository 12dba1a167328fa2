"""Events about bookings (B5-B7, G1, P3): the booking is brought up to date, then its facts speak."""

from collections.abc import Mapping
from datetime import datetime
from heapq import nsmallest
from typing import Final

from topics.bookings import BookingAttended, BookingCancelled, BookingNoShow, BookingRescheduled, BookingScheduled
from topics.moments import MAX_YEAR, MILLISECOND, MIN_YEAR, Micros, micros, rfc3339
from worker.domain.activity import booking_moved
from worker.domain.bookings import (
    MAX_EVENTS,
    STEP_OF_KIND,
    Booking,
    BookingEvent,
    Outcome,
    State,
    add,
    facts_of,
    fold,
)
from worker.domain.card import MAX_OPEN_BOOKINGS, MAX_THINGS, MAX_UPCOMING, Card, Counts, Upcoming
from worker.domain.conversion import consider, look_again, stays_counted
from worker.domain.facts import KIND_OF_TYPE
from worker.domain.session import Refused, Session
from worker.domain.things import Things

BookingData = BookingScheduled | BookingRescheduled | BookingCancelled | BookingAttended | BookingNoShow
_TIMELESS: Final = (BookingCancelled, BookingNoShow)
_PLANNING: Final = (BookingScheduled, BookingRescheduled)
_WITH_KIND: Final = (BookingScheduled, BookingAttended)
COUNTED: Final[Mapping[int, str]] = {
    State.ATTENDED: "attended", State.NO_SHOW: "no_shows", State.CANCELLED: "cancelled",
}  # fmt: skip
_WITHDRAWING: Final = frozenset({"booking.scheduled", "booking.rescheduled", "booking.cancelled", "booking.no_show"})


def check_booking(_session: Session, card: Card | None, data: BookingData) -> None:
    """J4: raises Refused when the client would have more than MAX_OPEN_BOOKINGS, or when it ends before it starts. A
    booking that took place already, was missed or cancelled is not open."""
    if not isinstance(data, _TIMELESS):
        _check_times(data.starts_at, data.ends_at)
    if (
        card is None
        or not isinstance(data, _PLANNING)
        or not card.state.bookings.more_than(MAX_OPEN_BOOKINGS - 1)
        or data.booking_id in card.state.bookings
    ):
        return
    if sum(b.state == State.OPEN for b in card.state.bookings.values()) >= MAX_OPEN_BOOKINGS:
        raise Refused("invalid_data", f"client {card.client_id} has {MAX_OPEN_BOOKINGS} open bookings already")


def _check_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    if starts_at is not None and not MIN_YEAR <= starts_at.year <= MAX_YEAR:
        raise _out_of_range("starts_at")
    if ends_at is not None and not MIN_YEAR <= ends_at.year <= MAX_YEAR:
        raise _out_of_range("ends_at")
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise Refused("invalid_data", "data.ends_at: the booking ends before it starts")


def _out_of_range(name: str) -> Refused:
    return Refused("invalid_data", f"data.{name}: the year must be between {MIN_YEAR} and {MAX_YEAR}")


def booking(session: Session, card: Card, data: BookingData) -> None:
    """B6: any event of a booking."""
    origin, state = session.origin, card.state
    bookings = state.bookings
    found = bookings.get(data.booking_id)
    if found is None:
        session.adds_activity = True
        found = bookings.add(data.booking_id, Booking([]))
    starts = ends = 0
    if not isinstance(data, _TIMELESS):
        starts = micros(data.starts_at) if data.starts_at is not None else 0
        ends = micros(data.ends_at) if data.ends_at is not None else 0
    if isinstance(data, _WITH_KIND):
        found.has_kind(data.kind, origin.time)
    kind = KIND_OF_TYPE[origin.type]
    before, due = found.state, found.due
    event = BookingEvent(origin.time, STEP_OF_KIND[kind], session.ref(card, kind), starts, ends)
    outcome = add(found, event)
    if origin.traceparent is not None and found.due:
        _keep_trace(card, data.booking_id, origin.id, origin.traceparent)
    if outcome is not None:
        booking_changed(session, card, data.booking_id, (before, due), outcome, origin.type in _WITHDRAWING)
    forget_oldest(card)


def booking_changed(
    session: Session,
    card: Card,
    booking_id: str,
    before: tuple[int, Micros],
    outcome: Outcome,
    withdrawal: bool = False,
) -> None:
    """Counts, what is upcoming, the next timer, and the facts of a booking that has changed. ``before``: its state and
    ``due`` until now."""
    found = card.state.bookings[booking_id]
    state, due = found.state, found.due
    state_before, due_before = before
    if state_before != state:
        _count(card.counts, state_before, state)
    if state_before == State.OPEN:
        _hide_upcoming(card, booking_id, session.now)
    if state == State.OPEN and found.ends > session.now:
        _show_upcoming(card, booking_id, found)
    if due != due_before:
        _set_due(card, due_before, due)
        if not due and card.state.traces:
            card.state.traces.pop(booking_id, None)
    facts = facts_of(booking_id, outcome) if outcome.facts else []
    booking_moved(card, found, facts)
    if facts or (withdrawal and state_before == State.ATTENDED):  # a late change of plan leaves no fact at all
        consider(session, card, facts, withdrawal)
    if due != due_before and card.state.waiting:
        look_again(session, card)


def _keep_trace(card: Card, booking_id: str, event_id: str, traceparent: str) -> None:
    """The decision about the booking will be told with the ``traceparent`` of the event that planned it (B6)."""
    traces = card.state.traces.setdefault(booking_id, {})
    traces[event_id] = traceparent
    if len(traces) > MAX_EVENTS:
        del traces[next(iter(traces))]


def _count(counts: Counts, before: int, after: int) -> None:
    """G1: a booking is in one of attended, no-shows, cancelled, or in none."""
    if (name := COUNTED.get(before)) is not None:
        setattr(counts, name, getattr(counts, name) - 1)
    if (name := COUNTED.get(after)) is not None:
        setattr(counts, name, getattr(counts, name) + 1)


def _set_due(card: Card, before: Micros, after: Micros) -> None:
    """K2: when the next booking of this card is to be decided. One booking's moment has changed."""
    state = card.state
    if after and (not state.due or after <= state.due):
        state.due = after
    elif before == state.due:
        state.due = min((b.due for b in state.bookings.values() if b.due), default=0)


def _hide_upcoming(card: Card, booking_id: str, now: Micros) -> None:
    """G1: a booking that was open may be shown no more, or in another place."""
    shown = card.upcoming
    for place, entry in enumerate(shown):
        if entry.booking_id == booking_id:
            if len(shown) >= MAX_UPCOMING:  # one that was not shown may come before
                card.upcoming = [u for u in _next_ones(card.state.bookings, now) if u.booking_id != booking_id]
            else:
                del shown[place]
            return


def _show_upcoming(card: Card, booking_id: str, open_: Booking) -> None:
    """G1: among the next ten open bookings, at its place."""
    shown = card.upcoming
    entry = _upcoming(booking_id, open_)
    order, place = _order(entry), len(shown)
    while place and _order(shown[place - 1]) > order:
        place -= 1
    shown.insert(place, entry)
    del shown[MAX_UPCOMING:]


def _next_ones(bookings: Things[Booking], now: Micros) -> list[Upcoming]:
    ahead = ((b.starts // MILLISECOND, id_) for id_, b in bookings.items() if b.state == State.OPEN and b.ends > now)
    return [_upcoming(id_, bookings[id_]) for _, id_ in nsmallest(MAX_UPCOMING, ahead)]


def _order(entry: Upcoming) -> tuple[str, str]:
    """By its start; without the ``Z``, or 10:00:00.5 would come before 10:00:00."""
    return entry.starts_at[:-1], entry.booking_id


def _upcoming(booking_id: str, b: Booking) -> Upcoming:
    kind = b.kind if b.kind in ("appointment", "group_event") else None
    return Upcoming(booking_id, rfc3339(b.starts), rfc3339(b.ends), kind)  # type: ignore[arg-type]  # checked above


def forget_oldest(card: Card) -> None:
    """P3: of bookings that are not open the latest MAX_THINGS are kept; older ones stay counted."""
    bookings = card.state.bookings
    if not bookings.more_than(MAX_THINGS):
        return
    over = [id_ for id_, b in bookings.items() if b.state not in (State.OPEN, State.UNKNOWN)]
    for booking_id in over[:-MAX_THINGS]:
        for fact in fold(bookings[booking_id].events).facts:
            if fact.stands:
                stays_counted(card, fact)
        del bookings[booking_id]
        card.state.traces.pop(booking_id, None)


def next_ahead(card: Card, now: Micros) -> None:
    """G1, K2: the next ten open bookings, and when the next one is to be decided, of many that have changed."""
    state = card.state
    card.upcoming = _next_ones(state.bookings, now)
    state.due = min((b.due for b in state.bookings.values() if b.due), default=0)
