"""What the transport tells the metrics: once per transaction or per second, never per record."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from aiokafka.structs import TopicPartition

from topics.registry import INPUTS
from worker.errors import Fenced, OutcomeUnknown, StopError
from worker.pipeline.task import Contribution, Task
from worker.transport.wiring import Wiring

GAUGES_SECONDS: Final = 1.0
"""Between two looks at what is waiting and how large the state is."""

HighWater = Callable[[TopicPartition], int | None]


class Reports:
    """Fills worker.observability.metrics from what was committed and from what tasks hold."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._metrics = wiring.metrics
        self._next = 0.0
        self._shown: set[tuple[str, str]] = set()

    def committed(self, contributions: Sequence[Contribution], seconds: float) -> None:
        """A transaction took so many seconds, and this is what was in it."""
        metrics = self._metrics
        metrics.transactions.labels("committed").inc()
        metrics.transaction_seconds.observe(seconds)
        now = time.time() * 1000
        for contribution in contributions:
            outbox = contribution.outbox
            for (topic, type_, outcome), count in outbox.outcomes.items():
                metrics.events.labels(topic, type_, outcome).inc(count)
            for code, count in outbox.dead_letters.items():
                metrics.dead_letters.labels(code).inc(count)
            for batch in contribution.batches:  # the first record of a batch has waited longest; one a batch is enough
                if batch.records and (timestamp := batch.records[0].timestamp) is not None:
                    metrics.end_to_end_seconds.observe(max(0.0, (now - timestamp) / 1000))

    def failed(self, error: StopError) -> None:
        """A transaction ended the process."""
        outcome = {Fenced: "fenced", OutcomeUnknown: "unknown"}.get(type(error), "failed")
        self._metrics.transactions.labels(outcome).inc()

    def look(self, tasks: Collection[Task], high_water: HighWater, *, at_once: bool = False) -> None:
        """Gauges, at most once in GAUGES_SECONDS unless it must be ``at_once``."""
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + GAUGES_SECONDS
        metrics = self._metrics
        metrics.tasks.set(len(tasks))
        metrics.cards.set(sum(task.engine.cards for task in tasks))
        metrics.state_bytes.set(sum(task.engine.state_bytes for task in tasks))
        metrics.timers.set(sum(task.engine.timers for task in tasks))
        metrics.backlog.set(sum(task.backlog for task in tasks))
        self._lags(tasks, high_water)

    def _lags(self, tasks: Collection[Task], high_water: HighWater) -> None:
        lags: dict[tuple[str, str], int] = {}
        for task in tasks:
            for topic in INPUTS:
                end = high_water(self._wiring.tp(topic.name, task.partition))
                if end is not None:
                    committed = task.progress.offsets.get(topic.name, 0)
                    lags[topic.name, str(task.partition)] = max(0, end - committed)
        for labels, lag in lags.items():
            self._metrics.lag.labels(*labels).set(lag)
        for labels in self._shown - lags.keys():
            self._metrics.lag.remove(*labels)
        self._shown = set(lags)
