"""Ends the process when nothing moves any more: aiokafka's transactional sends never time out by themselves."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

from worker.errors import Stuck
from worker.transport.ending import end

TICK_SECONDS: Final = 1.0

Signs = Callable[[], tuple[object, object]]
"""What must change from tick to tick (turns of the fetch loop), and what must not stay the same while it is not None
(when the running transaction began)."""


class Watchdog(threading.Thread):
    """A thread, so that it works when the loop does not. It counts its own ticks: SIGSTOP stops them as well, so a
    process that was frozen for an hour is not taken for a stuck one when it goes on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, signs: Signs, limit: float) -> None:
        super().__init__(daemon=True, name="watchdog")
        self._loop = loop
        self._signs = signs
        self._limit = limit
        self._beats = 0
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Watch no more: the worker stops in order."""
        self._stopped.set()

    def _beat(self) -> None:
        self._beats += 1

    def run(self) -> None:
        """Until the process ends."""
        seen: tuple[object, object, object] = (None, None, None)
        still = 0
        while not self._stopped.is_set():
            self._loop.call_soon_threadsafe(self._beat)
            time.sleep(TICK_SECONDS)
            polls, busy_since = self._signs()
            now = (self._beats, polls, busy_since)
            same = [before is not None and before == after for before, after in zip(seen, now, strict=True)]
            still = still + 1 if any(same) else 0
            seen = now
            if still * TICK_SECONDS > self._limit and not self._stopped.is_set():
                end(
                    Stuck(
                        f"no progress for {still} s: {self._what(same)}. Start again; look at the broker if it repeats"
                    )
                )

    @staticmethod
    def _what(same: list[bool]) -> str:
        names = ("the main loop does not turn", "the fetch loop does not turn", "a transaction does not end")
        return ", ".join(name for name, stuck in zip(names, same, strict=True) if stuck)
