"""Workers share the tasks of a group: they come and go, and every task runs in one place at a time."""

import pytest

from tests.kit.place import WorkerProcess
from tests.kit.waiting import until
from tests.transport.conftest import Ward

pytestmark = pytest.mark.apache
PARTITIONS = 4


def tasks(worker: WorkerProcess) -> int:
    """How many tasks it runs, by its metrics."""
    for line in worker.get("/metrics")[1].splitlines():
        if line.startswith("client_status_tasks "):
            return int(float(line.split()[1]))
    return -1


def test_workers_come_and_go(ward: Ward) -> None:
    first = ward.start()
    ward.say()
    second = ward.start()
    ward.say()
    until(lambda: (tasks(first), tasks(second)) == (2, 2), "both to run two tasks", 30)
    ward.say()
    ward.check()
    second.stop()
    ward.say()
    until(lambda: tasks(first) == PARTITIONS, "the first to run all tasks again", 30)
    ward.check()
    third = ward.start()
    first.kill()
    ward.say()
    ward.check()
    until(lambda: tasks(third) == PARTITIONS, "the third to run all tasks", 30)
    third.stop()


def test_a_task_that_stays_keeps_its_state(ward: Ward) -> None:
    """What nobody else has committed for needs no restore: the log says how many cards were there at once."""
    first = ward.start()
    ward.say()
    ward.check()
    second = ward.start()
    until(lambda: (tasks(first), tasks(second)) == (2, 2), "both to run two tasks", 30)
    second.stop()
    until(lambda: tasks(first) == PARTITIONS, "the first to run all tasks again", 30)
    ward.say()
    ward.check()
    first.stop()


def test_more_workers_than_tasks(ward: Ward) -> None:
    """The fifth of four stands by, is ready, and steps in."""
    workers = [ward.start() for _ in range(PARTITIONS + 1)]
    until(lambda: sorted(map(tasks, workers)) == [0, 1, 1, 1, 1], "one to stand by", 30)
    ward.say()
    busy = next(worker for worker in workers if tasks(worker))
    busy.kill()
    ward.say()
    ward.check()
    for worker in workers:
        if worker is not busy:
            worker.stop()
