"""Runs the program as a process, as a person at a terminal does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson

from tests.kit.place import ROOT, Place, clean_environment
from tests.kit.waiting import until

WITHIN = 60.0


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, parsed."""
        return orjson.loads(self.out)


def run(*arguments: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None, stdin: str = "") -> Ran:
    """Run ``client-status`` to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        env={**clean_environment(), "COLUMNS": "120", **(environment or {})},
        cwd=cwd or ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def at(place: Place, *arguments: str, stdin: str = "") -> Ran:
    """Run a command that works on a place."""
    return run(*arguments, environment=place.settings, stdin=stdin)


class Running:
    """A command that goes on until it is told to end; its lines as they come."""

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "worker", *arguments],
            env={**clean_environment(), **environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []

    def __enter__(self) -> Self:
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self._read, args=(stream, lines), daemon=True).start()
        return self

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))  # noqa: PERF401 - each line is there as soon as it comes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(WITHIN)

    def until_told(self, text: str) -> str:
        """The first line on either stream with this text in it."""
        return until(
            lambda: next((line for line in [*self.out, *self.err] if text in line), None),
            lambda: f"a line with {text!r} in {self.out} or {self.err}",
        )

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal; the exit code."""
        os.kill(self.process.pid, number)
        return self.process.wait(WITHIN)
