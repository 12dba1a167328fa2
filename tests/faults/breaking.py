"""Faults while workers work: they are killed, frozen, told to stop and crashed between two steps; brokers die."""

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.faults.workers import Worker
from tests.kit.waiting import until
from worker.transport.failpoints import FREEZE, POINTS

SESSION_SECONDS = 3.0
FROZEN_SESSIONS = (1.1, 2.2)
PAUSE_SECONDS = (0.6, 2.2)
"""Between two faults."""
OUTAGE_SECONDS = (0.2, 4.0)
"""Of a broker."""
POLL_SECONDS = 0.05
LATE_SECONDS = 120.0
"""What the least number of faults may take, beyond the time that was asked for."""
FAULTS = {"kill": 3.0, "freeze": 3.0, "term": 2.0, "crash": 6.0, "frozen-crash": 3.0, "broker": 1.0}
CLUSTER_FAULTS = {"kill": 1.0, "freeze": 1.0, "crash": 3.0, "frozen-crash": 2.0, "broker": 4.0, "roll": 4.0}
"""Where another broker takes over."""


class Plan(NamedTuple):
    """What a run is to be. ``slots``: stable transactional ids; ``mutant``: a planted bug; ``least``: of faults."""

    seed: int
    seconds: float = 40.0
    slots: bool = True
    rate: int = 250
    broker_faults: int = 2
    mutant: str | None = None
    least: int = 10
    weights: dict[str, float] = FAULTS
    points: tuple[str, ...] = POINTS
    frozen_sessions: tuple[float, float] = FROZEN_SESSIONS
    one_at_a_time: bool = False
    pause: tuple[float, float] = PAUSE_SECONDS


@dataclass
class Toll:
    """What happened to the workers: faults by kind, deaths by exit code, and those that nothing had asked for."""

    plan: Plan
    faults: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """In a line."""
        return (
            f"faults={sum(self.faults.values())} {dict(sorted(self.faults.items()))} "
            f"exits={dict(sorted(self.exits.items()))} unexpected_exits={len(self.unexpected)}"
        )


class Breaker:
    """Does a plan's faults to workers, and starts again what has died. The broker, where faults are its, must be
    nobody else's."""

    def __init__(self, broker: Any, workers: list[Worker], plan: Plan, toll: Toll, chance: random.Random) -> None:
        self._broker = broker
        self._workers = workers
        self._plan = plan
        self._toll = toll
        self._chance = chance
        self._next = time.monotonic()

    def start(self) -> None:
        """Start the workers; nothing is done to them until they have come together as a group."""
        for worker in self._workers:
            worker.start()
        self._next = time.monotonic() + 2 * SESSION_SECONDS

    def go_on(self, seconds: float) -> None:
        """Break things for so long, and until there were enough faults."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or sum(self._toll.faults.values()) < self._plan.least:
            self.turn()
            if time.monotonic() > deadline + LATE_SECONDS:
                break
            time.sleep(POLL_SECONDS)

    def turn(self) -> None:
        """Look after the workers, and break something when it is time."""
        self.supervise()
        if time.monotonic() >= self._next and self._break_one():
            self._next = time.monotonic() + self._chance.uniform(*self._plan.pause)

    def rest(self) -> None:
        """Nothing happens any more: whatever is armed or frozen is killed, and starts again."""
        for worker in self._workers:
            worker.failpoint = ""
            if worker.alive:
                worker.signal(signal.SIGKILL)
                until(lambda worker=worker: not worker.alive, "a killed worker is dead")
        self.supervise()

    def _break_one(self) -> bool:
        ready = [worker.ready for worker in self._workers]
        if not any(ready) or (self._plan.one_at_a_time and not all(ready)):  # a fault would hit nothing that works
            return False
        weights = self._plan.weights
        kind = self._chance.choices(list(weights), list(weights.values()))[0]
        if kind == "broker":
            if self._toll.faults["broker"] >= self._plan.broker_faults:
                return False
            self._broker.kill()
            time.sleep(self._chance.uniform(*OUTAGE_SECONDS))
            self._broker.start()
            self._toll.faults["broker"] += 1
            return True
        if kind == "roll":
            self._broker.stop()
            time.sleep(self._chance.uniform(*OUTAGE_SECONDS))
            self._broker.start()
            self._toll.faults["roll"] += 1
            return True
        fit = [worker for worker in self._workers if worker.fit]
        worker = self._chance.choice(fit)
        if kind == "freeze":
            worker.freeze(SESSION_SECONDS * self._chance.uniform(*self._plan.frozen_sessions))
        elif kind == "term":
            worker.signal(signal.SIGTERM)
        else:
            if kind in ("crash", "frozen-crash"):
                worker.failpoint = self._failpoint(freeze=kind == "frozen-crash")
            worker.signal(signal.SIGKILL)
        self._toll.faults["kill" if worker.failpoint else kind] += 1
        return True

    def _failpoint(self, *, freeze: bool) -> str:
        """One of all places; those of an opening are reached once, those of a transaction again and again."""
        point = self._chance.choice(self._plan.points)
        nth = 1 if POINTS.index(point) < POINTS.index("computed") else self._chance.randint(1, 15)
        return f"{FREEZE if freeze else ''}{point}:{nth}"

    def supervise(self) -> None:
        toll = self._toll
        for worker in self._workers:
            hit = worker.look(SESSION_SECONDS * self._chance.uniform(*self._plan.frozen_sessions))
            if hit is not None:
                toll.faults[hit.partition(":")[0]] += 1
            died_at = worker.buried(toll.exits, toll.unexpected)
            if died_at:
                toll.faults[f"crash@{died_at.partition(':')[0]}"] += 1
            if not worker.alive:
                worker.start()
