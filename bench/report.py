"""docs/performance.md: what was measured, beside what was aimed for, in plain words."""

import platform
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from bench.definitions import GOAL as GOAL_DEFINED
from bench.definitions import Cost
from bench.engine import Speed
from bench.finding import CHANGES, Finding
from bench.finding import RATE as QUESTIONS_A_SECOND
from bench.latency import RATE, Latency
from bench.processes import MEGABYTE
from bench.profiling import SHARES, Shares
from bench.projection import Projection
from bench.restore import Restore
from bench.sweep import Sweep
from bench.throughput import Run

GOAL_RATE: Final = 60_000
GOAL_RATIO: Final = 15
GOAL_RESTORE_SECONDS: Final = 8.0
GOAL_P99: Final = {4: 100.0, 64: 250.0}
GOAL_MEMORY: Final = 2_000
GOAL_SWEEP_P99: Final = 250.0
GOAL_PROJECTION_SECONDS: Final = 90.0
GOAL_FINDING_P95: Final = 30.0
LARGE_BUSINESS: Final = 100_000
MILLION: Final = 1_000_000
_MEANINGS: Final = {
    "decode": "bytes to typed events and cards",
    "domain": "the rules",
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
    defined: Cost
    defined_known: Cost
    latencies: Sequence[Latency]
    restore: Restore
    sweep: Sweep
    projection: Projection
    finding: Finding


def page(results: Results) -> str:
    """The whole page."""
    parts = (_head, _throughput, _profile, _defined, _latency, _restore, _sweep, _projection, _finding)
    return "\n".join(part(results) for part in parts) + AGAIN


def _head(r: Results) -> str:
    size = "the small version of the measurements (`QUICK=1`)" if r.quick else "the full measurements"
    text = f"""\
# Performance

Written by `make bench`; nobody edits the numbers.

Measured on {datetime.now(UTC).date().isoformat()}: {size},
on one machine with {r.cores} cores that holds the broker, the worker and the programs that measure;
Python {platform.python_version()}, Apache Kafka {r.kafka} (one broker with 512 MB of heap).
Every run has topics of its own, and fails when an event is missing or dead-lettered.
"""
    if max(r.load) > r.cores:
        text += f"""
**The machine was not idle**: its load average was {r.load[0]:.1f} at the start and {r.load[1]:.1f} at the end, with
{r.cores} cores. Times by the clock are worse than they would be alone, so a goal that is not met below may be met on an
idle machine, which this run cannot show; the columns by processor time are affected far less.
"""
    return text


def _throughput(r: Results) -> str:
    rate = statistics.median(x.rate for x in r.worker)
    ratio = rate / statistics.median(x.rate for x in r.faust)
    by_cpu = statistics.median(x.rate_of_cpu for x in r.worker) / statistics.median(x.rate_of_cpu for x in r.faust)
    met = rate >= GOAL_RATE or ratio >= GOAL_RATIO
    measured = f"{rate:,.0f} events/s and {ratio:.1f} times"
    return f"""\
## Throughput

A backlog of mixed events of full cards (bookings, invoices, payments, messages, creations, commands) on 4 partitions;
one worker process, exactly once; from the first record to the last commit. Beside it, in turns, stock Faust: a table
and an output per status change, at least once, without cards, order, duplicates or timers, so for much less work.
Medians, with the least and the most of the runs.

| | runs | events | events/s | per second of processor time | memory MB |
|---|---|---|---|---|---|
{_row("the worker", r.worker)}
{_row("stock Faust", r.faust)}

The worker is **{ratio:.1f} times** as fast as stock Faust by the clock, {by_cpu:.1f} times by processor time.

{_verdict(f"{GOAL_RATE:,} events/s, or {GOAL_RATIO} times stock Faust", measured, met=met)}

The engine alone (decode, route, decide, encode; no Kafka): {r.engine.rate:,.0f} events per second of processor time,
{1e6 / r.engine.rate:.1f} µs each, over {r.engine.events:,} events that made {r.engine.cards:,} cards of
{r.engine.card_bytes:,.0f} bytes and {r.engine.outputs:,} outputs.
"""


def _row(name: str, runs: Sequence[Run]) -> str:
    rates = _spread(runs, lambda run: run.rate), _spread(runs, lambda run: run.rate_of_cpu)
    memory = max(run.rss for run in runs) // MEGABYTE
    return f"| {name} | {len(runs)} | {runs[0].events:,} | {rates[0]} | {rates[1]} | {memory:,} |"


def _spread(runs: Sequence[Run], of: Callable[[Run], float]) -> str:
    values = [of(run) for run in runs]
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def _profile(r: Results) -> str:
    title = "## Where the time goes\n\n"
    if r.shares is None:
        return f"{title}The worker could not be sampled here: py-spy was not allowed to look at it.\n"
    rows = "\n".join(f"| {name} | {100 * r.shares[name]:.0f} | {_MEANINGS[name]} |" for name in SHARES)
    return f"""\
{title}Samples of the worker during one more such run, slower for it, by what the innermost known frame does.

| share | % | what |
|---|---|---|
{rows}
"""


def _defined(r: Results) -> str:
    known, new = r.defined_known, r.defined
    return f"""\
## Many rules and audiences

The same kind of backlog with 100 tag rules in every business, on ten types of events, and 50 audiences that ask for one
to three fields each, most of them for what every event changes. The rules match the events that tell where a client
came from and what it was interested in, every ninth; at worst, one on every type matches whatever happens, so that
clients get ten tags and every event is told once more of one. In turns with none of them.

First with clients that were there before, with their tags and in their audiences:

{_costs(known)}

Then with all clients new: each enters its audiences and gets its tags for the first time, which is told, and is most of
what is told at all.

{_costs(new)}

`python -m bench.definitions` measures what each costs in the engine alone.
"""


def _costs(x: Cost) -> str:
    goal = f"more than {GOAL_DEFINED} of the throughput without"
    both, worst = (
        _verdict(f"{goal}{when}", f"{ratio:.2f}", met=ratio > GOAL_DEFINED)
        for when, ratio in (("", x.ratio(x.both)), (" at worst", x.ratio(x.worst)))
    )
    return f"""\
| | runs | events | events/s | per second of processor time | memory MB |
|---|---|---|---|---|---|
{_row("without", x.without)}
{_row("with both", x.both)}
{_row("at worst", x.worst)}

{both}

{worst}"""


def _latency(r: Results) -> str:
    rows = "\n".join(
        f"| {x.partitions} | {x.changes:,} | {x.p50:.0f} | {x.p90:.0f} | {x.p99:.0f} | {100 * x.cpu:.0f} % |"
        for x in r.latencies
    )
    verdicts = "\n\n".join(_latency_verdict(x) for x in r.latencies)
    return f"""\
## Latency

{RATE:,} events/s, evenly, one worker, exactly once: from just before an input is sent until the status change that it
causes is read by a consumer of committed records. Milliseconds.

| partitions | changes | p50 | p90 | p99 | worker's share of a core |
|---|---|---|---|---|---|
{rows}

{verdicts}
"""


def _latency_verdict(x: Latency) -> str:
    goal = GOAL_P99[x.partitions]
    missing = f", and {x.missing} changes were not read in time" if x.missing else ""
    met = x.p99 < goal and not x.missing
    return _verdict(f"p99 under {goal:.0f} ms with {x.partitions} partitions", f"p99 {x.p99:.0f} ms{missing}", met=met)


def _restore(r: Results) -> str:
    x = r.restore
    goal = GOAL_RESTORE_SECONDS * x.cards / 1_000_000
    seconds = _verdict(f"a million cards in less than {GOAL_RESTORE_SECONDS:.0f} s, so these in less than {goal:.1f} s",
                       f"{x.seconds:.1f} s", met=x.seconds < goal)  # fmt: skip
    memory = _verdict(f"less than {GOAL_MEMORY:,} bytes a client", f"{x.memory:,.0f}", met=x.memory < GOAL_MEMORY)
    return f"""\
## Restore and memory

{x.cards:,} cards of {x.card_bytes:,.0f} bytes each, keys and the rest of the state included, on 4 partitions, one
worker: **{x.seconds:.1f} s** from the assignment to ready, {x.started:.1f} s from the start of the process;
{x.cpu:.1f} s of processor time more than with an empty state.
Memory: **{x.memory:,.0f} bytes a client** more than with an empty state.

{seconds}

{memory}
"""


def _sweep(r: Results) -> str:
    x = r.sweep
    verdict = _verdict(
        f"p99 under {GOAL_SWEEP_P99:.0f} ms with a million clients",
        f"p99 {x.waits.p99:.0f} ms with {x.clients:,}",
        met=x.waits.p99 < GOAL_SWEEP_P99 and x.clients >= MILLION,
    )
    return f"""\
## A sweep over a very large business

`clients.reevaluate` of one business with {x.clients:,} clients, all of whom it makes customers, while {RATE:,} events/s
of other businesses go on: **{x.seconds:.0f} s** from the command to its answer, {x.rate:,.0f} clients/s. Meanwhile
those events waited, in milliseconds: p50 {x.waits.p50:.0f}, p90 {x.waits.p90:.0f}, p99 {x.waits.p99:.0f}.
`python -m bench.sweep` measures this alone, and with `--kind status.remove` or `--kind tag.rename` other sweeps.

{verdict}
"""


def _projection(r: Results) -> str:
    x = r.projection
    goal = GOAL_PROJECTION_SECONDS * x.cards / MILLION
    seconds = _verdict(
        f"a million clients in less than {GOAL_PROJECTION_SECONDS:.0f} s, so these in less than {goal:.1f} s",
        f"{x.seconds:.1f} s",
        met=x.seconds < goal,
    )
    memory = _verdict(f"less than {GOAL_MEMORY:,} bytes a client", f"{x.memory:,.0f}", met=x.memory < GOAL_MEMORY)
    return f"""\
## The read model

{x.cards:,} cards into an empty Valkey on the same machine: **{x.seconds:.1f} s** from the start of the projector,
{x.cpu:.1f} s of its processor time; **{x.memory:,.0f} bytes a client** in Valkey, timelines apart.

{seconds}

{memory}
"""


def _finding(r: Results) -> str:
    x = r.finding
    rows = "\n".join(f"| {w.kind} | {w.asked:,} | {w.p50:.0f} | {w.p95:.0f} | {w.p99:.0f} |" for w in x.waits)
    verdict = _verdict(
        f"p95 under {GOAL_FINDING_P95:.0f} ms in a business of {LARGE_BUSINESS:,} clients",
        f"p95 {x.waits[0].p95:.0f} ms with {x.large:,}",
        met=x.waits[0].p95 < GOAL_FINDING_P95 and x.large >= LARGE_BUSINESS,
    )
    return f"""\
## Finding clients

{QUESTIONS_A_SECOND} questions a second, at random moments, to a console over HTTP: pages of 50, compressed. Most are
about a business with {x.large:,} of the {x.clients:,} clients of all businesses; {CHANGES} of its cards a second change
meanwhile. Milliseconds.

| question | asked | p50 | p95 | p99 |
|---|---|---|---|---|
{rows}

An answer takes {x.cpu:.1f} ms of the console's processor time, the changes included. The first answer about the large
business after a start, for which all its cards are read, took {x.first:.1f} s. In the console's memory a client takes
{x.memory:,.0f} bytes.

{verdict}
"""


def _verdict(goal: str, measured: str, *, met: bool) -> str:
    return f"Goal: {goal}. **{'Met' if met else 'Not met'}** in this run: {measured}."


AGAIN: Final = """
## Measure again

```
make bench            # everything; needs Java 17, and Maven for Kafka's jars
make bench QUICK=1    # smaller, under three minutes on an idle machine
```

The parts are in `bench/`: `workload.py` makes the events, `faust_stock.py` is the peer; `throughput.py`,
`definitions.py`, `latency.py`, `restore.py`, `sweep.py`, `projection.py`, `finding.py`, `engine.py` and `profiling.py`
measure. One part by itself: `python -m bench.finding`.
"""
