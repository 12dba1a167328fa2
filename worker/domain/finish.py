"""What follows from what an input has changed, once all of it is changed: one place, behind every input."""

from collections.abc import Callable, Collection
from typing import Final

from worker.domain.card import Card
from worker.domain.session import Session

Afterwards = Callable[[Session, Collection[Card]], None]
AFTERWARDS: Final[list[Afterwards]] = []
"""In the order in which they are done; each looks first whether the business has anything of its kind."""


def finish(session: Session, cards: Collection[Card] | None = None) -> None:
    """To be called at the end of every input, of every timer and of every card's visit by a sweep. ``cards``: those
    that were changed; without them all that the session has changed."""
    if AFTERWARDS:
        changed = session.cards.changed() if cards is None else cards
        for follow in AFTERWARDS:
            follow(session, changed)
    for card in cards or ():
        session.finished[card.client_id] = len(session.outputs)
