"""Setting a status by hand (B3, B8, B9): the later one wins, and a late one is put where it belongs (P2)."""

from topics.causes import Cause
from topics.moments import rfc3339
from worker.domain.card import Card, Conversion, Manual, Undone
from worker.domain.conversion import (
    all_facts,
    convert,
    earliest_qualifying,
    judge_without_move,
    review_if_nothing_stands,
)
from worker.domain.merged import card_at
from worker.domain.session import Session
from worker.domain.status import Status
from worker.domain.statuses import ByHand, change_status, give_end_reason, supersedes


def set_by_hand(
    session: Session, card: Card, to: Status, manual: Manual, cause: Cause, end_reason: str | None = None
) -> ByHand:
    """Apply a manual change where it belongs in time.

    If it made the client ``initial`` and a qualifying fact is later, the client ends ``converted``; anything else
    stands, even over a conversion seen with a later time. A reason for an end that the client has already reached
    takes the place of the one before, and is not told (B9).
    """
    state = card.state
    if session.named and is_superseded(session, card, manual):
        return "superseded"
    if not supersedes(card, manual):
        return "unchanged" if manual == state.manual else "superseded"
    state.manual = manual
    card.status_set_at = rfc3339(manual.time)
    fact = None
    if to.role == "initial":
        if _is_converted_later(state.conversion, manual):
            judge_without_move(card, state.conversion)
            review_if_nothing_stands(session, card)
            return "unchanged"
        fact = earliest_qualifying(session, card, all_facts(card))
    undone = _undone(card, manual)
    is_found = undone is not None and to.role == "initial" and fact is None and _finds(undone.told, manual)
    again = undone if is_found else None
    if again is not None:
        judge_without_move(card, again.told)
    state.undone = undone if again is None else None
    state.conversion = again.told if again is not None else None
    is_converted = card.status == session.business.role("converted").code or state.quiet is not None
    if is_converted and (fact is not None or again is not None):
        if fact is not None:
            state.conversion = Conversion(fact.time, fact.trigger, thing=fact.thing)
        review_if_nothing_stands(session, card)
        return "unchanged"
    state.quiet = None
    was = card.status
    if was != to.code:
        change_status(session, card, to, manual.time, cause, end_reason)
    elif end_reason is not None:
        give_end_reason(session, card, end_reason)
    if fact is not None:
        convert(session, card, fact)
    elif again is not None:
        change_status(session, card, session.business.role("converted"), again.told.caught_up, again.cause)
        review_if_nothing_stands(session, card)
    return "applied" if was != card.status else "unchanged"


def _is_converted_later(told: Conversion | None, manual: Manual) -> bool:
    """Has a fact that is later than the manual change made the client a customer? What a re-evaluation found counts for
    manual changes that are older than that (B11)."""
    if told is None:
        return False
    return _finds(told, manual) if told.caught_up else told.time > manual.since


def _finds(told: Conversion, manual: Manual) -> bool:
    """Would the re-evaluation have done the same with the manual change known? The client must have had the first
    status by then, also where it came to that by a move (A5)."""
    return told.time > manual.time and told.caught_up > manual.since


def _undone(card: Card, manual: Manual) -> Undone | None:
    """B11: what a re-evaluation later than the manual change did to the client, now or until another one undid it."""
    told = card.state.conversion
    if told is not None and told.caught_up:
        is_shown = card.status_cause.type == "backfill"
        found = Undone(told, card.status_cause if is_shown else Cause(type="backfill", trigger=told.trigger))
    elif card.state.undone is not None:
        found = card.state.undone
    else:
        return None
    return found if manual.time < found.told.caught_up else None


def is_superseded(session: Session, card: Card, manual: Manual) -> bool:
    """B9: was the status set by hand later than this? E5: or did the input name a card that was merged away later?

    What happened to that card before the merge is still judged by it (E3).
    """
    state = card.state
    if session.named and (before := card_at(state.merged, session.named, manual.time)):
        merged = state.merged[before]
        if manual.since > merged.hand:
            merged.hand = manual.since
            session.cards.put(card)
        return True
    return state.manual != manual and not supersedes(card, manual)
