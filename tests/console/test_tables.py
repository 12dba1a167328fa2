"""Tables in the console's memory: as new as Redis, whatever happens to it, and no larger than they may be."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from tests.console.shelf import Shelf, card
from worker.embedded.valkey import EmbeddedValkey
from worker.readmodel import keys as names
from worker.readmodel import tables as module
from worker.readmodel.asking import Question
from worker.readmodel.search import search
from worker.readmodel.tables import Tables

BUSINESS = "salon"


@pytest.fixture
async def tables(valkey: EmbeddedValkey, space: str) -> AsyncIterator[Tables]:
    """Of one console."""
    async with Redis.from_url(valkey.url) as redis:
        yield Tables(redis, space)


async def found(tables: Tables, business: str = BUSINESS, **question: Any) -> dict[str, str]:
    """Name by id, in order."""
    page = await search(*await tables.reader(business), Question(**question), 1_000, None, 0)
    shown = [orjson.loads(value) for value in page.cards]
    assert page.total == len(shown)
    return {one["client_id"]: one["name"] for one in shown}


async def test_what_changes_is_found_at_once(tables: Tables, shelf: Shelf) -> None:
    shelf.put(card(BUSINESS, "c1", name="Bo"), card(BUSINESS, "c2", name="Ann"))
    assert await found(tables) == {"c2": "Ann", "c1": "Bo"}
    shelf.put(card(BUSINESS, "c3", name="Cy", tags=["gold"]), card(BUSINESS, "c1", name="Al"), card("other", "c9"))
    assert list(await found(tables)) == ["c1", "c2", "c3"]
    assert list(await found(tables, tag="gold")) == ["c3"]
    shelf.drop(BUSINESS, "c2")
    shelf.merge(BUSINESS, "c3", "c1")
    assert await found(tables) == {"c1": "Al"}
    assert await found(tables, q="c3") == {"c1": "Al"}
    shelf.put(card(BUSINESS, "c2", name="Dee"))
    assert list(await found(tables)) == ["c1", "c2"]


async def test_more_changes_than_are_read_at_once(
    tables: Tables, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENTRIES_AT_ONCE", 3)
    assert await found(tables) == {}
    for number in range(10):
        shelf.put(card(BUSINESS, f"c{number}", name=f"N{number}"))
    assert len(await found(tables)) == 10
    shelf.put(*(card(BUSINESS, f"d{number:03}", name="D") for number in range(350)))
    assert len(await found(tables, q="d")) == 350


async def test_a_log_that_was_cut_off(tables: Tables, shelf: Shelf) -> None:
    shelf.put(card(BUSINESS, "c1", name="Bo"), card(BUSINESS, "c2", name="Ann"))
    await found(tables)
    shelf.drop(BUSINESS, "c1")
    shelf.redis.xtrim(shelf.keys.log, maxlen=0, approximate=False)
    shelf.put(card(BUSINESS, "c3", name="Cy"))
    assert list(await found(tables)) == ["c2", "c3"]


async def test_redis_that_comes_back_empty_or_older(tables: Tables, shelf: Shelf) -> None:
    shelf.put(card(BUSINESS, "c1", name="Bo"))
    await found(tables)
    dumped = {key: shelf.redis.dump(key) for key in shelf.redis.keys(f"{shelf.keys.prefix}*")}
    shelf.put(card(BUSINESS, "c2", name="Ann"))
    await found(tables)
    for key, value in dumped.items():
        shelf.redis.restore(key, 0, value, replace=True)
    assert list(await found(tables)) == ["c1"]
    shelf.redis.delete(*dumped)
    assert await found(tables) == {}
    shelf.put(card(BUSINESS, "c3", name="Cy"))
    assert list(await found(tables)) == ["c3"]


async def test_h5_another_generation_counts(tables: Tables, shelf: Shelf, space: str) -> None:
    shelf.put(card(BUSINESS, "c1", name="Bo"))
    await found(tables)
    rebuilt = Shelf(shelf.url, space, generation=2)
    rebuilt.put(card(BUSINESS, "c1", name="Bo the second"))
    assert await found(tables) == {"c1": "Bo"}
    shelf.redis.set(names.current(space), 2)
    assert await found(tables) == {"c1": "Bo the second"}
    rebuilt.put(card(BUSINESS, "c1", name="Bo the third"))
    assert await found(tables) == {"c1": "Bo the third"}


async def test_g2_a_field_that_is_new_or_of_another_type(tables: Tables, shelf: Shelf) -> None:
    shelf.put(
        card(BUSINESS, "c1", name="Bo", fields={"size": 5}), card(BUSINESS, "c2", name="Ann", fields={"size": "5"})
    )
    for type_, value, ids in (("number", 5, ["c1"]), ("text", "5", ["c2"])):
        shelf.settle(BUSINESS, fields=[{"field_id": "size", "type": type_}])
        assert list(await found(tables, filter={"field": "fields.size", "op": "eq", "value": value})) == ids


async def test_what_was_asked_for_longest_ago_makes_room(
    tables: Tables, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CLIENTS", 2 * (module.EMPTY_COUNTS_AS + 1))
    for business in "abc":
        shelf.put(card(business, "c1", name=business))
    for business in "abacab":
        assert await found(tables, business) == {"c1": business}
        assert tables.clients <= 2
    shelf.put(card("a", "c2", name="Z"))
    assert len(await found(tables, "a")) == 2


async def test_everything_at_once(tables: Tables, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards change while tables are made, read and kept up: whoever asks finds at least what was there before."""
    monkeypatch.setattr(module, "CARDS_AT_ONCE", 20)
    shelf.put(*(card(BUSINESS, f"c{number}", name="0") for number in range(1_000)))
    written = {"c0": 0}
    over = asyncio.Event()

    async def write() -> None:
        for version in count(1):
            client = f"c{version * 37 % 1_000}"
            await asyncio.to_thread(shelf.put, card(BUSINESS, client, name=str(version)))
            written[client] = version
            if version % 40 == 0:
                await tables.keep_up()
            if version == 200:
                over.set()
                return

    async def ask() -> None:
        while not over.is_set():
            before = dict(written)
            _, table = await tables.reader(BUSINESS)
            told = {table.ids[place]: int(table.names[place]) for place in range(table.places)}
            assert len(table) == 1_000
            assert all(told[client] >= version for client, version in before.items())
            if len(written) % 50 == 0:
                tables._position = b"1-1"  # as after a log that was cut off: tables are made under way

    await asyncio.gather(write(), *(ask() for _ in range(4)))
    _, table = await tables.reader(BUSINESS)
    assert {client: int(table.names[table.find(client)]) for client in written} == written


async def test_many_who_ask_at_once_read_the_log_once(tables: Tables, shelf: Shelf) -> None:
    shelf.put(card(BUSINESS, "c1", name="Bo"))
    await found(tables)
    shelf.put(card(BUSINESS, "c1", name="Al"))
    before = shelf.redis.info("commandstats")["cmdstat_xrange"]["calls"]
    answers = await asyncio.gather(*(found(tables) for _ in range(50)))
    assert all(answer == {"c1": "Al"} for answer in answers)
    assert shelf.redis.info("commandstats")["cmdstat_xrange"]["calls"] - before <= 2
