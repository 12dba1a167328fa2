"""Timers (K2): bookings that elapse (B6), invoices that become overdue, clients that go quiet (B10)."""

from topics.moments import Micros
from worker.domain.booking_events import booking_changed, forget_oldest
from worker.domain.bookings import Booking, BookingEvent, decide_end, fold, refold
from worker.domain.card import Card
from worker.domain.facts import TYPE_OF_KIND
from worker.domain.finish import finish
from worker.domain.inactivity import look
from worker.domain.money_events import sum_up
from worker.domain.session import Origin, Session
from worker.domain.sweeps import bring_up_to_date


def next_due(ends: Micros, overdue: Micros, grace: Micros) -> Micros:
    """When the next timer of a card is due: a booking is decided ``grace`` after its end, an invoice becomes overdue at
    its moment. 0: none waits."""
    decided = ends + grace if ends else 0
    if decided and overdue:
        return min(decided, overdue)
    return decided or overdue


def fire(session: Session, card: Card, as_of: Micros, grace: Micros) -> None:
    """K2: everything of this card that is due at ``as_of``; bookings only ``grace`` after their end (B6)."""
    if session.business.sweeps:
        bring_up_to_date(session, card)
    state = card.state
    ended_by = as_of - grace
    due = sorted((b.due, id_) for id_, b in state.bookings.items() if b.due and b.due <= ended_by)
    for _, booking_id in due:
        booking = state.bookings[booking_id]
        while booking.due and booking.due <= ended_by:
            _decide(session, card, booking_id, booking)
    forget_oldest(card)
    if state.overdue_next and state.overdue_next <= as_of:
        sum_up(card, as_of)
    if state.quiet_next and state.quiet_next <= as_of:
        look(session, card, as_of)
    finish(session, [card])


def _decide(session: Session, card: Card, booking_id: str, booking: Booking) -> None:
    """B6: the mode in force at the end decides whether the booking elapsed."""
    plan = fold(booking.events).due_plan
    if plan is None:
        before = booking.state, booking.due
        booking_changed(session, card, booking_id, before, refold(booking))
        return
    elapsed = session.business.history.at(plan.ends).completion == "elapsed"
    before = booking.state, booking.due
    _as_if_from(session, card, booking_id, plan)
    session.business.note_time(session.origin.time)
    outcome = decide_end(booking, elapsed=elapsed)
    booking_changed(session, card, booking_id, before, outcome)


def _as_if_from(session: Session, card: Card, booking_id: str, plan: BookingEvent) -> None:
    """The event that made the plan is the input that everything the decision causes comes from."""
    cause = session.cause_by("automation", card, plan.ref)
    session.origin = Origin(
        source=cause.event_source or "",
        id=plan.ref.id,
        type=TYPE_OF_KIND[plan.ref.kind],
        time=plan.elapses_at,
        traceparent=card.state.traces.get(booking_id, {}).get(plan.ref.id),
        phase=f"elapsed {plan.elapses_at}",
    )
