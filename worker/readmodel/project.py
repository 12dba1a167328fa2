"""Follows the committed records of all topics and folds them into Redis, each batch in one MULTI with its positions.

A batch is written only if the positions are still what they were (WATCH), so any number of projectors may run, and
Redis may go away and come back, empty or not: whoever finds other positions goes on from those.

An input shows in the timeline only when the worker has committed it, which its progress record in ``client-profiles``
says; by then the card that it may have made is there, too.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson
from aiokafka.structs import TopicPartition
from redis.exceptions import RedisError, WatchError

from topics.moments import Micros, micros
from topics.registry import PROFILES, TOPICS
from worker.config import Settings
from worker.domain.forgotten import mark
from worker.readmodel.fold import TIMELINE_INPUTS, Fold, Place, Record
from worker.readmodel.index import Card
from worker.readmodel.keys import Keys
from worker.transport.clients import contract_name, topic_name

log = logging.getLogger(__name__)

READ_TOPICS: Final = tuple(t.name for t in TOPICS if t.direction == "out" or t.name in TIMELINE_INPUTS)
PROGRESS: Final = b"\0progress"
MAX_RECORDS: Final = 5_000
"""In one batch."""
MAX_HELD: Final = 20_000
"""Records of an input partition that wait for the worker before no more are fetched."""
POLL_MS: Final = 250
RETRY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 1.0
_PROGRESS_FIELD: Final = "progress:"


class Progress(msgspec.Struct):
    """What is used of the worker's progress record."""

    offsets: dict[str, int] = {}


_decode_progress = msgspec.json.Decoder(Progress).decode


class Projector:
    """Of one generation."""

    def __init__(self, settings: Settings, redis: Any, keys: Keys, consumer: Any, partitions: int) -> None:
        self._settings = settings
        self._redis = redis
        self._keys = keys
        self._consumer = consumer
        self._tps = [TopicPartition(topic_name(settings, t), p) for t in READ_TOPICS for p in range(partitions)]
        self._held: dict[TopicPartition, deque[Record]] = defaultdict(deque)
        self._progress: dict[str, int] = {}
        self._positions: dict[bytes, bytes] = {}
        self.batches = 0
        self.records = 0
        self.turns = 0
        self._looked = 0.0

    async def begin(self) -> None:
        """Go to where the read model is. Raises RedisError."""
        self._positions = await self._redis.hgetall(self._keys.positions)
        self._held.clear()
        self._progress = {
            name.decode().removeprefix(_PROGRESS_FIELD): int(value)
            for name, value in self._positions.items()
            if name.startswith(_PROGRESS_FIELD.encode())
        }
        if not self._consumer.assignment():  # once: a second assign() of aiokafka's races with its own coordinator task
            self._consumer.assign(self._tps)
        begins = await self._consumer.beginning_offsets(self._tps)
        for tp in self._tps:
            stored = self._positions.get(self._field(tp).encode())
            self._consumer.seek(tp, max(int(stored) if stored is not None else 0, begins[tp]))

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; tries again when Redis is away."""
        begun = False
        while not stop.is_set():
            try:
                if not begun:
                    await self.begin()
                    begun = True
                await self.turn()
            except WatchError:
                log.info("another projector was faster; going on from where it is")
                begun = False
            except (RedisError, OSError) as exc:
                log.warning("Redis cannot be used, trying again: %r", exc)
                begun = False
                await asyncio.sleep(RETRY_SECONDS)

    async def turn(self) -> None:
        """Read some, and write what follows. Raises WatchError when somebody else has written, RedisError."""
        self.turns += 1
        got = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        fold = Fold(self._keys)
        for tp, records in got.items():
            self._take(fold, tp, records)
        self._release(fold)
        await self._write(fold)

    def _take(self, fold: Fold, tp: TopicPartition, records: Iterable[Any]) -> None:
        name = contract_name(self._settings, tp.topic)
        waits = name in TIMELINE_INPUTS
        for record in records:
            self.records += 1
            if name == PROFILES and record.key == PROGRESS and record.value is not None:
                for topic, offset in _decode_progress(record.value).offsets.items():
                    self._progress[f"{topic}/{tp.partition}"] = offset
                continue
            ours = Record(name, tp.partition, record.offset, record.key, record.value, record.headers)
            if waits:
                self._held[tp].append(ours)
            else:
                fold.take(ours)

    def _release(self, fold: Fold) -> None:
        """Inputs that the worker is done with; those that it is not are not fetched without end."""
        for tp, held in self._held.items():
            done = self._progress.get(f"{contract_name(self._settings, tp.topic)}/{tp.partition}", 0)
            while held and held[0].offset < done:
                fold.take(held.popleft())
            paused = tp in self._consumer.paused()
            if len(held) > MAX_HELD and not paused:
                self._consumer.pause(tp)
            elif paused and len(held) <= MAX_HELD // 2:
                self._consumer.resume(tp)

    async def _write(self, fold: Fold) -> None:
        positions = await self._current_positions()
        if positions == self._positions:
            await self._look_whether_it_is_still_there()
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(self._keys.positions)
            if await pipe.hgetall(self._keys.positions) != self._positions:
                raise WatchError("the positions have moved")
            before = await self._before(pipe, fold)
            known, erased = await self._known(pipe, fold)
            pipe.multi()
            fold.changes(before, known, erased).write(pipe)
            pipe.hset(self._keys.positions, mapping=positions)
            await pipe.execute()
        self._positions = positions
        self.batches += 1

    async def _look_whether_it_is_still_there(self) -> None:
        """While nothing comes, too: Redis may have come back empty, or older."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            if await self._redis.hgetall(self._keys.positions) != self._positions:
                raise WatchError("the positions have moved")

    async def _current_positions(self) -> dict[bytes, bytes]:
        """Where to go on: behind what is in this batch, before what is held."""
        found: dict[bytes, bytes] = {}
        for tp in self._tps:
            held = self._held.get(tp)
            offset = held[0].offset if held else await self._consumer.position(tp)
            found[self._field(tp).encode()] = b"%d" % offset
        for place, offset in self._progress.items():
            found[f"{_PROGRESS_FIELD}{place}".encode()] = b"%d" % offset
        return found

    def _field(self, tp: TopicPartition) -> str:
        return f"{contract_name(self._settings, tp.topic)}/{tp.partition}"

    async def _before(self, pipe: Any, fold: Fold) -> dict[Place, Card | None]:
        found: dict[Place, Card | None] = {}
        for business, clients in _by_business(fold.cards).items():
            values = await pipe.hmget(self._keys.of("cards", business), clients)
            for client, value in zip(clients, values, strict=True):
                found[business, client] = orjson.loads(value) if value is not None else None
        return found

    async def _known(self, pipe: Any, fold: Fold) -> tuple[dict[Place, str], dict[Place, Micros]]:
        """Of the clients whose timelines are added to: the id of the card that they mean, and when they were erased."""
        known: dict[Place, str] = {}
        erased: dict[Place, Micros] = {}
        for business, ids in fold.clients.items():
            clients = sorted(ids)
            aliases = await pipe.hmget(self._keys.of("aliases", business), clients)
            present = await pipe.smismember(self._keys.of("all", business), clients)
            marks = await pipe.hmget(self._keys.of("erased", business), [mark(business, c) for c in clients])
            for client, alias, there, at in zip(clients, aliases, present, marks, strict=True):
                place = (business, client)
                meant = fold.meaning(place, client if there else None, alias.decode() if alias is not None else None)
                if meant is not None:
                    known[place] = meant
                if at is not None:
                    erased[place] = micros(datetime.fromisoformat(at.decode()))
        return known, erased

    async def ends(self) -> dict[TopicPartition, int]:
        """Where everything that is read ends now; of inputs, how far the worker has come."""
        ends = await self._consumer.end_offsets(self._tps)
        for tp in self._tps:
            name = contract_name(self._settings, tp.topic)
            if name in TIMELINE_INPUTS:
                ends[tp] = min(ends[tp], self._progress.get(f"{name}/{tp.partition}", 0))
        return dict(ends)

    def behind(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """How many records up to there are not in the read model yet."""
        stored = self._positions
        return {tp: max(0, end - int(stored.get(self._field(tp).encode(), b"0"))) for tp, end in ends.items()}


def _by_business(places: Iterable[Place]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for business, client in places:
        found[business].append(client)
    return found
