"""How a lead becomes a customer and when a person should look again (B4, B7), whatever order things arrive in (P2).

A fact made the client a customer if it was there at its time, also when it was taken back later. So conversion asks for
facts that ever were, and a review for facts that still stand. Both wait for a booking whose end came before and is
still to be decided, so that a worker that lags tells what one tells that does not (B6).
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from topics.causes import Cause, Trigger
from topics.moments import Micros, rfc3339
from topics.status_changes import ReviewSuggested
from worker.domain.bookings import facts_of, fold
from worker.domain.business import Business
from worker.domain.card import Card, Conversion
from worker.domain.facts import Fact, keep_latest
from worker.domain.merged import is_void
from worker.domain.session import Session
from worker.domain.status_moves import status_by_hand
from worker.domain.statuses import change_status


def qualifies(business: Business, card: Card, fact: Fact) -> bool:
    """B4: later than the last manual change, with its trigger and the automation on at its time."""
    if is_before_hand(card, fact):
        return False
    return business.history.at(fact.time).automates(fact.trigger)


def _is_reason(business: Business, card: Card, trigger: Trigger, time: Micros) -> bool:
    """Does a fact, later than the last manual change, account for the status that the client has (B7)? One that
    qualifies does, and one that a re-evaluation found, whatever was on at the fact's time (B11)."""
    told = card.state.conversion
    if told is not None and trigger in told.caught_up_by and time <= told.time:
        return True
    return business.history.at(time).automates(trigger)


def all_facts(card: Card) -> Iterator[Fact]:
    """Every fact that the card remembers, standing or withdrawn."""
    state = card.state
    for booking_id, booking in state.bookings.items():
        yield from facts_of(booking_id, fold(booking.events))
    for invoice_id, invoice in state.invoices.items():
        if (fact := invoice.fact(invoice_id)) is not None:
            yield fact
    for payment_id, payment in state.payments.items():
        if (fact := payment.fact(payment_id)) is not None:
            yield fact
    for message in state.messages:
        yield Fact("message_received", message.time, message.ref)


def earliest_qualifying(session: Session, card: Card, facts: Iterable[Fact]) -> Fact | None:
    """The first of the facts, by time, that qualifies."""
    best = None
    for fact in facts:
        if (best is None or fact.time < best.time) and qualifies(session.business, card, fact):
            best = fact
    return best


def convert(session: Session, card: Card, fact: Fact) -> None:
    """B4: from ``initial`` to ``converted``, at the fact's time; later, if a booking that ended before may have done so
    already (B6)."""
    if _waits(card, fact.time):
        return
    card.state.conversion = Conversion(fact.time, fact.trigger, thing=fact.thing)
    target = session.business.role("converted")
    change_status(session, card, target, fact.time, session.cause_of("automation", card, fact))
    if not fact.stands:
        review_if_nothing_stands(session, card)


def _waits(card: Card, time: Micros) -> bool:
    """B6: is there a booking that ended before ``time`` and is still to be decided? Then ``look_again`` follows."""
    if not 0 < card.state.due < time:
        return False
    card.state.waiting = True
    return True


def consider(session: Session, card: Card, facts: Sequence[Fact], withdrawal: bool = False) -> None:
    """The facts of one thing have changed: convert if the client is ``initial`` and one of them qualifies; suggest a
    review if nothing stands any more. ``withdrawal``: the input at work takes something back."""
    if facts and card.status == session.business.role("initial").code:
        fact = earliest_qualifying(session, card, facts)
        if fact is not None:
            convert(session, card, fact)
            return
    elif facts and _is_told_too_late(session, card, facts):
        _tell_again(session, card)
    if withdrawal:
        review_if_nothing_stands(session, card, (session.origin.time, session.origin.cause("automation")))
        return
    for fact in facts:
        if not fact.stands or is_before_hand(card, fact):
            review_if_nothing_stands(session, card)
            return


def is_before_hand(card: Card, fact: Fact, *, moves: bool = True) -> bool:
    """Is the fact no reason for the status, since it was set by hand later, or else, if ``moves``, the client left a
    removed status later (A5)? Another version of it may have been one."""
    state = card.state
    manual = state.manual
    if manual is not None and fact.time <= (manual.since if moves else manual.time):
        return True
    return bool(state.merged) and is_void(state.merged, state.sources[fact.ref.source], fact)


def stays_counted(card: Card, fact: Fact) -> None:
    """P3: the fact is no longer kept by itself."""
    if not is_before_hand(card, fact):
        keep_latest(card.state.older_facts, fact.trigger, fact.time)


def look_again(session: Session, card: Card) -> None:
    """A booking that was due has been decided, or is not due any more: what has waited for that is told now."""
    if not card.state.waiting:
        return
    card.state.waiting = False
    if card.status == session.business.role("initial").code:
        consider(session, card, list(all_facts(card)))
    else:
        review_if_nothing_stands(session, card)


def _is_told_too_late(session: Session, card: Card, facts: Sequence[Fact]) -> bool:
    """Has the thing that made the client a customer turned out to have done so earlier than it was told?"""
    told = card.state.conversion
    if told is None or not told.thing or told.caught_up:
        return False
    its = [fact for fact in facts if fact.thing == told.thing and fact.trigger == told.trigger]
    if not its:
        return False
    if any(fact.time == told.time for fact in its) or not any(_is_moved(fact, told.time) for fact in its):
        return False
    # A settings message that came late is not what takes it back (P2).
    return session.business.history.at(told.time).automates(told.trigger)


def _is_moved(fact: Fact, told: Micros) -> bool:
    """Is this the fact that was told with a later time? A booking has several: the one that stood then."""
    return fact.time < told if fact.trigger != "booking_attended" else fact.covers(told)


def _tell_again(session: Session, card: Card) -> None:
    """P2: late facts are put where they belong. The conversion is another fact's; or there was none, since the status
    was set by hand, or automation was off, between the two times of the same thing."""
    state = card.state
    fact = earliest_qualifying(session, card, all_facts(card))
    if fact is not None:
        before = state.conversion
        reviewed = before is not None and before.reviewed
        at_its_time = before is not None and (before.retold or rfc3339(before.time) == card.status_since)
        state.conversion = Conversion(fact.time, fact.trigger, reviewed, fact.thing, retold=at_its_time)
        review_if_nothing_stands(session, card)
        return
    state.conversion = None
    manual, status = state.manual, None
    if manual is not None:
        status = status_by_hand(session.business, manual.status, manual.time)
        at, cause = manual.time, Cause(type="manual", event_source=manual.source, event_id=manual.id)
    else:
        at, cause = state.created, session.origin.cause("automation")
    change_status(session, card, status or session.business.role("initial"), at, cause)


def review_if_nothing_stands(session: Session, card: Card, by: tuple[Micros, Cause] | None = None) -> None:
    """B7: once per conversion, when none of the qualifying facts stands, with the withdrawing event as the cause. Not
    while the client does not have the status: it is quiet (B10), or the role has moved to another one (A3)."""
    conversion = card.state.conversion
    if conversion is None or conversion.reviewed or card.status != session.business.role("converted").code:
        return
    last: Fact | None = None
    for fact in all_facts(card):
        if is_before_hand(card, fact) or not _is_reason(session.business, card, fact.trigger, fact.time):
            continue
        if fact.stands:
            return
        if last is None or (fact.withdrawn_at or 0) > (last.withdrawn_at or 0):
            last = fact
    if any(_is_reason(session.business, card, trigger, time) for time, trigger in older_facts(card)):
        return
    if by is None and last is not None and last.withdrawn_by is not None and last.withdrawn_at is not None:
        by = (last.withdrawn_at, session.cause_by("automation", card, last.withdrawn_by))
    time, cause = by or (session.origin.time, session.origin.cause("automation"))
    if _waits(card, max(time, conversion.time)):
        return
    conversion.reviewed = True
    session.tell(
        "client.status.review_suggested",
        card.client_id,
        time,
        ReviewSuggested(
            client_id=card.client_id, status=card.status, cause=cause, sequence=session.next_sequence(card)
        ),
    )


def older_qualifying(business: Business, card: Card) -> Iterator[tuple[Micros, Trigger]]:
    """Those of the facts no longer kept one by one that qualify (B4)."""
    return ((time, trigger) for time, trigger in older_facts(card) if business.history.at(time).automates(trigger))


def older_facts(card: Card, *, moves: bool = True) -> Iterator[tuple[Micros, Trigger]]:
    """P3: what is no longer kept one by one stays counted, so it stands as well. Of each trigger the latest fact, if it
    is later than the last manual change, and, if ``moves``, than the client left a removed status."""
    manual = card.state.manual
    since = 0 if manual is None else manual.since if moves else manual.time
    return ((time, trigger) for trigger, time in card.state.older_facts.items() if time > since)


def judge_without_move(card: Card, told: Conversion | None) -> None:
    """B11: what a re-evaluation found while the client had a status that was removed since (A5) is a reason for the
    status from then on."""
    manual = card.state.manual
    if told is not None and told.caught_up and manual is not None and manual.moved:
        card.state.manual = msgspec.structs.replace(manual, moved=0)
