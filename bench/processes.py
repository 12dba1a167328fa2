"""Programs under measurement: how long, how much of a processor, how much memory."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from bench.workload import TOPICS
from tests.kit.place import Place, WorkerProcess, clean_environment
from worker.embedded.child import Child

READY_POLL: Final = 0.05
READY_WITHIN: Final = 180.0
CONDITION_WITHIN: Final = 10.0
MEGABYTE: Final = 1 << 20


class WrongResult(Exception):
    """What was measured did not do its work right, so its speed means nothing."""


def cpu_seconds(pid: int) -> float:
    """Processor time, user and system, of a process since it began."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(psutil.Process(pid).memory_info().rss)


def wait_ready(worker: WorkerProcess) -> float:
    """The moment (``time.time``) at which the worker was last seen not ready."""
    unready, give_up = time.time(), time.time() + READY_WITHIN
    while True:
        asked = time.time()
        if worker.ready:
            return unready
        unready = asked
        if worker.exit_code is not None or asked > give_up:
            raise RuntimeError(f"the worker is not ready (exit code {worker.exit_code}):\n{worker.log[-2000:]}")
        time.sleep(READY_POLL)


def until(condition: Callable[[], bool], within: float = CONDITION_WITHIN) -> None:
    """Return when the condition holds. Raises WrongResult when it does not within so many seconds."""
    give_up = time.time() + within
    while not condition():
        if time.time() > give_up:
            raise WrongResult("what the worker's metrics must come to, they do not")
        time.sleep(READY_POLL)


def metric(worker: WorkerProcess, name: str, label: str = "") -> float:
    """The sum of a metric's samples over all of its labels, or over those with one: ``outcome="applied"``."""
    text = worker.get("/metrics")[1]
    found = re.findall(rf"^{name}(?:\{{.*{label}.*\}})? (\S+)$", text, re.MULTILINE)
    if not found:
        raise RuntimeError(f"the worker shows no metric {name}")
    return sum(float(value) for value in found)


class Moment(NamedTuple):
    """``time.time`` and the processor time of the process until then, so that its start is not counted."""

    at: float
    cpu: float


class StockFaust(Child):
    """The stock Faust worker as a process. Its log says when the first and the last record were processed."""

    def __init__(self, place: Place, directory: Path, events: int) -> None:
        environment = clean_environment() | {
            "SERVERS": place.broker.servers, "PREFIX": place.prefix, "GROUP": place.app_id,
            "PARTITIONS": str(place.partitions), "DATADIR": str(directory / f"{place.name}-faust"),
            "EVENTS": str(events),
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.faust_stock", "worker", "-l", "warn", "--without-web"]
        super().__init__("stock Faust", command, directory / f"{place.name}-faust.log", environment)

    def moment(self, which: str) -> Moment | None:
        """When the ``first`` or ``last`` record was processed, once there was one."""
        log = self.log.read_text(errors="replace")
        found = re.search(rf"{which} record at ([\d.]+), processor time ([\d.]+)", log)
        return Moment(float(found[1]), float(found[2])) if found else None


def input_topics(place: Place) -> list[str]:
    """The real names of the topics that the workload goes to."""
    return [place.prefix + name for name in TOPICS]
