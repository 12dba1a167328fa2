"""Exactly once, through crashes, frozen workers, take-overs and a dying broker; and planted bugs that must show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.brokers.apache import ApacheKafka
from tests.faults.run import Plan, Run

pytestmark = [pytest.mark.apache, pytest.mark.slow, pytest.mark.timeout(420)]
LEAST_FAULTS = 10


@pytest.mark.parametrize("slots", [True, False], ids=["slots", "random-ids"])
def test_nothing_is_lost_doubled_out_of_order_or_wrong(
    new_apache: Callable[[], ApacheKafka], tmp_path: Path, slots: bool
) -> None:
    verdict = Run(
        new_apache(), tmp_path, Plan(seed=1 + slots, seconds=25, broker_faults=1, slots=slots, least=LEAST_FAULTS)
    ).go()
    print(verdict)
    assert verdict.passed, f"{verdict}\n{verdict.details()}"
    assert sum(verdict.faults.values()) >= LEAST_FAULTS


@pytest.mark.parametrize("mutant", ["ignore-failed-sends", "no-seek"])
def test_a_planted_bug_is_noticed(new_apache: Callable[[], ApacheKafka], tmp_path: Path, mutant: str) -> None:
    plan = Plan(seed=2, seconds=15, mutant=mutant, broker_faults=0, least=6)
    verdict = Run(new_apache(), tmp_path, plan).go()
    print(verdict)
    assert not verdict.passed
    assert verdict.findings.any, f"{verdict}\n{verdict.details()}"
