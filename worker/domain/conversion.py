"""How a lead becomes a customer and when a person should look again (B4, B7), whatever order things arrive in (P2).

A fact made the client a customer if it was there at its time, also when it was taken back later. So conversion asks for
facts that ever were, and a review for facts that still stand.
"""

from collections.abc import Iterable, Iterator, Sequence

from topics.causes import Cause
from topics.moments import Micros
from topics.status_changes import ReviewSuggested
from worker.domain.bookings import fold
from worker.domain.business import Business
from worker.domain.card import Card, Conversion
from worker.domain.facts import Fact
from worker.domain.session import Session
from worker.domain.statuses import change_status


def qualifies(business: Business, card: Card, fact: Fact) -> bool:
    """B4: later than the last manual change, with its trigger and the automation on at its time."""
    manual = card.state.manual
    if manual is not None and fact.time <= manual.time:
        return False
    return business.history.at(fact.time).automates(fact.trigger)


def all_facts(card: Card) -> Iterator[Fact]:
    """Every fact that the card remembers, standing or withdrawn."""
    state = card.state
    for booking in state.bookings.values():
        yield from fold(booking.events).facts
    for invoice in state.invoices.values():
        if (fact := invoice.fact()) is not None:
            yield fact
    for payment in state.payments.values():
        if (fact := payment.fact()) is not None:
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
    """B4: from ``initial`` to ``converted``, at the fact's time."""
    card.state.conversion = Conversion(fact.time, fact.trigger)
    target = session.business.role("converted")
    change_status(session, card, target, fact.time, session.cause_of("automation", card, fact))


def consider(session: Session, card: Card, facts: Sequence[Fact], withdrawal: bool = False) -> None:
    """The facts of one thing have changed: convert if the client is ``initial`` and one of them qualifies; suggest a
    review if nothing stands any more. ``withdrawal``: the input at work takes something back."""
    if facts and card.status == session.business.role("initial").code:
        fact = earliest_qualifying(session, card, facts)
        if fact is not None:
            convert(session, card, fact)
            if not fact.stands:
                review_if_nothing_stands(session, card)
            return
    if withdrawal or any(not fact.stands for fact in facts):
        by = (session.origin.time, session.origin.cause("automation")) if withdrawal else None
        review_if_nothing_stands(session, card, by)


def review_if_nothing_stands(session: Session, card: Card, by: tuple[Micros, Cause] | None = None) -> None:
    """B7: once per conversion, when none of the qualifying facts stands, with the withdrawing event as the cause."""
    conversion = card.state.conversion
    if conversion is None or conversion.reviewed:
        return
    last: Fact | None = None
    for fact in all_facts(card):
        if not qualifies(session.business, card, fact):
            continue
        if fact.stands:
            return
        if last is None or (fact.withdrawn_at or 0) > (last.withdrawn_at or 0):
            last = fact
    if _older_fact_stands(session.business, card):
        return
    conversion.reviewed = True
    if by is None and last is not None and last.withdrawn_by is not None and last.withdrawn_at is not None:
        by = (last.withdrawn_at, session.cause_by("automation", card, last.withdrawn_by))
    time, cause = by or (session.origin.time, session.origin.cause("automation"))
    session.tell(
        "client.status.review_suggested",
        card.client_id,
        time,
        ReviewSuggested(
            client_id=card.client_id, status=card.status, cause=cause, sequence=session.next_sequence(card)
        ),
    )


def _older_fact_stands(business: Business, card: Card) -> bool:
    """P3: what is no longer kept one by one stays counted, so it stands as well."""
    manual = card.state.manual
    return any(
        (manual is None or time > manual.time) and business.history.at(time).automates(trigger)
        for trigger, time in card.state.older_facts.items()
    )
