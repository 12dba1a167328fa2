"""One line for everything that happens to a client (G4): what kind, when, from which record, and the facts of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from topics.moments import Micros, micros, rfc3339

RANK: Final = 10
"""Digits before the JSON of an entry."""
MICROS: Final = 1_000
"""In a millisecond. What is told has no more digits, so entries stand, and are in order, by the millisecond."""
MAX_TEXT: Final = 2_000
"""Characters of a text that an entry shows."""
TABS: Final[Mapping[str, str]] = {
    "booking": "bookings", "invoice": "documents", "payment": "payments", "action": "documents",
}  # fmt: skip
Tab = Literal["bookings", "payments", "documents", "messages", "changes"]
_TYPES: Final[Mapping[str, str]] = {
    "client.messaged": "messages", "client.noted": "messages", "client.reviewed": "messages",
    "client.documented": "documents", "campaign.delivered": "messages", "campaign.viewed": "messages",
    "campaign.clicked": "messages",
}  # fmt: skip
UPDATED: Final = "client.updated"
"""In its data null says that something was cleared."""
_LEFT_OUT: Final = frozenset({"client_id", "sequence", "tags", "primary_id"})
_CHANGES: Final = ("client.status.changed", "client.status.review_suggested", "client.tags.changed", "client.merged")


def tab(type_: str) -> str:
    """Under which heading an entry stands: bookings, payments, documents, messages or changes."""
    return _TYPES.get(type_) or TABS.get(type_.partition(".")[0], "changes")


def entry(event: Mapping[str, Any]) -> bytes:
    """An event as it stands in the timeline: its place among those of the same millisecond, in RANK digits, and JSON.
    What happened comes before what it caused, which is in the order of its sequence. The same event gives the same
    bytes."""
    type_ = event["type"]
    left_out = _LEFT_OUT if type_ in _CHANGES else _LEFT_OUT - {"tags"}
    data = {
        name: _short(value)
        for name, value in event["data"].items()
        if name not in left_out and (value is not None or type_ == UPDATED)
    }
    at, sequence = micros(datetime.fromisoformat(event["time"])), event["data"].get("sequence")
    shown = {"id": event["id"], "source": event["source"], "type": type_, "time": rfc3339(at), "tab": tab(type_)}
    rank = b"%0*d" % (RANK, at % MICROS if sequence is None else MICROS + sequence)
    return rank + orjson.dumps({**shown, "data": data}, option=orjson.OPT_SORT_KEYS)


def place(time: Micros) -> Micros:
    """Where what happened at this time stands."""
    return time // MICROS * MICROS


def read(member: bytes) -> Any:
    """The JSON of an entry."""
    return orjson.loads(member[RANK:])


def _short(value: object) -> object:
    return f"{value[: MAX_TEXT - 1]}…" if isinstance(value, str) and len(value) > MAX_TEXT else value


def subject(event: Mapping[str, Any]) -> str | None:
    """The client that the event is about."""
    data = event["data"]
    found = data.get("client_id") or data.get("primary_id")
    return found if isinstance(found, str) else None
