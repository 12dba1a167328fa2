"""A task is a partition number: its engine, its inbox, how far it has come, and what it adds to a transaction."""

import enum
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from aiokafka.structs import TopicPartition

from topics.moments import Micros
from topics.registry import CONTROL, PROFILES
from worker.errors import StateMismatch
from worker.pipeline.outbox import Outbox
from worker.pipeline.ports import Batch, Engine, LimitExceeded, More, always
from worker.transport.group_offsets import Committed

PROGRESS: Final = b"\0progress"
"""The key, in the changelog ``client-profiles``, of the record that says what the state contains."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What the changelogs of a task contain: a transaction writes it as its last changelog record.

    ``number`` counts the task's transactions, since those of timers and sweeps move no offset; it stands in the
    metadata of the offsets as well. ``offsets``: the next offset of each input, by the contract's topic.
    """

    number: int = 0
    partitions: int = 0
    offsets: Mapping[str, int] = {}


encode_progress = msgspec.json.Encoder().encode
decode_progress = msgspec.json.Decoder(Progress).decode


def agree(progress: Progress, committed: Mapping[TopicPartition, Committed], names: Mapping[str, str]) -> bool:
    """Does the state hold exactly what the group's offsets say is committed? ``names``: contract names of topics.

    Offsets that have expired agree with anything. Without progress nothing was committed by a worker yet; offsets
    without a number were set by somebody before the first start.
    """
    present = {names[tp.topic]: c for tp, c in committed.items() if c.offset is not None}
    numbers = [int(c.metadata) if c.metadata.isdecimal() else 0 for c in present.values()]
    if not progress.number:
        return not any(numbers)
    if any(progress.offsets.get(topic) != c.offset for topic, c in present.items()):
        return False
    newest = max(numbers, default=progress.number)
    return newest == progress.number or (newest < progress.number and len(present) < len(committed))


class Kind(enum.Enum):
    """What a task does in a transaction."""

    RECORDS = "records"
    TIMERS = "timers"
    STEP = "step"
    OFFSETS = "offsets"


class Horizon(NamedTuple):
    """Where every input ended when it was looked at: timers due at ``as_of`` wait until all of that is processed."""

    as_of: Micros
    ends: Mapping[str, int]


class Contribution(NamedTuple):
    """What one task adds to a transaction. ``positions``: the offsets to commit, never empty; ``exceeded``: J2."""

    task: "Task"
    kind: Kind
    outbox: Outbox
    positions: Mapping[str, int]
    progress: Progress
    batches: Sequence[Batch]
    exceeded: LimitExceeded | None = None


class Waiting(NamedTuple):
    """A batch in the inbox. ``ticket`` counts up over all tasks: the smallest has waited longest."""

    ticket: int
    size: int
    batch: Batch


class Task:
    """``fetched`` is the next position expected of the transport, ``processed`` how far the engine has decided."""

    def __init__(
        self, partition: int, engine: Engine, progress: Progress, generation: int, horizon: Micros = 0
    ) -> None:
        self.partition = partition
        self.engine = engine
        self.progress = progress
        self.generation = generation
        self.horizon = horizon
        """Everything that was in the inputs at this moment is processed."""
        self.awaited: Horizon | None = None
        self.inbox: deque[Waiting] = deque()
        self.backlog = 0
        self.left = 0
        """Bytes of what the engine had no time for, which waits again."""
        self.last = Kind.STEP
        self.fetched: dict[str, int] = {}
        self.processed: dict[str, int] = {}

    def begin_at(self, positions: Mapping[str, int]) -> None:
        """Nothing is fetched yet, and this is where each input goes on."""
        self.fetched = dict(positions)
        self.processed = dict(positions)

    # -- inbox ----------------------------------------------------------------------------------------------------

    def submit(self, batch: Batch, ticket: int) -> int:
        """Queue a batch; returns its size in bytes. Raises StateMismatch when one before it is missing."""
        expected = self.fetched[batch.topic]
        if batch.start != expected:
            raise StateMismatch(
                f"{batch.topic}, partition {batch.partition}: expected position {expected}, got {batch.start} to "
                f"{batch.end}: records are missing in between. If the topic's retention has deleted them before they "
                "were read, start again: the worker goes on with what is left and says what is not"
            )
        self.fetched[batch.topic] = batch.end
        size = _size(batch)
        self.inbox.append(Waiting(ticket, size, batch))
        self.backlog += len(batch.records)
        return size

    def take(self, records: int, size: int) -> tuple[list[Batch], int]:
        """Batches from the inbox until there are so many records or bytes, and the bytes that they have."""
        batches: list[Batch] = []
        taken = 0
        inbox = self.inbox
        while inbox and records > 0 and size > taken:
            waiting = inbox.popleft()
            batches.append(waiting.batch)
            taken += waiting.size
            records -= len(waiting.batch.records)
            self.backlog -= len(waiting.batch.records)
        return batches, taken

    def _wait_again(self, batches: Sequence[Batch]) -> None:
        """Before what has come since."""
        ticket = self.inbox[0].ticket if self.inbox else 0
        for batch in reversed(batches):
            size = _size(batch)
            self.inbox.appendleft(Waiting(ticket, size, batch))
            self.backlog += len(batch.records)
            self.left += size

    # -- contributions --------------------------------------------------------------------------------------------

    def process(self, batches: Sequence[Batch], now: Micros, more: More = always) -> Contribution:
        """Decide on the batches, or on so much of them as there is time for; the rest waits again."""
        try:
            outbox = self.engine.process(batches, now, more)
        except LimitExceeded as exc:
            return self._contribution(Kind.RECORDS, exc.outbox, self._moved(exc.positions), batches, exc)
        self.left = 0
        if outbox.stopped is not None:
            batches, left = _cut(batches, outbox.stopped)
            self._wait_again(left)
        for batch in batches:
            self.processed[batch.topic] = batch.end
        self._look_ahead()
        return self._contribution(Kind.RECORDS, outbox, self._moved(self.processed), batches)

    def fire(self, now: Micros) -> Contribution:
        """Fire timers that are due at the horizon."""
        return self._contribution(Kind.TIMERS, self.engine.fire(self.horizon, now), {})

    def step(self, now: Micros, more: More, beside: Contribution | None) -> Contribution:
        """Do a step of work that waits for nothing, ``beside`` what the task adds to the same transaction already."""
        outbox = self.engine.step(now, more)
        if beside is None:
            return self._contribution(Kind.STEP, outbox, {})
        beside.outbox.take(outbox)
        return beside

    def confirm(self) -> Contribution:
        """Commit the position of every input, moved or not: whoever looks at the group's lag sees all of them."""
        return self._contribution(Kind.OFFSETS, Outbox(self.partition), self.processed)

    def skip(self, batches: Sequence[Batch]) -> None:
        """Batches of transaction markers only: positions move, and are committed with the next transaction."""
        for batch in batches:
            self.processed[batch.topic] = batch.end
        self._look_ahead()

    @property
    def unconfirmed(self) -> bool:
        """Has a position moved that is not committed?"""
        return self.processed != self.progress.offsets

    def _moved(self, positions: Mapping[str, int]) -> dict[str, int]:
        before = self.progress.offsets
        return {topic: offset for topic, offset in positions.items() if before.get(topic) != offset}

    def _contribution(
        self,
        kind: Kind,
        outbox: Outbox,
        positions: Mapping[str, int],
        batches: Sequence[Batch] = (),
        exceeded: LimitExceeded | None = None,
    ) -> Contribution:
        self.last = kind
        before = self.progress
        offsets = {**self.processed, **before.offsets, **positions}
        self.progress = Progress(number=before.number + 1, partitions=before.partitions, offsets=offsets)
        positions = positions or {CONTROL: offsets[CONTROL]}
        return Contribution(self, kind, outbox, dict(positions), self.progress, batches, exceeded)

    # -- timers ---------------------------------------------------------------------------------------------------

    def needs_horizon(self, now: Micros) -> bool:
        """Is a timer due, and unknown what was in the inputs when it became so?"""
        due = self.engine.next_due()
        return due is not None and self.horizon < due <= now and self.awaited is None

    def await_horizon(self, horizon: Horizon) -> None:
        """The inputs were looked at."""
        self.awaited = horizon
        self._look_ahead()

    def may_fire(self) -> bool:
        """Is a timer due at a moment of which everything is processed (B6)?"""
        due = self.engine.next_due()
        return due is not None and due <= self.horizon

    def _look_ahead(self) -> None:
        awaited = self.awaited
        if awaited is not None and all(self.processed[topic] >= end for topic, end in awaited.ends.items()):
            self.horizon, self.awaited = awaited.as_of, None


def _size(batch: Batch) -> int:
    return sum([len(record.value) for record in batch.records if record.value])


def _cut(batches: Iterable[Batch], stopped: Mapping[str, int]) -> tuple[list[Batch], list[Batch]]:
    """What lies before the positions, and what behind them."""
    done, left = [], []
    for batch in batches:
        at = stopped[batch.topic]
        if batch.end <= at:
            done.append(batch)
        elif batch.start >= at:
            left.append(batch)
        else:
            done.append(batch._replace(end=at, records=[r for r in batch.records if r.offset < at]))
            left.append(batch._replace(start=at, records=[r for r in batch.records if r.offset >= at]))
    return done, left


def stored_progress(engine: Engine) -> Progress:
    """The progress record in an engine's restored state; an empty one when there is none."""
    value = engine.stores[PROFILES].get(PROGRESS)
    return Progress() if value is None else decode_progress(value)
