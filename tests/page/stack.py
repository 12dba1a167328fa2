"""The whole way from Kafka to the page: broker, Valkey, worker, projector and console, for the whole run of tests."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.console.running import Running
from tests.console.who import Person, write
from tests.kit.bus import Bus
from tests.kit.place import Place, WorkerProcess
from tests.kit.story import Story
from tests.kit.waiting import until
from worker.embedded.valkey import EmbeddedValkey

PEOPLE: tuple[Person, ...] = (("Mia", "operator", "*"), ("Vera", "viewer", "*"))
READY_WITHIN = 60.0
GRACE = "1"
"""COMPLETION_GRACE: an appointment makes a customer while the test watches."""
STEP = "1"
"""SWEEP_STEP: long work over all clients takes long with a few hundred, too."""


class Stack:
    """What runs. ``worker``, ``projector`` and ``console`` are processes."""

    def __init__(self, place: Place, valkey: EmbeddedValkey, directory: Path) -> None:
        write(directory / "tokens.json", *PEOPLE)
        tokens = str(directory / "tokens.json")
        self.bus: Bus = place.bus()
        self.worker: WorkerProcess = place.worker(COMPLETION_GRACE=GRACE, SWEEP_STEP=STEP)
        self.projector = Running(place, valkey, directory / "projector.log", "projector")
        self.console = Running(place, valkey, directory / "console.log", "console", CONSOLE_TOKENS_FILE=tokens)
        for program in (self.projector, self.console):
            program.wait_ready(lambda program=program: program.ask("/readyz")[0] == 200, READY_WITHIN)
        self.address = f"http://127.0.0.1:{self.console.port}"

    def story(self, business: str) -> Story:
        """To tell what happens in a business."""
        return Story(self.bus, business)

    def of(self, business: str, path: str) -> Any:
        """What the API says of a business."""
        return self.console.ask(f"/api/v1/businesses/{business}{path}", "Mia")[1]

    def shown(self, business: str, path: str, holds: Callable[[Any], bool]) -> Any:
        """What the API says once ``holds`` of it."""
        return until(lambda: found if holds(found := self.of(business, path)) else None, f"{business}{path}")

    def command(self, business: str, type_: str, **data: Any) -> Any:
        """Send a command as the operator, and wait for what becomes of it."""
        body = {"type": type_, "data": data, "wait": 30}
        status, result = self.console.ask(f"/api/v1/businesses/{business}/commands", "Mia", body)
        assert status == 200, result
        return result

    def stop(self) -> None:
        """End all of it."""
        self.bus.close()
        for program in (self.console, self.projector, self.worker):
            program.kill()


@contextlib.contextmanager
def stack(place: Place, directory: Path) -> Iterator[Stack]:
    """A stack at a place, while it is needed."""
    valkey = EmbeddedValkey(directory)
    running = Stack(place, valkey, directory)
    try:
        yield running
    finally:
        running.stop()
        valkey.kill()
