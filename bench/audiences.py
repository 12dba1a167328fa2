"""What audiences cost: the engine alone, with and without 50 varied ones in every business (F1).

    python -m bench.audiences

The goal: with them throughput stays above half of what it is without.
"""

import statistics
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from bench import workload
from bench.engine import run
from bench.workload import BUSINESSES, Event

EVENTS: Final = 60_000
CLIENTS: Final = 6_000
ROUNDS: Final = 5
AUDIENCES: Final = 50
GOAL: Final = 0.5


def _leaf(field: str, op: str, value: object) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def filters(now: datetime) -> list[dict[str, Any]]:
    """Fifty filters over every kind of field; most ask for two or three, among them what every event changes."""
    counts = ("payments", "invoices", "messages_in", "attended", "no_shows")
    found: list[dict[str, Any]] = []
    for number in range(AUDIENCES):
        since = (now - timedelta(days=number)).isoformat()
        active = _leaf("last_activity_at", ("gt", "lt")[number % 2], since)
        several = _leaf(f"counts.{counts[number % 5]}", ("gte", "lt", "eq")[number % 3], 1 + number // 5)
        found.append(
            [
                {"all": [several, _leaf("status", "in", ["customer", "vip"])]},
                {"all": [active, {"not": _leaf("ended", "eq", True)}, several]},
                {"any": [_leaf("tags", "has_any", ["regular", f"tag {number}"]), active]},
                {"all": [_leaf("name", "contains", f"number {number}"), several]},
                {"all": [_leaf("email", "starts_with", f"client{number}"), _leaf("source", "ne", "manual")]},
                {"all": [active, several, _leaf("created_at", "lt", since)]},
                {"any": [_leaf("client_type", "exists", True), {"all": [several, _leaf("score", "gte", 4)]}]},
            ][number % 7]
        )
    return found


def definitions(businesses: int) -> list[Event]:
    """The messages that define them."""
    now = datetime.now(UTC)
    return [
        _defined(f"biz-00-{business:03}", number, filter_, now - timedelta(days=300))
        for business in range(businesses)
        for number, filter_ in enumerate(filters(now))
    ]


def _defined(business: str, number: int, filter_: dict[str, Any], at: datetime) -> Event:
    value = {
        "specversion": "1.0", "id": f"audience-{number}", "source": "/bench", "type": "audience.define",
        "time": workload.rfc3339(at), "businessid": business,
        "data": {"audience_id": f"a{number}", "name": f"Audience {number}", "filter": filter_},
    }  # fmt: skip
    return Event("control", business, "", "audience.define", value["id"], orjson.dumps(value))


def measure(events: int = EVENTS, clients: int = CLIENTS, rounds: int = ROUNDS, businesses: int = BUSINESSES) -> float:
    """The median of how throughput with audiences compares to throughput without, one after the other."""
    ratios = []
    for _ in range(rounds):
        history = list(workload.mixed(2 * events, clients))
        known, timed = history[:events], history[events:]
        before, _ = run(timed, 4, known)
        after, _ = run(timed, 4, definitions(businesses), known)
        ratios.append(after.rate / before.rate)
        print(
            f"without {1e6 / before.rate:.1f} µs an event, with {AUDIENCES} audiences {1e6 / after.rate:.1f} µs "
            f"({after.outputs - before.outputs} outputs more): {ratios[-1]:.2f}",
            flush=True,
        )
    return statistics.median(ratios)


if __name__ == "__main__":
    ratio = measure()
    verdict = "met" if ratio > GOAL else "NOT MET"
    print(f"throughput with audiences is {ratio:.2f} of that without; the goal is {GOAL}: {verdict}")
