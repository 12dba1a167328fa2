"""What follows from what an input has changed, once all of it is changed: one place, behind every input."""

from collections.abc import Callable, Collection
from enum import IntEnum
from typing import Final

from worker.domain.card import Card
from worker.domain.session import Session

Afterwards = Callable[[Session, Collection[Card]], None]


class Turn(IntEnum):
    """The order in which it is done: tag rules follow what quiet does to a status, and audiences ask for tags."""

    QUIET = 0
    TAG_RULES = 1
    AUDIENCES = 2


_AFTERWARDS: Final[list[tuple[Turn, Afterwards]]] = []


def afterwards(turn: Turn, follow: Afterwards) -> None:
    """Have this done behind every input; it looks first whether the business has anything of its kind."""
    _AFTERWARDS.append((turn, follow))
    _AFTERWARDS.sort(key=lambda one: one[0])


def finish(session: Session, cards: Collection[Card] | None = None) -> None:
    """To be called at the end of every input, of every timer and of every card's visit by a sweep. ``cards``: those
    that were changed; without them all that the session has changed."""
    changed = session.cards.changed() if cards is None else cards
    for _, follow in _AFTERWARDS:
        follow(session, changed)
    for card in cards or ():
        session.finished[card.client_id] = len(session.outputs)
