"""Passwords, certificates and TLS reach every client of the worker's, and of the other commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.brokers.apache import Unavailable
from tests.brokers.secured import LIMITED, PASSWORD, Grant, SecuredKafka
from tests.conftest import unavailable
from tests.kit.place import Place
from tests.transport.conftest import Ward
from topics.registry import INPUTS, OUTPUTS

pytestmark = pytest.mark.apache
UNREACHABLE, CRASH, TOPICS_MISSING, WRONG_SETTING = 69, 70, 78, 2
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


def documented(place: Place) -> dict[str, list[Grant]]:
    """What docs/operating.md says that a worker at this place needs."""

    def topics(operations: str, *names: str) -> list[Grant]:
        return [Grant("topic", place.prefix + name, "literal", operations) for name in names]

    return {
        "inputs": topics("Read Describe Write", *(t.name for t in INPUTS)),
        "outputs": topics("Write Describe Read", *(t.name for t in OUTPUTS)),
        "group": [Grant("group", place.app_id, "literal", "Read Describe")],
        "transactional id": [Grant("transactional id", place.app_id, "prefixed", "Write Describe")],
    }


def whole_work(ward: Ward, settings: Settings) -> str:
    """Group, changelogs, transactions, and the eviction of what a dead worker has left open; returns the log."""
    ward.say()
    first = ward.start(**settings)
    ward.bus.settle()
    first.kill()
    ward.say()
    last = ward.start(**settings)
    ward.check()
    last.stop()
    return first.log + last.log


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_does_its_whole_work(secured: SecuredKafka, new_ward: Callable[..., Ward], way: str) -> None:
    assert PASSWORD not in whole_work(new_ward(secured), WAYS[way](secured))


def test_a_worker_needs_no_more_than_the_documentation_says(
    secured: SecuredKafka, new_ward: Callable[..., Ward]
) -> None:
    """As docs/operating.md has it in its table of ACLs; what a dead worker has left open is ended, too."""
    ward = new_ward(secured)
    secured.allow(grant for some in documented(ward.place).values() for grant in some)
    whole_work(ward, secured.with_password(user=LIMITED))


@pytest.mark.parametrize("lacks", ["inputs", "outputs", "group", "transactional id"])
def test_what_a_worker_may_not_do_is_said(secured: SecuredKafka, new_place: Callable[..., Place], lacks: str) -> None:
    """It ends, and says what it lacks; topics that it may not see are missing for it."""
    place = new_place(secured, f"no-{lacks.split(maxsplit=1)[0]}")
    grants = documented(place)
    name = place.prefix if lacks.endswith("puts") else place.app_id
    del grants[lacks]
    secured.allow(grant for some in grants.values() for grant in some)
    worker = place.worker(wait=False, BROKER_PATIENCE="2", **secured.with_password(user=LIMITED))
    assert worker.wait_exit() == (TOPICS_MISSING if lacks.endswith("puts") else CRASH)
    last = worker.log.strip().splitlines()[-1]
    assert name in last, last
    assert "ACLs" in last
    assert LIMITED in last or lacks.endswith("puts")


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
