"""Several lines of histories at once, told to workers that are killed, frozen and crashed between any two steps."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.breaking import SESSION_SECONDS, Breaker, Plan, Toll
from tests.faults.workers import Worker
from tests.kit.place import Place
from tests.model.live import LOOK_SECONDS
from tests.model.test_whole_histories import STEP

WORKERS = 2
LINES = 8
AMONG_HISTORIES: dict[str, Any] = {
    "weights": {"kill": 3.0, "freeze": 1.0, "term": 2.0, "crash": 6.0, "frozen-crash": 2.0},
    "pause": (1.5, 4.0),
}
"""The part of a plan that says what happens to the workers: often, but histories must go on between."""


@dataclass
class LiveVerdict(Toll):
    """What came of a run: inputs of all histories, and what those said that failed."""

    histories: int = 0
    inputs: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Does everything agree?"""
        return not self.wrong and not self.unexpected

    def details(self) -> str:
        """What is wrong."""
        return "\n".join([*self.unexpected, *self.wrong])

    def __str__(self) -> str:
        return (
            f"{'PASS' if self.passed else 'FAIL'} seed={self.plan.seed} histories={self.histories} "
            f"inputs={self.inputs.total()} {self.shown} wrong={len(self.wrong)}"
        )


class LiveRun:
    """``LiveRun(broker, directory, plan, histories=3).go()``: LINES at once, of so many histories each."""

    def __init__(self, broker: Any, directory: Path, plan: Plan, histories: int) -> None:
        self._plan = plan
        self._histories = histories
        name = f"histories-{plan.seed}"
        self._place = Place(broker, name, directory / name, LINES)
        self._place.make_topics()
        settings = {"SESSION_TIMEOUT": str(SESSION_SECONDS), "MAX_DEAD_LETTERS": "0", "SWEEP_STEP": str(STEP)}
        command = ("-m", "tests.model.hands", str(self._place.directory), *([plan.mutant] if plan.mutant else []))
        self._workers = [
            Worker(n, self._place, settings | {"WORKER_SLOT": str(n) if plan.slots else ""}, command)
            for n in range(WORKERS)
        ]
        self.verdict = LiveVerdict(plan)
        self._breaker = Breaker(broker, self._workers, plan, self.verdict, random.Random(plan.seed))

    def go(self) -> LiveVerdict:
        """All of it."""
        tellers: list[subprocess.Popen[str]] = []
        try:
            self._breaker.start()
            tellers += [self._teller(line) for line in range(self._place.partitions)]
            while (ends := [teller.poll() for teller in tellers]) and None in ends and not any(ends):
                self._breaker.turn()
                time.sleep(LOOK_SECONDS)
            for line, end in enumerate(ends):
                self._heard(line, end)
        finally:
            for teller in tellers:
                teller.kill()
            for worker in self._workers:
                worker.kill()
        return self.verdict

    def _log(self, line: int) -> Path:
        return self._place.directory / f"line-{line}.log"

    def _teller(self, line: int) -> "subprocess.Popen[str]":
        place = self._place
        asked = (place.broker.servers, place.prefix, place.app_id, line, place.partitions, place.directory)
        numbers = (self._histories, self._plan.seed * 1_000 + line)
        command = [sys.executable, "-m", "tests.model.live", *map(str, (*asked, *numbers))]
        with self._log(line).open("w") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=place.environment, text=True)

    def _heard(self, line: int, end: int | None) -> None:
        said = self._log(line).read_text()
        if end == 0:
            self.verdict.histories += self._histories
            self.verdict.inputs.update(json.loads(said))
        elif end is not None:
            self.verdict.wrong.append(f"line {line}:\n{said}")
