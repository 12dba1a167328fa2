"""Going quiet (B10): when a ``converted`` client has been without activity for long enough, and how it comes back.

What counts is what the card knows, at its own time, so the order of arrival does not decide (P2): an invoice, a
payment, a message either way, a booking that was attended, and one that is ahead, from the moment it was made until its
end. A booking that was cancelled, or missed, is as if it had never been. With the automation off nobody goes quiet, as
nobody would come back.

The status given so is left by the next fact that qualifies. Activity from before it was given, which arrives late and
would have prevented it, takes it back at the moment it was given; a settings message does not (P2).

A card carries the moment at which to look again. Activity only makes that later, so events leave it alone: a look that
comes too early changes nothing and finds the next one.
"""

from bisect import insort
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from topics.causes import Cause
from topics.moments import DAY, MILLISECOND, Micros, micros
from worker.domain import sweeps
from worker.domain.bookings import State, Step, fold
from worker.domain.card import MAX_MESSAGES, Card, Conversion, Quiet
from worker.domain.conversion import all_facts, earliest_qualifying, review_if_nothing_stands
from worker.domain.finish import Turn, afterwards
from worker.domain.history import NEVER
from worker.domain.session import Origin, Session
from worker.domain.statuses import change_status
from worker.domain.sweep import Sweep

KIND: Final = "watched for inactivity"
_NOT_SOONER: Final = ("client.", "campaign.")
"""Events after which a client goes quiet later than was expected, if at all."""


def begin(session: Session) -> None:
    """After how many days clients go quiet has changed: every card gets the moment at which to look, in a sweep."""
    sweeps.drop(session.business, KIND)
    sweeps.begin(session.business, sweeps.wanted(session, KIND))


def sent(session: Session, card: Card, time: Micros) -> None:
    """A message to the client: when the business has no use for it, the latest is remembered."""
    times = card.state.sent
    if not session.business.history.quiet_after:
        time = max([time, *times])
        times.clear()
    insort(times, time)
    del times[: -MAX_MESSAGES - 1]  # one more says until when they are forgotten


def watch(session: Session, card: Card) -> None:
    """The card has changed: come back if it went quiet and that has ended; else say when to look."""
    state, business = card.state, session.business
    if state.quiet is None and not business.history.quiet_after:
        return
    if state.quiet is not None:
        _come_back(session, card, state.quiet)
    if card.status != business.role("converted").code:
        state.quiet_next = 0
    elif not state.quiet_next or _may_be_sooner(session, card):
        found = _next(session, card)
        state.quiet_next = found.time if found is not None else 0
    if state.quiet_next and (not state.overdue_next or state.quiet_next < state.overdue_next):
        state.overdue_next = state.quiet_next


def _may_be_sooner(session: Session, card: Card) -> bool:
    """Activity that is added makes it later; but after a status set by hand it is what a client goes quiet after, so
    that what arrives late may open a gap, and so does a fact that was earlier than it was told (P2)."""
    state = card.state
    if session.adds_activity:
        told = state.conversion
        is_late = session.origin.time < state.active
        return (state.manual is not None and is_late) or (told is not None and told.retold)
    return not session.origin.type.startswith(_NOT_SOONER)


def look(session: Session, card: Card, as_of: Micros) -> None:
    """K2: everything that had happened by ``as_of`` is known. Go quiet, and come back, as often as that was so."""
    state, business = card.state, session.business
    state.quiet_next = 0
    while card.status == business.role("converted").code:
        quiet = _next(session, card)
        if quiet is None or quiet.time > as_of:
            return
        session.origin = Origin("", "", "", quiet.time, phase=f"inactive {card.sequence}")
        change_status(session, card, business.role("dormant"), quiet.time, Cause(type="inactivity"))
        state.quiet = quiet
        _back_by_fact(session, card, quiet)


def _come_back(session: Session, card: Card, quiet: Quiet) -> None:
    last = max([end for start, end in _activity(card) if start <= quiet.time], default=0)
    if last + quiet.days * DAY <= quiet.time:
        _back_by_fact(session, card, quiet)
        return
    origin = session.origin
    fact = earliest_qualifying(session, card, (fact for fact in all_facts(card) if fact.time == origin.time))
    cause = session.cause_of("automation", card, fact) if fact is not None else origin.cause("automation")
    change_status(session, card, session.business.role("converted"), max(quiet.time, origin.time), cause)
    review_if_nothing_stands(session, card)


def _back_by_fact(session: Session, card: Card, quiet: Quiet) -> None:
    """B6: not while a booking that ended before the fact is still to be decided."""
    fact = earliest_qualifying(session, card, (fact for fact in all_facts(card) if fact.time > quiet.time))
    if fact is None or 0 < card.state.due < fact.time:
        return
    card.state.conversion = Conversion(fact.time, fact.trigger, thing=fact.thing)
    cause = session.cause_of("automation", card, fact)
    change_status(session, card, session.business.role("converted"), fact.time, cause)
    if not fact.stands:
        review_if_nothing_stands(session, card)


def _next(session: Session, card: Card) -> Quiet | None:
    """When the client, which is ``converted``, goes quiet by what is known; None: never. Without any activity its
    creation counts, unless it was put on a status by hand."""
    state, history = card.state, session.business.history
    told = state.conversion
    if told is not None and told.retold:
        since = told.time
    else:  # the end of the millisecond that is written: nobody goes quiet before the fact that made a customer
        since = micros(datetime.fromisoformat(card.status_since)) + MILLISECOND - 1
    by_hand = state.manual.time if state.manual is not None else 0
    last = max(0 if by_hand else state.created, _forgotten_until(card))
    for start, end in (*sorted(_activity(card)), (NEVER, NEVER)):
        if start > last >= by_hand:
            for days, begins, ends in history.quiet_after:
                at = max(last + days * DAY, begins, since)
                if at < min(ends, start):
                    return Quiet(at, days)
        last = max(last, end)
    return None


def _forgotten_until(card: Card) -> Micros:
    """P3: activity until then is not known one by one any more. Where there was none, that was noticed at its time."""
    sent = card.state.sent
    return max(*card.state.older_facts.values(), sent[0] if len(sent) > MAX_MESSAGES else 0, 0)


def _activity(card: Card) -> Iterator[tuple[Micros, Micros]]:
    """From when until when the client was active, in no order."""
    state = card.state
    for booking in state.bookings.values():
        if booking.state not in (State.OPEN, State.ATTENDED):
            continue
        made = min((e.time for e in booking.events if e.step == Step.PLANNED), default=NEVER)
        if booking.state == State.OPEN:
            yield made, max(made, booking.ends)
        else:
            attended = max([fact.time for fact in fold(booking.events).facts], default=booking.due)
            yield min(made, attended), attended
    times = [invoice.first for invoice in state.invoices.values() if invoice.first]
    times += [payment.first for payment in state.payments.values() if payment.first]
    times += [message.time for message in state.messages]
    for time in (*times, *state.sent, *state.older_facts.values()):
        yield time, time


def _watch_all(session: Session, cards: Collection[Card]) -> None:
    for card in cards:
        watch(session, card)


def _visit(session: Session, card: Card, _sweep: Sweep) -> bool:
    before = card.state.quiet_next, card.sequence
    watch(session, card)
    return (card.state.quiet_next, card.sequence) != before


afterwards(Turn.QUIET, _watch_all)
sweeps.KINDS[KIND] = sweeps.SweepRule(_visit)
