"""The composition root of the projector: Kafka in, Redis out, health and metrics beside it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition
from redis.exceptions import RedisError

from worker import connecting, topic_admin
from worker.config import Settings
from worker.errors import StateMismatch
from worker.observability.health import HealthServer, address
from worker.observability.metrics import ProjectorMetrics
from worker.readmodel import keys as names
from worker.readmodel.connection import check, connect
from worker.readmodel.keys import Keys
from worker.readmodel.project import READ_TOPICS, RETRY_SECONDS, Projector
from worker.stopping import asked_to_stop, until_stopped
from worker.transport.clients import topic_name

log = logging.getLogger(__name__)

_Ends = dict[TopicPartition, int]
FIRST: Final = 1
"""The generation of a read model that was never rebuilt."""
BEAT_SECONDS: Final = 1.0
LIVE_SECONDS: Final = 60.0
END_SECONDS: Final = 10.0
"""What is under way is given when the projector is asked to stop."""
CAUGHT_UP: Final = 1_000
"""Records behind at most when the read model is ready."""
PREFETCH_BYTES: Final = 256 << 20
"""What all partitions together may have waiting inside the client: with many partitions each fetches less."""
MIN_FETCH_BYTES: Final = 256 << 10
DELETE_AT_ONCE: Final = 1_000


class ProjectorState:
    """For probes. Ready: it has caught up once, and Redis and the broker can be used."""

    def __init__(self) -> None:
        self.reason = "starting"
        self.ready = False
        self.turned = time.monotonic()

    @property
    def live(self) -> bool:
        """Does it turn?"""
        return time.monotonic() - self.turned < LIVE_SECONDS


async def run_projector(settings: Settings, *, rebuild: bool = False) -> None:
    """Until SIGTERM or SIGINT. Raises Unreachable, StateMismatch or SettingError when it cannot start."""
    stop = asked_to_stop()
    metrics, state = ProjectorMetrics(), ProjectorState()
    health = HealthServer(settings, metrics.registry, state)
    await health.start()
    log.info("health and metrics on %s", address(settings.http_host, health.port))
    try:
        async with _redis(settings) as redis:
            partitions = await until_stopped(_partitions(settings), stop)
            if partitions is not None:
                await _Service(settings, redis, metrics, state, partitions, stop).run(rebuild=rebuild)
    finally:
        await health.stop()


@asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[Any]:
    redis = connect(settings)
    try:
        await check(redis, settings)
        yield redis
    finally:
        await redis.aclose()


async def current_generation(redis: Any, space: str) -> int:
    """The number of the read model that counts."""
    found = await redis.get(names.current(space))
    return int(found) if found is not None else FIRST


async def _partitions(settings: Settings) -> int:
    async with connecting.admin(settings, patience=settings.broker_patience) as admin:
        found = await topic_admin.describe(admin, settings)
    missing = [topic_name(settings, topic) for topic in READ_TOPICS if topic not in found]
    if missing:
        raise StateMismatch(f"topics are missing: {', '.join(missing)}. Run client-status topics create")
    return int(found[READ_TOPICS[0]].partitions)


class _Service:
    def __init__(
        self, settings: Settings, redis: Any, metrics: ProjectorMetrics, state: ProjectorState, partitions: int,
        stop: asyncio.Event,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._redis = redis
        self._metrics = metrics
        self._state = state
        self._partitions = partitions
        self._stop = stop
        self._space = names.namespace(settings)

    async def run(self, *, rebuild: bool) -> None:
        """Follow the generation that counts; with ``rebuild`` make the next one first, beside it."""
        current = await current_generation(self._redis, self._space)
        if rebuild:
            await self._clear(current + 1)  # what an earlier attempt has left
            await self._follow(current + 1, until_caught_up=True)
            if self._stop.is_set():
                return
            await self._tell_whole(current + 1)
            await self._redis.set(names.current(self._space), current + 1)
            log.info("the read model is rebuilt; generation %d counts from now on", current + 1)
            await self._clear(current)
            current += 1
        while not self._stop.is_set():
            await self._follow(current)
            if not self._stop.is_set():
                current = await current_generation(self._redis, self._space)

    async def _tell_whole(self, generation: int) -> None:
        positions = Keys(self._space, generation).positions
        made = await self._redis.hget(positions, names.MADE)
        if made is not None:
            await self._redis.hset(positions, names.WHOLE, made)

    async def _follow(self, generation: int, *, until_caught_up: bool = False) -> None:
        """Until asked to stop, until another generation counts, or until this one has caught up."""
        self._metrics.generation.set(generation)
        self._state.reason = f"generation {generation}: catching up"
        async with (
            connecting.reader(
                self._settings,
                auto_offset_reset="earliest",  # where retention has been faster, what is left is read
                max_partition_fetch_bytes=self._fetch_bytes,
            ) as consumer,
            connecting.reader(self._settings, isolation_level="read_uncommitted") as ends,
        ):
            projector = Projector(
                self._settings, self._redis, Keys(self._space, generation), consumer, ends, self._partitions
            )
            enough = asyncio.Event()
            watching = asyncio.create_task(self._watch(projector, generation, enough, until_caught_up=until_caught_up))
            running = asyncio.create_task(projector.run(enough))
            asked = asyncio.create_task(self._stop.wait())
            await asyncio.wait([watching, running, asked], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            enough.set()
            done, late = await asyncio.wait([watching, running], timeout=END_SECONDS if self._stop.is_set() else None)
            for task in late:  # it waits for a broker that does not answer
                task.cancel()
            if late:
                await asyncio.wait(late)
            for task in done:
                task.result()

    @property
    def _fetch_bytes(self) -> int:
        """What one fetch brings of one partition, at most: the client keeps that of each until it is taken. A broker
        without transactions may not send a record that is larger."""
        if self._settings.processing_guarantee != "exactly_once":
            return connecting.MAX_REQUEST_BYTES
        share = PREFETCH_BYTES // (len(READ_TOPICS) * self._partitions)
        return max(MIN_FETCH_BYTES, min(connecting.MAX_REQUEST_BYTES, share))

    async def _watch(
        self, projector: Projector, generation: int, enough: asyncio.Event, *, until_caught_up: bool
    ) -> None:
        seen_records = seen_batches = turns = 0
        goal: _Ends | None = None
        goals, begins = 0, projector.begins
        while not enough.is_set():
            if projector.turns != turns:
                turns, self._state.turned = projector.turns, time.monotonic()
            self._metrics.records.inc(projector.records - seen_records)
            self._metrics.batches.inc(projector.batches - seen_batches)
            seen_records, seen_batches = projector.records, projector.batches
            try:
                behind = await self._measure(projector)
                self._state.ready = not projector.trouble and (self._state.ready or behind <= CAUGHT_UP)
                self._state.reason = projector.trouble or f"generation {generation}: {behind} records behind"
                if goal is None or projector.begins != begins:  # Redis may have come back empty
                    goal, goals, begins = await projector.ends(), 0, projector.begins
                elif until_caught_up or not projector.whole:
                    reached, goal, goals = await _reached(projector, goal, goals)
                    projector.whole = projector.whole or (reached and projector.begins == begins)
                if projector.whole if until_caught_up else await self._counts_no_more(generation):
                    enough.set()
            except (RedisError, KafkaError, OSError) as exc:
                self._state.ready = False
                what = "the broker" if isinstance(exc, KafkaError) else "Redis"
                self._state.reason = f"{what} cannot be used: {type(exc).__name__}"
            await asyncio.sleep(BEAT_SECONDS if projector.whole else RETRY_SECONDS / 4)

    async def _counts_no_more(self, generation: int) -> bool:
        return await current_generation(self._redis, self._space) != generation

    async def _measure(self, projector: Projector) -> int:
        by_topic: dict[str, int] = {}
        for tp, behind in projector.behind(await projector.ends()).items():
            by_topic[tp.topic] = by_topic.get(tp.topic, 0) + behind
        for topic, behind in by_topic.items():
            self._metrics.lag.labels(topic).set(behind)
        await self._redis.ping()
        return sum(by_topic.values())

    async def _clear(self, generation: int) -> None:
        pattern = f"{Keys(self._space, generation).prefix}*"
        found: list[bytes] = []
        async for key in self._redis.scan_iter(match=pattern, count=DELETE_AT_ONCE):
            found.append(key)
            if len(found) >= DELETE_AT_ONCE:
                await self._redis.unlink(*found)
                found.clear()
        if found:
            await self._redis.unlink(*found)


async def _reached(projector: Projector, goal: _Ends, goals: int) -> tuple[bool, _Ends, int]:
    """Is all read that there was? The goal is set twice: how far the worker has come in the inputs is known when the
    topics that it writes have been read to where they ended."""
    if not projector.begins or any(projector.behind(goal).values()):
        return False, goal, goals
    return goals > 0, await projector.ends(), goals + 1
