"""Forgetting a client for good (G6): the card goes, everybody is told the id only, and nothing older brings it back."""

from topics.commands import ClientErase
from topics.merges import ClientErased
from worker.domain.answers import Answer, Rejected
from worker.domain.audiences import leave_all
from worker.domain.forgotten import KEPT_FOR, Forgotten, mark
from worker.domain.session import Session
from worker.domain.sweeps import bring_up_to_date
from worker.domain.uses import leaves


def client_erase(session: Session, data: ClientErase) -> Answer:
    """Erase a client, known or not; of a merged-away id the card that it means, with all of its ids."""
    business, origin, client_id = session.business, session.origin, data.client_id
    if business.is_forgotten(client_id, origin.time):
        raise Rejected("unknown_client", f"{client_id} was erased later than this; there is nothing left to erase.")
    card = session.cards.get(client_id)
    known = card.client_id if card is not None else client_id
    cause = origin.cause("manual", data.actor)
    if card is not None:
        if business.sweeps:
            bring_up_to_date(session, card)
        for merged_id, merged in card.state.merged.items():
            _remember(session, merged_id, merged.sequence)
        leave_all(session, card, origin.time, cause)
        leaves(business, card)
        session.cards.remove(card)
    sequence = 1 + (card.sequence if card is not None else business.last_sequence(client_id))
    _remember(session, known, sequence)
    session.tell(
        "client.erased",
        known,
        origin.time,
        ClientErased(client_id=known, cause=cause, sequence=sequence),
    )
    return Answer(applied=[client_id])


def _remember(session: Session, client_id: str, sequence: int) -> None:
    session.business.forget(
        mark(session.business.id, client_id), Forgotten(session.origin.time, sequence, session.now + KEPT_FOR)
    )
    session.erased.append(client_id)
