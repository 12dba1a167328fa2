"""Follows the committed records of all topics and folds them into Redis, each batch in one MULTI with its positions.

A batch is written only if the positions are still what they were (WATCH), so any number of projectors may run, and
Redis may go away and come back, empty or not: whoever finds other positions goes on from those.

In which order records of different topics count is in ``order``.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.structs import TopicPartition
from redis.exceptions import RedisError, WatchError

from topics.registry import PROFILES, STATE_TOPICS, TOPICS
from worker.config import Settings
from worker.domain import forgotten
from worker.domain.forgotten import Forgotten, mark
from worker.errors import StateMismatch
from worker.pipeline.route import Router
from worker.pipeline.task import PROGRESS, decode_progress
from worker.readmodel.fold import Fold, Place
from worker.readmodel.keys import MADE, WHOLE, Keys, is_whole
from worker.readmodel.order import AWAITED, READ_INPUTS, Lane, Record
from worker.readmodel.told import of_erased
from worker.transport.clients import contract_name, topic_name

log = logging.getLogger(__name__)

READ_TOPICS: Final = tuple(t.name for t in TOPICS if t.direction == "out" or t.name in READ_INPUTS)
MAX_RECORDS: Final = 5_000
"""In one batch."""
HELD_BYTES: Final = 16 << 20
"""Of a partition of a topic, that wait before no more is fetched of it; at the half it is again."""
ALL_HELD_BYTES: Final = 256 << 20
"""Of all partitions together. With more, each has only its share: while a worker is away its inputs wait."""
POLL_MS: Final = 250
BUSY_POLL_MS: Final = 10
"""While something only waits for the state to be read: markers of transactions end no poll."""
SETTLE_SECONDS: Final = 0.25
"""Without transactions outputs become readable a moment before the cards that they are about."""
RETRY_SECONDS: Final = 1.0
ENDS_SECONDS: Final = 5.0
"""For which a broker is waited for when it is asked where topics end; its client would wait for 40."""
LOOK_SECONDS: Final = 1.0
_PROGRESS_FIELD: Final = "progress:"
_MADE: Final = MADE.encode()
_WHOLE: Final = WHOLE.encode()


class Outdated(Exception):
    """A later generation of the read model counts: nothing may be written into this one any more."""


class Projector:
    """Of one generation."""

    def __init__(
        self, settings: Settings, redis: Any, keys: Keys, consumer: Any, ends: Any, partitions: int
    ) -> None:  # fmt: skip
        """``ends``: a consumer that sees where topics end with what is not committed yet."""
        self._settings = settings
        self._redis = redis
        self._keys = keys
        self._consumer = consumer
        self._ends = ends
        self._partitions = range(partitions)
        self._tps = [TopicPartition(topic_name(settings, t), p) for t in READ_TOPICS for p in self._partitions]
        self._routers = [Router(p, partitions) for p in self._partitions]
        self._lanes = self._new_lanes()
        self._positions: dict[bytes, bytes] = {}
        self._reached: dict[TopicPartition, int] = {}
        """To where each partition is read."""
        self.batches = 0
        self.records = 0
        self.turns = 0
        self.trouble = ""
        """Why it cannot go on for the moment, for people; empty when it can."""
        self.begins = 0
        self.whole = False
        """Has everything been read once that there was? It is kept with the positions."""
        self._looked = 0.0

    async def begin(self) -> None:
        """Go to where the read model is. Raises RedisError, KafkaError; StateMismatch when it is of other topics."""
        self._positions = await self._redis.hgetall(self._keys.positions)
        self.begins += 1
        self.whole = is_whole(self._positions.get(_MADE), self._positions.get(_WHOLE))
        self._lanes = self._new_lanes()
        for name, value in self._positions.items():
            if name.startswith(_PROGRESS_FIELD.encode()):
                topic, _, partition = name.decode().removeprefix(_PROGRESS_FIELD).partition("/")
                self._lanes[int(partition)].progress[topic] = int(value)
        if not self._consumer.assignment():  # once: a second assign() of aiokafka's races with its own coordinator task
            self._consumer.assign(self._tps)
        begins, ends = await self._consumer.beginning_offsets(self._tps), await self._ends.end_offsets(self._tps)
        for tp in self._tps:
            stored = int(self._positions.get(self._field(tp).encode(), b"0"))
            if stored > ends[tp]:
                self._check_same(tp, stored, f"the topic ends at {ends[tp]}")
            self._reached[tp] = max(stored, begins[tp])
            self._consumer.seek(tp, self._reached[tp])

    def _check_same(self, tp: TopicPartition, before: int, found: str) -> None:
        """Raises StateMismatch; a broker without transactions may name an end that is too early."""
        if self._transactional:
            raise StateMismatch(
                f"{tp.topic}, partition {tp.partition}: the read model holds what was before offset {before}, but "
                f"{found}: it was made anew or lost records. Make the read model anew, too: "
                "client-status projector --rebuild"
            )

    @property
    def _transactional(self) -> bool:
        return self._settings.processing_guarantee == "exactly_once"

    def _new_lanes(self) -> list[Lane]:
        settle = 0.0 if self._transactional else SETTLE_SECONDS
        return [Lane(self._settings.topic_prefix, settle) for _ in self._partitions]

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; tries again when Redis is away."""
        begun = False
        while not stop.is_set():
            try:
                if not begun:
                    await self.begin()
                    begun = True
                await self.turn()
                self.trouble = ""
            except Outdated:  # whoever watches ends this
                begun = False
                await asyncio.sleep(RETRY_SECONDS)
            except WatchError:
                log.info("another projector was faster; going on from where it is")
                begun = False
            except (RedisError, OSError) as exc:
                log.warning("Redis cannot be used, trying again: %r", exc)
                self.trouble = f"Redis cannot be used: {type(exc).__name__}"
                begun = False
                await asyncio.sleep(RETRY_SECONDS)
            except KafkaError as exc:
                log.warning("the broker cannot be used, trying again: %r", exc)
                self.trouble = f"the broker cannot be used: {type(exc).__name__}"
                begun = False
                await asyncio.sleep(RETRY_SECONDS)

    async def turn(self) -> None:
        """Read, and write what follows. Raises WatchError when somebody else has written, Outdated, RedisError,
        KafkaError or StateMismatch."""
        self.turns += 1
        busy = any(lane.is_waiting for lane in self._lanes)
        timeout = BUSY_POLL_MS if busy else POLL_MS
        got = await self._consumer.getmany(timeout_ms=timeout, max_records=MAX_RECORDS)
        fold = Fold(self._keys, self._routers, self._settings.timeline_entries)
        for tp, records in got.items():
            self._take(fold, tp, records)
        await self._aim()
        read = await self._read()
        for partition, lane in enumerate(self._lanes):
            for record in lane.leave(read[partition]):
                fold.take(record)
        self._slow_down()
        await self._write(fold, read)

    def _take(self, fold: Fold, tp: TopicPartition, records: Iterable[Any]) -> None:
        name, lane = contract_name(self._settings, tp.topic), self._lanes[tp.partition]
        take = fold.take if name in STATE_TOPICS else lane.take
        for record in records:
            self.records += 1
            if name == PROFILES and record.key == PROGRESS and record.value is not None:
                lane.progress.update(decode_progress(record.value).offsets)
            else:
                take(Record(name, tp.partition, record.offset, record.key, record.value, record.headers))

    async def _aim(self) -> None:
        """Ask where the state ends, for every lane that wants to know."""
        now = time.monotonic()
        aiming = [partition for partition, lane in enumerate(self._lanes) if lane.wants_goal(now)]
        if aiming:
            tps = [TopicPartition(topic_name(self._settings, topic), p) for topic in AWAITED for p in aiming]
            ends = await self._ends.end_offsets(tps)
            for partition in aiming:
                goal = {topic: ends[TopicPartition(topic_name(self._settings, topic), partition)] for topic in AWAITED}
                self._lanes[partition].aim(goal)

    async def _read(self) -> list[dict[str, int]]:
        """To where each topic is read, by partition. Raises StateMismatch when one begins again, as its client does of
        itself where a topic was made anew meanwhile."""
        read: list[dict[str, int]] = [{} for _ in self._partitions]
        for tp in self._tps:
            position = await self._consumer.position(tp)
            if position < self._reached[tp]:
                self._check_same(tp, self._reached[tp], f"the topic goes on at {position}")
            self._reached[tp] = read[tp.partition][contract_name(self._settings, tp.topic)] = position
        return read

    def _slow_down(self) -> None:
        """What waits is not fetched without end, but for what everything else waits for."""
        paused = self._consumer.paused()
        names = {tp: contract_name(self._settings, tp.topic) for tp in self._tps}
        held = {tp: self._lanes[tp.partition].held(name) for tp, name in names.items() if name not in AWAITED}
        share = ALL_HELD_BYTES // len(self._tps)
        most = HELD_BYTES if sum(held.values()) <= ALL_HELD_BYTES else min(HELD_BYTES, share)
        for tp, size in held.items():
            if size > most and tp not in paused:
                self._consumer.pause(tp)
            elif size <= most // 2 and tp in paused:
                self._consumer.resume(tp)

    async def _write(self, fold: Fold, read: Sequence[Mapping[str, int]]) -> None:
        positions = self._current_positions(read)
        if positions == self._positions:
            await self._look_whether_it_is_still_there()
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(self._keys.positions, self._keys.current)
            if int(await pipe.get(self._keys.current) or 0) > self._keys.generation:
                raise Outdated
            if await pipe.hgetall(self._keys.positions) != self._positions:
                raise WatchError("the positions have moved")
            known, marks = await self._known(fold)
            gone = await of_erased(self._redis, self._keys, fold.with_erasures, fold.marks)
            pipe.multi()
            fold.changes(known, marks, gone).write(pipe)
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

    def _current_positions(self, read: Sequence[Mapping[str, int]]) -> dict[bytes, bytes]:
        """Where to go on: behind what is in this batch, before what is held."""
        found = {_MADE: self._positions.get(_MADE) or secrets.token_hex(8).encode()}
        if self.whole:
            found[_WHOLE] = found[_MADE]
        for partition, lane in enumerate(self._lanes):
            for topic, offset in read[partition].items():
                found[f"{topic}/{partition}".encode()] = b"%d" % lane.position(topic, offset)
            for topic, offset in lane.progress.items():
                found[f"{_PROGRESS_FIELD}{topic}/{partition}".encode()] = b"%d" % offset
        return found

    def _field(self, tp: TopicPartition) -> str:
        return f"{contract_name(self._settings, tp.topic)}/{tp.partition}"

    async def _known(self, fold: Fold) -> tuple[dict[Place, str], dict[Place, Forgotten]]:
        """Of the clients whose timelines are added to: the id of the card that they mean, and their latest erasure."""
        known: dict[Place, str] = {}
        erased: dict[Place, Forgotten] = {}
        asked = self._redis.pipeline(transaction=False)
        for business, clients in fold.clients.items():
            asked.hmget(self._keys.of("aliases", business), clients)
            asked.hmget(self._keys.of("erased", business), [mark(business, client) for client in clients])
            for client in clients:
                asked.hexists(self._keys.of("cards", business), client)
        answers = iter(await asked.execute() if fold.clients else ())
        for business, clients in fold.clients.items():
            for client, alias, forgot in zip(clients, next(answers), next(answers), strict=True):
                place, there = (business, client), next(answers)
                meant = fold.meaning(place, client if there else None, alias.decode() if alias is not None else None)
                if meant is not None:
                    known[place] = meant
                key = (business, mark(business, client))
                latest = fold.marks.get(key, forgotten.decode(forgot) if forgot is not None else None)
                if latest is not None:
                    erased[place] = latest
        return known, erased

    async def ends(self) -> dict[TopicPartition, int]:
        """Where everything that is read ends now; of inputs, how far the worker has come. Raises KafkaError."""
        try:
            async with asyncio.timeout(ENDS_SECONDS):
                ends = await self._consumer.end_offsets(self._tps)
        except TimeoutError as exc:
            raise KafkaTimeoutError from exc
        for tp in self._tps:
            name = contract_name(self._settings, tp.topic)
            if name in READ_INPUTS:
                ends[tp] = min(ends[tp], self._lanes[tp.partition].progress.get(name, 0))
        return dict(ends)

    def behind(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """How many records up to there are not in the read model yet."""
        stored = self._positions
        return {tp: max(0, end - int(stored.get(self._field(tp).encode(), b"0"))) for tp, end in ends.items()}
