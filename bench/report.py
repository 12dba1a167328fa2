"""docs/performance.md: what was measured, beside what was aimed for, in plain words."""

import platform
import statistics
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from bench.engine import Speed
from bench.latency import RATE, Latency
from bench.processes import MEGABYTE
from bench.profiling import SHARES, Shares
from bench.restore import Restore
from bench.throughput import Run

GOAL_RATE: Final = 60_000
GOAL_RATIO: Final = 15
GOAL_RESTORE_SECONDS: Final = 8.0
GOAL_P99: Final = {4: 100.0, 64: 250.0}
GOAL_MEMORY: Final = 2_000
_MEANINGS: Final = {
    "decode": "bytes to typed events",
    "domain": "the rules, and decoding cards",
    "encode": "cards and outputs to bytes",
    "send": "record batches, and aiokafka's producer",
    "commit": "planning and committing transactions",
    "receive": "fetching: aiokafka's consumer, Faust",
    "engine": "the engine's own bookkeeping between these",
    "other": "the event loop, the interpreter",
}


class Results(NamedTuple):
    """Everything that one run has measured. ``load`` is the machine's load average when it began and ended."""

    cores: int
    kafka: str
    quick: bool
    load: tuple[float, float]
    engine: Speed
    worker: Sequence[Run]
    faust: Sequence[Run]
    shares: Shares | None
    latencies: Sequence[Latency]
    restore: Restore


def page(results: Results) -> str:
    """The whole page."""
    parts = (_head, _throughput, _profile, _latency, _restore, _again)
    return "\n".join(line for part in parts for line in part(results)) + "\n"


def _head(r: Results) -> list[str]:
    size = "the small version of the measurements (`QUICK=1`)" if r.quick else "the full measurements"
    lines = [
        "# Performance", "",
        "Written by `make bench`; numbers are not edited by hand.", "",
        f"Measured on {date.today().isoformat()}: {size}, one machine with {r.cores} cores that holds the broker, the "
        f"worker and the programs that measure; Python {platform.python_version()}, Apache Kafka {r.kafka} (one broker "
        "with 512 MB of heap). Every run has topics of its own, and fails when an event is missing or dead-lettered.",
        "",
    ]  # fmt: skip
    if max(r.load) > r.cores:
        lines += [
            f"**The machine was not idle**: its load average was {r.load[0]:.1f} at the start and {r.load[1]:.1f} at the "
            f"end, with {r.cores} cores. Times by the clock are worse than they would be alone; the columns by processor "
            "time are affected far less.", "",
        ]  # fmt: skip
    return lines


def _throughput(r: Results) -> list[str]:
    ratio = statistics.median(x.rate for x in r.worker) / statistics.median(x.rate for x in r.faust)
    by_cpu = statistics.median(x.rate_of_cpu for x in r.worker) / statistics.median(x.rate_of_cpu for x in r.faust)
    rate = statistics.median(x.rate for x in r.worker)
    met = rate >= GOAL_RATE or ratio >= GOAL_RATIO
    return [
        "## Throughput", "",
        "A backlog of mixed events of full cards (bookings, invoices, payments, messages, creations, commands) on 4 "
        "partitions; one worker process, exactly once; from the first record to the last commit. Stock Faust beside it, "
        "in turns: a table and an output per status change, at least once, without cards, order, duplicates or timers, "
        "so for much less work. Medians, with the least and the most of the runs.", "",
        "| | runs | events | events/s | per second of processor time | memory MB |", "|---|---|---|---|---|---|",
        _row("the worker", r.worker), _row("stock Faust", r.faust), "",
        f"The worker is **{ratio:.1f} times** as fast as stock Faust by the clock, {by_cpu:.1f} times by processor time.",
        "", _verdict(f"{GOAL_RATE:,} events/s, or {GOAL_RATIO} times stock Faust", met,
                     f"{rate:,.0f} events/s and {ratio:.1f} times"), "",
        f"The engine alone (decode, route, decide, encode; no Kafka): {r.engine.rate:,.0f} events per second of "
        f"processor time, {1e6 / r.engine.rate:.1f} µs each, over {r.engine.events:,} events that made "
        f"{r.engine.cards:,} cards of {r.engine.card_bytes:,.0f} bytes and {r.engine.outputs:,} outputs.", "",
    ]  # fmt: skip


def _row(name: str, runs: Sequence[Run]) -> str:
    rates = _spread(runs, lambda run: run.rate), _spread(runs, lambda run: run.rate_of_cpu)
    memory = max(run.rss for run in runs) // MEGABYTE
    return f"| {name} | {len(runs)} | {runs[0].events:,} | {rates[0]} | {rates[1]} | {memory:,} |"


def _spread(runs: Sequence[Run], of: Callable[[Run], float]) -> str:
    values = [of(run) for run in runs]
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def _profile(r: Results) -> list[str]:
    lines = ["## Where the time goes", ""]
    if r.shares is None:
        return [*lines, "The worker could not be sampled here: py-spy was not allowed to look at it.", ""]
    shares = r.shares
    lines += [
        "Samples of the worker during one more such run, slower for it, by what the innermost known frame does.",
        "",
    ]
    lines += ["| share | % | what |", "|---|---|---|"]
    return [*lines, *(f"| {name} | {100 * shares[name]:.0f} | {_MEANINGS[name]} |" for name in SHARES), ""]


def _latency(r: Results) -> list[str]:
    lines = [
        "## Latency", "",
        f"{RATE:,} events/s, evenly, one worker, exactly once: from just before an input is sent until the status change "
        "that it causes is read by a consumer of committed records. Milliseconds.", "",
        "| partitions | changes | p50 | p90 | p99 | worker's share of a core |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for x in r.latencies:
        cells = f"{x.p50:.0f} | {x.p90:.0f} | {x.p99:.0f} | {100 * x.cpu:.0f} %"
        lines.append(f"| {x.partitions} | {x.changes:,} | {cells} |")
    lines.append("")
    for x in r.latencies:
        goal = GOAL_P99[x.partitions]
        missing = f", and {x.missing} changes were not read in time" if x.missing else ""
        measured = f"p99 {x.p99:.0f} ms{missing}"
        lines += [
            _verdict(
                f"p99 under {goal:.0f} ms with {x.partitions} partitions", x.p99 < goal and not x.missing, measured
            ),
            "",
        ]
    return lines


def _restore(r: Results) -> list[str]:
    x = r.restore
    goal = GOAL_RESTORE_SECONDS * x.cards / 1_000_000
    scaled = "" if x.cards >= 900_000 else f" (the goal is {GOAL_RESTORE_SECONDS:.0f} s for 1,000,000 cards)"
    return [
        "## Restore and memory", "",
        f"{x.cards:,} cards of {x.card_bytes:,.0f} bytes each, keys and the rest of the state included, on 4 partitions, "
        f"one worker: **{x.seconds:.1f} s** from the assignment to ready, {x.started:.1f} s from the start of the process; "
        f"{x.cpu:.1f} s of processor time more than with an empty state. Memory: **{x.memory:,.0f} bytes a client** more "
        "than with an empty state.", "",
        _verdict(f"restored in less than {goal:.1f} s{scaled}", x.seconds < goal, f"{x.seconds:.1f} s"), "",
        _verdict(f"less than {GOAL_MEMORY:,} bytes a client", x.memory < GOAL_MEMORY, f"{x.memory:,.0f} bytes"), "",
    ]  # fmt: skip


def _verdict(goal: str, met: bool, measured: str) -> str:  # noqa: FBT001 - reads as a sentence where it is called
    return f"Goal: {goal}. **{'Met' if met else 'Not met'}**: {measured}."


def _again(_: Results) -> list[str]:
    return [
        "## Measure again", "",
        "```", "make bench            # everything; needs Java 17 and Maven for Kafka's jars",
        "make bench QUICK=1    # smaller, under three minutes", "```", "",
        "The parts are in `bench/`: `workload.py` makes the events, `faust_stock.py` is the peer, `throughput.py`, "
        "`latency.py`, `restore.py`, `engine.py` and `profiling.py` measure.",
    ]  # fmt: skip
