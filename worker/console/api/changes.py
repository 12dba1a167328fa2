"""Status and tag changes as they come, as server-sent events; ``Last-Event-ID`` goes on after a break."""

import contextlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import orjson
from litestar import Request, get
from litestar.datastructures import State
from litestar.response import Stream
from redis.exceptions import RedisError

from worker.console.access import token_of
from worker.console.api.asked import At, Business
from worker.console.desk import Desk
from worker.console.limits import MAX_STREAMS
from worker.console.problems import Refused
from worker.console.tokens import Token
from worker.readmodel.reading import Edition, Reader, edition

KEEP_ALIVE_SECONDS: Final = 15.0
"""So long nothing is said, at most."""
LOOK_MS: Final = 3_000
"""How often is looked whether the token is still good, the read model the same and the console not asked to stop, while
nothing happens."""
AT_ONCE: Final = 500
RETRY_MS: Final = 2_000
"""After a break, a browser comes back after so long."""
NOTHING: Final = "0-0"
"""The place before the first change."""
_ID: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18}-[0-9]{1,18})")
HEADERS: Final = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@get("/changes", summary="Changes as they come", tags=["changes"])
async def changes(request: Request[Any, Any, State], business: Business, desk: At) -> Stream:
    """Server-sent events ``client.status.changed``, ``client.status.review_suggested`` and ``client.tags.changed``.

    The data of each is the event as it is on its topic. With ``Last-Event-ID`` it goes on after that one; where that is
    not possible any more, an event ``reset`` comes first: read the clients anew. A comment comes when there is nothing.
    """
    reader = await desk.reader(business)
    if desk.streams >= MAX_STREAMS:
        raise Refused(429, "too many listen to changes", headers={"Retry-After": "10"})
    last = request.headers.get("last-event-id", "").strip()
    events = Listener(desk, reader, token_of(request), last).events()
    first = await anext(events)  # from now on it counts as one who listens
    return Stream(_begun(first, events), media_type="text/event-stream", headers=HEADERS)


async def _begun(first: bytes, events: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(events):
        yield first
        with contextlib.suppress(RedisError, OSError):  # the console is not ready then; whoever listens comes back
            async for event in events:
                yield event


class Listener:
    """One who listens, in one generation of the read model after the other."""

    def __init__(self, desk: Desk, reader: Reader, token: Token, last: str) -> None:
        self._desk = desk
        self._reader = reader
        self._token = token
        self._last = last
        self._edition: Edition | None = None

    async def events(self) -> AsyncGenerator[bytes]:
        """Until the other side goes, or its token does."""
        self._desk.streams += 1
        try:
            yield b"retry: %d\n\n" % RETRY_MS
            place, lost = await self._begin()
            if lost:
                yield self._event(place, "reset", b"{}")
            said = time.monotonic()
            while self._desk.tokens.holds(self._token) and not self._desk.ending:
                key = self._reader.key("changes")
                found = await self._desk.redis.xread({key: place}, count=AT_ONCE, block=LOOK_MS)
                if await self._look():  # what was found may have been told long ago
                    place, found = await self._end(), ()
                    yield self._event(place, "reset", b"{}")
                elif self._edition is not None and self._edition.is_being_filled:
                    place, found = await self._end(), ()
                for id_, fields in found[0][1] if found else ():
                    place, value = id_.decode(), fields[b"event"]
                    yield self._event(place, _type(value), value)
                if found:
                    said = time.monotonic()
                elif time.monotonic() - said >= KEEP_ALIVE_SECONDS:
                    said = time.monotonic()
                    yield b": \n\n"
        finally:
            self._desk.streams -= 1

    async def _begin(self) -> tuple[str, bool]:
        """After which entry; and whether something was lost before it."""
        await self._look()
        latest = await self._end()
        if not self._last:
            return latest, False
        known = _ID.fullmatch(self._last)
        if known is None or int(known[1]) != self._reader.keys.generation or _order(known[2]) > _order(latest):
            return latest, True
        oldest = await self._desk.redis.xrange(self._reader.key("changes"), count=1)
        if known[2] != NOTHING and (not oldest or _order(oldest[0][0].decode()) > _order(known[2])):
            return latest, True
        return known[2], False

    async def _look(self) -> bool:
        """Was the read model made anew since the last look? Then it is read from the new one."""
        now = await edition(self._desk.redis, self._desk.space)
        if now == self._edition:
            return False
        self._edition, self._reader = now, await self._desk.reader(self._reader.business)
        return True

    async def _end(self) -> str:
        """The latest entry: what comes after it is new."""
        latest = await self._desk.redis.xrevrange(self._reader.key("changes"), count=1)
        return latest[0][0].decode() if latest else NOTHING

    def _event(self, place: str, type_: str, value: bytes) -> bytes:
        """Nobody goes on from a place before which something is still filled in."""
        now = self._edition
        nowhere = now is not None and (now.is_being_filled or (place == NOTHING and not now.is_whole))
        id_ = f"{0 if nowhere else self._reader.keys.generation}.{place}"
        return f"id: {id_}\nevent: {type_}\ndata: ".encode() + value + b"\n\n"


def _type(value: bytes) -> str:
    return str(orjson.loads(value)["type"])


def _order(id_: str) -> tuple[int, int]:
    first, _, second = id_.partition("-")
    return int(first), int(second)
