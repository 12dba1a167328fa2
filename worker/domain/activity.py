"""When a client was last active (B10, G1): a booking made or attended, an invoice, a payment, a message either way."""

from topics.moments import Micros, rfc3339
from worker.domain.card import Card


def be_active(card: Card, time: Micros) -> None:
    """The last activity is the latest there was."""
    if time > card.state.active:
        card.state.active = time
        card.last_activity_at = rfc3339(time)
