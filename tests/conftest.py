"""Brokers, places on them, and workers, for every test that needs one.

A broker that is not there is a skip that says why; with CLIENT_STATUS_REQUIRE=apache,embedded it is a failure.
"""

import os
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.brokers import apache as apache_kafka
from tests.brokers import embedded as embedded_kafka
from tests.kit.bus import Bus
from tests.kit.place import Place, WorkerProcess
from tests.kit.sharing import turn_of, unit_of

REQUIRED = frozenset(filter(None, os.environ.get("CLIENT_STATUS_REQUIRE", "").split(",")))
BROKERS = ("apache", "embedded")
_numbers = count(1)
settings.register_profile("tests", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")  # how busy this machine is says nothing about what is tested


def unavailable(tier: str, why: str) -> None:
    """Skip, or fail where the tier is required (CLIENT_STATUS_REQUIRE)."""
    if tier in REQUIRED:
        pytest.fail(f"{tier} is required (CLIENT_STATUS_REQUIRE) and cannot be used: {why}")
    pytest.skip(why)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One of several processes has its tests in the order in which they are begun."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several processes (``-n 2``) share the tests unit by unit."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # by turns, not the largest first
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = unit_of  # type: ignore[method-assign]  # which is what its subclasses differ in
    return scheduler


@pytest.fixture(scope="session")
def apache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[apache_kafka.ApacheKafka]:
    """The real Apache Kafka that the whole run shares. Do not kill this one: see ``new_apache``."""
    try:
        broker = apache_kafka.ApacheKafka(tmp_path_factory.mktemp("apache"))
    except apache_kafka.Unavailable as exc:
        unavailable("apache", str(exc))
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_kafka.EmbeddedKafka]:
    """The embedded broker that the whole run shares."""
    try:
        broker = embedded_kafka.EmbeddedKafka(tmp_path_factory.mktemp("embedded"))
    except embedded_kafka.Unavailable as exc:
        unavailable("embedded", str(exc))
    yield broker
    broker.stop()


@pytest.fixture(scope="session", params=[pytest.param(name, marks=getattr(pytest.mark, name)) for name in BROKERS])
def broker(request: pytest.FixtureRequest) -> Any:
    """Both brokers, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def new_apache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], apache_kafka.ApacheKafka]]:
    """Makes a real Apache Kafka for one test, which may kill it."""
    made: list[apache_kafka.ApacheKafka] = []

    def make() -> apache_kafka.ApacheKafka:
        try:
            made.append(apache_kafka.ApacheKafka(tmp_path_factory.mktemp("own-apache")))
        except apache_kafka.Unavailable as exc:
            unavailable("apache", str(exc))
        return made[-1]

    yield make
    for broker in made:
        broker.kill()


@pytest.fixture(scope="session")
def new_place(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Place]:
    """Makes places on a broker: ``new_place(broker, partitions=1)``. The topics are made."""

    def make(broker: Any, name: str = "place", partitions: int = 4) -> Place:
        unique = f"{re.sub(r'[^a-z0-9]+', '-', name.lower())[:40].strip('-')}-{next(_numbers)}"
        place = Place(broker, unique, tmp_path_factory.mktemp(unique), partitions)
        place.make_topics()
        return place

    return make


@pytest.fixture
def place(broker: Any, new_place: Callable[..., Place], request: pytest.FixtureRequest) -> Place:
    """Topics and a group of this test's own, on both brokers."""
    return new_place(broker, request.node.name)


@pytest.fixture
def bus(place: Place) -> Iterator[Bus]:
    """To send and to read at this test's place."""
    bus = place.bus()
    yield bus
    bus.close()


@pytest.fixture
def start_worker(place: Place) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers at this test's place: ``start_worker(COMPLETION_GRACE="1")``. What is left over is killed."""
    started: list[WorkerProcess] = []

    def start(**settings: Any) -> WorkerProcess:
        started.append(place.worker(wait=False, **settings))
        started[-1].wait_ready()
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def worker(start_worker: Callable[..., WorkerProcess]) -> Iterator[WorkerProcess]:
    """A ready worker at this test's place. It must stop in order afterwards, unless the test killed it."""
    worker = start_worker()
    yield worker
    if worker.exit_code is None:
        worker.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed test shows the end of the logs of its workers and of its broker."""
    report = yield
    if report.when == "call" and report.failed:
        funcargs = getattr(item, "funcargs", {})
        places = [value for value in funcargs.values() if isinstance(value, Place)]
        for log in sorted({log for place in places for log in place.directory.glob("*.log")}):
            report.sections.append((log.name, log.read_text(errors="replace")[-3000:]))
        if (broker := funcargs.get("broker")) is not None:
            report.sections.append((f"{broker.name} broker", broker.log_tail()))
    return report
