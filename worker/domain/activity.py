"""When a client was last active (B10, G1): a booking made or attended, an invoice, a payment, a message either way."""

from topics.moments import Micros
from worker.domain.card import Card


def be_active(card: Card, time: Micros) -> None:
    """The last activity is the latest there was; the card's field is written when the card is encoded."""
    card.state.active = max(card.state.active, time)
