"""Finding a client's card, or making it (B2): whoever names a client first makes the card."""

from topics.moments import rfc3339
from worker.domain.card import Card
from worker.domain.client_events import IMPLICIT
from worker.domain.session import Session
from worker.domain.statuses import open_card
from worker.domain.sweeps import bring_up_to_date


def card_for(session: Session, client_id: str) -> Card:
    """B2: the client's card, made implicitly when it is not there."""
    return known_or_new(session, session.find(client_id), client_id)


def known_or_new(session: Session, card: Card | None, client_id: str) -> Card:
    """The same, for one who has looked for the card already."""
    origin = session.origin
    if card is None:
        initial = session.business.role("initial")
        return open_card(session, client_id, origin.time, origin.cause("created"), IMPLICIT, initial)
    if session.business.sweeps:
        bring_up_to_date(session, card)
    named_at(card, origin.time)
    session.cards.put(card)
    return card


def named_at(card: Card, time: int) -> None:
    """B2: ``created_at`` is the earliest time of any event or command that named the client."""
    state = card.state
    if time > state.latest:  # noqa: PLR1730  # max() takes three times as long
        state.latest = time
    if time < state.created:
        state.created = time
        card.created_at = rfc3339(time)
