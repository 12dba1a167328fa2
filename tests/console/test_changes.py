"""Changes as server-sent events: in order, after a break from where it was, and never another business's."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from redis.asyncio import Redis

from tests.console.shelf import Shelf
from tests.console.who import WHO, secret, write
from worker.console import tokens
from worker.console.api import changes
from worker.console.api.changes import Listener
from worker.console.desk import Desk
from worker.embedded.child import free_port
from worker.readmodel import keys as names

WITHIN = 20.0


class Event(NamedTuple):
    """One of a stream."""

    id: str
    type: str
    data: Any


class Stream:
    """What a listener is told."""

    def __init__(self, told: AsyncIterator[bytes]) -> None:
        self._told = told

    async def next(self) -> Event:
        """The next event; comments are passed over."""
        async with asyncio.timeout(WITHIN):
            while True:
                lines = (await anext(self._told)).decode().split("\n")
                fields = dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith(":"))
                if "event" in fields:
                    assert lines[-2:] == ["", ""]
                    return Event(fields["id"], fields["event"], json.loads(fields["data"]))

    async def ends(self) -> None:
        """Nothing more is told, and it is over."""
        async with asyncio.timeout(WITHIN):
            async for told in self._told:
                assert b"event:" not in told


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener is not left without a word for long."""
    monkeypatch.setattr(changes, "KEEP_ALIVE_SECONDS", 0.1)
    monkeypatch.setattr(changes, "LOOK_MS", 100)
    monkeypatch.setattr(tokens, "LOOK_SECONDS", 0.0)


async def listen(desk: Desk, last: str = "", business: str = "salon") -> Stream:
    token = desk.tokens.find(secret("alma"))
    assert token is not None
    stream = Listener(desk, await desk.reader(business), token, last).events()
    assert await anext(stream) == b"retry: 2000\n\n"
    return Stream(stream)


def change(shelf: Shelf, id_: str, business: str = "salon", type_: str = "client.tags.changed") -> None:
    shelf.happen(business, type_, "2026-01-01T10:00:00Z", id_, client_id="c1", sequence=1, added=[id_])


async def first(stream: Stream, shelf: Shelf, id_: str) -> Event:
    """The next event, when something changes after the listener has begun."""
    waiting = asyncio.create_task(stream.next())
    await asyncio.sleep(0.3)
    change(shelf, id_)
    return await waiting


async def test_changes_come_as_they_are_and_go_on_after_a_break(desk: Desk, shelf: Shelf) -> None:
    change(shelf, "before")
    stream = await listen(desk)
    told = await first(stream, shelf, "e1")
    assert (told.type, told.data["id"], told.data["data"]["added"]) == ("client.tags.changed", "e1", ["e1"])
    change(shelf, "e2", type_="client.status.changed")
    change(shelf, "elsewhere", business="other")
    change(shelf, "e3", type_="client.status.review_suggested")
    assert [(await stream.next()).data["id"] for _ in range(2)] == ["e2", "e3"]
    again = await listen(desk, told.id)
    assert [(await again.next()).data["id"] for _ in range(2)] == ["e2", "e3"]


async def test_a_listener_of_an_empty_business_loses_nothing(desk: Desk, shelf: Shelf) -> None:
    assert (await first(await listen(desk), shelf, "e1")).data["id"] == "e1"


@pytest.mark.parametrize("last", ["9.1-1", "nonsense", "1.1-1"])
async def test_a_break_that_cannot_be_mended_is_told(desk: Desk, shelf: Shelf, last: str) -> None:
    """Another generation, no id at all, an entry that is gone: the clients must be read anew."""
    change(shelf, "e0")
    stream = await listen(desk, last)
    reset = await stream.next()
    assert reset.type == "reset"
    change(shelf, "e1")
    assert (await stream.next()).data["id"] == "e1"
    assert [(await (await listen(desk, reset.id)).next()).data["id"]] == ["e1"]


async def test_h5_a_rebuilt_read_model_takes_over_under_a_listener(desk: Desk, shelf: Shelf, space: str) -> None:
    stream = await listen(desk)
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    rebuilt = Shelf(shelf.url, space, generation=2)
    change(rebuilt, "e1")
    shelf.redis.set(names.current(space), 2)
    assert (await stream.next()).type == "reset"
    change(rebuilt, "e2")
    assert (await stream.next()).data["id"] == "e2"


async def test_h5_what_a_read_model_that_was_lost_tells_again_is_not_new(desk: Desk, shelf: Shelf) -> None:
    """Redis was emptied, and is filled again from Kafka."""
    shelf.complete()
    stream = await listen(desk)
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    key = shelf.keys.of("changes", "salon")
    entries = shelf.redis.xrange(key)
    with shelf.redis.pipeline(transaction=True) as emptied_and_filled:
        emptied_and_filled.delete(key)
        for _, fields in entries:
            emptied_and_filled.xadd(key, fields)
        emptied_and_filled.hset(shelf.keys.positions, mapping={names.MADE: "second", names.WHOLE: "second"})
        emptied_and_filled.execute()
    assert (await stream.next()).type == "reset"
    change(shelf, "e2")
    assert (await stream.next()).data["id"] == "e2"


async def test_h5_what_a_lost_read_model_is_filled_with_is_not_new(desk: Desk, shelf: Shelf) -> None:
    """Redis came back empty, and the projector needs some time to fill it."""
    shelf.complete()
    stream = await listen(desk)
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    shelf.redis.delete(shelf.keys.of("changes", "salon"), shelf.keys.positions)
    empty = await stream.next()
    assert empty.type == "reset"
    shelf.redis.hset(shelf.keys.positions, names.MADE, "second")
    assert (await stream.next()).type == "reset"
    change(shelf, "e1")
    await asyncio.sleep(0.3)
    shelf.redis.hset(shelf.keys.positions, names.WHOLE, "second")
    assert (await stream.next()).type == "reset"
    change(shelf, "e2")
    assert (await stream.next()).data["id"] == "e2"
    again = await listen(desk, empty.id)
    assert (await again.next()).type == "reset", "what was filled in after that is not new either"


async def test_h5_who_went_away_while_it_was_filled_is_not_told_the_rest_of_it(desk: Desk, shelf: Shelf) -> None:
    shelf.complete()
    stream = await listen(desk)
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    key = shelf.keys.of("changes", "salon")
    entries: Any = shelf.redis.xrange(key)
    with shelf.redis.pipeline() as emptied_and_half_filled:
        emptied_and_half_filled.delete(key, shelf.keys.positions)
        emptied_and_half_filled.xadd(key, entries[0][1])
        emptied_and_half_filled.hset(shelf.keys.positions, names.MADE, "second")
        emptied_and_half_filled.execute()
    last = await stream.next()
    assert last.type == "reset"
    change(shelf, "e2")
    shelf.redis.hset(shelf.keys.positions, names.WHOLE, "second")
    again = await listen(desk, last.id)
    assert (await again.next()).type == "reset"


async def test_a_place_that_is_still_ahead_is_none(desk: Desk, shelf: Shelf) -> None:
    """It is from a read model that was lost: nothing would ever come after it."""
    change(shelf, "e0")
    stream = await listen(desk, "1.999999999999999-0")
    assert (await stream.next()).type == "reset"
    change(shelf, "e1")
    assert (await stream.next()).data["id"] == "e1"


async def test_a_token_that_is_taken_away_ends_the_stream(desk: Desk, shelf: Shelf, tokens_file: Path) -> None:
    stream = await listen(desk)
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    assert desk.streams == 1
    write(tokens_file, *(person for person in WHO if person[0] != "alma"))
    await stream.ends()
    assert desk.streams == 0


async def test_a_stream_whose_redis_is_gone_just_ends(desk: Desk, shelf: Shelf) -> None:
    """No trace in the log for each of those who listen: whoever listens comes back, and the console is not ready."""
    token = desk.tokens.find(secret("alma"))
    assert token is not None
    events = Listener(desk, await desk.reader("salon"), token, "").events()
    stream = Stream(changes._begun(await anext(events), events))
    assert (await first(stream, shelf, "e1")).data["id"] == "e1"
    desk.redis = Redis(port=free_port())
    await stream.ends()
    assert desk.streams == 0


async def test_no_more_listen_than_may_also_when_all_come_at_once(
    app: Litestar, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_STREAMS", 5)
    statuses: list[int] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    path = "/api/v1/businesses/salon/changes"
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "headers": [(b"authorization", f"Bearer {secret('alma')}".encode())], "scheme": "http", "client": ("x", 1),
        "server": ("x", 1), "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    listeners = [asyncio.create_task(app({**scope}, receive, send)) for _ in range(12)]  # type: ignore[arg-type]
    async with asyncio.timeout(WITHIN):
        while len(statuses) < len(listeners):  # noqa: ASYNC110 - a list is asked
            await asyncio.sleep(0.02)
        assert (sorted(statuses), desk.streams) == ([200] * 5 + [429] * 7, 5)
        gone.set()
        await asyncio.gather(*listeners)
        while desk.streams:  # noqa: ASYNC110 - a number is asked
            await asyncio.sleep(0.02)
