"""Measure everything and write docs/performance.md. ``QUICK=1``: a smaller version, under three minutes."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench import broker, definitions, engine, finding, latency, projection, restore, sweep, throughput
from bench.report import Results, page
from bench.workload import CLIENT_SHARE, mixed
from tests.brokers.apache import VERSION, ApacheKafka, Unavailable

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"


class Size(NamedTuple):
    """How much is measured."""

    repeats: int
    events: int
    faust_events: int
    engine_events: int
    defined_events: int
    latency_seconds: float
    cards: int
    swept: int
    finding_seconds: float


FULL: Final = Size(3, 500_000, 40_000, 100_000, 100_000, 20.0, 1_000_000, 1_000_000, 120.0)
QUICK: Final = Size(1, 100_000, 10_000, 20_000, 50_000, 6.0, 100_000, 20_000, 15.0)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "0") not in ("", "0"))
    parser.add_argument("--port", type=int, default=0, help="of the broker; 0: any free one")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(
        logging.ERROR + 1
    )  # it tells of every retry on a topic that is only just made
    try:
        with broker.alone(options.port) as (kafka, scratch):
            results = measure(kafka, QUICK if options.quick else FULL, scratch, quick=options.quick)
    except Unavailable as exc:
        print(f"Nothing can be measured: {exc}.", file=sys.stderr)
        return 1
    options.output.write_text(page(results))
    print(f"Written: {options.output}")
    return 0


def measure(kafka: ApacheKafka, size: Size, scratch: Path, *, quick: bool) -> Results:
    """All parts, one after the other; worker and stock Faust in turns."""
    began = os.getloadavg()[0]
    speed, _ = engine.run(list(mixed(size.engine_events, size.engine_events // CLIENT_SHARE)), throughput.PARTITIONS)
    _tell(f"engine alone: {speed.rate:,.0f} events per second of processor time")
    events = list(mixed(size.events, size.events // CLIENT_SHARE))
    fewer = list(mixed(size.faust_events, size.faust_events // CLIENT_SHARE))
    worker, faust = [], []
    for number in range(size.repeats):
        worker.append(throughput.worker_run(kafka, f"worker{number}", events, scratch)[0])
        _tell(f"worker: {worker[-1].rate:,.0f} events/s, {worker[-1].rate_of_cpu:,.0f} per second of processor time")
        faust.append(throughput.faust_run(kafka, f"faust{number}", fewer, scratch))
        _tell(f"stock Faust: {faust[-1].rate:,.0f} events/s, {faust[-1].rate_of_cpu:,.0f} per second of processor time")
    try:
        shares = throughput.worker_run(kafka, "profile", events[: len(events) // 2], scratch, sampled=True)[1]
    except RuntimeError as exc:
        _tell(f"no profile: {exc}")
        shares = None
    del events, fewer
    defined = definitions.measure(kafka, size.defined_events, size.repeats, scratch)
    known = definitions.measure(kafka, size.defined_events, size.repeats, scratch, known=True)
    for who, cost in (("new", defined), ("known", known)):
        ratios = ", at worst ".join(f"{cost.ratio(runs):.2f}" for runs in (cost.both, cost.worst))
        _tell(f"with 100 tag rules and 50 audiences, clients {who}: {ratios} of the throughput without")
    latencies = []
    for partitions in (4, 64):
        latencies.append(latency.measure(kafka, f"latency{partitions}", partitions, size.latency_seconds, scratch))
        _tell(f"latency: {latencies[-1]}")
    restored = restore.measure(kafka, "restore", size.cards, scratch)
    _tell(f"restore: {restored}")
    swept = sweep.measure(kafka, "sweep", size.swept, scratch)
    _tell(f"sweep: {swept}")
    projected = projection.measure(kafka, "projection", size.cards, scratch)
    _tell(f"projection: {projected}")
    found = finding.measure(kafka, "finding", size.cards, size.finding_seconds, scratch)
    _tell(f"finding: {found}")
    return Results(
        os.cpu_count() or 1, VERSION, quick, (began, os.getloadavg()[0]), speed, worker, faust, shares,
        defined, known, latencies, restored, swept, projected, found,
    )  # fmt: skip


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
