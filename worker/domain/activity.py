"""When a client was last active (B10, G1): a booking made or attended, an invoice, a payment, a message either way.

What turns out not to have been, or to have been earlier, is no activity any more: a booking that was cancelled or
missed, and the later version of something that was there before.
"""

from collections.abc import Collection, Iterator
from typing import Final

from topics.moments import Micros
from worker.domain.bookings import Booking, State, Step, fold
from worker.domain.card import Card
from worker.domain.facts import Fact

_PLANNED, _ATTENDED = int(Step.PLANNED), int(State.ATTENDED)
_ACTIVE: Final = frozenset({int(State.OPEN), _ATTENDED})


def be_active(card: Card, time: Micros) -> None:
    """The last activity is the latest there was; the card's field is written when the card is encoded."""
    card.state.active = max(card.state.active, time)


def is_past(card: Card, time: Micros) -> None:
    """Nothing happened at this time, as it was thought: if it was the last activity, another one is. 0: no time."""
    state = card.state
    if time and state.active == time:
        state.active = max(_last_times(card), default=0)
        if not state.active:
            card.last_activity_at = None


def booking_moved(card: Card, booking: Booking, facts: Collection[Fact]) -> None:
    """A booking has changed; ``facts``: all of its own. One that is ahead was made, or moved, when an event said so."""
    state, last = card.state, _last_time(booking, facts)
    if last >= state.active:
        state.active = last
    elif len(booking.events) > 1 and any(event.time == state.active for event in booking.events):
        is_past(card, state.active)


def _last_time(booking: Booking, facts: Collection[Fact]) -> Micros:
    if booking.state not in _ACTIVE:
        return 0
    events = booking.events
    if len(events) == 1:
        return events[0].time
    last = max([event.time for event in events if event.step == _PLANNED], default=0)
    return max([last, *[fact.time for fact in facts]]) if booking.state == _ATTENDED else last


def _last_times(card: Card) -> Iterator[Micros]:
    """Of each activity that is known, when the client was last active by it."""
    state = card.state
    for booking in state.bookings.values():
        yield _last_time(booking, fold(booking.events).facts)
    yield from (invoice.first for invoice in state.invoices.values())
    yield from (payment.first for payment in state.payments.values())
    yield from (message.time for message in state.messages)
    yield from state.sent
    yield from state.older_facts.values()
