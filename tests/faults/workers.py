"""The workers of a run under a supervisor that starts again what dies, and counts every death by its exit code."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.kit.place import Place
from worker.embedded.child import Child, free_port
from worker.errors import RESTARTABLE
from worker.transport.failpoints import VARIABLE

REAL = ("-m", "worker", "worker")
"""What Python runs: the program itself."""
TERM_WITHIN = 40.0
PROBE_SECONDS = 0.5
AWAKE_SECONDS = 2.0
"""A worker that was frozen is left alone for so long: what it does then is what must do no harm."""
OK = 200


class Worker:
    """One worker through its lives."""

    def __init__(self, number: int, place: Place, settings: Mapping[str, str], command: tuple[str, ...] = REAL) -> None:
        self.number = number
        self._log = place.directory / f"worker-{number}.log"
        self._environment = {**place.environment, **settings}
        self._command = command
        self._child: Child | None = None
        self._could_stop = False
        self._thawed = 0.0
        self._port = 0
        self._expected: set[int] = set()
        self.failpoint = ""
        """Armed at the next start."""
        self._armed = ""
        self.thaw_at: float | None = None

    def start(self) -> None:
        """A new life, with the failpoint that was asked for."""
        self._armed, self.failpoint = self.failpoint, ""
        environment = dict(self._environment) | ({VARIABLE: self._armed} if self._armed else {})
        self._port = free_port()
        environment["HTTP_PORT"] = str(self._port)
        self._child = Child("the worker", [sys.executable, *self._command], self._log, environment)
        self._expected, self.thaw_at = set(), None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.exit_code is None

    @property
    def fit(self) -> bool:
        """Alive, not frozen a moment ago, and not waiting to be killed by a failpoint."""
        awake = self.thaw_at is None and time.monotonic() - self._thawed > AWAKE_SECONDS
        return self.alive and awake and not self._armed and signal.SIGTERM not in self._expected

    @property
    def ready(self) -> bool:
        """Fit, and its tasks are open."""
        return self.fit and self._answer("readyz") == OK

    def _answer(self, path: str) -> int | None:
        """The status of its answer; None: it does not listen yet, or does not answer in time."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{path}", timeout=PROBE_SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as exc:
            return exc.code
        except OSError:
            return None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, and expect what it does."""
        self._expected.add(number)
        self._could_stop = number is signal.SIGTERM and self._answer("livez") is not None
        os.kill(self._child.pid, number)

    def freeze(self, seconds: float) -> None:
        """SIGSTOP; ``look`` sends SIGCONT when the time has passed."""
        os.kill(self._child.pid, signal.SIGSTOP)
        self.thaw_at = time.monotonic() + seconds

    def look(self, frozen_for: float) -> str | None:
        """Thaw it when its time has come. Returns the failpoint that has frozen it, when that is new."""
        if not self.alive:
            return None
        if self.thaw_at is not None and time.monotonic() >= self.thaw_at:
            self.thaw_at, self._armed, self._thawed = None, "", time.monotonic()
            os.kill(self._child.pid, signal.SIGCONT)
        elif self.thaw_at is None and self._armed and self._stopped:
            self.thaw_at = time.monotonic() + frozen_for
            return self._armed
        return None

    @property
    def _stopped(self) -> bool:
        return Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def buried(self, exits: Counter[str], unexpected: list[str]) -> str | None:
        """Its death, if it has died: counted, judged, and the failpoint that did it, if one did."""
        if self._child is None or self._child.exit_code is None:
            return None
        code, hit = self._child.exit_code, None
        name = str(code)
        if code == -signal.SIGKILL and signal.SIGKILL not in self._expected and self._armed:
            hit, name = self._armed, "failpoint"
        elif not self._is_fine(code):
            unexpected.append(f"worker {self.number} ended with exit code {code}: {self._child.log_tail()[-600:]}")
        exits[name] += 1
        self._child = None
        return hit or ""

    def _is_fine(self, code: int) -> bool:
        if code in RESTARTABLE or -code in self._expected:
            return code != -signal.SIGTERM or not self._could_stop  # it listens once it has its signal handlers
        return code == 0 and signal.SIGTERM in self._expected

    def stop(self) -> int:
        """SIGTERM, at the end; its exit code."""
        if not self.alive:
            return 0
        self._expected.add(signal.SIGTERM)
        return self._child.stop(TERM_WITHIN)

    def kill(self) -> None:
        """Whatever it does."""
        if self.alive:
            self._child.kill()
