"""A Valkey for each test, and projectors that fill it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.bus import Bus
from tests.kit.place import Place, Program
from tests.kit.story import Story
from tests.readmodel.model import BUSINESS, Model
from worker.embedded.valkey import EmbeddedValkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of this test's own."""
    server = EmbeddedValkey(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def project(place: Place, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts projectors."""
    started: list[Program] = []

    def start(*flags: str) -> Program:
        log = tmp_path / f"projector-{len(started)}.log"
        started.append(Program(place, log, "projector", *flags, REDIS_URL=valkey.url))
        return started[-1]

    yield start
    for program in started:
        program.kill()


@pytest.fixture
def story(bus: Bus) -> Story:
    """The business."""
    return Story(bus, BUSINESS)


@pytest.fixture
def model(place: Place, valkey: EmbeddedValkey) -> Model:
    """What is in Redis."""
    return Model(valkey.url, place.prefix)
