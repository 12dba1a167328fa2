"""Opens tasks when the group assigns them, in an order in which no step can be left out or moved:

end what others left open, read the group's offsets, restore the state until it shows the same, read the control topic.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from topics.registry import CONTROL, INPUTS, OUTPUTS, PROFILES, SETTINGS, STATE_TOPICS
from worker import clock
from worker.errors import StateMismatch
from worker.pipeline.commit import Publisher, Transactions
from worker.pipeline.ports import Batch
from worker.pipeline.store import OWN
from worker.pipeline.task import Contribution, Progress, Task, agree, stored_progress
from worker.pipeline.ticking import RECORDS_SECONDS, within
from worker.transport.clients import FORBIDDEN, client_options, contract_name, forbidden
from worker.transport.consumer import BatchConsumerThread
from worker.transport.failpoints import reached
from worker.transport.group_offsets import Committed
from worker.transport.group_producer import GroupMetadata
from worker.transport.open_transactions import (
    OpenTransaction,
    end_transaction,
    open_transactions,
    transactional_ids,
)
from worker.transport.reader import PositionReader
from worker.transport.wiring import Wiring

log = logging.getLogger(__name__)

INPUT_NAMES: Final = tuple(topic.name for topic in INPUTS)
OUTPUT_NAMES: Final = tuple(topic.name for topic in OUTPUTS)
RETRY_SECONDS: Final = 1.0
"""Between two tries to open while the broker is away."""
SETTLE_SECONDS: Final = 0.05
"""Between two looks at what a transaction on its way is about to move."""
BROKER_LOOKS_SECONDS: Final = 20.0
"""Past its time-out a transaction stays open until the broker looks; how long to wait, on top of the time-out, before
state and offsets that differ are a contradiction."""
FOREIGN_SECONDS: Final = 2.0
"""A living worker may re-send a record to one of these inputs: only a transaction that is open for longer is ended."""

MAX_FETCHED: Final = 1 << 40
"""Bytes: of what was fetched at once all is taken."""

Transact = Callable[[Sequence[Contribution], GroupMetadata], Awaitable[None]]


class Opener:
    """Opens tasks. One per process; ``transact`` runs a transaction under the process's lock."""

    def __init__(self, wiring: Wiring, thread: BatchConsumerThread, publisher: Publisher, transact: Transact) -> None:
        self._wiring = wiring
        self._thread = thread
        self._publisher = publisher
        self._transact = transact
        self._names = {wiring.topic(name): name for name in INPUT_NAMES}

    async def open(self, partitions: Sequence[int], parked: Mapping[int, Task], member: GroupMetadata) -> list[Task]:
        """The tasks of these partitions, ready for their inputs. Tries again while the broker is away.

        ``parked``: tasks kept from before a rebalance, used again when the broker shows that nobody has committed for
        them since. Raises StateMismatch, and Crash when the Kafka user may not do what it takes.
        """
        started = time.monotonic()
        while True:
            try:
                tasks = await self._open(partitions, parked, member)
                break
            except FORBIDDEN as exc:
                raise forbidden(self._wiring.settings, exc) from exc
            except (KafkaError, TimeoutError, OSError) as exc:
                log.warning("tasks %s cannot be opened yet: %r", list(partitions), exc)
                await asyncio.sleep(RETRY_SECONDS)
        seconds = time.monotonic() - started
        self._wiring.metrics.restore_seconds.set(seconds)
        log.info(
            "tasks %s are open after %.2f s: %d cards", list(partitions), seconds, sum(t.engine.cards for t in tasks)
        )
        return tasks

    async def _open(self, partitions: Sequence[int], parked: Mapping[int, Task], member: GroupMetadata) -> list[Task]:
        wiring = self._wiring
        if isinstance(self._publisher, Transactions):
            await self._evict(self._publisher, partitions)
        reached("evicted")
        committed = await self._committed(partitions)
        reached("offsets-fetched")
        changelogs = [wiring.tp(name, p) for name in STATE_TOPICS for p in partitions]
        controls = [wiring.tp(CONTROL, p) for p in partitions]
        async with PositionReader(client_options(wiring.settings), [*changelogs, *controls]) as reader:
            tasks = self._reused(partitions, parked, committed, member)
            missing = [p for p in partitions if p not in tasks]
            if missing:
                tasks |= await self._restore(reader, missing, committed, member)
            reached("restored")
            await self._place(reader, tasks, committed)
            await self._read_control(reader, tasks, committed, member)
        reached("opened")
        return list(tasks.values())

    # -- what others left open ------------------------------------------------------------------------------------

    async def _evict(self, publisher: Transactions, partitions: Sequence[int]) -> None:
        """End the transactions that dead, frozen or expelled workers have open over these tasks' topics.

        No living member has one over their outputs and changelogs: it ends its transaction before it joins again.
        """
        own = [self._wiring.tp(name, p) for name in OUTPUT_NAMES for p in partitions]
        await self._end_all(publisher, await self._open_over(publisher, own))
        inputs = [self._wiring.tp(name, p) for name in INPUT_NAMES for p in partitions]
        suspects = await self._open_over(publisher, inputs)
        deadline = time.monotonic() + FOREIGN_SECONDS
        while suspects and time.monotonic() < deadline:
            await asyncio.sleep(SETTLE_SECONDS)
            suspects &= await self._open_over(publisher, inputs)
        await self._end_all(publisher, suspects)

    async def _open_over(self, publisher: Transactions, partitions: Sequence[TopicPartition]) -> set[OpenTransaction]:
        producer = publisher.producer
        found = await publisher.run(open_transactions(producer.client, partitions))
        return {t for t in found if t.producer_id != producer.producer_id}

    async def _end_all(self, publisher: Transactions, found: set[OpenTransaction]) -> None:
        settings = self._wiring.settings
        ids = {t.producer_id for t in found}
        client = publisher.producer.client
        for name in await publisher.run(transactional_ids(client, ids, f"{settings.app_id}-")):
            await end_transaction(client_options(settings), name, int(settings.transaction_timeout * 1000))

    # -- offsets and state ----------------------------------------------------------------------------------------

    async def _committed(self, partitions: Sequence[int]) -> dict[TopicPartition, Committed]:
        """The group's offsets, once no pending transaction is about to move them. After that no worker of an older
        generation can: its transaction has ended, or will be refused."""
        inputs = [self._wiring.tp(name, p) for p in partitions for name in INPUT_NAMES]
        while True:
            answer = await self._thread.committed(inputs)
            if not answer.pending:
                return answer.committed
            log.info(
                "a transaction is still open over offsets of tasks %s", sorted({t.partition for t in answer.pending})
            )
            await asyncio.sleep(SETTLE_SECONDS)

    def _reused(
        self,
        partitions: Sequence[int],
        parked: Mapping[int, Task],
        committed: Mapping[TopicPartition, Committed],
        member: GroupMetadata,
    ) -> dict[int, Task]:
        """Tasks whose memory is still what is committed. Without transactions nothing proves that."""
        tasks: dict[int, Task] = {}
        if not self._wiring.transactional:
            return tasks
        for p in partitions:
            task = parked.get(p)
            offsets = {tp: c for tp, c in committed.items() if tp.partition == p}
            present = any(c.offset is not None for c in offsets.values())
            if task is not None and present and agree(task.progress, offsets, self._names):
                tasks[p] = Task(p, task.engine, task.progress, member.generation, task.horizon)
        return tasks

    async def _restore(
        self,
        reader: PositionReader,
        partitions: Sequence[int],
        committed: Mapping[TopicPartition, Committed],
        member: GroupMetadata,
    ) -> dict[int, Task]:
        """Read the changelogs until they show what the group's offsets show. The markers that a commit writes reach the
        group's partition and the changelogs' at different moments, so one pass may end too early."""
        wiring = self._wiring
        engines = {p: wiring.new_engine(p) for p in partitions}
        logs = {wiring.tp(name, p): name for name in STATE_TOPICS for p in partitions}
        cursor = await reader.beginnings(logs)
        deadline = time.monotonic() + wiring.settings.transaction_timeout + BROKER_LOOKS_SECONDS
        unsure = set(partitions)
        while unsure:
            ends = await reader.ends([tp for tp in logs if tp.partition in unsure])
            async for piece in reader.read(cursor, ends):
                engines[piece.tp.partition].restore(logs[piece.tp], piece.records)
                cursor[piece.tp] = piece.end
            unsure = {p for p in unsure if not self._settled(stored_progress(engines[p]), p, committed)}
            if unsure:
                if time.monotonic() > deadline:
                    raise self._contradiction({p: stored_progress(engines[p]) for p in unsure}, committed)
                await asyncio.sleep(SETTLE_SECONDS)
        tasks = {}
        for p, engine in engines.items():
            progress = stored_progress(engine)
            self._check_partitions(progress, p)
            self._check_settings(engine.stores, p)
            engine.restored()
            current = Progress(number=progress.number, partitions=wiring.partitions, offsets=progress.offsets)
            tasks[p] = Task(p, engine, current, member.generation)
        return tasks

    def _settled(self, progress: Progress, partition: int, committed: Mapping[TopicPartition, Committed]) -> bool:
        if not self._wiring.transactional:
            return True  # the changelog is all there is
        return agree(progress, {tp: c for tp, c in committed.items() if tp.partition == partition}, self._names)

    def _contradiction(
        self, progress: Mapping[int, Progress], committed: Mapping[TopicPartition, Committed]
    ) -> StateMismatch:
        p, shown = next(iter(sorted(progress.items())))
        group = {self._names[tp.topic]: c.offset for tp, c in committed.items() if tp.partition == p}
        settings = self._wiring.settings
        return StateMismatch(
            f"partition {p}: the group {settings.app_id} has committed {group}, but the state in "
            f"{settings.topic_prefix}client-profiles was written at {dict(shown.offsets)}: somebody moved the group's "
            "offsets or deleted the topic's records. Look at both; with all workers stopped, delete the group "
            f"(kafka-consumer-groups.sh --delete --group {settings.app_id}) to go on from the state"
        )

    def _check_partitions(self, progress: Progress, partition: int) -> None:
        if progress.number and progress.partitions != self._wiring.partitions:
            raise StateMismatch(
                f"partition {partition}: the state was written when every topic had {progress.partitions} partitions, "
                f"now they have {self._wiring.partitions}: businesses would be looked for in other partitions than "
                "their state. Start over with new topics under another TOPIC_PREFIX and another APP_ID, and send the "
                "inputs again"
            )

    def _check_settings(self, stores: Mapping[str, Mapping[bytes, bytes]], partition: int) -> None:
        """A business has its record from its first client on (C1)."""
        businesses = {key.partition(b"/")[0] for key in stores[PROFILES] if not key.startswith(OWN)}
        if without := min(businesses - stores[SETTINGS].keys(), default=None):
            prefix = self._wiring.settings.topic_prefix
            raise StateMismatch(
                f"partition {partition}: {prefix}{PROFILES} has clients of {without.decode()}, but {prefix}{SETTINGS} "
                "has no record of that business: the topic was made anew or lost records (is it compacted?), and all "
                "settings would be lost. Bring it back, or start over with another APP_ID and both topics empty"
            )

    # -- positions ------------------------------------------------------------------------------------------------

    async def _place(
        self, reader: PositionReader, tasks: Mapping[int, Task], committed: Mapping[TopicPartition, Committed]
    ) -> None:
        """Where each input goes on: from the state's progress, else the group's offset, else the earliest record."""
        inputs = {self._wiring.tp(name, p): (name, task) for p, task in tasks.items() for name in INPUT_NAMES}
        begins, ends = await reader.beginnings(inputs), await reader.ends(inputs)
        placed: dict[int, dict[str, int]] = {p: {} for p in tasks}
        for tp, (name, task) in inputs.items():
            offset = task.progress.offsets.get(name, committed[tp].offset)
            if offset is None:
                offset = begins[tp]
            elif (
                offset > ends[tp] and self._wiring.transactional
            ):  # Tansu's end is that of the last batch's first record
                raise StateMismatch(
                    f"{tp.topic}, partition {tp.partition}: records up to offset {offset} were processed, but the "
                    f"topic ends at {ends[tp]}: it was made anew or lost records. Bring it back, or start over with "
                    "another APP_ID and empty client-profiles and business-settings topics"
                )
            elif offset < begins[tp]:
                log.error(
                    "%s, partition %d: offsets %d to %d were deleted by the topic's retention before they were read; "
                    "going on behind them. Give the topic a longer retention",
                    tp.topic, tp.partition, offset, begins[tp] - 1,
                )  # fmt: skip
                offset = begins[tp]
            placed[tp.partition][name] = offset
        for p, task in tasks.items():
            task.begin_at(placed[p])

    async def _read_control(
        self,
        reader: PositionReader,
        tasks: Mapping[int, Task],
        committed: Mapping[TopicPartition, Committed],
        member: GroupMetadata,
    ) -> None:
        """C3: control messages that are there now are in force before the first event is looked at. In transactions of
        their own; the first of a new group commits an offset for every input."""
        controls = {self._wiring.tp(CONTROL, p): task for p, task in tasks.items()}
        start = {tp: task.fetched[CONTROL] for tp, task in controls.items()}
        async for piece in reader.read(start, await reader.ends(controls)):
            task = controls[piece.tp]
            name = contract_name(self._wiring.settings, piece.tp.topic)
            batch = Batch(name, piece.tp.partition, piece.start, piece.end, piece.records, member.generation)
            task.fetched[CONTROL] = piece.end
            if not piece.records:
                task.skip([batch])
                continue
            batches: Sequence[Batch] = [batch]
            while batches:
                await self._transact([task.process(batches, clock.now(), within(RECORDS_SECONDS))], member)
                batches, _ = task.take(len(piece.records), MAX_FETCHED)  # what there was no time for
        new = {tp.partition for tp, c in committed.items() if c.offset is None}
        first = [task.confirm() for p, task in tasks.items() if p in new]
        if first:
            await self._transact(first, member)
