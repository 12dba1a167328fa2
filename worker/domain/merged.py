"""Cards that were merged into another one (E3, E5): what is kept of each, and which card a fact comes from.

The events that a card remembers name their source by number. The source of an event that named a merged-away card has
the card's id before it, so every fact knows the card it comes from, and whether it came before the merge or after.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain.facts import Fact

_MARK: Final = "\n"
"""Begins and ends the id before a source; an id has no such character."""


class Merged(msgspec.Struct, array_like=True, gc=False):
    """A merged-away card. Fields are only ever added at the end."""

    at: Micros
    """When the merge took effect."""
    sequence: int
    """The last number told about its id."""
    hand: Micros = 0
    """The last time its status was set by hand, or moved on from there (A5); 0: never."""
    into: str = ""
    """The card it was merged into, where that was merged away as well; empty: the one that it is kept on."""


def marked(source: str, client_id: str = "") -> str:
    """A source as it is kept on a card; ``client_id``: the merged-away card that the event named."""
    if not client_id and not source.startswith(_MARK):
        return source
    return f"{_MARK}{client_id}{_MARK}{source}"


def named(source: str) -> str:
    """The merged-away card that events of this source named; empty: the card's own id."""
    return source[1:].partition(_MARK)[0] if source.startswith(_MARK) else ""


def plain(source: str) -> str:
    """The source as it was sent."""
    return source[1:].partition(_MARK)[2] if source.startswith(_MARK) else source


def card_at(merged: Mapping[str, Merged], client_id: str, time: Micros) -> str:
    """The card that the id meant at ``time``; empty: the one that it means now."""
    while client_id and time >= merged[client_id].at:
        client_id = merged[client_id].into
    return client_id


def _way(merged: Mapping[str, Merged], client_id: str) -> Iterator[Merged]:
    """The merged-away card, and those that it was merged into before."""
    while client_id:
        yield merged[client_id]
        client_id = merged[client_id].into


def is_void(merged: Mapping[str, Merged], source: str, fact: Fact) -> bool:
    """E3: does a fact count for nothing on this card? One from before a merge must be later than the last manual change
    of the card it came from, and must have stood at the merge. ``source``: as it is kept on the card."""
    for card in _way(merged, named(source)):
        if fact.time <= card.hand:
            return True
        if fact.time < card.at and fact.withdrawn_at is not None and fact.withdrawn_at <= card.at:
            return True
    return False
