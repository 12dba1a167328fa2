"""A worker that dies or freezes between any two steps of opening and committing: nothing is lost, nothing doubled."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.kit.waiting import until
from tests.transport.conftest import Ward, state_of
from worker.transport.failpoints import POINTS, VARIABLE

pytestmark = [pytest.mark.apache, pytest.mark.slow]
OPENING = POINTS[: POINTS.index("computed")]
COMMITTING = POINTS[POINTS.index("computed") :]
KILLED = -signal.SIGKILL
FENCED = 76


@pytest.mark.parametrize("point", OPENING)
def test_a_death_while_opening(ward: Ward, point: str) -> None:
    ward.say()
    first = ward.start()
    ward.bus.settle()
    first.kill()
    ward.say()
    assert ward.start(ready=False, **{VARIABLE: point}).wait_exit() == KILLED
    last = ward.start()
    ward.check()
    last.stop()


@pytest.mark.parametrize("point", COMMITTING)
@pytest.mark.parametrize("slot", ["", "0"], ids=["random-id", "slot"])
def test_a_death_while_committing(ward: Ward, point: str, slot: str) -> None:
    ward.say()
    assert ward.start(ready=False, WORKER_SLOT=slot, **{VARIABLE: f"{point}:2"}).wait_exit() == KILLED
    last = ward.start(WORKER_SLOT=slot)
    ward.say()
    ward.check()
    last.stop()


@pytest.mark.parametrize("point", ["computed", "begun", "all-sent", "offsets-sent"])
def test_a_frozen_worker_wakes_up_to_find_itself_fenced(ward: Ward, point: str) -> None:
    frozen = ward.start(ready=False, **{VARIABLE: f"freeze@{point}:2"})
    ward.say()
    until(lambda: state_of(frozen.pid) == "T", "the worker to freeze", 30)
    successor = ward.start()
    ward.say()
    ward.check()
    frozen.signal(signal.SIGCONT)
    assert frozen.wait_exit() == FENCED
    ward.say()
    ward.check()
    successor.stop()


def test_what_a_dead_worker_left_open_is_ended_at_once(apache: object, new_ward: Callable[..., Ward]) -> None:
    """Without waiting for the time-out of the transaction, which is far longer here than the test."""
    ward = new_ward(apache)
    long = {"TRANSACTION_TIMEOUT": "50"}
    ward.say()
    assert ward.start(ready=False, **long, **{VARIABLE: "offsets-sent:2"}).wait_exit() == KILLED
    started = time.monotonic()
    last = ward.start(**long)
    ward.check()
    assert time.monotonic() - started < 30
    last.stop()
