"""How fast one worker process gets through a backlog, exactly once, and stock Faust through a smaller one beside it."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import broker, processes
from bench.processes import WrongResult
from bench.profiling import Shares, record
from bench.workload import CONVERTING, Event
from tests.kit.place import Place

PARTITIONS: Final = 4
EVENTS_TOTAL: Final = "client_status_events_total"
DEFINED_WITHIN: Final = 300.0
"""Seconds: each audience is settled by a sweep of its own."""
LOG_POLL: Final = 0.1


class Run(NamedTuple):
    """One pass over a backlog, from the first record to the last commit. ``cpu`` in seconds of the process."""

    events: int
    seconds: float
    cpu: float
    rss: int

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds

    @property
    def rate_of_cpu(self) -> float:
        """Events per second of processor time: what neighbours on the machine cannot change."""
        return self.events / self.cpu


def _backlog(place: Place, events: list[Event]) -> dict[Any, int]:
    asyncio.run(broker.preload(place.broker.servers, place.prefix, place.partitions, events))
    return asyncio.run(broker.ends(place.broker.servers, processes.input_topics(place), place.partitions))


def worker_run(
    kafka: Any,
    name: str,
    events: list[Event],
    directory: Path,
    *,
    sampled: bool = False,
    defined: Sequence[Event] = (),
    known: Sequence[Event] = (),
) -> tuple[Run, Shares | None]:
    """The worker over ``events``, after another one over what is ``defined`` and then ``known``. Raises WrongResult
    when it did not process exactly them."""
    place = Place(kafka, name, directory / name, PARTITIONS)
    place.make_topics()
    if defined or known:
        _prepare(place, defined, known)
    wanted = _backlog(place, events)
    worker = place.worker(wait=False)
    try:
        began = processes.wait_ready(worker)
        cpu = processes.cpu_seconds(worker.pid)
        sampling = record(worker.pid, directory / f"{name}.profile") if sampled else None
        asyncio.run(broker.wait_committed(kafka.servers, place.app_id, wanted, worker))
        run = Run(
            len(events),
            time.time() - began,
            processes.cpu_seconds(worker.pid) - cpu,
            processes.rss_bytes(worker.pid),
        )
        shares = sampling.shares() if sampling else None
        processes.until(lambda: processes.metric(worker, EVENTS_TOTAL) == len(events))
    finally:
        worker.stop()
    dead = asyncio.run(broker.ends(kafka.servers, [f"{place.prefix}dead-letters"], PARTITIONS))
    if any(dead.values()):
        raise WrongResult(f"{sum(dead.values())} dead letters")
    return run, shares


def _prepare(place: Place, defined: Sequence[Event], known: Sequence[Event]) -> None:
    wanted = _backlog(place, list(defined))
    worker = place.worker()
    try:
        asyncio.run(broker.wait_committed(place.broker.servers, place.app_id, wanted, worker))
        if defined:
            processes.until(
                lambda: processes.metric(worker, EVENTS_TOTAL, 'outcome="applied"') == len(defined), DEFINED_WITHIN
            )
        if known:
            wanted = _backlog(place, list(known))
            asyncio.run(broker.wait_committed(place.broker.servers, place.app_id, wanted, worker))
    finally:
        worker.stop()


def faust_run(kafka: Any, name: str, events: list[Event], directory: Path) -> Run:
    """Stock Faust over ``events``. Raises WrongResult when its output is not one change per converted client."""
    place = Place(kafka, name, directory / name, PARTITIONS)
    place.make_topics()
    wanted = _backlog(place, events)
    changes = f"{place.prefix}client-status-changes"
    faust = processes.StockFaust(place, directory, len(events))
    with faust:
        while (ended := faust.moment("last")) is None:
            if faust.exit_code is not None:
                raise RuntimeError(f"stock Faust ended:\n{faust.log_tail()}")
            time.sleep(LOG_POLL)
        began, rss = faust.moment("first"), processes.rss_bytes(faust.pid)
        if began is None:
            raise WrongResult("stock Faust has a last record and no first")
        asyncio.run(broker.wait_committed(kafka.servers, place.app_id, wanted, faust))
        told = sum(asyncio.run(broker.ends(kafka.servers, [changes], PARTITIONS)).values())
    run = Run(len(events), ended.at - began.at, ended.cpu - began.cpu, rss)
    converted = len({(e.business, e.client) for e in events if e.type in CONVERTING})
    if told != converted:
        raise WrongResult(f"stock Faust told {told} changes of {converted}")
    return run
