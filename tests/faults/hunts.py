"""Which faults bring each planted bug to light: a plan for every one of ``tests.faults.mutants.MUTANTS``."""

from tests.faults.breaking import FAULTS, Plan

OPEN = ("begun", "all-sent", "acknowledged")
"""Frozen here a worker has sent something, but no offsets yet."""
LONG = (2.2, 3.0)
"""Sessions: the other worker has opened the tasks and works on them, and the transaction's time-out has not passed."""
HUNTS = {
    "no-seek": Plan(seed=2),
    "offsets-apart": Plan(seed=2, weights={"crash": 1.0}, points=("offsets-sent",)),
    "ignore-failed-sends": Plan(seed=2),
    "restore-by-counting": Plan(seed=2),
    "changelog-outside": Plan(seed=2),
    "dirty-restore": Plan(seed=2, weights={"crash": 1.0}, points=(*OPEN, "offsets-sent")),
    "no-generation": Plan(seed=2, weights={"frozen-crash": 1.0}, points=OPEN, rate=150, frozen_sessions=LONG),
    "unstable-fetch": Plan(
        seed=2, slots=False, weights={"frozen-crash": 1.0}, points=("offsets-sent",), frozen_sessions=LONG
    ),
    "trust-parked": Plan(seed=5, seconds=90.0, weights={"freeze": 1.0}, rate=12, frozen_sessions=LONG),
}


def hunt(mutant: str, seed: int, seconds: float) -> Plan:
    """The plan that is to catch this bug. ``seed`` and ``seconds`` 0: those that did when this was written."""
    plan = HUNTS[mutant]
    plan = plan._replace(broker_faults=0, least=4, one_at_a_time=plan.frozen_sessions == LONG)
    return plan._replace(mutant=mutant, seed=seed or plan.seed, seconds=seconds or plan.seconds)


assert all(set(plan.weights) <= set(FAULTS) for plan in HUNTS.values())
