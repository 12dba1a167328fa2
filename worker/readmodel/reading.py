"""What the read model tells about one business: its settings, its cards, the timelines and the answers to commands."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
import xxhash

from topics.moments import micros
from worker.domain import forgotten
from worker.domain.business import Business
from worker.domain.business_record import encode
from worker.readmodel import cards, settings_before, settings_history, timeline
from worker.readmodel.keys import MADE, WHOLE, Keys, is_whole
from worker.readmodel.service import current_generation
from worker.readmodel.story import Story
from worker.spreadsheets.known import Known, known_from

MAX_TIMELINE: Final = 200
"""Entries that one answer shows."""
Json = dict[str, Any]


class InvalidCursor(ValueError):
    """What is said to be the place to go on from is none."""


class Reader:
    """The read model of one business, in the generation that counts."""

    def __init__(self, redis: Any, keys: Keys, business: str, record: bytes | None, known: Known | None = None) -> None:
        self.redis = redis
        self.keys = keys
        self.business = business
        self._record = record
        self.known: Known = known or known_from(record)

    @property
    def settings(self) -> Json:
        """The public part of the settings record; before there is one, what every business begins with."""
        if self._record is not None:
            found: Json = orjson.loads(self._record)
            return found
        found = orjson.loads(encode(Business(self.business)))
        del found["state"]
        return found

    def key(self, kind: str) -> str:
        """A key that the business has once."""
        return self.keys.of(kind, self.business)

    # -- one client -----------------------------------------------------------------------------------------------

    async def card(self, client: str) -> Json | None:
        """The public card, or ``{"merged_into": id, ...}``."""
        value = await self.redis.hget(self.key("cards"), client)
        return None if value is None else orjson.loads(value)

    async def cards(self, clients: Sequence[str]) -> list[bytes | None]:
        """Public cards as JSON, in this order; none for those who are gone or were merged away, as they may be since
        a table named them."""
        return [record if cards.is_shown(record) else None for record in await self.records(clients)]

    async def records(self, clients: Sequence[str]) -> list[bytes | None]:
        """What stands under these ids, in this order: public cards, or ``{"merged_into": id, ...}``."""
        found: list[bytes | None] = await self.redis.hmget(self.key("cards"), clients) if clients else []
        return found

    async def timeline(
        self, client: str, before: str | None, limit: int, tab: str | None = None
    ) -> tuple[list[Json], str | None]:
        """G4: entries, newest first, of one tab or of all, with what they are about, and where to go on; ``before`` is
        such a place or a time in micros as text.

        Raises InvalidCursor.
        """
        if before is not None and (at := _place(before))[1] is None:
            before = str(timeline.place(int(at[0])))
        shown, place = await self._newest(self.keys.timeline(self.business, client), before, limit, tab)
        items = [timeline.read(member) for member, _ in shown]
        whole = before is None and place is None and tab is None
        story = Story(reversed(items)) if whole else await self.story(client)
        return [story.explain(item) for item in items], place

    async def story(self, client: str) -> Story:
        """All that is known to have happened to a client."""
        found = await self.redis.zrange(self.keys.timeline(self.business, client), 0, -1)
        return Story(timeline.read(member) for member in found)

    async def settings_history(self, before: str | None, limit: int) -> tuple[list[Json], str | None]:
        """C4: control messages by their time, newest first, each with what became of it and what it found; as
        ``timeline``.

        Raises InvalidCursor.
        """
        shown, place = await self._newest(self.key("control"), before, limit)
        if not shown:
            return [], None
        kept = await self.redis.zrange(self.key("control"), 0, -1)
        answers = await self.redis.zrange(self.key("answered"), 0, -1)
        whole = len(kept) < settings_history.MAX_ENTRIES
        explained = settings_before.explained(settings_history.joined(kept, answers), whole)
        entries = dict(zip(kept, explained, strict=True))
        return [entries[member] for member, _ in shown if member in entries], place

    async def _newest(
        self, key: str, before: str | None, limit: int, tab: str | None = None
    ) -> tuple[list[tuple[bytes, float]], str | None]:
        """Members of a sorted set with their scores, greatest first, and the place to go on from; of a timeline, of one
        tab if asked for."""
        score, after = (None, None) if before is None else _place(before)
        top = "+inf" if score is None else f"{score}" if after is not None else f"({score}"
        shown: list[tuple[bytes, float]] = []
        start, passed = 0, after is None
        while len(shown) <= limit:
            found = await self.redis.zrange(
                key, top, "-inf", byscore=True, desc=True, offset=start, num=limit + 1, withscores=True
            )
            for member, at in found:
                if passed or at < int(score or 0):
                    if tab is None or timeline.read(member)["tab"] == tab:
                        shown.append((member, at))
                elif _digest(member) == after:
                    passed = True
            start += len(found)
            if len(found) <= limit:
                break
        if len(shown) <= limit:
            return shown, None
        del shown[limit:]
        member, at = shown[-1]
        return shown, f"{int(at)}~{_digest(member)}"

    # -- commands -------------------------------------------------------------------------------------------------

    async def answer(self, command: str) -> Json | None:
        """The latest event about a command: its answer, or how far it has come (K1). The preview of a dry run shows
        nothing any more once a client in it was erased (G6)."""
        value = await self.redis.get(self.keys.result(self.business, command))
        if value is None:
            return None
        event: Json = orjson.loads(value)
        if event["data"].get("preview") and await self._are_erased(event["data"]["applied"], event["time"]):
            event["data"]["preview"] = {}
        return event

    async def _are_erased(self, clients: Sequence[str], time: str) -> bool:
        """Was one of them erased at this time or later?"""
        if not clients:
            return False
        marks = [forgotten.mark(self.business, client) for client in clients]
        found = await self.redis.hmget(self.key("erased"), marks)
        shown_at = micros(datetime.fromisoformat(time))
        return any(erased is not None and forgotten.decode(erased).time >= shown_at for erased in found)


async def reader(redis: Any, space: str, business: str) -> Reader:
    """For one business. Raises RedisError."""
    keys = Keys(space, await current_generation(redis, space))
    return Reader(redis, keys, business, await redis.get(keys.of("settings", business)))


class Edition(NamedTuple):
    """What is another one once the read model was made anew, and once more when nothing of it is missing any more."""

    generation: int
    made: bytes | None
    told: bytes | None

    @property
    def is_whole(self) -> bool:
        """Is nothing missing from it?"""
        return is_whole(self.made, self.told)

    @property
    def is_being_filled(self) -> bool:
        """Is what appears in it not new, but what there was?"""
        return self.made is not None and not self.is_whole


async def edition(redis: Any, space: str) -> Edition:
    """The one at work. Raises RedisError."""
    generation = await current_generation(redis, space)
    return Edition(generation, *await redis.hmget(Keys(space, generation).positions, MADE, WHOLE))


async def whole(redis: Any, space: str) -> bool:
    """Is nothing missing, as from one that is being filled again after Redis came back empty? Raises RedisError."""
    keys = Keys(space, await current_generation(redis, space))
    made, told = await redis.hmget(keys.positions, MADE, WHOLE)
    return is_whole(made, told)


async def businesses(redis: Any, space: str) -> list[str]:
    """The ids of all businesses that there are, in order. Raises RedisError."""
    found = await redis.smembers(Keys(space, await current_generation(redis, space)).businesses)
    return sorted(business.decode() for business in found)


def _digest(member: bytes) -> str:
    return xxhash.xxh3_64_hexdigest(member)


def _place(text: str) -> tuple[str, str | None]:
    score, _, after = text.partition("~")
    if not score.removeprefix("-").isdecimal() or not score.isascii():
        raise InvalidCursor("before: a time such as 2026-01-31T10:00:00Z, or the next_before of an earlier answer")
    return score, after or None


def encode_cursor(*parts: str | float | None) -> str:
    """An opaque text for the place after which a page begins."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(text: str) -> list[Any]:
    """What ``encode_cursor`` was given. Raises InvalidCursor."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError) as exc:
        raise InvalidCursor("cursor: not one that an earlier answer gave as next_cursor") from exc
    if not isinstance(found, list):
        raise InvalidCursor("cursor: not one that an earlier answer gave as next_cursor")
    return found
