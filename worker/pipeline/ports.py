"""Where the pipeline's two halves meet: batches come in from the transport, the engine turns them into outboxes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from topics.moments import Micros
from worker.pipeline.outbox import Headers, Outbox


class Record(Protocol):
    """What is used of a Kafka record: aiokafka's Cython records have it, 10 times cheaper than ConsumerRecord."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int | None: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Batch(NamedTuple):
    """Every record between two fetch positions of one partition of an input topic.

    ``start`` and ``end`` are consumer positions, not record offsets: they count transaction markers, aborted records
    and compaction holes. ``previous.end == next.start`` proves that nothing was lost on the way; ``end`` is committed.
    ``topic`` is the name of the contract, without the configured prefix.
    """

    topic: str
    partition: int
    start: int
    end: int
    records: Sequence[Record]
    generation: int


class LimitExceeded(Exception):
    """J2: too many of the latest records failed. ``outbox`` holds what is to be committed before the worker stops
    with exit code 65; ``positions`` says how far each input was processed."""

    def __init__(self, message: str, outbox: Outbox, positions: dict[str, int]) -> None:
        super().__init__(message)
        self.outbox = outbox
        self.positions = positions


More = Callable[[], bool]
"""Is there time for more?"""


def always() -> bool:
    """There is time."""
    return True


class Engine(Protocol):
    """The state of one task and everything that changes it. Synchronous: no call awaits, so none interleaves.

    After ``process``, ``fire`` or ``step`` either the outbox is committed and ``committed`` is called, or the process
    dies: memory has moved already (crash only).
    """

    @property
    def stores(self) -> Mapping[str, Mapping[bytes, bytes]]:
        """Encoded state by topic of the changelog and key: what is committed, for Faust's tables to show."""

    @property
    def cards(self) -> int: ...
    @property
    def state_bytes(self) -> int: ...
    @property
    def timers(self) -> int: ...

    def restore(self, topic: str, records: Iterable[Record]) -> None:
        """Take records of a changelog (``topics.registry.STATE_TOPICS``), in order."""

    def restored(self) -> None:
        """The changelogs have been read to their ends: rebuild what is derived (timers, counts)."""

    def process(self, batches: Sequence[Batch], now: Micros, more: More = always) -> Outbox:
        """Decide on the records of the batches: on all, or on so many as there is time for (the outbox says where it
        ``stopped``). Raises LimitExceeded."""

    def next_due(self) -> Micros | None:
        """When the next timer is due; None when none is waiting."""

    def fire(self, as_of: Micros, now: Micros) -> Outbox:
        """Fire timers due at ``as_of`` (a bounded number). Called only when everything that was in the input
        partitions at ``as_of`` has been processed (B6)."""

    def wants_step(self, now: Micros) -> bool:
        """Is there work that waits for nothing: a sweep's next step, a settings record to refresh?"""

    def step(self, now: Micros, more: More = always) -> Outbox:
        """Do a bounded part of that work. ``more`` is asked now and then: is there time for more of it?"""

    def committed(self, outbox: Outbox) -> None:
        """The transaction with this outbox is committed."""


NewEngine = Callable[[int], Engine]
"""Makes the engine, with empty state, of a partition."""
