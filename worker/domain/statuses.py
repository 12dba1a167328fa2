"""How a status changes: the one place that moves a client from one to another and tells so (A2, B1, B3, B9)."""

from typing import Literal

import msgspec

from topics.causes import Cause
from topics.moments import Micros, rfc3339
from topics.status_changes import StatusChanged
from worker.domain import uses
from worker.domain.card import VERSION, Card, Counts, Manual, new_state
from worker.domain.session import Session, StatusChange
from worker.domain.status import Status
from worker.domain.tag_rules import STATUS_CHANGED

ByHand = Literal["applied", "unchanged", "superseded"]


def open_card(session: Session, client_id: str, time: Micros, cause: Cause, source: str | None, status: Status) -> Card:
    """B1, B2: a new card, with its first status told."""
    card = Card(
        v=VERSION,
        businessid=session.business.id,
        client_id=client_id,
        source=source,
        created_at=rfc3339(time),
        status=status.code,
        status_since=rfc3339(time),
        status_cause=cause,
        counts=Counts(),
        sequence=session.business.last_sequence(client_id),
        state=new_state(time, session.business.tally.sweeps),
    )
    session.cards.put(card)
    _told(session, card, None, status, time, cause)
    return card


def change_status(
    session: Session, card: Card, to: Status, at: Micros, cause: Cause, end_reason: str | None = None
) -> None:
    """Move the client to a status and tell it. Leaving an ended status clears the reason (A6)."""
    before = session.business.status(card.status)
    card.status = to.code
    card.status_since = rfc3339(at)
    card.status_cause = cause
    card.state.quiet = None
    give_end_reason(session, card, end_reason if to.ended else None)
    _told(session, card, before, to, at, cause)


def give_end_reason(session: Session, card: Card, end_reason: str | None) -> None:
    """A6: why the relationship ended; None: it has not, or nobody said."""
    uses.moved(session.business, "end_reason", card.end_reason, end_reason)
    card.end_reason = end_reason


def _told(session: Session, card: Card, before: Status | None, to: Status, at: Micros, cause: Cause) -> None:
    business = session.business
    business.moved(before.code if before is not None else None, to.code)
    change = StatusChanged(
        client_id=card.client_id,
        from_=before.code if before is not None else None,
        to=to.code,
        to_label=to.label_in(business.history.latest.locale),
        from_ended=before is not None and before.ended,
        ended=to.ended,
        project_allowed=to.project_allowed,
        supplier_allowed=to.supplier_allowed,
        end_reason=card.end_reason if card.end_reason is not None else msgspec.UNSET,
        settings_revision=business.revision,
        cause=cause,
        sequence=session.next_sequence(card),
    )
    session.tell(STATUS_CHANGED, card.client_id, at, change)
    if STATUS_CHANGED in business.tag_rules.on:
        session.status_changes.append(StatusChange(card, at, change, session.origin))


def supersedes(card: Card, manual: Manual) -> bool:
    """B9: is this manual change later than the last one of the client?"""
    last = card.state.manual
    return last is None or manual.order > last.order
