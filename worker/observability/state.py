"""What a worker is doing, for those who ask from outside: probes and the watchdog. The transport writes it.

Every field is a plain value that one thread sets and others read; nothing here decides anything.
"""

import time
from typing import Final

LIVE_SECONDS: Final = 30.0
"""Without a sign of life for so long, ``/livez`` says no. The watchdog ends the process later, with exit code 79."""


class WorkerState:
    """Ready: this process is a member of the group, and every task that it was given is open."""

    def __init__(self) -> None:
        self.phase = "starting"
        """In words, for people: starting, joining, restoring, running, stopping."""
        self.joined = False
        self.assigned: frozenset[int] = frozenset()
        self.open: frozenset[int] = frozenset()
        self._beat = time.monotonic()

    def beat(self) -> None:
        """A sign of life of the main loop."""
        self._beat = time.monotonic()

    @property
    def beat_age(self) -> float:
        """Seconds since the last sign of life."""
        return time.monotonic() - self._beat

    @property
    def live(self) -> bool:
        """Is the main loop turning?"""
        return self.beat_age < LIVE_SECONDS

    @property
    def ready(self) -> bool:
        """Does this worker process what it was given? A member without tasks is ready: it stands by."""
        return self.joined and self.phase != "stopping" and self.assigned == self.open

    @property
    def reason(self) -> str:
        """Why it is not ready, or what it runs."""
        if self.phase == "stopping" or not self.joined:
            return self.phase
        waiting = len(self.assigned - self.open)
        if waiting:
            return f"{self.phase}: {waiting} of {len(self.assigned)} tasks are not open yet"
        return f"{len(self.open)} tasks run" if self.open else "stands by: the group has given it no task"
