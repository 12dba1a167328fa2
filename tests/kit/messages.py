"""Input records as other systems send them, made from plain dicts: nothing here knows the product's types."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from topics.registry import TOPIC_OF_TYPE

DAY = "2024-05-06"
"""The day on which examples happen: long past, so that whatever ends on it has ended."""
CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")
_numbers = count(1)


class Message(NamedTuple):
    """A record to send. ``topic`` is the contract's name; ``partition`` None: as the key says."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp: int | None = None
    partition: int | None = None


def at(clock: str, day: str = DAY) -> str:
    """``"10:00"`` or ``"10:00:30.5"`` on the examples' day, as RFC 3339."""
    return f"{day}T{clock}:00Z" if clock.count(":") == 1 else f"{day}T{clock}Z"


def new_id(prefix: str = "e") -> str:
    """An event id that no other event of this run has."""
    return f"{prefix}-{next(_numbers)}"


def cloud_event(
    type_: str,
    business: str,
    data: object,
    *,
    time: str,
    id_: str | None = None,
    source: str = "tests",
    **attributes: str,
) -> dict[str, Any]:
    """A structured-mode CloudEvent as a dict. ``time``: RFC 3339, or a clock time on the examples' day."""
    return {
        "specversion": "1.0",
        "id": id_ or new_id(type_),
        "source": source,
        "type": type_,
        "time": time if "T" in time else at(time),
        "businessid": business,
        "data": data,
        **attributes,
    }


def message(event: Mapping[str, Any], topic: str | None = None) -> Message:
    """The record of a CloudEvent: under its business, on the topic of its type, structured mode."""
    return Message(
        topic or TOPIC_OF_TYPE[event["type"]],
        event["businessid"].encode(),
        json.dumps(event, ensure_ascii=False).encode(),
        (CONTENT_TYPE,),
    )


def binary_message(event: Mapping[str, Any]) -> Message:
    """The same event in binary mode: attributes in headers, the value is ``data``."""
    headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
    return Message(
        TOPIC_OF_TYPE[event["type"]],
        event["businessid"].encode(),
        json.dumps(event["data"], ensure_ascii=False).encode(),
        (*headers, ("content-type", b"application/json")),
    )
