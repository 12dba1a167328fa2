"""A log of what happened, in the order of arrival, and what the fold of it needs beside the events themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

Event = Mapping[str, Any]
Key = tuple[str, str, str]
"""A fact by the client it was about, its kind, and its thing."""


class Entry(NamedTuple):
    """An input about one client: whom it named, and whose card that was when it arrived (E5)."""

    named: str
    card: str
    event: Event
    number: int = 0
    """Its place in the order of arrival."""

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Of two words the one that counts: the later, then the greater source, then id (B9)."""
        return datetime.fromisoformat(self.event["time"]), self.event["source"], self.event["id"]


class Word(NamedTuple):
    """Somebody said of a tag that it is there, or is not (D3)."""

    client: str
    time: datetime
    tag: str
    there: bool


class Fact(NamedTuple):
    """Something that may convert a client: from whom, when, whether it still stands, and else since when not."""

    key: Key
    trigger: str
    time: datetime
    stands: bool
    withdrawn_at: datetime | None = None


class Move(NamedTuple):
    """A status went, and its clients were moved (A5)."""

    number: int
    time: datetime
    from_: str
    to: str


class Rename(NamedTuple):
    """``tag.rename``, or without ``to`` ``tag.delete`` (D7)."""

    time: datetime
    from_: str
    to: str | None
