"""One run: a stream, two workers, faults until the time is up, then rest, a restart from scratch, and the check."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import wide
from tests.faults.breaking import SESSION_SECONDS, Breaker, Plan, Toll
from tests.faults.check import ABOUT_CLIENTS, LETTERS, PROFILES, RESULTS, SETTINGS, Evidence, Findings, as_json, check
from tests.faults.feeder import Feeder
from tests.faults.stream import Stream
from tests.faults.workers import REAL, Worker
from tests.kit.bus import Bus
from tests.kit.messages import cloud_event, message
from tests.kit.place import Place
from topics.registry import INPUTS

GRACE_SECONDS = 1.0
POLL_SECONDS = 0.05
REST_SECONDS = 120.0
"""What the workers have, once nothing happens to them any more, to deal with all inputs."""
MUTANT_REST_SECONDS = 45.0
CALM_SECONDS = 20.0
"""What timers, sweeps and late answers have after that, from the last record that came."""
TRANSACTION_RECORDS = (20, 200, 8_000)
SWEEP_STEPS = (3, 50, 2_000)
"""With few a worker that catches up computes the next transaction while one is under way."""
PROBE_TAG = "after the restart"
WORKERS = 2


@dataclass
class Verdict(Toll):
    """What came of a run."""

    inputs: int = 0
    outputs: int = 0
    findings: Findings = field(default_factory=Findings)
    caught_up: float | None = None

    @property
    def passed(self) -> bool:
        return self.caught_up is not None and not self.findings.any and not self.unexpected

    def __str__(self) -> str:
        plan = self.plan
        counts = " ".join(f"{kind}={n}" for kind, n in self.findings.counts.items())
        caught_up = f"{self.caught_up:.1f}s" if self.caught_up is not None else "NO"
        return (
            f"{'PASS' if self.passed else 'FAIL'} seed={plan.seed} ids={'slots' if plan.slots else 'random'}"
            f"{f' mutant={plan.mutant}' if plan.mutant else ''} inputs={self.inputs} outputs={self.outputs} "
            f"{self.shown} caught_up={caught_up} {counts}"
        )

    def details(self) -> str:
        """What is wrong, the first of each kind."""
        return "\n".join([*self.unexpected, *self.findings.lines()])


class Run:
    """``Run(broker, directory, plan).go()``. The broker is killed and started again; it must be nobody else's."""

    def __init__(self, broker: Any, directory: Path, plan: Plan) -> None:
        self._plan = plan
        self._broker = broker
        self._chance = random.Random(plan.seed)
        name = f"run-{plan.seed}{'' if plan.slots else '-random'}{f'-{plan.mutant}' if plan.mutant else ''}"
        self.directory = directory / name
        self._place = Place(broker, name, self.directory)
        self._place.make_topics()
        self._stream = Stream(plan.seed)
        self._feeder = Feeder(broker.servers, self._place.prefix, self._stream, plan.rate)
        self._workers = [self._worker(n, str(n) if plan.slots else "") for n in range(WORKERS)]
        self.verdict = Verdict(plan)
        self._breaker = Breaker(broker, self._workers, plan, self.verdict, self._chance)

    def _worker(self, number: int, slot: str) -> Worker:
        settings = {
            "WORKER_SLOT": slot,
            "SESSION_TIMEOUT": str(SESSION_SECONDS),
            "COMPLETION_GRACE": str(GRACE_SECONDS),
            "MAX_DEAD_LETTERS": "0",
            "SWEEP_STEP": str(self._chance.choice(SWEEP_STEPS)),
            "TRANSACTION_RECORDS": str(self._chance.choice(TRANSACTION_RECORDS)),
        }
        mutant = self._plan.mutant
        return Worker(number, self._place, settings, REAL if mutant is None else ("-m", "tests.faults.mutants", mutant))

    def go(self) -> Verdict:
        """All of it. What is wrong stands in the verdict; evidence is kept in the directory when something is."""
        try:
            self._feeder.send_opening()
            self._breaker.start()
            self._feeder.start()
            self._breaker.go_on(self._plan.seconds)
            self._feeder.stop()
            self._rest()
        finally:
            for worker in self._workers:
                worker.kill()
        if not self.verdict.passed:
            (self.directory / "verdict.txt").write_text(f"{self.verdict}\n{self.verdict.details()}\n")
        return self.verdict

    # -- the end --------------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Nothing happens any more: all inputs must be dealt with, then a worker from scratch must know all of it."""
        rest = MUTANT_REST_SECONDS if self._plan.mutant else REST_SECONDS
        began = time.monotonic()
        self._breaker.rest()
        bus = self._place.bus()
        try:
            if self._settled(bus, rest):
                self.verdict.caught_up = time.monotonic() - began
                if not (self._plan.mutant and self.verdict.findings.any):  # it has shown already
                    self._from_scratch(bus, rest)
            evidence = self._evidence(bus)
        finally:
            bus.close()
        findings, inputs = check(evidence, self._stream)
        self.verdict.findings, self.verdict.inputs = findings, inputs.total
        self.verdict.outputs = sum(len(evidence.records[t]) for t in (*ABOUT_CLIENTS, RESULTS, LETTERS))
        if not self.verdict.passed:
            (self.directory / "records.jsonl").write_text(as_json(evidence))

    def _settled(self, bus: Bus, rest: float) -> bool:
        """Supervise until everything is committed and right, or a planted bug shows for good.

        Gives up after ``rest``, or when nothing new has come for CALM_SECONDS.
        """
        deadline = time.monotonic() + rest
        calm: float | None = None
        seen = 0
        while time.monotonic() < (deadline if calm is None else min(deadline, calm + CALM_SECONDS)):
            self._breaker.supervise()
            try:
                bus.settle(2.0)
            except AssertionError:
                continue
            evidence = self._evidence(bus)
            if calm is None or evidence.size != seen:
                calm, seen = time.monotonic(), evidence.size
            findings = self.verdict.findings = check(evidence, self._stream)[0]
            if not findings.any or (self._plan.mutant and findings.lasting):
                return True
            time.sleep(POLL_SECONDS * 5)
        return calm is not None

    def _from_scratch(self, bus: Bus, rest: float) -> None:
        """Another worker takes over from nothing but the changelogs; whoever it thinks a client is shows in a tag."""
        for worker in self._workers:
            code = worker.stop()
            if code != 0:
                self.verdict.unexpected.append(f"worker {worker.number} stopped with exit code {code} at the end")
        self._workers[:] = [self._worker(WORKERS, "")]
        self._breaker.supervise()
        clients: dict[str, list[str]] = {}
        for key in {got.key: None for got in bus.read(PROFILES) if got.key and not got.key.startswith(b"\0")}:
            business, _, client = key.decode().partition("/")
            if business not in wide.BUSINESSES:  # a tag would bring an erased client back
                clients.setdefault(business, []).append(client)
        commands = [
            cloud_event(
                "tags.add", b, {"client_ids": ids[n : n + 1000], "tags": [PROBE_TAG]}, time="2025-06-01T00:00:00Z"
            )
            for b, ids in clients.items()
            for n in range(0, len(ids), 1000)
        ]
        bus.send(*map(message, commands))
        if not self._settled(bus, rest):
            self.verdict.caught_up = None
        code = self._workers[0].stop()
        if code != 0:
            self.verdict.unexpected.append(f"the worker from scratch stopped with exit code {code}")

    def _evidence(self, bus: Bus) -> Evidence:
        topics = (*(topic.name for topic in INPUTS), *ABOUT_CLIENTS, RESULTS, LETTERS, PROFILES, SETTINGS)
        records = {topic: bus.read(topic) for topic in topics}
        place = self._place
        return Evidence(records, bus.committed(), self._feeder.acknowledged, place.partitions, place.prefix)
