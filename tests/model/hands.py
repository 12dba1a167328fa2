"""The worker, but for its clock: what time it is, and when timers and sweeps go on, a test says for each task alone.

``python -m tests.model.hands DIRECTORY [MUTANT]``: one file a task in DIRECTORY, see ``Hands``. All else is the worker,
but for the bug that is to be planted.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.mutants import MUTANTS
from topics.moments import SECOND, Micros
from worker import bootstrap
from worker.pipeline import ticking
from worker.pipeline.desk import LINGER
from worker.pipeline.outbox import Outbox
from worker.pipeline.ports import More, always
from worker.pipeline.process import TaskEngine

ANY = -1
LOOK_SECONDS = 0.02


class Hands(msgspec.Struct, frozen=True):
    """``now`` stands still. ``fires_since``: since when, by the real clock, timers that are due fire; 0: they wait.
    ``steps``: the number of a single step of a sweep that is to be done; 0: none; ANY: as many as there are."""

    now: Micros = 0
    fires_since: Micros = 0
    steps: int = 0

    def set(self, file: Path) -> None:
        """From now on it is so."""
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self))
        new.rename(file)

    @classmethod
    def read(cls, file: Path) -> "Hands":
        """What is so now."""
        return msgspec.json.decode(file.read_bytes(), type=cls) if file.exists() else cls()


class HandDriven(TaskEngine):
    """An engine whose time is that of its hands."""

    directory: Path

    def __init__(self, partition: int, *args: Any) -> None:
        super().__init__(partition, *args)
        self._file = self.directory / str(partition)
        self._stepped = 0

    def process(self, batches: Any, now: Micros, more: More = always) -> Outbox:
        """By the clock of the test."""
        del now
        return super().process(batches, Hands.read(self._file).now, more)

    def next_due(self) -> Micros | None:
        """A timer that is due becomes so, for the worker, when the test lets it: then it looks for what comes first."""
        due, hands = super().next_due(), Hands.read(self._file)
        return hands.fires_since if hands.fires_since and due is not None and due <= hands.now + LINGER else None

    def fire(self, as_of: Micros, now: Micros) -> Outbox:
        """By the clock of the test."""
        del as_of, now
        hands = Hands.read(self._file)
        return super().fire(hands.now + LINGER, hands.now)

    def wants_step(self, now: Micros) -> bool:
        """When the test lets it; numbers of a business need not wait their second before they are written again."""
        del now
        hands = Hands.read(self._file)
        return hands.steps not in (0, self._stepped) and super().wants_step(hands.now + SECOND)

    def step(self, now: Micros, more: More = lambda: True) -> Outbox:
        """By the clock of the test."""
        del now
        hands = Hands.read(self._file)
        self._stepped = max(hands.steps, 0)
        return super().step(hands.now + SECOND, more)


def main(argv: list[str]) -> int:
    """The worker, its engines driven by hand."""
    HandDriven.directory = Path(argv[1])
    bootstrap.TaskEngine = HandDriven
    ticking.IDLE_SECONDS = LOOK_SECONDS
    for mutant in argv[2:]:
        MUTANTS[mutant]()
    from worker.cli.app import main as run

    sys.argv = ["client-status", "worker"]
    return run()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
