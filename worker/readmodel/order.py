"""In which order the records of a partition count in the read model: first the worker's state, then what came of it.

Topics are read side by side, so an output may be read before the card that it is about, or an input before its dead
letter. What is read of other topics therefore waits in a lane until the state, as far as it had been written by then,
is read, too; an input waits before that until the worker has committed it, which its progress record says.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from topics import dead_letters
from topics.registry import DEAD_LETTERS, STATE_TOPICS, TOPIC_OF_TYPE

ERASURES: Final = TOPIC_OF_TYPE["client.erased"]
AWAITED: Final = (*STATE_TOPICS, ERASURES, DEAD_LETTERS)
"""Topics that must be read up to a goal before anything else counts: an erasure is known before what a new card of the
same id is told, a dead letter before its input."""
TIMELINE_INPUTS: Final = ("bookings", "invoices", "payments", "clients", "engagement")
"""Inputs that stand in the timeline by themselves; commands show in what they change."""
CONTROL: Final = TOPIC_OF_TYPE["automation.set"]
"""Its messages stand in the history of the settings."""
READ_INPUTS: Final = (*TIMELINE_INPUTS, CONTROL)
RECORD_BYTES: Final = 500
"""What a record takes in memory besides its value, about."""


class Record(NamedTuple):
    """A committed record. ``topic`` is the contract's name."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


class Lane:
    """One partition. In every turn: ``take`` what was read; where it ``wants_goal``, ``aim`` at the ends of AWAITED;
    then ``leave`` gives what counts now.

    ``settle``: seconds for which an output waits before its goal is set, on a broker where what belongs together does
    not become readable at once.
    """

    def __init__(self, prefix: str, settle: float = 0.0) -> None:
        self._prefix = prefix
        self._settle = settle
        self._held: dict[str, deque[Record]] = defaultdict(deque)
        self._sizes: dict[str, int] = defaultdict(int)
        self._refused: dict[str, set[int]] = defaultdict(set)
        self._upto: dict[str, int] = {}
        self._with_erasures = False
        self._ask_at = 0.0
        self._goal: Mapping[str, int] | None = None
        self.progress: dict[str, int] = {}
        """How far the worker has committed each input."""

    def take(self, record: Record) -> None:
        """A record of any topic but STATE_TOPICS, whose records count when they are read. Of dead letters, which wait
        however many there are, nothing is kept that is not shown."""
        if record.topic == DEAD_LETTERS:
            record = record._replace(value=None)
        self._held[record.topic].append(record)
        self._sizes[record.topic] += _size(record)
        if record.topic == DEAD_LETTERS and (original := self._original(record)) is not None:
            self._refused[original[0]].add(original[1])

    def held(self, topic: str) -> int:
        """Bytes of a topic that wait, about."""
        return self._sizes[topic]

    def position(self, topic: str, read: int) -> int:
        """The offset from which on a topic does not count yet; ``read``: to where it is read."""
        held = self._held[topic]
        return held[0].offset if held else read

    @property
    def is_waiting(self) -> bool:
        """Is there something that only waits for more of the state to be read?"""
        return bool(self._upto)

    def wants_goal(self, now: float) -> bool:
        """Is it time to say how far the state must be read? ``now``: seconds of any clock."""
        if not self._upto:
            self._upto = {topic: upto for topic in self._held if (upto := self._could_leave(topic))}
            self._with_erasures = False
            outputs = any(topic not in READ_INPUTS for topic in self._upto)
            self._ask_at = now + self._settle if outputs else now
        return bool(self._upto) and self._goal is None and now >= self._ask_at

    def aim(self, ends: Mapping[str, int]) -> None:
        """The goal: where the topics of AWAITED end, with what is not committed yet."""
        self._goal = ends

    def leave(self, read: Mapping[str, int]) -> Iterator[Record]:
        """What counts from now on. ``read``: to where each topic is read."""
        if self._goal is not None and all(read[topic] >= end for topic, end in self._goal.items()):
            self._goal = None
            if self._takes_erasures_along():
                return
            for topic, upto in self._upto.items():
                yield from self._orphans(upto) if topic == DEAD_LETTERS else self._pass(topic, upto)
            self._upto = {}
        letters = self._held[DEAD_LETTERS]
        while letters:
            original = self._original(letters[0])
            if original is not None:
                topic, offset = original
                if self.position(topic, read[topic]) <= offset:
                    return
                self._refused[topic].discard(offset)
            yield self._next(DEAD_LETTERS)

    def _takes_erasures_along(self) -> bool:
        """Were erasures read since it was said what may count? They may be of what is about to: they count first, once
        the state is read to where it ends now. Once is enough: none that comes later is of it."""
        held = self._held[ERASURES]
        if self._with_erasures or not held or self._upto.get(ERASURES, 0) > held[-1].offset:
            return False
        self._with_erasures = True
        self._upto = {ERASURES: held[-1].offset + 1} | {t: upto for t, upto in self._upto.items() if t != ERASURES}
        return True

    def _could_leave(self, topic: str) -> int:
        """The offset before which everything that waits may count once the state is read; 0: nothing may."""
        held = self._held[topic]
        if not held or (topic == DEAD_LETTERS and not self._is_orphan(held[0])):
            return 0
        if topic not in READ_INPUTS:
            return held[-1].offset + 1
        done = self.progress.get(topic, 0)
        return done if held[0].offset < done else 0

    def _is_orphan(self, letter: Record) -> bool:
        """Is it of an input that the worker has not come to, as far as is known? If that stays so when the state is
        read, the input was in a topic that was made anew since, and does not come."""
        original = self._original(letter)
        return original is not None and self.progress.get(original[0], 0) <= original[1]

    def _orphans(self, upto: int) -> Iterator[Record]:
        letters = self._held[DEAD_LETTERS]
        while letters and letters[0].offset < upto and self._is_orphan(letters[0]):
            yield self._next(DEAD_LETTERS)

    def _pass(self, topic: str, upto: int) -> Iterator[Record]:
        held, refused = self._held[topic], self._refused[topic]
        while held and held[0].offset < upto:
            record = self._next(topic)
            if record.offset not in refused:
                yield record

    def _next(self, topic: str) -> Record:
        """The first that waits; it does so no longer."""
        record = self._held[topic].popleft()
        self._sizes[topic] -= _size(record)
        return record

    def _original(self, letter: Record) -> tuple[str, int] | None:
        """Topic and offset of the input that a dead letter is of; None if it waits for no input."""
        told = dict(letter.headers)
        topic = (told.get(dead_letters.TOPIC) or b"").decode(errors="replace").removeprefix(self._prefix)
        offset = (told.get(dead_letters.OFFSET) or b"").decode(errors="replace")
        same = told.get(dead_letters.PARTITION) == b"%d" % letter.partition
        return (topic, int(offset)) if same and topic in READ_INPUTS and offset.isdecimal() else None


def _size(record: Record) -> int:
    return RECORD_BYTES + len(record.value or b"")
