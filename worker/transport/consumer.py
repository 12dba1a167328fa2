"""Faust's consumer, changed so that ONE event is a whole fetched partition batch, with the positions around it.

Faust keeps group membership, the rebalance callbacks, the conductor (topic to agent) and the agents. Per-record events,
acks, its commit timer, its offset arithmetic and its seek-to-committed are gone; each override says which and why.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from typing import Any, Final, TypeVar

import aiokafka
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.events import Event
from faust.serializers.schemas import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from topics.registry import INPUTS
from worker.pipeline.ports import Batch
from worker.transport.assignor import SoleAssignor, TaskAssignor
from worker.transport.clients import client_options, contract_name
from worker.transport.group_offsets import Committed, StableOffsets, fetch_stable
from worker.transport.group_producer import GroupMetadata
from worker.transport.raw import take

FETCH_RECORDS: Final = 4_000
"""Records of one partition in one event, at most: what the main loop computes without a pause."""
FETCH_BYTES: Final = 4 << 20
"""What one fetch brings of one partition, at most: large fetches double the speed of catching up."""
PREFETCH_BYTES: Final = 256 << 20
"""What all partitions together may have waiting inside the client: with many partitions each fetches less."""
MIN_FETCH_BYTES: Final = 256 << 10
FETCH_WAIT_MS: Final = 250
POLL_SECONDS: Final = 0.1
HEARTBEATS_PER_SESSION: Final = 6
REBALANCE_SECONDS: Final = 30.0
MAX_POLL_SECONDS: Final = 300.0
T = TypeVar("T")


class BatchSchema(Schema):  # type: ignore[misc]  # Faust ships no types that hold
    """Hands the batch to the agent as it is: decoding is the pipeline's, which can dead-letter one record."""

    def compile(self, app: Any, **_: Any) -> Any:
        async def decode(message: Any, *, propagate: bool = False) -> Any:  # noqa: ARG001 - Faust passes it by name
            return Event(app, None, message.value, None, message)

        return decode


class BatchConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust ships no types that hold
    """Runs aiokafka's consumer on a thread and loop of its own: heartbeats go on while the main loop computes."""

    logger = logging.getLogger("faust.worker")

    def _create_worker_consumer(self, transport: Any) -> Any:
        # Faust's own: isolation follows processing_guarantee, fetch_max_wait_ms is 1,500, the assignor is its own, and
        # certificates are taken from its own settings.
        del transport
        wiring = self.app.wiring
        settings = wiring.settings
        self._assignor = TaskAssignor if wiring.transactional else SoleAssignor
        share = PREFETCH_BYTES // (len(INPUTS) * wiring.partitions)
        return aiokafka.AIOKafkaConsumer(
            **client_options(settings),
            group_id=settings.app_id,
            partition_assignment_strategy=[self._assignor],
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=max(MIN_FETCH_BYTES, min(FETCH_BYTES, share)),
            session_timeout_ms=int(settings.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.session_timeout * 1000 / HEARTBEATS_PER_SESSION),
            rebalance_timeout_ms=int(REBALANCE_SECONDS * 1000),
            max_poll_interval_ms=int(MAX_POLL_SECONDS * 1000),
        )

    async def _on_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the consumer's loop. Cheaper than Faust's method queue, and not one after the other."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.thread_loop))

    async def fetch(self, active: set[TP], timeout: float, limit: int) -> list[Batch]:  # noqa: ASYNC109 - not an error
        """What was fetched of the active partitions; waits up to ``timeout`` seconds for something to be there."""
        return await self._on_loop(self._fetch(active, timeout, limit))

    async def _fetch(self, active: set[TP], timeout: float, limit: int) -> list[Batch]:  # noqa: ASYNC109 - not an error
        # ``active`` is the consumer's live set, looked at again after the wait. This is called even when nothing is
        # active: fetch_context() is what keeps max_poll_interval from running out during a long restore.
        consumer = self._ensure_consumer()
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        with consumer._subscription.fetch_context():
            batches = self._take(consumer, active, limit)
            if not batches:
                waiter = fetcher._create_fetch_waiter()
                await asyncio.wait([waiter], timeout=timeout)
                if waiter.done():
                    waiter.result()  # raises what the coordinator pushes: no authorization, a dead coordination task
                    batches = self._take(consumer, active, limit)
                else:
                    waiter.cancel()
            return batches

    def _take(self, consumer: Any, active: set[TP], limit: int) -> list[Batch]:
        generation, settings = self.app.consumer_generation_id, self.app.wiring.settings
        return [
            Batch(
                contract_name(settings, piece.tp.topic),
                piece.tp.partition,
                piece.start,
                piece.end,
                piece.records,
                generation,
            )
            for piece in take(consumer, active, limit)
        ]

    async def check_group(self) -> None:
        """Raises what the group's coordinator has met and cannot mend, such as a missing right to join. Before there
        are tasks nobody fetches, so nobody would be told."""

        async def check() -> None:
            if self._consumer is not None:
                self._consumer._coordinator.check_errors()

        if self.thread_loop is not None and self.thread_loop.is_running():
            await self._on_loop(check())

    async def seek_all(self, positions: Mapping[TopicPartition, int]) -> None:
        """Set the positions from which the partitions are fetched."""

        async def seek() -> None:
            for tp, offset in positions.items():
                self._ensure_consumer().seek(tp, offset)

        await self._on_loop(seek())

    async def committed(self, partitions: Iterable[TopicPartition]) -> StableOffsets:
        """The group's offsets from the broker, never those that aiokafka read when it joined."""

        async def committed() -> StableOffsets:
            consumer = self._ensure_consumer()
            if self.app.wiring.transactional:
                return await fetch_stable(consumer._coordinator, partitions)
            # Brokers without transactions may lack the newer request as well, and have nothing that is pending.
            return StableOffsets({tp: Committed(await consumer.committed(tp), "") for tp in partitions}, set())

        return await self._on_loop(committed())

    async def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Where each partition ends now, for a reader of what is committed: its last stable offset."""

        async def ends() -> dict[TopicPartition, int]:
            return dict(await self._ensure_consumer().end_offsets(list(partitions)))

        return await self._on_loop(ends())

    async def commit_offsets(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Commit outside of a transaction. Faust's own ``commit`` logs and swallows errors; this raises KafkaError."""

        async def commit() -> None:
            await self._ensure_consumer().commit(dict(offsets))

        await self._on_loop(commit())

    def high_water(self, tp: TopicPartition) -> int | None:
        """The end of the partition as the latest fetch told it; None before the first."""
        assignment = self._ensure_consumer()._subscription.subscription.assignment
        if assignment is None or tp not in assignment.tps:
            return None
        mark: int | None = assignment.state_value(tp).highwater
        return mark

    def on_partitions_assigned(self, assigned: set[TP], generation: int = 0) -> Awaitable[None]:
        """On the consumer's thread, inside of the join: here generation and member id belong to this assignment."""
        coordinator = self._ensure_consumer()._coordinator
        self.app.tables.joined = GroupMetadata(self.app.wiring.settings.app_id, generation, coordinator.member_id)
        future: Awaitable[None] = super().on_partitions_assigned(assigned, generation)
        return future

    def close(self) -> None:
        """Faust's own closes the client from the wrong loop when a rebalance meets a stop; on_thread_stop does it."""


class BatchConsumer(driver.Consumer):  # type: ignore[misc]  # Faust ships no types that hold
    """Passes batches to the conductor and commits nothing: a task's transaction is the only one who does."""

    logger = logging.getLogger("faust.worker")
    polls = 0
    """Turns of the fetch loop: the watchdog's sign of life."""

    @property
    def thread(self) -> BatchConsumerThread:
        """Where aiokafka's consumer lives."""
        thread: BatchConsumerThread = self._thread
        return thread

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        # Faust's own: a message per record, a filter by read offset, gap intervals, and seek-to-committed when the flow
        # is stopped. Here order and completeness are the task's to check.
        try:
            while not (self.should_stop or fetcher.should_stop):
                self.polls += 1
                if not self.flow_active:
                    await self._thread.fetch(set(), POLL_SECONDS, 0)
                    continue
                for batch in await self._thread.fetch(self._active_partitions, POLL_SECONDS, FETCH_RECORDS):
                    await self.callback(self._message(batch))
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise

    def _message(self, batch: Batch) -> Any:
        tp = TP(self.app.wiring.topic(batch.topic), batch.partition)
        return ConsumerMessage(
            *tp, batch.end - 1, 0.0, 0, (), None, batch, None, 0, 0, tp, generation_id=batch.generation
        )

    async def commit(self, *_: Any, **__: Any) -> bool:
        """Faust's timer, wait_empty, on_stop and on_task_error end here."""
        return False

    async def verify_all_partitions_active(self) -> None:
        """Faust's own logs about livelocks by reading another thread's state; see worker.transport.watchdog."""


class BatchTransport(driver.Transport):  # type: ignore[misc]  # Faust ships no types that hold
    """Faust's aiokafka driver with the consumer above."""

    Consumer = BatchConsumer
