"""J4: records that take long to decide on do not make a worker look stuck: a transaction takes as many as there is time
for, and the rest is decided on in those that follow, as if it had been done at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from tests.domain.driver import Driver, Record
from tests.kit.messages import Message, message
from topics.registry import INPUTS, PROFILES
from worker.config import Settings
from worker.observability.metrics import Metrics
from worker.observability.state import WorkerState
from worker.pipeline import process, ticking
from worker.pipeline.desk import Limits
from worker.pipeline.limits import Backlog
from worker.pipeline.ports import Batch
from worker.pipeline.process import COMMAND_STAGE, STAGE, TaskEngine
from worker.pipeline.restore import Opener
from worker.pipeline.task import Progress, Task
from worker.pipeline.ticking import RECORDS_SECONDS, Planner
from worker.transport.group_producer import GroupMetadata
from worker.transport.raw import Piece
from worker.transport.wiring import Wiring

NOTES = 3 * STAGE + 5
COMMANDS = COMMAND_STAGE + 2


class Busy:
    """A task with notes, and commands between them, in its inbox."""

    def __init__(self) -> None:
        self.salon = Driver()
        wiring = Wiring(Settings(), 1, Metrics(), WorkerState(), lambda partition: TaskEngine(partition, 1, Limits()))
        self.backlog = Backlog(wiring.settings.transaction_records, _nothing, _nothing)
        self.planner = Planner(wiring, self.backlog)
        self.task = Task(0, self.salon.engine, Progress(partitions=1), 1)
        self.task.begin_at({topic.name: 0 for topic in INPUTS})
        self._tickets = count()
        self._submit("clients", [self._event("client.noted", n, text=f"{n}") for n in range(NOTES)])
        self._submit(
            "client-commands", [self._event("status.set", n, status="vip", client_ids=["c1"]) for n in range(COMMANDS)]
        )
        self._submit("clients", [self._event("client.messaged", NOTES, direction="in")])

    def _event(self, type_: str, number: int, **data: Any) -> dict[str, Any]:
        about = {} if "client_ids" in data else {"client_id": f"c{number % 7}"}
        return self.salon.event(type_, "10:00", id=f"{type_}{number}", **about, **data)

    def _submit(self, topic: str, events: list[dict[str, Any]]) -> None:
        """Every other offset is of a transaction's marker."""
        start = self.task.fetched[topic]
        found = [message(event) for event in events]
        records = [Record(start + 2 * n, m.timestamp, m.key, m.value, m.headers) for n, m in enumerate(found)]
        batch = Batch(topic, 0, start, start + 2 * len(records), records, 1)
        self.backlog.added(self.task, self.task.submit(batch, next(self._tickets)))

    def transact(self) -> list[int]:
        """The next transaction; how many records were in each of its batches."""
        (contribution,) = self.planner.plan([self.task], self.salon.now)
        self.salon.commit(contribution.outbox)
        assert contribution.progress.offsets == self.task.processed
        return [len(batch.records) for batch in contribution.batches]

    @property
    def state(self) -> dict[bytes, bytes]:
        """All cards."""
        return dict(self.salon.engine.stores[PROFILES])


def _nothing(_topic: str, _partition: int) -> None:
    pass


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on every look at the clock finds that too much time has gone by."""

    def begin() -> None:
        clock = count(0, int(RECORDS_SECONDS) + 1)
        monkeypatch.setattr(ticking, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))

    return begin


def test_j4_there_is_time_for_quick_records() -> None:
    busy = Busy()
    assert busy.transact() == [NOTES, COMMANDS, 1]
    assert (busy.task.left, busy.task.backlog, busy.backlog.bytes) == (0, 0, 0)


def test_j4_what_there_is_no_time_for_waits_again_and_comes_in_its_order(slow: Callable[[], None]) -> None:
    quick, busy = Busy(), Busy()
    quick.transact()
    slow()
    taken = [busy.transact()]
    assert taken == [[STAGE]]
    assert busy.task.backlog == NOTES - STAGE + COMMANDS + 1
    assert (busy.task.left, busy.backlog.bytes) == (busy.backlog.bytes, sum(w.size for w in busy.task.inbox))
    while busy.task.inbox:
        taken.append(busy.transact())
    assert taken == [[STAGE]] * 3 + [[5], [COMMAND_STAGE], [2], [1]]
    assert (busy.state, busy.salon.outputs, busy.task.processed) == (
        quick.state, quick.salon.outputs, quick.task.processed
    )  # fmt: skip
    assert (busy.task.left, busy.task.backlog, busy.backlog.bytes) == (0, 0, 0)
    busy.salon.restart()


def test_j2_a_bug_is_looked_for_as_long_as_there_is_time(
    slow: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()
    real = type(busy.salon.engine)._decide

    def decide(engine: Any, outbox: Any, topic: str, event: Any, *rest: Any) -> None:
        if event.id == "client.noted3":
            raise ZeroDivisionError
        real(engine, outbox, topic, event, *rest)

    monkeypatch.setattr(TaskEngine, "_decide", decide)
    slow()
    assert busy.transact() == [1]
    while busy.task.inbox:
        busy.transact()
    assert busy.salon.dead_codes == ["internal_error"]
    assert sum(item.key is not None for topic, item in busy.salon.sent if topic == "command-results") == COMMANDS


def test_j2_a_bug_that_every_record_meets_when_it_is_read_leaves_time_for_others(
    slow: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as every record does, for the time and for the limit of dead letters."""
    busy = Busy()

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(process, "_decoded", fail)
    slow()
    for _ in range(3):
        assert busy.transact() == [1]
    assert busy.salon.dead_codes == ["internal_error"] * 3


class Reader:
    """Reads what was fetched of the control topic, whole."""

    def __init__(self, messages: list[Message]) -> None:
        self._records = [Record(n, m.timestamp, m.key, m.value, m.headers) for n, m in enumerate(messages)]

    async def ends(self, partitions: Any) -> dict[Any, int]:
        """How many records there are."""
        return dict.fromkeys(partitions, len(self._records))

    async def read(self, start: dict[Any, int], ends: dict[Any, int]) -> AsyncIterator[Piece]:
        """One piece."""
        ((tp, begins),) = start.items()
        yield Piece(tp, begins, ends[tp], self._records[begins:])


def test_c3_a_long_control_topic_is_read_to_its_end_in_transactions_of_a_bounded_time(slow: Callable[[], None]) -> None:
    salon = Driver()
    wiring = Wiring(Settings(), 1, Metrics(), WorkerState(), lambda partition: TaskEngine(partition, 1, Limits()))
    task = Task(0, salon.engine, Progress(partitions=1), 1)
    task.begin_at({topic.name: 0 for topic in INPUTS})
    counts = []

    async def transact(contributions: Any, _member: Any) -> None:
        (contribution,) = contributions
        counts.append(sum(len(batch.records) for batch in contribution.batches))
        salon.commit(contribution.outbox)

    opener: Any = Opener(wiring, None, None, transact)  # type: ignore[arg-type]  # neither is asked for anything here
    number = 3 * COMMAND_STAGE + 1
    messages = [message(salon.event("status.define", "10:00", code=f"s{n}")) for n in range(number)]
    slow()
    asyncio.run(opener._read_control(Reader(messages), {0: task}, {}, GroupMetadata("", 1, "")))
    assert counts == [COMMAND_STAGE] * 3 + [1]
    assert (task.processed["control"], task.fetched["control"], task.backlog) == (number, number, 0)
    assert len(salon.settings["statuses"]) == 4 + number


def test_j4_many_tasks_take_no_longer_than_one_and_take_turns(slow: Callable[[], None]) -> None:
    """Each would else have a stage of records decided on in every transaction."""
    busy = [Busy() for _ in range(3)]
    planner, tasks = busy[0].planner, [one.task for one in busy]
    for partition, task in enumerate(tasks):
        task.partition = partition
    slow()
    served = []
    for _ in range(6):
        contributions = planner.plan(tasks, busy[0].salon.now)
        served.append([c.task.partition for c in contributions])
        for contribution in contributions:
            busy[contribution.task.partition].salon.commit(contribution.outbox)
    assert served == [[0], [1], [2], [0], [1], [2]]
