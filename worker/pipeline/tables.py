"""Where Faust's tables and their recovery would be: the tasks of this process, driven by the group's rebalances.

``TaskTables`` takes the place of Faust's table manager (a public setting), so Faust calls it at the right moments.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

import faust
from aiokafka.errors import KafkaError
from faust.tables import TableManager
from faust.types.tuples import TP

from topics.registry import INPUTS, STATE_TOPICS
from worker import clock
from worker.errors import Crash, DeadLetterLimit, StateMismatch, StopError
from worker.pipeline.commit import PlainSends, Publisher, Transactions
from worker.pipeline.limits import Backlog
from worker.pipeline.ports import Batch
from worker.pipeline.restore import RETRY_SECONDS, Opener
from worker.pipeline.task import Contribution, Task
from worker.pipeline.ticking import Horizons, Planner
from worker.transport.clients import FORBIDDEN, forbidden
from worker.transport.collector import Collector
from worker.transport.ending import end
from worker.transport.group_producer import GroupMetadata
from worker.transport.reports import Reports
from worker.transport.wiring import Wiring

log = logging.getLogger(__name__)

SESSIONS_UNTIL_ALONE: Final = 2.5
"""Without transactions: how many session time-outs a worker that was given nothing waits for the other one to go."""


class TaskTables(TableManager):  # type: ignore[misc]  # Faust ships no types that hold
    """The tasks of this process: opened on assignment, run by one loop, parked when they are taken away.

    No Recovery of Faust's is ever made. Everything here runs on the main loop but ``on_rebalance_start``.
    """

    logger = logging.getLogger("faust.worker")

    def __init__(self, app: Any, **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self.wiring: Wiring = app.wiring
        self.tasks: dict[int, Task] = {}
        self.joined = GroupMetadata("", -1, "")
        """Who we are in the group; set on the consumer's thread when an assignment arrives."""
        self.busy_since: float | None = None
        """Since when a transaction is under way; for the watchdog."""
        self._parked: dict[int, Task] = {}
        self._publisher: Publisher | None = None
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._rebalancing = False
        self._closing = False
        self._opening: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._horizons: Horizons | None = None
        self._ticket = 0
        self._backlog = Backlog(self.wiring.settings.transaction_records, self._pause, self._resume)
        self._planner = Planner(self.wiring, self._backlog)
        self._reports = Reports(self.wiring)
        self._collector = Collector()

    # -- what Faust calls -----------------------------------------------------------------------------------------

    def add(self, table: Any) -> Any:
        """Faust's own claims the changelog for its recovery and its assignor, too."""
        self[table.name] = table
        return table

    async def on_start(self) -> None:
        """Faust's own sleeps a second, declares changelogs and starts its recovery."""
        self._tables_finalized.set()
        self._tables_registered.set()

    async def wait_until_recovery_completed(self) -> bool:
        """Faust's own waits for its recovery."""
        return False

    def on_rebalance_start(self) -> None:
        """On the consumer's thread, before anything else of a rebalance."""
        self._rebalancing = True

    def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Synchronous, so no place to wait; ``close_all`` is."""

    async def close_all(self) -> None:
        """Let the running transaction end, begin no other, and park the tasks."""
        self._closing = True
        self._wake.set()
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self._running is not None:
            await asyncio.wait([self._running])
        self._opening = self._running = None
        if self._horizons is not None:
            await self._horizons.close()
        async with self._lock:  # an opening's transaction goes on after the opening was cancelled
            pass
        self._parked |= self.tasks
        self.tasks = {}
        self._backlog.clear()
        self.wiring.state.open = frozenset()

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Inside of aiokafka's join, where no heartbeat runs until it returns: so only schedule."""
        del revoked, newly_assigned
        await self.close_all()
        self._rebalancing = self._closing = False
        member = self.joined
        if member.generation != generation_id:
            end(Crash(f"the assignment of generation {generation_id} came to {member}: this is a fault of the worker"))
        self.wiring.metrics.rebalances.inc()
        self._opening = asyncio.create_task(self._guarded(self._open_all(assigned, member)))

    async def on_stop(self) -> None:
        """The app has stopped the flow already."""
        await self.close_all()
        if self._publisher is not None:
            await self._publisher.close()

    # -- opening --------------------------------------------------------------------------------------------------

    async def _open_all(self, assigned: set[TP], member: GroupMetadata) -> None:
        thread, state = self.app.consumer.thread, self.wiring.state
        partitions = sorted({tp.partition for tp in assigned})
        self._check(assigned, partitions)
        self._collector.opening()
        self._parked = {p: task for p, task in self._parked.items() if p in partitions}
        state.assigned, state.joined = frozenset(partitions), True
        state.phase = "restoring" if partitions else "running"
        await self.app.let_flow()
        if not partitions:
            self._reports.look([], thread.high_water, at_once=True)
            await self._stand_by()
            return
        publisher = await self._started_publisher()
        opener = Opener(self.wiring, thread, publisher, self._transact)
        self._horizons = Horizons(self.wiring, thread)
        self._running = asyncio.create_task(self._guarded(self._run(self._horizons, member)))
        kept = [p for p in partitions if p in self._parked]  # these wait for nobody, so they open apart
        fresh = [p for p in partitions if p not in self._parked]
        await asyncio.gather(*(self._open(opener, ps, member) for ps in (kept, fresh) if ps))
        state.phase = "running"
        log.info("all %d tasks run, generation %d", len(partitions), member.generation)

    def _check(self, assigned: set[TP], partitions: Sequence[int]) -> None:
        wanted = {TP(self.wiring.topic(topic.name), p) for p in partitions for topic in INPUTS}
        sizes = {topic.name: self.app.consumer.topic_partitions(self.wiring.topic(topic.name)) for topic in INPUTS}
        if assigned != wanted or any(size not in (None, self.wiring.partitions) for size in sizes.values()):
            raise StateMismatch(
                f"the input topics no longer have {self.wiring.partitions} partitions each ({sizes}): all topics must "
                "have the same number, which cannot be changed once there is state. Run `client-status topics check`"
            )

    async def _stand_by(self) -> None:
        """Nothing to do. With transactions that is fine; without, another worker runs, and nothing would fence it."""
        if self.wiring.transactional:
            return
        seconds = SESSIONS_UNTIL_ALONE * self.wiring.settings.session_timeout
        log.warning("another worker is in the group; waiting %.0f s in case it is a dead one's memory", seconds)
        await asyncio.sleep(seconds)
        raise StateMismatch(
            f"another worker runs in the group {self.wiring.settings.app_id}, and PROCESSING_GUARANTEE=at_least_once "
            "allows one only: without transactions nothing keeps two workers from mixing up each other's state. Stop "
            "the other one, or use a broker with transactions and PROCESSING_GUARANTEE=exactly_once"
        )

    async def _started_publisher(self) -> Publisher:
        while self._publisher is None:
            publisher: Publisher = (
                Transactions(self.wiring)
                if self.wiring.transactional
                else PlainSends(self.wiring, self.app.consumer.thread)
            )
            try:
                await publisher.start()
                self._publisher = publisher
            except FORBIDDEN as exc:
                await publisher.close()
                raise forbidden(self.wiring.settings, exc) from exc
            except (KafkaError, TimeoutError) as exc:
                log.warning("the producer did not start, trying again: %r", exc)
                await publisher.close()
                await asyncio.sleep(RETRY_SECONDS)
            except asyncio.CancelledError:
                await publisher.close()
                raise
        return self._publisher

    async def _open(self, opener: Opener, partitions: Sequence[int], member: GroupMetadata) -> None:
        tasks = await opener.open(partitions, self._parked, member)
        if self._rebalancing or member.generation != self.app.consumer_generation_id:
            return
        positions = {
            self.wiring.tp(topic, task.partition): offset for task in tasks for topic, offset in task.fetched.items()
        }
        await self.app.consumer.thread.seek_all(positions)  # aiokafka has prefetched from what it read when it joined
        for task in tasks:
            self._parked.pop(task.partition, None)
            self.tasks[task.partition] = task
        self._collector.settled()
        self.wiring.state.open = frozenset(self.tasks)
        self.app.consumer.resume_partitions({TP(*tp) for tp in positions})
        self._wake.set()

    # -- running --------------------------------------------------------------------------------------------------

    def submit(self, batch: Batch) -> None:
        """From an agent: a batch for the inbox of its task. What belongs to an assignment that is over is dropped."""
        task = self.tasks.get(batch.partition)
        if task is None or task.generation != batch.generation or self._rebalancing:
            return
        try:
            size = task.submit(batch, self._ticket)
        except StateMismatch as exc:
            end(exc)
        self._ticket += 1
        self._backlog.added(task, size)
        self._wake.set()

    async def _run(self, horizons: Horizons, member: GroupMetadata) -> None:
        """Transactions one after the other. With enough records waiting for a full one, it is computed while the one
        before is still on its way; else that would only make records wait longer."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Task[None] | None = None
        while not (self._closing or self._rebalancing):
            self._wake.clear()
            now = clock.now()
            tasks = list(self.tasks.values())
            horizons.look(tasks, now, self._wake)
            if under_way is not None and not self._planner.full(tasks):
                await under_way
                under_way = None
            contributions = self._planner.plan(tasks, now)
            if under_way is not None:
                await under_way
                under_way = None
            self._reports.look(tasks, self.app.consumer.thread.high_water)
            if contributions:
                under_way = asyncio.create_task(self._guarded(self._locked(contributions, member)))
                self._collector.between_transactions()
                await asyncio.sleep(self._planner.pause)  # let the transaction begin, and agents fill the inboxes
                continue
            sleeper = loop.call_later(self._planner.sleep_seconds(tasks, now), self._wake.set)
            await self._wake.wait()
            sleeper.cancel()
        if under_way is not None:
            await under_way

    async def _transact(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        """For an opening, which may be cancelled while the transaction, whose producer is shared, must not be."""
        await asyncio.shield(asyncio.create_task(self._guarded(self._locked(contributions, member))))

    async def _locked(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        async with self._lock:
            await self._publish(contributions, member)

    async def _publish(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        if self._publisher is None:
            raise Crash("a transaction before the producer was started: this is a fault of the worker")
        started = self.busy_since = time.monotonic()
        try:
            await self._publisher.publish(contributions, member)
        except StopError as exc:
            self._reports.failed(exc)
            end(exc)
        for contribution in contributions:
            contribution.task.engine.committed(contribution.outbox)
        self.busy_since = None
        self._reports.committed(contributions, time.monotonic() - started)
        for contribution in contributions:
            if contribution.exceeded is not None:
                end(DeadLetterLimit(str(contribution.exceeded)))

    async def _guarded(self, coroutine: Any) -> None:
        """A task that fails ends the process: nobody else would look at it."""
        try:
            await coroutine
        except StopError as exc:
            end(exc)
        except Exception as exc:
            log.exception("unexpected")
            end(
                Crash(f"an error that nothing here expects: {exc!r}; the log has the trace. Start again, and report it")
            )

    def _pause(self, topic: str, partition: int) -> None:
        self.app.consumer.on_buffer_full(TP(self.wiring.topic(topic), partition))

    def _resume(self, topic: str, partition: int) -> None:
        self.app.consumer.on_buffer_drop(TP(self.wiring.topic(topic), partition))


class TaskTable(faust.Table):  # type: ignore[misc]  # Faust ships no types that hold
    """A table of Faust's that shows a task's state, and never changes it: that is what a task's transaction does."""

    @property
    def data(self) -> "StateView":
        """The committed records of this process's tasks, encoded, by key."""
        return StateView(self.app.tables.tasks, self.name)

    async def on_start(self) -> None:
        """Faust's own opens a store and declares a changelog."""

    def _changelog_topic_name(self) -> str:
        return str(self.app.wiring.topic(self.name))

    def on_key_set(self, *_: Any) -> NoReturn:
        """Faust's own sends to the changelog, outside of any transaction."""
        raise TypeError(f"the table {self.name} is read only")

    def on_key_del(self, *_: Any) -> NoReturn:
        """As on_key_set."""
        raise TypeError(f"the table {self.name} is read only")

    def using_window(self, *_: Any, **__: Any) -> NoReturn:
        """Windows keep state of the wall clock's, outside of any transaction."""
        raise TypeError(f"the table {self.name} has no windows")


class StateView(Mapping[bytes, bytes]):
    """One changelog's records over all tasks; the worker's own records, whose keys begin with NUL, are not shown."""

    def __init__(self, tasks: Mapping[int, Task], name: str) -> None:
        self._tasks = tasks
        self._name = name

    def __getitem__(self, key: bytes) -> bytes:
        for task in self._tasks.values():
            value = task.engine.stores[self._name].get(key)
            if value is not None:
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[bytes]:
        for task in self._tasks.values():
            for key in task.engine.stores[self._name]:
                if not key.startswith(b"\0"):
                    yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)


def declare_tables(app: Any) -> None:
    """The tables of the state, so that Faust shows them."""
    for name in STATE_TOPICS:
        app.Table(name)
