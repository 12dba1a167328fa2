"""The way out, and the only one: what the tasks contribute leaves in one transaction, together with the input offsets.

Order: outputs and dead letters, changelogs with each task's progress record last, offsets, commit. What goes wrong
before the commit is sent ends the process with nothing visible (70); what goes wrong with its answer ends it, too (75).
"""

import asyncio
import itertools
import logging
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import aiokafka
from aiokafka.errors import CommitFailedError, KafkaError, ProducerFenced
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from topics.registry import PROFILES, SETTINGS, STATE_TOPIC_BYTES, STATE_TOPICS
from worker.errors import Crash, Fenced, OutcomeUnknown, StateMismatch, StopError
from worker.pipeline.outbox import Item
from worker.pipeline.task import PROGRESS, Contribution, encode_progress
from worker.transport.clients import client_options
from worker.transport.compressed import compressed_batch
from worker.transport.consumer import BatchConsumerThread
from worker.transport.failpoints import reached
from worker.transport.group_producer import GroupFenced, GroupMetadata, GroupProducer
from worker.transport.loop_thread import LoopThread
from worker.transport.wiring import Wiring

log = logging.getLogger(__name__)

BATCH_BYTES: Final = 900_000
"""Of one record batch; stays under a broker's default message.max.bytes. A single larger record gets a batch alone."""
COMPRESSION: Final = None
"""Never lz4: aiokafka runs it at a level that halves the throughput."""
LARGEST: Final = STATE_TOPIC_BYTES - (64 << 10)
"""Of a record batch that is not compressed. Only the dead letter of a record that came compressed is larger."""
COMMIT_SHARE: Final = 0.5
"""Of WATCHDOG_SECONDS, for which a commit's answer is waited for: a stuck process is another matter (79)."""
ABORT_SECONDS: Final = 2.0
CLOSE_SECONDS: Final = 5.0

T = TypeVar("T")
Sends = Iterable[tuple[TopicPartition, Sequence[Item]]]


class Publisher(Protocol):
    """Makes contributions last. Either ``publish`` returns and everything is committed, or it raises StopError."""

    async def start(self) -> None:
        """Connect. Raises KafkaError."""

    async def publish(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        """Send and commit."""

    async def close(self) -> None:
        """Disconnect; nothing is open."""


class Transactions:
    """Exactly once: one transactional producer for the process, fenced by the group's generation (KIP-447).

    It lives on a thread of its own: the steps of a commit wait for the broker while the next transaction is computed.
    """

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._home = LoopThread("publisher")
        self._made: GroupProducer | None = None
        self._growth = Growth(wiring)

    @property
    def producer(self) -> GroupProducer:
        """To be used in ``run`` only."""
        if self._made is None:
            raise Crash("a producer before it was started: this is a fault of the worker")
        return self._made

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run what uses the producer or its client where they live."""
        return await self._home.run(coroutine)

    async def start(self) -> None:
        """InitProducerId: ends what the previous process of this slot has left open. Raises KafkaError."""
        await self.run(self._start())

    async def _start(self) -> None:
        wiring = self._wiring
        self._made = GroupProducer(
            **client_options(wiring.settings),
            transactional_id=wiring.transactional_id,
            transaction_timeout_ms=int(wiring.settings.transaction_timeout * 1000),
            acks="all",
            max_batch_size=BATCH_BYTES,
            compression_type=COMPRESSION,
        )
        await self._made.start()

    async def publish(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        """One transaction. Raises Crash, Fenced, OutcomeUnknown, StateMismatch: the producer must not be used then."""
        await self.run(self._publish(contributions, member))

    async def _publish(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        producer = self.producer
        reached("computed")
        try:
            await producer.begin_transaction()
            reached("begun")
            sends = itertools.chain(outputs(contributions, self._wiring), changelogs(contributions, self._wiring))
            self._growth.check(await settle(await send(producer, sends)))
            reached("acknowledged")
            await producer.send_offsets(offsets(contributions, self._wiring), member)
            reached("offsets-sent")
        except GroupFenced as exc:
            await self._abort()
            raise Fenced(
                f"the group {self._wiring.settings.app_id} has given this worker's tasks to another ({exc}); nothing "
                "of the open transaction is visible. Start again to join the group again"
            ) from exc
        except ProducerFenced as exc:
            raise self._fenced("before the commit") from exc
        except StateMismatch:
            await self._abort()
            raise
        except Exception as exc:
            raise Crash(
                f"a transaction failed before its commit: {exc!r}. Nothing of it is visible; start again, and look at "
                "the broker if this repeats"
            ) from exc
        await self._commit()
        reached("committed")

    async def _commit(self) -> None:
        """aiokafka asks for a commit again without end, so whoever waits for the answer must give up some time."""
        try:
            async with asyncio.timeout(COMMIT_SHARE * self._wiring.settings.watchdog_seconds):
                await self.producer.commit_transaction()
        except ProducerFenced as exc:
            raise self._fenced("at the commit") from exc
        except Exception as exc:
            raise OutcomeUnknown(
                f"the broker did not answer a commit: {exc!r}. Start again: the worker goes on from what was committed"
            ) from exc

    def _fenced(self, when: str) -> StopError:
        return Fenced(
            f"another process has taken over the transactional id {self._wiring.transactional_id} ({when}). If two "
            "processes have the same WORKER_SLOT, give each its own; else start again"
        )

    async def _abort(self) -> None:
        """Free the partitions for readers now; without it the successor, or the time-out, does it."""
        try:
            await asyncio.wait_for(self.producer.abort_transaction(), ABORT_SECONDS)
        except (KafkaError, TimeoutError) as exc:
            log.warning("the open transaction was not aborted: %r", exc)

    async def close(self) -> None:
        """Disconnect; nothing is open."""
        if self._made is not None:
            await self.run(_close(self._made))
        self._home.stop()


class PlainSends:
    """At least once, for brokers without transactions: the same order, each step acknowledged before the next.

    The state stays exact, since restoring starts from the progress record; a crash can only repeat outputs, with the
    same ids.
    """

    def __init__(self, wiring: Wiring, thread: BatchConsumerThread) -> None:
        self._wiring = wiring
        self._thread = thread
        self._growth = Growth(wiring)
        self.producer = aiokafka.AIOKafkaProducer(
            **client_options(wiring.settings), acks="all", max_batch_size=BATCH_BYTES, compression_type=COMPRESSION
        )

    async def start(self) -> None:
        """Connect."""
        await self.producer.start()

    async def publish(self, contributions: Sequence[Contribution], member: GroupMetadata) -> None:
        """Outputs, changelogs, group offsets. Raises Crash, StateMismatch."""
        del member  # the coordinator names it when it commits
        reached("computed")
        try:
            reached("begun")
            await settle(await send(self.producer, outputs(contributions, self._wiring)))
            reached("all-sent")
            for tp, items in changelogs(contributions, self._wiring):
                for builder in pack(self.producer, items):  # one after the other: the progress record must come last
                    sent = await self.producer.send_batch(builder, tp.topic, partition=tp.partition)
                    self._growth.check(await settle([sent]))
            reached("acknowledged")
        except StateMismatch:
            raise
        except Exception as exc:
            raise Crash(f"sending failed: {exc!r}. Start again; outputs may be repeated, with the same ids") from exc
        await self._commit(offsets(contributions, self._wiring))
        reached("committed")

    async def _commit(self, positions: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """For those who look at the group's lag; the progress record is what counts."""
        try:
            await self._thread.commit_offsets(positions)
        except CommitFailedError:
            log.info("offsets were not committed: the group is being rebalanced")
        except KafkaError as exc:
            log.warning("offsets were not committed, only the changelog has them: %r", exc)
        reached("offsets-sent")

    async def close(self) -> None:
        """Disconnect."""
        await _close(self.producer)


class Growth:
    """Do the topics of the state only grow? One that was made anew under a running worker would hold what is written
    from now on, and nothing else. Of outputs nothing is restored: they may be made anew."""

    def __init__(self, wiring: Wiring) -> None:
        self._topics = {wiring.topic(name) for name in STATE_TOPICS}
        self._written: dict[TopicPartition, int] = {}
        """The offset of the last batch in every partition."""

    def check(self, acknowledged: Iterable[Any]) -> None:
        """Of batches, in their order, where each was written. Raises StateMismatch."""
        for batch in acknowledged:
            if batch.topic not in self._topics or batch.offset < 0:
                continue  # below 0: the broker had it already, and does not know any more where
            last = self._written.get(batch.topic_partition, -1)
            if batch.offset <= last:
                raise StateMismatch(
                    f"{batch.topic}, partition {batch.partition}: offset {batch.offset} was written after {last}: the "
                    "topic was made anew or lost records while this worker ran. Bring the topic back; without it, "
                    f"start over with another APP_ID and empty {' and '.join(sorted(self._topics))}"
                )
            self._written[batch.topic_partition] = batch.offset


def outputs(contributions: Sequence[Contribution], wiring: Wiring) -> Sends:
    """What subscribers see, dead letters and re-sent records."""
    for contribution in contributions:
        for (topic, partition), items in contribution.outbox.sends.items():
            yield wiring.tp(topic, partition), items


def changelogs(contributions: Sequence[Contribution], wiring: Wiring) -> Sends:
    """What the tasks remember, the progress record of each last."""
    for contribution in contributions:
        partition, written = contribution.task.partition, contribution.outbox.changelog
        if settings := written.get(SETTINGS):
            yield wiring.tp(SETTINGS, partition), _items(settings)
        profiles = _items(written.get(PROFILES, {}))
        profiles.append(Item(PROGRESS, encode_progress(contribution.progress), None, ()))
        yield wiring.tp(PROFILES, partition), profiles


def _items(writes: Mapping[bytes, bytes | None]) -> list[Item]:
    return [Item(key, value, None, ()) for key, value in writes.items()]


def offsets(contributions: Sequence[Contribution], wiring: Wiring) -> dict[TopicPartition, OffsetAndMetadata]:
    """Positions as the group's offsets, with the number of the task's transaction as metadata."""
    return {
        wiring.tp(topic, c.task.partition): OffsetAndMetadata(offset, str(c.progress.number))
        for c in contributions
        for topic, offset in c.positions.items()
    }


async def send(producer: Any, sends: Sends) -> list[Any]:
    """Pass everything to the producer, a first batch for every partition before the second of any: a partition's second
    batch waits until its first has left. Returns futures."""
    futures: list[Any] = []
    queues = [(tp, pack(producer, items)) for tp, items in sends]
    while queues:
        left = []
        for tp, builders in queues:
            builder = next(builders, None)
            if builder is not None:
                futures.append(await producer.send_batch(builder, tp.topic, partition=tp.partition))
                left.append((tp, builders))
                if len(futures) == 1:
                    reached("some-sent")
        queues = left
    reached("all-sent")
    return futures


async def settle(futures: Sequence[Any]) -> list[Any]:
    """Wait for every batch: where each was written. Raises what one of them has met: aiokafka commits even when a batch
    has failed."""
    return await asyncio.gather(*futures) if futures else []


def pack(producer: Any, items: Iterable[Item]) -> Iterator[Any]:
    """Record batches of at most BATCH_BYTES, filled by hand: a tenth of what ``producer.send`` costs."""
    builder, first = producer.create_batch(), None
    append = builder.append
    for item in items:
        key, value, timestamp, any_headers = item
        headers = any_headers if any_headers.__class__ is list else list(any_headers)  # the only kind aiokafka takes
        if append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
            yield _sendable(producer, builder, first)
            builder, first = producer.create_batch(), None
            append = builder.append
            if append(timestamp=timestamp, key=key, value=value, headers=headers) is None:  # the first always fits
                raise Crash(f"a record under key {key!r} does not fit an empty batch: this is a fault of the worker")
        first = first or item
    if builder.record_count():
        yield _sendable(producer, builder, first)


def _sendable(producer: Any, builder: Any, first: Item | None) -> Any:
    """The batch, or, where the broker would not take it, its only record as it came: compressed (J1)."""
    if first is None or builder.size() <= LARGEST:
        return builder
    alone = compressed_batch(producer, BATCH_BYTES)
    alone.append(timestamp=first.timestamp, key=first.key, value=first.value, headers=list(first.headers))
    return alone


async def _close(producer: Any) -> None:
    try:
        await asyncio.wait_for(producer.stop(), CLOSE_SECONDS)
    except (KafkaError, TimeoutError) as exc:
        log.warning("the producer did not stop in order: %r", exc)
