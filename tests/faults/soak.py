"""``python -m tests.faults.soak --minutes N``: run after run with another seed each, a line for each, until time is up.

Runs alternate between stable slots and random transactional ids. What is wrong is printed, and its evidence kept.
With ``--histories`` the stream is that of tests.model, checked by its model.
"""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.brokers.apache import ApacheKafka, Unavailable
from tests.brokers.cluster import ApacheCluster
from tests.faults.breaking import CLUSTER_FAULTS, Plan
from tests.faults.hunts import hunt
from tests.faults.run import Run, Verdict
from tests.model.live_run import AMONG_HISTORIES, LiveRun, LiveVerdict

SECONDS = 40.0
BROKER_FAULTS = 8
"""Of a cluster in one run."""


def main() -> int:
    """0 when every run was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no run after so many minutes")
    parser.add_argument("--runs", type=int, default=0, help="at most so many runs; 0: as many as there is time for")
    parser.add_argument("--seed", type=int, default=0, help="of the first run; 0: drawn from the clock")
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="of faults in one run; 0: 40, or what the hunt for --mutant needs"
    )
    parser.add_argument("--rate", type=int, default=250, help="messages a second")
    parser.add_argument("--mutant", default=None, help="plant this bug: every run must fail then")
    parser.add_argument("--histories", type=int, default=0, help="tell so many of the model's, on each of 8 partitions")
    parser.add_argument("--cluster", action="store_true", help="on three brokers, one of which fails at a time")
    parser.add_argument("--port", type=int, default=0, help="of the broker; 0: any")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)  # the feeder's client has a lot to say about a broker that was killed
    directory = Path(tempfile.mkdtemp(prefix="client-status-soak-"))
    try:
        kafka = directory / "kafka"
        broker = ApacheCluster(kafka) if asked.cluster else ApacheKafka(kafka, asked.port)
    except Unavailable as exc:
        print(f"soak: {exc}", file=sys.stderr)
        return 2
    try:
        verdicts = _runs(broker, directory, asked)
    finally:
        broker.end()
    wrong = [verdict for verdict in verdicts if not verdict.passed]
    print(f"{len(verdicts)} runs, {len(wrong)} wrong{f'; the evidence is in {directory}' if wrong else ''}", flush=True)
    if not wrong:
        shutil.rmtree(directory)
    return 1 if wrong or not verdicts else 0


def _runs(
    broker: ApacheKafka | ApacheCluster, directory: Path, asked: argparse.Namespace
) -> list[Verdict | LiveVerdict]:
    first = asked.seed or int(time.time()) % 1_000_000
    until = time.monotonic() + asked.minutes * 60
    verdicts: list[Verdict | LiveVerdict] = []
    while time.monotonic() < until and (not asked.runs or len(verdicts) < asked.runs):
        seed = first + len(verdicts)
        plan = Plan(seed, asked.seconds or SECONDS, slots=seed % 2 == 0, rate=asked.rate)
        if asked.cluster:
            plan = plan._replace(weights=CLUSTER_FAULTS, broker_faults=BROKER_FAULTS)
        if asked.mutant:
            plan = hunt(asked.mutant, asked.seed and seed, asked.seconds)
        verdict = _run(broker, directory, plan, asked.histories)
        verdicts.append(verdict)
        print(verdict, flush=True)
        if not verdict.passed:
            print(verdict.details(), flush=True)
    return verdicts


def _run(broker: Any, directory: Path, plan: Plan, histories: int) -> Verdict | LiveVerdict:
    if histories:
        return LiveRun(broker, directory, plan._replace(**AMONG_HISTORIES), histories).go()
    return Run(broker, directory, plan).go()


if __name__ == "__main__":
    sys.exit(main())
