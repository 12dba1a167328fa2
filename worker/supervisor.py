"""``--processes N``: one parent that starts N workers, starts again what dies, and stops all in order.

Each worker is a process of its own with the parent's settings, a slot of its own that it has again after a restart, and
a port of its own for probes: HTTP_PORT, HTTP_PORT + 1, and so on.
"""

import asyncio
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import structlog

from worker.config import MAX_PORT, Settings
from worker.embedded.child import die_with_parent, python_path
from worker.errors import (
    Crash,
    DeadLetterLimit,
    Fenced,
    OutcomeUnknown,
    SettingError,
    StateMismatch,
    Stuck,
    Unreachable,
)
from worker.settings_source import as_environment

MAX_PROCESSES: Final = 256
STOP_SECONDS: Final = 28.0
"""What workers have to stop in order; the contract gives the whole program 30."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds before a worker is started again; doubled each time."""
STEADY_SECONDS: Final = 60.0
"""A worker that ran so long is healthy: its earlier deaths are forgotten."""
MAX_RESTARTS: Final = 10
"""Deaths of one worker, without a steady run between, after which the parent gives up."""
POLL_SECONDS: Final = 0.05
RANDOM_SLOTS: Final = 10**12
FINAL: Final = frozenset({SettingError.exit_code, DeadLetterLimit.exit_code, StateMismatch.exit_code})
"""Exit codes after which the same worker would only end again in the same way: somebody must look."""
WORST_FIRST: Final = (
    SettingError.exit_code,
    DeadLetterLimit.exit_code,
    StateMismatch.exit_code,
    Crash.exit_code,
    Stuck.exit_code,
    OutcomeUnknown.exit_code,
    Fenced.exit_code,
    Unreachable.exit_code,
)
COMMAND: Final = (sys.executable, "-P", "-m", "worker", "worker", "--env-file", os.devnull)
"""One worker, whose settings are all in its environment."""

log = structlog.get_logger(__name__)


class _Worker:
    """One of the N, through all its lives."""

    def __init__(self, number: int, environment: Mapping[str, str]) -> None:
        self.number = number
        self.environment = environment
        self.process: asyncio.subprocess.Process | None = None
        self.deaths = 0
        self.exit_code = 0
        self.ended_by: int | None = None

    async def live(self, command: Sequence[str]) -> None:
        """Start it and return when it has ended; its exit code is kept (70 when a signal ended it)."""
        started = time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            *command,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            process_group=0,  # Ctrl-C in a terminal is for the parent, which tells its workers
            preexec_fn=die_with_parent(),
        )
        log.info("worker started", worker=self.number, pid=self.process.pid)
        code = await self.process.wait()
        self.process = None
        self.exit_code = code if code >= 0 else Crash.exit_code
        self.ended_by = -code if code < 0 else None
        self.deaths = 1 if time.monotonic() - started >= STEADY_SECONDS else self.deaths + 1
        log.log(logging.ERROR if code else logging.INFO, "worker ended", worker=self.number, exit_code=code)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    @property
    def pause(self) -> float:
        """Seconds until the next life."""
        return float(min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE))


class Supervisor:
    """Runs ``processes`` workers until it is told to stop, or until one of them cannot go on."""

    def __init__(self, settings: Settings, processes: int, command: Sequence[str] = COMMAND) -> None:
        check(settings, processes)
        self._command = command
        self._workers = [_Worker(i, env) for i, env in enumerate(environments(settings, processes))]
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """The exit code of the whole: 0 after an orderly stop, else the worst of the workers'."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)
        keepers = [asyncio.create_task(self._keep(one)) for one in self._workers]
        stopping = asyncio.create_task(self._end_in_order(keepers))
        try:
            await asyncio.gather(*keepers)
        finally:
            self._stop.set()
            await stopping
        return worst([one.exit_code for one in self._workers])

    def _asked_to_stop(self, number: signal.Signals) -> None:
        if not self._stop.is_set():
            log.info("stopping all workers", signal=signal.Signals(number).name)
            self._stop.set()

    async def _keep(self, one: _Worker) -> None:
        """Start it again whenever it dies, until all is to stop or nothing would be gained."""
        while not self._stop.is_set():
            await one.live(self._command)
            if self._stop.is_set():
                if one.ended_by == signal.SIGTERM:  # told to stop while it was still starting
                    one.exit_code = 0
                return
            if one.exit_code in FINAL or one.deaths > MAX_RESTARTS:
                why = "it would end in the same way" if one.exit_code in FINAL else f"it died {one.deaths} times"
                log.error("not starting a worker again; stopping the others", worker=one.number, reason=why)
                self._stop.set()
                return
            log.warning("starting a worker again", worker=one.number, in_seconds=one.pause, times=one.deaths)
            try:
                await asyncio.wait_for(self._stop.wait(), one.pause)
            except TimeoutError:
                continue
            one.exit_code = 0  # it was not there to be stopped

    async def _end_in_order(self, keepers: Collection[asyncio.Task[None]]) -> None:
        """SIGTERM to each as soon as all is to stop; SIGKILL to what is still there when time is up."""
        await self._stop.wait()
        deadline = time.monotonic() + STOP_SECONDS
        told: set[int] = set()
        while any(not keeper.done() for keeper in keepers):
            late = time.monotonic() > deadline
            for one in self._workers:
                if one.process is not None and (late or one.process.pid not in told):
                    told.add(one.process.pid)
                    one.send(signal.SIGKILL if late else signal.SIGTERM)
            if late:
                log.error("workers did not stop in time and are killed", seconds=STOP_SECONDS)
                return
            await asyncio.wait(keepers, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)


def check(settings: Settings, processes: int) -> None:
    """Raises SettingError when so many workers cannot run with these settings."""
    if not 1 <= processes <= MAX_PROCESSES:
        raise SettingError(f"--processes: {processes} is not a number from 1 to {MAX_PROCESSES}")
    if processes > 1 and settings.processing_guarantee != "exactly_once":
        raise SettingError(
            f"--processes: {processes} workers need PROCESSING_GUARANTEE=exactly_once; with at_least_once nothing keeps"
            " two workers from doing the same work, so only one may run"
        )
    if settings.http_port and settings.http_port + processes - 1 > MAX_PORT:
        raise SettingError(f"HTTP_PORT: {settings.http_port} leaves no ports for {processes} workers, one each")


def environments(settings: Settings, processes: int) -> list[dict[str, str]]:
    """The environment of each worker. Slots: WORKER_SLOT x N + i, where WORKER_SLOT is one number per parent; without
    it the parent draws one, so that parents on several machines do not take each other's."""
    first = int(settings.worker_slot) * processes if settings.worker_slot else secrets.randbelow(RANDOM_SLOTS)
    shared = {**os.environ, **as_environment(settings), "PYTHONPATH": python_path()}
    return [
        {
            **shared,
            "WORKER_SLOT": str(first + i),
            "HTTP_PORT": str(settings.http_port + i if settings.http_port else 0),
        }
        for i in range(processes)
    ]


def worst(exit_codes: Sequence[int]) -> int:
    """The exit code that somebody should look at first; 0 when all stopped in order."""
    return next((code for code in WORST_FIRST if code in exit_codes), max(exit_codes))
