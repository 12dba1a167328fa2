"""Facts that a settings message which arrived late judges differently (P2, C3): a sweep that nobody asked for."""

from typing import Final

import msgspec

from worker.domain import sweeps
from worker.domain.booking_events import booking_changed
from worker.domain.bookings import Booking, Step, refold
from worker.domain.card import Card
from worker.domain.conversion import all_facts, consider
from worker.domain.session import Session
from worker.domain.sweep import Sweep

KIND: Final = "judged again"


def begin(session: Session) -> None:
    """A settings message has arrived after facts that are later than it: every card is judged by the history as it is
    now, which makes up for earlier such sweeps that are still under way."""
    sweeps.drop(session.business, KIND)
    sweeps.begin(session.business, sweeps.wanted(session, KIND))


def _judge_again(session: Session, card: Card, _sweep: Sweep) -> bool:
    """What has been told stays told (B7)."""
    for booking_id, booking in list(card.state.bookings.items()):
        if any(event.step >= Step.ELAPSED for event in booking.events):
            _decide_again(session, card, booking_id, booking)
    consider(session, card, list(all_facts(card)), withdrawal=True)
    return True


def _decide_again(session: Session, card: Card, booking_id: str, booking: Booking) -> None:
    """C3, P2: a booking that was told, as what made the client a customer, stays so; any other is decided as if the
    settings had been known."""
    history, told = session.business.history, card.state.conversion
    told_at = (
        told.time if told is not None and told.thing == booking_id and told.trigger == "booking_attended" else None
    )
    events = []
    for event in booking.events:
        if event.step >= Step.ELAPSED and event.time != told_at:
            elapsed = history.at(event.ends).completion == "elapsed"
            events.append(msgspec.structs.replace(event, step=Step.ELAPSED if elapsed else Step.PASSED))
        else:
            events.append(event)
    if events != booking.events:
        before = booking.state, booking.due
        booking.events = sorted(events, key=lambda e: e.order)
        booking_changed(session, card, booking_id, before, refold(booking))


sweeps.KINDS[KIND] = sweeps.SweepRule(_judge_again)
