"""The events that a card knows (P3): each by a digest of its source and id; their sources by number."""

from typing import Final

import xxhash

from worker.domain.card import State
from worker.domain.merged import marked, named

MAX_SEEN: Final = 100
"""P3: the events known by source and id."""
MAX_SOURCES: Final = 50
"""Sources of events that are kept by number, those of each merged-away card apart; further ones count as the last."""
DIGEST: Final = 8
"""Bytes by which an event is remembered."""


def one_line(source: str) -> str:
    """A source with line ends in such a form that no other source, followed by an id, reads the same (P3)."""
    return f"\n{source!r}"


def digest(source: str, id_: str) -> bytes:
    """The 8 bytes by which an event is remembered: whatever characters its source and its id have."""
    if "\n" in source:
        source = one_line(source)
    return xxhash.xxh3_64_digest(f"{source}\n{id_}".encode())


def is_seen(state: State, mark: bytes) -> bool:
    """P3: is this event among the last MAX_SEEN of the client?"""
    seen = state.seen
    at = seen.find(mark)
    while at >= 0:
        if at % DIGEST == 0:
            return True
        at = seen.find(mark, at + 1)
    return False


def remember(state: State, mark: bytes) -> None:
    """P3: remember an event, forgetting the oldest beyond MAX_SEEN."""
    state.seen = (state.seen + mark)[-MAX_SEEN * DIGEST :]


def source_index(state: State, source: str, client_id: str = "") -> int:
    """The number of a source on the card; ``client_id``: the merged-away card that the event named, if it did."""
    sources, text = state.sources, marked(source, client_id)
    if text in sources:
        return sources.index(text)
    if len(sources) >= MAX_SOURCES:
        for number in range(len(sources) - 1, -1, -1):
            if named(sources[number]) == client_id:
                return number
    sources.append(text)
    return len(sources) - 1
