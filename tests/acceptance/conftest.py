"""One worker per broker tells all stories; a story has a business of its own."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.kit.bus import Bus
from tests.kit.place import Place, WorkerProcess
from tests.kit.story import Story

GRACE = 0.5
"""Seconds of COMPLETION_GRACE: bookings that end while a test watches convert soon after."""
_numbers = count(1)


class Town:
    """A place, its bus, and the worker that serves it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.bus: Bus = place.bus()
        self.worker: WorkerProcess | None = None

    def open(self) -> None:
        """Start a worker where none runs: a crash fails the test that it happened in, and no other."""
        if self.worker is None or self.worker.exit_code is not None:
            self.worker = self.place.worker(COMPLETION_GRACE=str(GRACE), MAX_DEAD_LETTERS="0")

    def close(self) -> None:
        """Stop the worker, which must end in order."""
        self.bus.close()
        self.worker.stop()


@pytest.fixture(scope="session")
def shared_town(broker: Any, new_place: Callable[..., Place]) -> Iterator[Town]:
    """The town of all stories on one broker."""
    town = Town(new_place(broker, "town"))
    yield town
    town.close()


@pytest.fixture
def town(shared_town: Town) -> Iterator[Town]:
    """The town, with its worker running before and after the test."""
    shared_town.open()
    yield shared_town
    assert shared_town.worker.exit_code is None, f"the worker ended:\n{shared_town.worker.log[-4000:]}"


@pytest.fixture
def story(town: Town, request: pytest.FixtureRequest) -> Iterator[Story]:
    """A business of this test's own. The promises are checked when the test is through."""
    story = new_story(town.bus, request.node.name)
    yield story
    story.check_promises()


def new_story(bus: Bus, name: str) -> Story:
    """A story under a business id made from ``name``."""
    return Story(bus, f"{re.sub(r'[^a-z0-9]+', '-', name.lower())[:50].strip('-')}.{next(_numbers)}")
