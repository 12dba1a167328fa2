"""P1-P3, C4, K1, on a real Kafka: histories told to real workers that are killed, frozen and crashed all the time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.brokers.apache import ApacheKafka
from tests.faults.breaking import Plan
from tests.model import inputs
from tests.model.live_run import AMONG_HISTORIES, LINES, LiveRun

pytestmark = [pytest.mark.apache, pytest.mark.slow, pytest.mark.timeout(900)]
LEAST_FAULTS = 10
HISTORIES = 3
"""One after the other, on each of LINES partitions."""


def test_what_workers_commit_is_what_the_model_says(new_apache: Callable[[], ApacheKafka], tmp_path: Path) -> None:
    verdict = LiveRun(new_apache(), tmp_path, Plan(seed=1, **AMONG_HISTORIES), HISTORIES).go()
    print(verdict)
    assert verdict.passed, f"{verdict}\n{verdict.details()}"
    assert verdict.histories == LINES * HISTORIES
    assert set(inputs.OVER_ALL) <= set(verdict.inputs), "no merge, no sweep or no erasure was among them"
    assert sum(verdict.faults.values()) >= LEAST_FAULTS
