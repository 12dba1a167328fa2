"""One run: everything comes in while worker and projector are killed at random moments; then the comparison.

``python -m tests.readmodel.exact --runs N --seed S`` makes run after run with another seed each.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from tests.brokers.apache import ApacheKafka
from tests.kit.bus import Bus
from tests.kit.place import Place, Program
from tests.readmodel.bustle import Bustle
from tests.readmodel.compare import differences
from tests.readmodel.naive import Naive
from topics.registry import TOPICS
from worker.embedded.valkey import EmbeddedValkey

TICK_SECONDS = 0.05
MESSAGES_PER_TICK = 8
LIFE_SECONDS = {"worker": (0.4, 2.6), "projector": (0.4, 2.2)}
"""From start to SIGKILL: some die while they start."""
REST_SECONDS = 60.0
CALM_SECONDS = 90.0
"""What the read model has, after the worker is done, to be right."""
WORKER = {
    "WORKER_SLOT": "1",
    "SESSION_TIMEOUT": "1",
    "COMPLETION_GRACE": "1",
    "MAX_DEAD_LETTERS": "0",
    "SWEEP_STEP": "3",
}


class Mortal:
    """A program that is started again and again; each life ends with SIGKILL, but the last."""

    def __init__(self, name: str, place: Place, settings: dict[str, str], chance: random.Random) -> None:
        self.name, self._place, self._settings, self._chance = name, place, settings, chance
        self.kills = 0
        self.sudden: list[int] = []
        """Exit codes of lives that ended by themselves."""
        self._child: Program | None = None
        self._dies_at = 0.0

    def start(self, *flags: str) -> None:
        """A new life."""
        log = self._place.directory / f"{self.name}.log"
        self._child = Program(self._place, log, self.name, *flags, **self._settings)
        self._dies_at = time.monotonic() + self._chance.uniform(*LIFE_SECONDS[self.name])

    def look(self, kills: int) -> None:
        """Kill it when its time has come, if it is to be killed so often; start it when it is dead."""
        if self._child is None or self._child.exit_code is not None:
            if self._child is not None and self._child.exit_code is not None:
                self.sudden.append(self._child.exit_code)
            self.start()
        elif self.kills < kills and time.monotonic() >= self._dies_at:
            self.kill()
            self.kills += 1
            self.start()

    def kill(self) -> None:
        """Now."""
        if self._child is not None and self._child.exit_code is None:
            self._child.kill()
        self._child = None

    def stop(self) -> int:
        """In order."""
        return self._child.stop(30.0) if self._child is not None else 0


class Run:
    """``Run(broker, directory, seed).go()``: what is wrong in the end, in words."""

    def __init__(self, broker: Any, directory: Path, seed: int, kills: int = 20) -> None:
        self._kills = kills
        chance = random.Random(seed)
        self.place = Place(broker, f"exact-{seed}", directory / f"exact-{seed}")
        self.place.make_topics()
        self._bus: Bus = self.place.bus()
        self._valkey = EmbeddedValkey(self.place.directory)
        self._answers = 0
        self._answered: set[str] = set()
        self.bustle = Bustle(seed, self._is_answered)
        self._worker = Mortal("worker", self.place, WORKER, chance)
        self._projector = Mortal("projector", self.place, {"REDIS_URL": self._valkey.url}, chance)

    def go(self) -> list[str]:
        """All of it."""
        try:
            self._send(self.bustle.opening())
            self._break_things()
            self._bus.settle(REST_SECONDS)
            wrong = self._compare()
            codes = (self._worker.stop(), self._projector.stop())
            wrong += [f"stopped with exit codes {codes}"] if any(codes) else []
            return wrong + [
                f"{m.name} ended by itself: {m.sudden}" for m in (self._worker, self._projector) if m.sudden
            ]
        finally:
            for mortal in (self._worker, self._projector):
                mortal.kill()
            self._valkey.kill()
            self._bus.close()

    def _break_things(self) -> None:
        """Until each was killed so often; at a third Valkey comes back empty, at two thirds the projector rebuilds."""
        emptied = rebuilt = False
        while min(self._worker.kills, self._projector.kills) < self._kills:
            began = time.monotonic()
            for _ in range(MESSAGES_PER_TICK):
                self._send(self.bustle.next())
            self._worker.look(self._kills)
            self._projector.look(self._kills)
            if not emptied and self._projector.kills >= self._kills // 3:
                emptied = True
                self._valkey.kill()
                self._valkey = EmbeddedValkey(self.place.directory, self._valkey.port)
            if not rebuilt and self._projector.kills >= self._kills * 2 // 3:
                rebuilt = True
                self._rebuild()
            time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - began)))

    def _rebuild(self) -> None:
        """Beside the old one, while all goes on; the first attempt is killed."""
        self._projector.kill()
        self._projector.start("--rebuild")
        self._meanwhile(lambda: True)
        self._projector.kill()
        self._projector.kills += 1
        self._projector.start("--rebuild")
        connection = redis.Redis.from_url(self._valkey.url)
        before = connection.get(f"client-status:{self.place.prefix}:current")
        self._meanwhile(lambda: connection.get(f"client-status:{self.place.prefix}:current") != before)

    def _meanwhile(self, done: Callable[[], bool]) -> None:
        least = time.monotonic() + 1.0
        give_up = least + REST_SECONDS
        while time.monotonic() < least or not done():
            assert time.monotonic() < give_up, "the projector does not rebuild"
            self._send(self.bustle.next())
            self._worker.look(self._kills)
            time.sleep(TICK_SECONDS)

    def _send(self, messages: Any) -> None:
        self._bus.send(*messages)

    def _is_answered(self, command: str) -> bool:
        results = self._bus.read("command-results")
        self._answered.update(got.json["data"]["command_id"] for got in results[self._answers :])
        self._answers = len(results)
        return command in self._answered

    def _compare(self) -> list[str]:
        """Timers, sweeps and the projector have some time until it must be right."""
        wrong = ["nothing was compared"]
        give_up = time.monotonic() + CALM_SECONDS
        while wrong and time.monotonic() < give_up:
            self._bus.settle(REST_SECONDS)
            records = {topic.name: self._bus.read(topic.name) for topic in TOPICS}
            wrong = differences(
                self._valkey.url, self.place.prefix, Naive(records, self.place.partitions, self.place.prefix)
            )
            time.sleep(TICK_SECONDS)
        return wrong


def main() -> int:
    """0 when every run was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.readmodel.exact", description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=20, help="of each program")
    asked = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="client-status-exact-"))
    broker = ApacheKafka(directory / "kafka")
    bad = 0
    try:
        for seed in range(asked.seed, asked.seed + asked.runs):
            began = time.monotonic()
            run = Run(broker, directory, seed, asked.kills)
            wrong = run.go()
            bad += bool(wrong)
            print(
                f"seed {seed}: {run.bustle.sent} messages, {time.monotonic() - began:.0f} s, {len(wrong)} wrong",
                flush=True,
            )
            print("".join(f"  {text}\n" for text in wrong), end="", flush=True)
    finally:
        broker.kill()
    if not bad:
        shutil.rmtree(directory)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
