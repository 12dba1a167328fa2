"""What definitions cost: throughput with and without 100 tag rules and 50 varied audiences in every business.

    python -m bench.definitions             # the engine alone
    python -m bench.definitions --worker    # a worker on a real Kafka, all of whose clients are new
    python -m bench.definitions --worker --known    # the same with clients that were there before, with their tags

The goal: with them throughput stays above half of what it is without (D6, F1).
"""

import argparse
import statistics
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from bench import broker, throughput, workload
from bench.engine import run
from bench.throughput import Run
from bench.workload import BUSINESSES, CLIENT_SHARE, Event
from tests.brokers.apache import ApacheKafka

EVENTS: Final = 60_000
CLIENTS: Final = 6_000
ROUNDS: Final = 5
AUDIENCES: Final = 50
RULES: Final = 100
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


ASKED: Final = (
    ("booking.scheduled", "service", "haircut"),
    ("booking.attended", "kind", "appointment"),
    ("invoice.issued", "currency", "EUR"),
    ("payment.received", "method", "card"),
    ("client.messaged", "channel", "mail"),
    ("client.noted", "author", "front desk"),
    ("client.created", "source", "website_widget"),
    ("campaign.viewed", "campaign_id", "spring"),
    ("campaign.clicked", "campaign_id", "spring"),
    ("client.status.changed", "to", "vip"),
)
"""Types of events, and what the workload's have in one of their fields."""


SOME: Final = frozenset({"client.created", "campaign.viewed"})
"""Where a client came from, and what it was interested in, as rules ask: every ninth event is one of these."""
ALL: Final = frozenset(on for on, _, _ in ASKED)


def rules(matching: Collection[str]) -> list[dict[str, Any]]:
    """A hundred tag rules, ten on each of ten types of events. On each of the types in ``matching`` one of them matches
    every event, and tags each client once; the others match none."""
    found: list[dict[str, Any]] = []
    for number in range(RULES):
        on, field, text = ASKED[number % len(ASKED)]
        wanted = text if number < len(ASKED) and on in matching else f"{text} {number}"
        found.append({"rule_id": f"r{number}", "on": on, "where": _leaf(field, "eq", wanted), "add": [f"tag {number}"]})
    return found


class Case(NamedTuple):
    """What is defined. ``matching``: the types that have a rule that matches; None: there are no rules."""

    matching: Collection[str] | None
    audiences: bool


def definitions(businesses: int, case: Case) -> list[Event]:
    """The messages that define them."""
    now = datetime.now(UTC)
    wanted = [("tag_rule.define", rule) for rule in rules(case.matching)] if case.matching is not None else []
    if case.audiences:
        wanted += [
            ("audience.define", {"audience_id": f"a{number}", "name": f"Audience {number}", "filter": filter_})
            for number, filter_ in enumerate(filters(now))
        ]
    return [
        _defined(f"biz-00-{business:03}", number, type_, data, now - timedelta(days=300))
        for business in range(businesses)
        for number, (type_, data) in enumerate(wanted)
    ]


def _defined(business: str, number: int, type_: str, data: dict[str, Any], at: datetime) -> Event:
    value = {
        "specversion": "1.0", "id": f"definition-{number}", "source": "/bench", "type": type_,
        "time": workload.rfc3339(at), "businessid": business, "data": data,
    }  # fmt: skip
    return Event("control", business, "", type_, value["id"], orjson.dumps(value))


BOTH: Final = Case(SOME, audiences=True)
WORST: Final = Case(ALL, audiences=True)
CASES: Final = {
    "50 audiences": Case(None, audiences=True),
    "100 tag rules": Case(SOME, audiences=False),
    "both": BOTH,
    "both, and every event matched by a rule": WORST,
}


class Cost(NamedTuple):
    """Runs of a worker over the same events, in turns: without definitions, with both kinds, and with both when a rule
    matches every event."""

    without: Sequence[Run]
    both: Sequence[Run]
    worst: Sequence[Run]

    def ratio(self, runs: Sequence[Run]) -> float:
        """Throughput in these, as a share of that without."""
        return statistics.median(run.rate / plain.rate for plain, run in zip(self.without, runs, strict=True))


def measure(kafka: ApacheKafka, events: int, repeats: int, directory: Path, *, known: bool = False) -> Cost:
    """A worker over a backlog, in turns; ``known``: of clients of whom as many events came before. Raises WrongResult
    when it did not process exactly that."""
    before = events if known else 0
    history = list(workload.mixed(before + events, events // CLIENT_SHARE))
    seen, timed = history[:before], history[before:]
    cases = {"without": [], "both": definitions(BUSINESSES, BOTH), "worst": definitions(BUSINESSES, WORST)}
    of = "known" if known else "new"
    runs = [
        throughput.worker_run(kafka, f"{of}-{name}{number}", timed, directory, defined=defined, known=seen)[0]
        for number in range(repeats)
        for name, defined in cases.items()
    ]
    return Cost(*(runs[first :: len(cases)] for first in range(len(cases))))


def engine_alone(
    events: int = EVENTS, clients: int = CLIENTS, rounds: int = ROUNDS, businesses: int = BUSINESSES
) -> dict[str, float]:
    """Per case the median of how throughput with it compares to throughput without, one after the other."""
    ratios: dict[str, list[float]] = {case: [] for case in CASES}
    for _ in range(rounds):
        history = list(workload.mixed(2 * events, clients))
        known, timed = history[:events], history[events:]
        before, _ = run(timed, 4, known)
        for name, case in CASES.items():
            after, _ = run(timed, 4, definitions(businesses, case), known)
            ratios[name].append(after.rate / before.rate)
            print(
                f"without {1e6 / before.rate:.1f} µs an event, with {name} {1e6 / after.rate:.1f} µs "
                f"({after.outputs - before.outputs} outputs more): {ratios[name][-1]:.2f}",
                flush=True,
            )
    return {case: statistics.median(found) for case, found in ratios.items()}


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.definitions", description=__doc__)
    parser.add_argument("--worker", action="store_true", help="a worker on a real Kafka, not the engine alone")
    parser.add_argument("--known", action="store_true", help="with --worker: over clients that were there before")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.worker:
        with broker.alone(0) as (kafka, scratch):
            cost = measure(kafka, options.events, options.repeats, scratch, known=options.known)
        for without, both, worst in zip(*cost, strict=True):
            print(f"without {without.rate:,.0f} events/s, with both {both.rate:,.0f}, at worst {worst.rate:,.0f}")
        ratios = {"both": cost.ratio(cost.both), "both, and every event matched by a rule": cost.ratio(cost.worst)}
    else:
        ratios = engine_alone()
    for name, ratio in ratios.items():
        verdict = "met" if ratio > GOAL else "NOT MET"
        print(f"throughput with {name} is {ratio:.2f} of that without; the goal is {GOAL}: {verdict}")


if __name__ == "__main__":
    main()
