"""What has happened in a business lately: changes, suggestions to review, refused commands, dead letters."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from topics.dead_letters import MASKED
from topics.registry import INPUTS
from worker.readmodel.fold import MAX_REVIEWS
from worker.readmodel.reading import InvalidCursor, Json, Reader
from worker.readmodel.reviewing import is_open

_ID: Final = re.compile(r"[0-9]{1,18}-[0-9]{1,18}", re.ASCII)
_INPUTS: Final = tuple(topic.name for topic in INPUTS)


async def entries(reader: Reader, kind: str, before: str | None, limit: int) -> tuple[list[Mapping[bytes, bytes]], Any]:
    """Of a stream of the business, newest first, and where to go on. Raises InvalidCursor."""
    if before is not None and not _ID.fullmatch(before):
        raise InvalidCursor("before: not the next_before of an earlier answer")
    top = "+" if before is None else f"({before}"
    found = await reader.redis.xrevrange(reader.key(kind), max=top, count=limit + 1)
    shown = found[:limit]
    return [fields for _, fields in shown], shown[-1][0].decode() if len(found) > limit else None


async def events(reader: Reader, kind: str, before: str | None, limit: int) -> tuple[list[Json], str | None]:
    """Events of ``changes`` or ``refused``, as they are on their topics."""
    found, following = await entries(reader, kind, before, limit)
    return [orjson.loads(fields[b"event"]) for fields in found], following


async def names(reader: Reader, clients: Iterable[str]) -> dict[str, str]:
    """What these clients are called now; those without a name, or without a card, are left out."""
    wanted = list(dict.fromkeys(clients))
    cards = zip(wanted, await reader.cards(wanted), strict=True)
    found = {client: orjson.loads(card).get("name") for client, card in cards if card is not None}
    return {client: name for client, name in found.items() if name}


async def letters(reader: Reader, before: str | None, limit: int) -> tuple[list[Json], str | None]:
    """Dead letters whose key is the business, without what they contain."""
    found, following = await entries(reader, "dead", before, limit)
    return [_letter(fields) for fields in found], following


def _letter(fields: Mapping[bytes, bytes]) -> Json:
    told = {name.decode(): value.decode() for name, value in fields.items()}
    partition, _, offset = told.pop("letter").partition("/")
    topic = next((name for name in _INPUTS if told["topic"].endswith(name)), None)
    return {
        "letter": f"{partition}:{offset}",
        "at": told["at"],
        "code": told["code"],
        "message": told["message"],
        "topic": topic or told["topic"],
        "partition": _number(told["partition"]),
        "offset": _number(told["offset"]),
        "replayable": topic is not None and told["code"] != MASKED,
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


async def reviews(reader: Reader) -> list[tuple[Json, bytes]]:
    """Suggestions that nobody has decided yet (B7), the latest first, each with the client's card."""
    found = [orjson.loads(value) for value in await reader.redis.zrevrange(reader.key("reviews"), 0, MAX_REVIEWS - 1)]
    latest: dict[str, Json] = {}
    for event in found:
        latest.setdefault(event["data"]["client_id"], event)
    cards = await reader.cards(list(latest))
    return [
        (event, card)
        for event, card in zip(latest.values(), cards, strict=True)
        if card is not None and is_open(event, orjson.loads(card))
    ]
