"""Timers and second looks: bookings that elapse (B6), invoices that become overdue (K2), facts that a settings message
which arrived late judges differently (P2, C3)."""

import msgspec

from topics.moments import Micros
from worker.domain.booking_events import booking_changed
from worker.domain.bookings import Booking, BookingEvent, Step, decide_end, fold, refold
from worker.domain.card import Card
from worker.domain.conversion import all_facts, consider
from worker.domain.facts import TYPE_OF_KIND
from worker.domain.money_events import sum_up
from worker.domain.session import Origin, Session

AUTOMATION_SET = "automation.set"


def next_due(ends: Micros, overdue: Micros, grace: Micros) -> Micros:
    """When the next timer of a card is due: a booking is decided ``grace`` after its end, an invoice becomes overdue at
    its moment. 0: none waits."""
    decided = ends + grace if ends else 0
    if decided and overdue:
        return min(decided, overdue)
    return decided or overdue


def fire(session: Session, card: Card, as_of: Micros, grace: Micros) -> None:
    """K2: everything of this card that is due at ``as_of``; bookings only ``grace`` after their end (B6)."""
    judge_again(session, card)
    state = card.state
    ended_by = as_of - grace
    due = sorted((b.due, id_) for id_, b in state.bookings.items() if b.due and b.due <= ended_by)
    for _, booking_id in due:
        booking = state.bookings[booking_id]
        while booking.due and booking.due <= ended_by:
            _decide(session, card, booking_id, booking)
    if state.overdue_next and state.overdue_next <= as_of:
        sum_up(card, as_of)


def _decide(session: Session, card: Card, booking_id: str, booking: Booking) -> None:
    """B6: the mode in force at the end decides whether the booking elapsed."""
    plan = fold(booking.events).due_plan
    if plan is None:
        before = booking.state, booking.due
        booking_changed(session, card, booking_id, before, refold(booking))
        return
    elapsed = session.business.history.at(plan.ends).completion == "elapsed"
    before = booking.state, booking.due
    _as_if_from(session, card, plan)
    session.business.note_time(session.origin.time)
    outcome = decide_end(booking, elapsed=elapsed)
    booking_changed(session, card, booking_id, before, outcome)


def _as_if_from(session: Session, card: Card, plan: BookingEvent) -> None:
    """The event that made the plan is the input that everything the decision causes comes from."""
    cause = session.cause_by("automation", card, plan.ref)
    session.origin = Origin(
        source=cause.event_source or "",
        id=plan.ref.id,
        type=TYPE_OF_KIND[plan.ref.kind],
        time=plan.elapses_at,
        phase=f"elapsed {plan.elapses_at}",
    )


def judge_again(session: Session, card: Card) -> bool:
    """P2: a settings message has arrived after facts that are later than it. True when the card was not judged by it
    yet. Its facts are judged by the history as it is now; what has been told stays told (B7)."""
    late = session.business.late
    state = card.state
    if late is None or state.judged >= late.number:
        return False
    state.judged = late.number
    before = session.origin
    session.origin = Origin(late.source, late.id, AUTOMATION_SET, late.time, phase="judged again")
    for booking_id, booking in list(state.bookings.items()):
        if any(event.step >= Step.ELAPSED for event in booking.events):
            _decide_again(session, card, booking_id, booking)
    consider(session, card, list(all_facts(card)), withdrawal=True)
    session.origin = before
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
