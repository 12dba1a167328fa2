"""When Python's cyclic garbage collector runs: never in the middle of a transaction (8 to 12 % of the throughput).

What a restored state is made of lives as long as the process, so it is frozen out of the collector's sight.
"""

import gc
import time
from typing import Final

YOUNG_SECONDS: Final = 1.0
"""Between two collections of young objects."""
FULL_SECONDS: Final = 300.0
"""Between two collections of everything, the frozen included."""


class Collector:
    """Collects when it is told that nothing is under way."""

    def __init__(self) -> None:
        self._young_at = self._full_at = time.monotonic()

    def opening(self) -> None:
        """Tasks are about to be opened, with millions of objects that all stay. The collector is off from now on."""
        gc.disable()

    def settled(self) -> None:
        """Tasks were opened: collect what opening has left, and freeze what stays."""
        gc.collect()
        gc.freeze()

    def between_transactions(self) -> None:
        """Collect when it is time to."""
        now = time.monotonic()
        if now - self._full_at >= FULL_SECONDS:
            self._full_at = self._young_at = now
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif now - self._young_at >= YOUNG_SECONDS:
            self._young_at = now
            gc.collect(1)
