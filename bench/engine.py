"""The engine alone, without Kafka: records in, an outbox out, in this process."""

import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bench.processes import WrongResult
from bench.workload import Event
from worker.pipeline.desk import Limits
from worker.pipeline.ports import Batch
from worker.pipeline.process import TaskEngine
from worker.transport.partitions import partition_of

TRANSACTION: Final = 8_000
"""Records in one transaction, over all partitions, as TRANSACTION_RECORDS has it."""


class Raw(NamedTuple):
    """A record as the engine sees one."""

    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class Speed(NamedTuple):
    """Microseconds of processor time are what counts: neighbours on the machine cannot change them."""

    events: int
    seconds: float
    cards: int
    card_bytes: float
    outputs: int

    @property
    def rate(self) -> float:
        """Events per second of processor time."""
        return self.events / self.seconds


def batches(events: Sequence[Event], partitions: int) -> Iterator[list[Batch]]:
    """Rounds of batches, one round for each transaction; in a round each partition's batches stand together."""
    offsets: dict[tuple[str, int], int] = defaultdict(int)
    for start in range(0, len(events), TRANSACTION):
        records: dict[tuple[int, str], list[Raw]] = defaultdict(list)
        for one in events[start : start + TRANSACTION]:
            key = one.business.encode()
            partition = partition_of(key, partitions)
            records[partition, one.topic].append(Raw(offsets[one.topic, partition], 1, key, one.value))
            offsets[one.topic, partition] += 1
        yield [
            Batch(topic, partition, found[0].offset, found[-1].offset + 1, found, 1)
            for (partition, topic), found in sorted(records.items())
        ]


def new(partition: int, partitions: int) -> TaskEngine:
    """An engine with nothing in it."""
    return TaskEngine(partition, partitions, Limits())


def feed(task: TaskEngine, events: Sequence[Event]) -> None:
    """Process events of one partition, in order. Raises WrongResult on a dead letter."""
    for start in range(0, len(events), TRANSACTION):
        by_topic: dict[str, list[Raw]] = defaultdict(list)
        for one in events[start : start + TRANSACTION]:
            records = by_topic[one.topic]
            records.append(Raw(len(records), 1, one.business.encode(), one.value))
        outbox = task.process(
            [Batch(topic, 0, 0, len(records), records, 1) for topic, records in by_topic.items()],
            time.time_ns() // 1000,
        )
        if outbox.dead_letters:
            raise WrongResult(f"dead letters: {outbox.dead_letters}")
        task.committed(outbox)


def run(events: Sequence[Event], partitions: int, *before: Sequence[Event]) -> tuple[Speed, list[TaskEngine]]:
    """Process the events; the engines are returned with their state. What came ``before`` is done before the
    clock runs. Raises WrongResult on a dead letter."""
    engines = [new(p, partitions) for p in range(partitions)]
    for part in before:
        _settle(engines, part)
    rounds = list(batches(events, partitions))
    now = time.time_ns() // 1000
    outputs, dead, began = 0, 0, time.process_time()
    enabled = gc.isenabled()
    gc.disable()  # as in the worker: never within a transaction
    try:
        for one in rounds:
            for engine_number, engine in enumerate(engines):
                mine = [batch for batch in one if batch.partition == engine_number]
                outbox = engine.process(mine, now)
                outputs += sum(len(items) for items in outbox.sends.values())
                dead += sum(outbox.dead_letters.values())
                engine.committed(outbox)
    finally:
        if enabled:
            gc.enable()
    seconds = time.process_time() - began
    if dead:
        raise WrongResult(f"{dead} dead letters")
    cards = sum(engine.cards for engine in engines)
    size = sum(engine.state_bytes for engine in engines) / max(1, cards)
    return Speed(len(events), seconds, cards, size, outputs), engines


def _settle(engines: list[TaskEngine], events: Sequence[Event]) -> None:
    now = time.time_ns() // 1000
    for one in batches(events, len(engines)):
        for batch in one:
            engines[batch.partition].committed(engines[batch.partition].process([batch], now))
    for engine in engines:
        while engine.wants_step(now):
            engine.committed(engine.step(now))
