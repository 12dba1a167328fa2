"""Decides what each task does in the next transaction: its records or timers that are due, and steps of sweeps.

A timer fires only when every input of its task has been read up to where it ended when the timer was due (B6).
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from aiokafka.errors import KafkaError

from topics.moments import SECOND, Micros
from topics.registry import INPUTS
from worker import clock
from worker.pipeline.limits import TRANSACTION_BYTES, Backlog
from worker.pipeline.ports import More
from worker.pipeline.task import Contribution, Horizon, Kind, Task
from worker.transport.consumer import BatchConsumerThread
from worker.transport.wiring import Wiring

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 0.25
"""How long the loop sleeps, at most, when no record comes and no timer is due: steps of sweeps announce themselves to
nobody."""
HORIZON_SECONDS: Final = 0.05
"""Between two looks at where the inputs end: one look serves all timers of all tasks that are due by then."""
RECORDS_SECONDS: Final = 5.0
"""How long the records of one transaction are computed, about: a few that take long, such as commands about a thousand
large cards each, must not make the worker look as if it were stuck (WATCHDOG_SECONDS)."""
LONG_SECONDS: Final = 1.0
OTHERS_SECONDS: Final = 0.05
"""A computation that took LONG_SECONDS is followed by so long without one: a stop, or a rebalance, takes many turns of
the main loop, and would else take that many long computations."""
STEP_SECONDS: Final = 0.02
"""How long the steps of sweeps take that go into one transaction, about: that is how long records wait for them."""
STEP_SHARE: Final = 4
"""Where records pile up, so that a transaction takes long, steps take a quarter of that: records are caught up with,
and sweeps still go on."""
CONFIRM: Final = SECOND // 2
"""How long positions that moved without records (past transaction markers) wait for a transaction to go with."""


class Planner:
    """Plans transactions. Oldest first: tasks take turns by how long their first batch has waited."""

    def __init__(self, wiring: Wiring, backlog: Backlog) -> None:
        self._records = wiring.settings.transaction_records
        self._backlog = backlog
        self._moved_since: dict[int, Micros] = {}
        self._passed_over: dict[int, int] = {}
        """How often in a row there was no time for a task's records, by partition."""
        self.pause = 0.0
        """Seconds that the loop is to have for others after the latest plan."""

    def full(self, tasks: Iterable[Task]) -> bool:
        """Is there enough for a full transaction?"""
        return sum([task.backlog for task in tasks]) >= self._records

    def plan(self, tasks: Collection[Task], now: Micros) -> list[Contribution]:
        """What to commit next; nothing when there is nothing to do. Computes it: memory has moved when this returns."""
        began = time.monotonic()
        contributions = self._plan(tasks, now, began)
        self.pause = OTHERS_SECONDS if time.monotonic() - began >= LONG_SECONDS else 0.0
        return contributions

    def _plan(self, tasks: Collection[Task], now: Micros, began: float) -> list[Contribution]:
        contributions: list[Contribution] = []
        records, size = self._records, TRANSACTION_BYTES
        more = within(RECORDS_SECONDS)
        for task in sorted(tasks, key=self._turn):
            kind = self._kind(task)
            if kind is Kind.RECORDS:
                if records <= 0 or size <= 0:
                    continue
                if contributions and not more():
                    self._passed_over[task.partition] = self._passed_over.get(task.partition, 0) + 1
                    continue
                self._passed_over.pop(task.partition, None)
                batches, taken = task.take(records, size)
                self._backlog.taken(tasks, taken)
                count = sum([len(batch.records) for batch in batches])
                if not count:
                    task.skip(batches)
                    continue
                records, size = records - count, size - taken
                contributions.append(task.process(batches, now, more))
                if task.left:
                    self._backlog.added(task, task.left)
                if contributions[-1].exceeded is not None:
                    return contributions
            elif kind is Kind.TIMERS:
                contributions.append(task.fire(now))
            elif self._confirms(task, now):
                contributions.append(task.confirm())
        return self._with_steps(contributions, tasks, now, began)

    def _turn(self, task: Task) -> tuple[int, bool, int]:
        """Who goes first. A task that there was no time for lets the others go first: they may be quick."""
        passed_over = self._passed_over.get(task.partition, 0)
        return -passed_over, task.left > 0, task.inbox[0].ticket if task.inbox else -1

    @staticmethod
    def _kind(task: Task) -> Kind:
        """Timers first, then records; but nobody twice in a row while the other waits."""
        fires, has_records = task.may_fire(), bool(task.inbox)
        if fires and not (has_records and task.last is Kind.TIMERS):
            return Kind.TIMERS
        return Kind.RECORDS if has_records else Kind.OFFSETS

    @staticmethod
    def _with_steps(
        contributions: list[Contribution], tasks: Iterable[Task], now: Micros, began: float
    ) -> list[Contribution]:
        """Steps take STEP_SECONDS altogether, or their share of what the rest of the transaction took."""
        stepping = [task for task in tasks if task.engine.wants_step(now)]
        if not stepping:
            return contributions
        share = max(STEP_SECONDS, (time.monotonic() - began) / STEP_SHARE) / len(stepping)
        found = {contribution.task: contribution for contribution in contributions}
        for task in stepping:
            found[task] = task.step(now, within(share), found.get(task))
        return list(found.values())

    def _confirms(self, task: Task, now: Micros) -> bool:
        if not task.unconfirmed:
            self._moved_since.pop(task.partition, None)
            return False
        return now - self._moved_since.setdefault(task.partition, now) >= CONFIRM

    @staticmethod
    def sleep_seconds(tasks: Iterable[Task], now: Micros) -> float:
        """How long nothing can become due; IDLE_SECONDS at most."""
        due = [due for task in tasks if (due := task.engine.next_due()) is not None and due > now]
        return min([IDLE_SECONDS, *((moment - now) / SECOND for moment in due)])


def within(seconds: float) -> More:
    """There is time for so long, from now on."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


class Horizons:
    """Looks where the inputs of tasks end, whenever timers have become due; one look at a time."""

    def __init__(self, wiring: Wiring, thread: BatchConsumerThread) -> None:
        self._wiring = wiring
        self._thread = thread
        self._looking: asyncio.Task[None] | None = None

    def look(self, tasks: Iterable[Task], now: Micros, wake: asyncio.Event) -> None:
        """Begin to look, for all tasks that need it; ``wake`` is set when the answer is there."""
        if self._looking is None or self._looking.done():
            due = [task for task in tasks if task.needs_horizon(now)]
            if due:
                self._looking = asyncio.create_task(self._look(due, wake))

    async def _look(self, tasks: Collection[Task], wake: asyncio.Event) -> None:
        as_of = clock.now()  # before the question: what is there by now is behind the answer
        inputs = {self._wiring.tp(topic.name, task.partition): topic.name for task in tasks for topic in INPUTS}
        try:
            found = await self._thread.ends(inputs)
        except (KafkaError, TimeoutError) as exc:
            log.warning("timers wait: the ends of the inputs are not known: %r", exc)
            await asyncio.sleep(1)
            return
        for task in tasks:
            ends: Mapping[str, int] = {name: found[tp] for tp, name in inputs.items() if tp.partition == task.partition}
            task.await_horizon(Horizon(as_of, ends))
        wake.set()
        await asyncio.sleep(HORIZON_SECONDS)

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
            self._looking = None
