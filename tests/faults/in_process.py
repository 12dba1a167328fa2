"""The same stream through engines in this process, without Kafka: what the check must find nothing wrong with."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tests.faults.check import Evidence
from tests.faults.stream import Stream
from tests.kit.bus import Got
from tests.kit.messages import Message
from topics.moments import SECOND
from topics.registry import INPUTS, TOPICS
from worker.pipeline.desk import Limits
from worker.pipeline.outbox import Outbox
from worker.pipeline.ports import Batch
from worker.pipeline.process import TaskEngine
from worker.transport.partitions import partition_of

PARTITIONS = 4
SECONDS_BETWEEN = 0.01
HOUR = 3_600


class _Record(NamedTuple):
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Simulation:
    """``run`` sends so many messages of a stream and returns all that a reader would see."""

    def __init__(self, seed: int) -> None:
        self._now = 1_760_000_000.0
        self.stream = Stream(seed, lambda: self._now)
        limits = Limits(grace=SECOND, dead_letters=0)
        self._engines = [TaskEngine(p, PARTITIONS, limits) for p in range(PARTITIONS)]
        self._topics: dict[str, list[Got]] = {topic.name: [] for topic in TOPICS}
        self._ends: dict[tuple[str, int], int] = defaultdict(int)
        self._acknowledged: dict[bytes, float] = {}
        self._round_robin = 0

    def run(self, messages: int) -> Evidence:
        """Send, let an hour pass, read."""
        self._send(self.stream.opening())
        while sum(len(self._topics[topic.name]) for topic in INPUTS) < messages:
            self._now += SECONDS_BETWEEN
            self._send(self.stream.next())
            for engine in self._engines:
                due = engine.next_due()
                if due is not None and due <= self._micros:
                    self._publish(engine.fire(self._micros, self._micros), engine)
        self._now += HOUR
        self._send(self.stream.due())
        for engine in self._engines:
            while (due := engine.next_due()) is not None and due <= self._micros:
                self._publish(engine.fire(self._micros, self._micros), engine)
        for _ in range(2):  # the numbers in business-settings follow within a second, also those of a sweep
            self._now += 1
            for engine in self._engines:
                while engine.wants_step(self._micros):
                    self._publish(engine.step(self._micros), engine)
        ends = {(topic.name, p): self._ends[topic.name, p] for topic in INPUTS for p in range(PARTITIONS)}
        return Evidence(self._topics, ends, self._acknowledged, PARTITIONS, "")

    @property
    def _micros(self) -> int:
        return round(self._now * SECOND)

    def _send(self, messages: Iterable[Message]) -> None:
        for one in messages:
            self._round_robin += 1
            p = partition_of(one.key, PARTITIONS) if one.key is not None else self._round_robin % PARTITIONS
            if one.value is not None:
                self._acknowledged[one.value] = self._now
            self._input(one.topic, p, one.key, one.value, tuple(one.headers))

    def _input(
        self, topic: str, p: int, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
    ) -> None:
        got = self._append(topic, p, key, value, headers, round(self._now * 1000))
        record = _Record(got.offset, got.timestamp, key, value, headers)
        batch = Batch(topic, p, got.offset, got.offset + 1, [record], 0)
        engine = self._engines[p]
        self._publish(engine.process([batch], self._micros), engine)

    def _append(
        self,
        topic: str,
        p: int,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...],
        at: int,
    ) -> Got:
        got = Got(topic, p, self._ends[topic, p], key, value, headers, at)
        self._ends[topic, p] += 1
        self._topics[topic].append(got)
        return got

    def _publish(self, outbox: Outbox, engine: TaskEngine) -> None:
        engine.committed(outbox)
        again = []
        for (topic, p), items in outbox.sends.items():
            for item in items:
                if any(topic == one.name for one in INPUTS):
                    again.append((topic, p, item.key, item.value, tuple(item.headers)))
                else:
                    at = item.timestamp if item.timestamp is not None else round(self._now * 1000)
                    self._append(topic, p, item.key, item.value, tuple(item.headers), at)
        for topic, writes in outbox.changelog.items():
            for key, value in writes.items():
                self._append(topic, outbox.partition, key, value, (), round(self._now * 1000))
        for one in again:
            self._input(*one)
