"""Timers that wait (K2): a heap of moments and keys, derived from the cards; the cards say what is really due."""

from heapq import heapify, heappop, heappush
from typing import Final

from topics.moments import Micros

MAX_PASSED_OVER: Final = 1_000
"""Entries that count no more than these, and as many as there are timers, are kept (J4)."""


class Waiting:
    """At most one entry per key counts: an earlier one replaces a later one, which then is passed over.

    What is due already when it is set waits ``linger`` longer, from ``now`` on (B6).
    """

    def __init__(self, linger: Micros = 0) -> None:
        self.now: Micros = 0
        """The worker's clock as inputs are processed."""
        self._linger = linger
        self._heap: list[tuple[Micros, bytes]] = []
        self._due: dict[bytes, Micros] = {}

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, key: bytes) -> bool:
        return key in self._due

    def set(self, key: bytes, due: Micros) -> None:
        """The timer of ``key`` is due then; 0: it has none."""
        waits = self._due.get(key)
        if due and self._linger and due <= self.now:
            lingers = self.now + self._linger
            due = min(waits, lingers) if waits else lingers
        if not due:
            self._due.pop(key, None)
        elif waits != due:
            self._due[key] = due
            heappush(self._heap, (due, key))
            if len(self._heap) > 2 * len(self._due) + MAX_PASSED_OVER:
                self._make_heap()

    def fill(self, timers: dict[bytes, Micros]) -> None:
        """All timers there are, by key; none of them is 0."""
        self._due = timers
        self._make_heap()

    def _make_heap(self) -> None:
        self._heap = list(zip(self._due.values(), self._due, strict=True))
        heapify(self._heap)

    def next(self) -> Micros | None:
        """When the next timer is due; None when none waits."""
        heap, due = self._heap, self._due
        while heap and due.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def take(self, as_of: Micros, limit: int) -> list[bytes]:
        """The keys of at most ``limit`` timers due at ``as_of``, in their order; they wait no longer."""
        taken: list[bytes] = []
        while len(taken) < limit and (due := self.next()) is not None and due <= as_of:
            key = heappop(self._heap)[1]
            del self._due[key]
            taken.append(key)
        return taken
