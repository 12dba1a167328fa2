"""Exactly once, through crashes, frozen workers, take-overs and a dying broker; and planted bugs that must show.

A few minutes; ``make soak`` goes on for longer. ``python -m tests.faults.soak --mutant NAME`` hunts a bug.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.brokers.apache import ApacheKafka
from tests.faults.breaking import Plan
from tests.faults.hunts import hunt
from tests.faults.run import Run

pytestmark = [pytest.mark.apache, pytest.mark.slow, pytest.mark.timeout(600)]
LEAST_FAULTS = 10
SECONDS = 15.0
TRIES = 4
"""A planted bug shows when a fault meets it at the right moment, which a seed makes likely, not certain."""


@pytest.mark.parametrize("slots", [True, False], ids=["slots", "random-ids"])
def test_p1_nothing_is_lost_doubled_out_of_order_or_wrong(
    new_apache: Callable[[], ApacheKafka], tmp_path: Path, slots: bool
) -> None:
    plan = Plan(seed=1 + slots, seconds=SECONDS, broker_faults=1, slots=slots, least=LEAST_FAULTS)
    verdict = Run(new_apache(), tmp_path, plan).go()
    print(verdict)
    assert verdict.passed, f"{verdict}\n{verdict.details()}"
    assert sum(verdict.faults.values()) >= LEAST_FAULTS


@pytest.mark.parametrize("mutant", ["dirty-restore", "no-seek"])
def test_a_planted_bug_shows(new_apache: Callable[[], ApacheKafka], tmp_path: Path, mutant: str) -> None:
    broker = new_apache()
    verdicts = []
    for seed in range(1, 1 + TRIES):
        verdicts.append(Run(broker, tmp_path, hunt(mutant, seed, SECONDS)).go())
        print(verdicts[-1])
        if verdicts[-1].findings.any:
            return
    pytest.fail("\n".join(map(str, verdicts)))
