"""What goes into a transaction: records of every task first, then the steps of sweeps, for a bounded time (K1)."""

from types import SimpleNamespace

import pytest

from tests.domain.driver import Driver, Record
from tests.kit.messages import cloud_event, message
from topics.registry import INPUTS
from worker.config import Settings
from worker.observability.metrics import Metrics
from worker.observability.state import WorkerState
from worker.pipeline import chores, ticking
from worker.pipeline.desk import Limits
from worker.pipeline.limits import Backlog
from worker.pipeline.ports import Batch
from worker.pipeline.process import TaskEngine
from worker.pipeline.task import Contribution, Kind, Progress, Task
from worker.pipeline.ticking import Planner
from worker.transport.wiring import Wiring

CLIENTS = 12
VISITS = 2
HOUR = 3600.0


class Sweeping:
    """A task whose business is being re-evaluated."""

    def __init__(self) -> None:
        self.salon = Driver()
        for number in range(CLIENTS):
            self.salon.tell("client.noted", "09:00", client_id=f"c{number:02}", text="before")
        self.salon.settle()
        self.salon.tell("clients.reevaluate", "10:00", id="s1")
        wiring = Wiring(Settings(), 1, Metrics(), WorkerState(), lambda partition: TaskEngine(partition, 1, Limits()))
        self._planner = Planner(wiring, Backlog(wiring.settings.transaction_records, _nothing, _nothing))
        self.task = Task(0, self.salon.engine, Progress(partitions=1), 1)
        self.task.begin_at({topic.name: 0 for topic in INPUTS})

    def submit(self, client_id: str) -> None:
        """A note for a client waits in the inbox."""
        m = message(cloud_event("client.noted", "salon", {"client_id": client_id, "text": "after"}, time="11:00"))
        start = self.task.fetched["clients"]
        record = Record(start, m.timestamp, m.key, m.value, m.headers)
        self.task.submit(Batch("clients", 0, start, start + 1, [record], 1), start)

    def transact(self) -> list[Contribution]:
        """What goes into the next transaction."""
        contributions = self._planner.plan([self.task], self.salon.now)
        for contribution in contributions:
            self.salon.commit(contribution.outbox)
        return contributions

    @property
    def done(self) -> list[int]:
        """How far the sweep had come at each of its steps."""
        return [o["data"]["done"] for o in self.salon.outputs if o["type"] == "command.progress"]


def _nothing(_topic: str, _partition: int) -> None:
    pass


@pytest.fixture
def sweeping(monkeypatch: pytest.MonkeyPatch) -> Sweeping:
    """With VISITS clients between two looks at the clock, which stands still, and no time."""
    monkeypatch.setattr(chores, "VISITS", VISITS)
    monkeypatch.setattr(ticking, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(ticking, "STEP_SECONDS", 0.0)
    return Sweeping()


def test_k1_records_do_not_wait_for_a_sweep_and_it_goes_on_beside_them(sweeping: Sweeping) -> None:
    for number in range(CLIENTS):
        sweeping.submit(f"c{number:02}")
        (contribution,) = sweeping.transact()
        assert contribution.kind is Kind.RECORDS
        assert sweeping.salon.card(f"c{number:02}")["latest_note"] == "after"
        assert sweeping.done[-1] == min(VISITS * (number + 1), CLIENTS)
    assert sweeping.done[-1] == CLIENTS
    assert not sweeping.transact()


def test_k1_the_steps_of_one_transaction_take_a_bounded_time(
    sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    (contribution,) = sweeping.transact()
    assert contribution.kind is Kind.STEP
    assert sweeping.done == [VISITS]
    monkeypatch.setattr(ticking, "STEP_SECONDS", HOUR)
    sweeping.transact()
    assert sweeping.done == [VISITS, CLIENTS]
