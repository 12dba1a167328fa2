"""Passwords, certificates and TLS reach every client of the worker's, and of the other commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.brokers.apache import Unavailable
from tests.brokers.secured import PASSWORD, SecuredKafka
from tests.conftest import unavailable
from tests.kit.place import Place
from tests.transport.conftest import Ward

pytestmark = pytest.mark.apache
UNREACHABLE, WRONG_SETTING = 69, 2
WRONG = "not-the-s3cret"
Settings = dict[str, str]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """A broker that asks who is there."""
    try:
        broker = SecuredKafka(tmp_path_factory.mktemp("secured"))
    except Unavailable as exc:
        unavailable("apache", str(exc))
    yield broker
    broker.stop()


WAYS: dict[str, Callable[[SecuredKafka], Settings]] = {
    "plain": lambda broker: broker.with_password("PLAIN"),
    "scram": lambda broker: broker.with_password("SCRAM-SHA-256"),
    "certificate": lambda broker: broker.with_certificate(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_does_its_whole_work(secured: SecuredKafka, new_ward: Callable[..., Ward], way: str) -> None:
    """Group, changelogs, transactions, and the eviction of what a dead worker has left open."""
    ward = new_ward(secured)
    settings = WAYS[way](secured)
    ward.say()
    first = ward.start(**settings)
    ward.bus.settle()
    first.kill()
    ward.say()
    last = ward.start(**settings)
    ward.check()
    last.stop()
    assert PASSWORD not in first.log + last.log


def test_a_wrong_password_is_said_and_not_shown(secured: SecuredKafka, new_place: Callable[..., Place]) -> None:
    place = new_place(secured, "wrong-password")
    worker = place.worker(wait=False, BROKER_PATIENCE="2", **secured.with_password("PLAIN", WRONG))
    assert worker.wait_exit() == UNREACHABLE
    assert "uthentication" in worker.log
    assert "s3cret" not in worker.log


def test_a_broker_whose_certificate_nobody_knows_is_not_talked_to(
    secured: SecuredKafka, new_place: Callable[..., Place]
) -> None:
    place = new_place(secured, "unknown-ca")
    settings = {**secured.with_password(), "KAFKA_SSL_CAFILE": ""}
    worker = place.worker(wait=False, BROKER_PATIENCE="2", **settings)
    assert worker.wait_exit() == UNREACHABLE
    assert "certificate" in worker.log


def test_a_missing_certificate_is_a_wrong_setting(
    secured: SecuredKafka, new_place: Callable[..., Place], tmp_path: Path
) -> None:
    place = new_place(secured, "no-file")
    settings = {**secured.with_certificate(), "KAFKA_SSL_CERTFILE": str(tmp_path / "none.pem")}
    worker = place.worker(wait=False, **settings)
    assert worker.wait_exit() == WRONG_SETTING
    assert "KAFKA_SSL_CERTFILE" in worker.log
