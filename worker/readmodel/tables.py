"""The tables of the businesses that are asked for, in the memory of the console, kept up to date.

A table is made of the business's cards when it is first asked for. From then on the projector's log says whose cards
have changed; it is read before every answer, so an answer is as new as Redis. Tables are made anew when the log does
not go on where it was read to: it was cut off, another generation counts, or Redis came back empty or older.
"""

import asyncio
import gc
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from worker.domain.card import Card
from worker.readmodel import cards
from worker.readmodel import keys as names
from worker.readmodel.keys import Keys
from worker.readmodel.reading import Reader
from worker.readmodel.service import current_generation
from worker.readmodel.table import Table
from worker.spreadsheets.known import Known, known_from

MAX_CLIENTS: Final = 2_000_000
"""In all tables together, at about 500 bytes each; a larger business is held by itself. What was asked for longest ago
goes first."""
EMPTY_COUNTS_AS: Final = 100
"""Clients, of what a table takes that has none."""
CARDS_AT_ONCE: Final = 200
"""That are read without a pause for the answers to others."""
ENTRIES_AT_ONCE: Final = 1_000
"""Of the log."""
Entry = tuple[bytes, Mapping[bytes, bytes]]
NOWHERE: Final = b"0-0"
T = TypeVar("T")


def _card(value: bytes | None) -> Card | None:
    """The card, unless it is gone or was merged away."""
    return cards.decode(value) if value is not None and cards.is_shown(value) else None


class _Loading:
    """A table in the making, and whose cards have changed meanwhile."""

    def __init__(self, making: "asyncio.Task[Table]") -> None:
        self.making = making
        self.changed: set[str] = set()


def _task(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Whoever waits for it hears of an error; if nobody does any more, nobody needs to."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: None if done.cancelled() else done.exception() and None)
    return task


class Tables:
    """Of one read model. ``reader`` brings what an answer needs; ``keep_up`` is to be called every second or so."""

    def __init__(self, redis: Any, space: str) -> None:
        self._redis = redis
        self._space = space
        self._keys: Keys | None = None
        self._position = NOWHERE
        self._tables: dict[str, Table] = {}
        self._loading: dict[str, _Loading] = {}
        self._reading: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._known: dict[str, tuple[bytes | None, Known]] = {}

    @property
    def clients(self) -> int:
        """Held in memory."""
        return sum(map(len, self._tables.values()))

    async def reader(self, business: str) -> tuple[Reader, Table]:
        """The business as it is now. Raises RedisError."""
        while True:
            await self._catch_up()
            keys = self._keys
            if keys is None:
                continue
            record = await self._redis.get(keys.of("settings", business))
            reader = Reader(self._redis, keys, business, record, self._known_from(business, record))
            table = await self._table(keys, reader)
            if table is not None:
                return reader, table

    async def keep_up(self) -> None:
        """Read the log, so that it is not cut off before what was not read. Raises RedisError."""
        if self._tables or self._loading:
            await self._catch_up()

    def _known_from(self, business: str, record: bytes | None) -> Known:
        found = self._known.get(business)
        if found is None or found[0] != record:
            if len(self._known) > len(self._tables) + EMPTY_COUNTS_AS:
                self._known.clear()
            found = self._known[business] = (record, known_from(record))
        return found[1]

    # -- the log --------------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        """Until the log has been read, from after now on. Whoever comes while it is being read waits for the next
        reading, together with all others: many questions make no more of them than few."""
        if self._next is None:
            self._next = _task(self._read_after(self._reading))
        await asyncio.shield(self._next)

    async def _read_after(self, reading: "asyncio.Task[None] | None") -> None:
        if reading is not None:
            await asyncio.wait([reading])
        self._reading, self._next = self._next, None
        while not await self._read_log():
            pass

    async def _read_log(self) -> bool:
        """Apply what is new, if it begins where the log was read to. Was that all?"""
        keys = self._keys
        if keys is None:
            await self._begin()
            return True
        pipe = self._redis.pipeline(transaction=False)
        pipe.get(names.current(self._space))
        pipe.xrange(keys.log, self._position, count=ENTRIES_AT_ONCE)
        current, entries = await pipe.execute()
        is_current = int(current or keys.generation) == keys.generation
        if not is_current or (entries[0][0] if entries else NOWHERE) != self._position:
            self._keys = None
            self._tables.clear()
            self._loading.clear()
            return False
        await self._apply(keys, _by_business(entries[1:]))
        if entries:
            self._position = entries[-1][0]
        return len(entries) < ENTRIES_AT_ONCE

    async def _begin(self) -> None:
        """With the generation that counts, where its log ends: what is read from now on is as new."""
        keys = Keys(self._space, await current_generation(self._redis, self._space))
        latest: Sequence[Entry] = await self._redis.xrevrange(keys.log, count=1)
        self._keys, self._position = keys, latest[0][0] if latest else NOWHERE

    async def _apply(self, keys: Keys, changed: Mapping[str, set[str]]) -> None:
        for business, clients in changed.items():
            if (loading := self._loading.get(business)) is not None:
                loading.changed |= clients
            if (table := self._tables.get(business)) is not None:
                await self._read(keys, business, table, clients)

    async def _read(self, keys: Keys, business: str, table: Table, clients: Iterable[str]) -> None:
        """The cards of these clients, as they are now."""
        wanted = list(clients)
        for start in range(0, len(wanted), CARDS_AT_ONCE):
            chunk = wanted[start : start + CARDS_AT_ONCE]
            values = await self._redis.hmget(keys.of("cards", business), chunk)
            for client, card in zip(chunk, map(_card, values), strict=True):
                if card is None:
                    table.drop(client)
                else:
                    table.put(card)

    # -- tables ---------------------------------------------------------------------------------------------------

    async def _table(self, keys: Keys, reader: Reader) -> Table | None:
        """The business's table; None when it has to be asked for again, for others went on meanwhile."""
        business, types = reader.business, reader.known.field_types
        table = self._tables.pop(business, None)
        if table is not None and table.field_types == types:
            self._tables[business] = table  # the latest that was asked for is the last
            return table
        loading = self._loading.get(business)
        if loading is None:
            loading = _Loading(_task(self._make(keys, business, Table(types))))
            self._loading[business] = loading
        table = await asyncio.shield(loading.making)
        return table if self._keys is keys and table.field_types == types else None

    async def _make(self, keys: Keys, business: str, table: Table) -> Table:
        try:
            await self._fill(keys, business, table)
        finally:
            loading = self._loading.get(business)
            mine = loading is not None and loading.making is asyncio.current_task()
            if mine:
                del self._loading[business]
        if mine and self._keys is keys:
            self._tables[business] = table
            self._make_room()
            _spare_collector()
        return table

    async def _fill(self, keys: Keys, business: str, table: Table) -> None:
        cursor, begun = 0, False
        while cursor or not begun:
            begun = True
            cursor, found = await self._redis.hscan(keys.of("cards", business), cursor, count=CARDS_AT_ONCE)
            for card in map(_card, found.values()):
                if card is not None:
                    table.put(card)
        table.settle()
        while (loading := self._loading.get(business)) is not None and loading.changed:
            changed, loading.changed = loading.changed, set()
            await self._read(keys, business, table, changed)

    def _make_room(self) -> None:
        size = {business: len(table) + EMPTY_COUNTS_AS for business, table in self._tables.items()}
        total = sum(size.values())
        for business in list(size)[:-1]:
            if total <= MAX_CLIENTS:
                break
            total -= size[business]
            del self._tables[business]


def _spare_collector() -> None:
    """What there is now is never looked through again: that would take 50 ms for each 100,000 clients, time after time.
    A table is given back all the same, for nothing in it refers to itself."""
    gc.collect()
    gc.freeze()


def _by_business(entries: Iterable[Entry]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for _, fields in entries:
        for business, clients in fields.items():
            found[business.decode()].update(clients.decode().split())
    return found
