"""A commit that is lost on the wire, or its answer: the worker goes on, or ends with 75; nothing is lost or doubled."""

from collections.abc import Callable, Iterator

import pytest

from tests.brokers import apache
from tests.brokers.cut import END_TXN, CutKafka
from tests.conftest import unavailable
from tests.kit.waiting import until
from tests.transport.conftest import Ward

OUTCOME_UNKNOWN, UNREACHABLE = 75, 69
SHORT = {"WATCHDOG_SECONDS": "8", "TRANSACTION_TIMEOUT": "5"}

pytestmark = pytest.mark.apache


@pytest.fixture(scope="module")
def cut_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CutKafka]:
    """A broker that these tests share."""
    try:
        broker = CutKafka(tmp_path_factory.mktemp("cut"))
    except apache.Unavailable as exc:
        unavailable("apache", str(exc))
    yield broker
    broker.kill()


@pytest.fixture
def wired(cut_kafka: CutKafka, new_ward: Callable[..., Ward]) -> Iterator[Ward]:
    """A ward on it; its workers go through the wire."""
    yield new_ward(cut_kafka)
    cut_kafka.mend()


@pytest.mark.parametrize("answered", [True, False], ids=["answer", "request"])
def test_p1_a_commit_that_is_lost_and_nobody_reached_any_more(wired: Ward, cut_kafka: CutKafka, answered: bool) -> None:
    worker = wired.start(**SHORT, **cut_kafka.through_the_wire)
    wired.say()
    wired.bus.settle()
    cuts = cut_kafka.cuts
    cut_kafka.cut_at(END_TXN, answered=answered, for_good=True)
    wired.say()
    assert worker.wait_exit(60) == OUTCOME_UNKNOWN
    assert cut_kafka.cuts == cuts + 1
    assert "the broker did not answer a commit" in worker.log
    assert "the worker goes on from what was committed" in worker.log
    gone = wired.start(ready=False, BROKER_PATIENCE="1", **cut_kafka.through_the_wire)
    assert gone.wait_exit() == UNREACHABLE
    assert str(cut_kafka.wire) in gone.log
    cut_kafka.mend()
    successor = wired.start(**SHORT, **cut_kafka.through_the_wire)
    wired.check()
    successor.stop()


@pytest.mark.parametrize("answered", [True, False], ids=["answer", "request"])
def test_p1_a_commit_that_is_lost_once_is_asked_for_again(wired: Ward, cut_kafka: CutKafka, answered: bool) -> None:
    worker = wired.start(**cut_kafka.through_the_wire)
    for cuts in range(cut_kafka.cuts, cut_kafka.cuts + 3):
        cut_kafka.cut_at(END_TXN, answered=answered)
        wired.say()
        until(lambda cuts=cuts: cut_kafka.cuts > cuts, "the wire to be cut")
        wired.check()
    assert worker.exit_code is None
    worker.stop()
