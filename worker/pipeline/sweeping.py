"""Which clients the next step of a sweep visits (K1): businesses take turns, the sweeps of one follow each other."""

from collections.abc import Callable, Container, Iterator
from heapq import merge
from itertools import islice
from typing import Final

from worker.domain.business import Business
from worker.domain.sweep import Sweep
from worker.pipeline.ports import More

RUN: Final = 10_000
"""Keys of cards that are looked through and sorted at once, before the first visit: a task may have millions."""

Keys = Callable[[], list[bytes]]


class Walk:
    """The clients of one business behind the sweep's cursor, in order. Those who come later need no visit: their cards
    are made as if the sweep were done."""

    def __init__(self, business_id: str, number: int, keys: list[bytes], aliases: Container[bytes]) -> None:
        self.number = number
        self._aliases = aliases
        self._prefix = f"{business_id}/".encode()
        self._keys = keys
        self._looked = 0
        self._runs: list[list[str]] = []
        self._merged: Iterator[str] | None = None
        self._next: list[str] = []

    def prepare(self, cursor: str) -> bool:
        """Look through and sort some more; True when all is."""
        if self._merged is not None:
            return True
        prefix, start = self._prefix, len(self._prefix)
        keys = self._keys[self._looked : self._looked + RUN]
        self._looked += RUN
        aliases = self._aliases
        run = [key[start:].decode() for key in keys if key.startswith(prefix) and key not in aliases]
        if cursor:
            run = [client_id for client_id in run if client_id > cursor]
        run.sort()
        if run:
            self._runs.append(run)
        if self._looked < len(self._keys):
            return False
        self._keys = []
        self._merged = merge(*self._runs)
        return True

    @property
    def left(self) -> int:
        """How many clients there are; to be asked before the first ``take``."""
        return sum(map(len, self._runs))

    def take(self, count: int) -> tuple[list[str], bool]:
        """The next clients, and whether they are the last."""
        merged = self._merged or iter(())
        found = [*self._next, *islice(merged, count + 1 - len(self._next))]
        self._next = found[count:]
        return found[:count], not self._next


class Sweeping:
    """What is under way in one task. Derived from the businesses' sweeps."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk | None] = {}

    def __bool__(self) -> bool:
        return bool(self._walks)

    def look(self, business: Business) -> None:
        """Does the business have a sweep?"""
        if business.sweeps:
            self._walks.setdefault(business.id, None)
        else:
            self._walks.pop(business.id, None)

    def forget_walks(self) -> None:
        """What was taken did not happen."""
        for business_id in self._walks:
            self._walks[business_id] = None

    def next_business(self) -> str:
        """Whose turn it is."""
        business_id = next(iter(self._walks))
        self._walks[business_id] = self._walks.pop(business_id)
        return business_id

    def walk(
        self, business: Business, sweep: Sweep, keys: Keys, aliases: Container[bytes], more: More
    ) -> "Walk | None":
        """Its clients, to be taken from; None: they are still being sorted, and there is no ``more`` time for it now.
        ``aliases``: keys of those that were merged away."""
        walk = self._walks.get(business.id)
        if walk is None or walk.number != sweep.number:
            walk = self._walks[business.id] = Walk(business.id, sweep.number, keys(), aliases)
        while not walk.prepare(sweep.cursor):
            if not more():
                return None
        if not sweep.steps:
            sweep.total = walk.left
        return walk
