"""Which audiences a client is in (F1), for all filters of a business at once.

Filters ask few fields, and most values come again and again: what all of them ask of one field is answered together,
once per value, as a number with a bit per question. The bits of all fields together decide every filter. So an event
costs a look at each field in use, not the evaluation of every filter, whatever the event has changed.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping
from operator import attrgetter
from typing import Final, Self

import msgspec

from topics.control import FieldType, Filter
from topics.moments import MILLISECOND
from worker.domain.card import Card
from worker.domain.filter_kinds import MOMENT, Kind, Number, Spans, Test
from worker.domain.filters import OWN, Client, Matches, Read, client, compiled, question

MAX_VALUES: Final = 256
"""Values of one field whose answers are remembered."""
MAX_CLASSES: Final = 1_000
"""Combinations of answers whose audiences are remembered."""
Key = Callable[[Card], Hashable]
IN_NO_GROUP: Final = (False, frozenset[str]())


class Audience(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A saved filter, as it stands in ``business-settings``."""

    audience_id: str
    name: str
    filter: Filter


class _Field:
    """All that filters ask of one field."""

    __slots__ = ("key", "known", "moments", "read", "tests")

    def __init__(self, name: str, read: Read[Client]) -> None:
        self.read = read
        self.tests: list[tuple[int, Test]] = []
        self.known: dict[Hashable, int] = {}
        """Answers by ``key``."""
        self.moments: list[Number] = []
        """Where the answers change, if the field is a time."""
        self.key = self._key(name)

    def ask(self, bit: int, test: Test, kind: Kind, value: object) -> None:
        """One more question; its answer is this bit."""
        self.tests.append((bit, test))
        if isinstance(kind, Spans) and kind is MOMENT:
            spans = [
                kind.span(wanted) for wanted in (value if isinstance(value, list) else [value]) if _is_text(wanted)
            ]
            changes = {moment * MILLISECOND for first, last in spans for moment in (first, last + 1)}
            self.moments[:] = sorted(changes.union(self.moments))

    def answer(self, subject: Client, key: Hashable) -> int:
        """The bits of the questions that are answered with yes; from now on they are known."""
        values = self.read(subject)
        found = sum(bit for bit, test in self.tests if test(values))
        if len(self.known) >= MAX_VALUES:
            self.known.clear()
        self.known[key] = found
        return found

    def _key(self, name: str) -> Key:
        if name.startswith(OWN):
            return _own_value(name.removeprefix(OWN))
        moments = self.moments
        if name == "created_at":
            return lambda card: bisect_right(moments, card.state.created)
        if name == "last_activity_at":
            return lambda card: bisect_right(moments, card.state.active) if card.state.active else None
        return _KEYS.get(name) or attrgetter(name)


def _is_text(wanted: object) -> bool:
    return isinstance(wanted, str)


def _own_value(field_id: str) -> Key:
    """A value may be of another type than the field is now: True is not 1."""

    def key(card: Card) -> Hashable:
        value = card.fields.get(field_id)
        return value.__class__, value

    return key


_status = attrgetter("status")
_KEYS: Final[Mapping[str, Key]] = {
    "status_group": _status,
    "ended": _status,
    "tags": lambda card: tuple([tag.tag for tag in card.tags]),
    "email": lambda card: tuple(card.emails),
    "phone": lambda card: tuple(card.phones),
    "score": lambda card: card.score.average if card.score is not None else None,
}
"""By what the answers about a field are remembered, where it is not the attribute of that name."""


class Index:
    """The filters of some audiences, compiled. Immutable in what it says. Raises nothing: filters that were accepted
    stay what they are when the definitions that they name go (F3).

    ``standing``: by the code of a status, whether it is ``ended`` and which groups it is in.
    """

    __slots__ = ("_classes", "_fields", "_filters", "_standing", "reads")

    def __init__(
        self,
        audiences: Mapping[str, Audience],
        standing: Mapping[str, tuple[bool, frozenset[str]]],
        own_fields: Mapping[str, FieldType],
    ) -> None:
        self._standing = standing
        self._classes: dict[int, list[str]] = {}
        self.reads: dict[str, set[str]] = {}
        """The fields that each filter asks."""
        leaves = _Leaves(own_fields)
        self._filters = []
        for id_, audience in audiences.items():
            leaves.reads, leaves.asked = set(), 0
            matches = compiled(audience.filter, leaves.leaf)
            self._filters.append(_Filter(id_, leaves.asked, matches))
            self.reads[id_] = leaves.reads
        self._fields = [(field.key, field.known.get, field) for field in leaves.fields.values()]

    def members(self, card: Card) -> list[str]:
        """The audiences that the client is in, in the order of their definition. Not to be changed."""
        bits = 0
        for key_of, known, field in self._fields:
            key = key_of(card)
            found = known(key)
            bits |= found if found is not None else field.answer(self._subject(card), key)
        ids = self._classes.get(bits)
        if ids is None:
            if len(self._classes) >= MAX_CLASSES:
                self._classes.clear()
            ids = self._classes[bits] = [filter_.id for filter_ in self._filters if filter_.decide(bits)]
        return ids

    def _subject(self, card: Card) -> Client:
        ended, groups = self._standing.get(card.status, IN_NO_GROUP)
        return client(card, ended=ended, status_groups=groups)

    def __deepcopy__(self, _memo: object) -> Self:
        """A copy of a business says the same; what it changes makes an index of its own."""
        return self


class _Filter:
    """One filter, asked with the answers to all questions; ``asked`` are those that it depends on."""

    __slots__ = ("_asked", "_known", "_matches", "id")

    def __init__(self, id_: str, asked: int, matches: Matches[int]) -> None:
        self.id = id_
        self._asked = asked
        self._matches = matches
        self._known: dict[int, bool] = {}

    def decide(self, bits: int) -> bool:
        """Does it match?"""
        bits &= self._asked
        found = self._known.get(bits)
        if found is None:
            if len(self._known) >= MAX_VALUES:
                self._known.clear()
            found = self._known[bits] = self._matches(bits)
        return found


class _Leaves:
    """Gives every question of every filter a bit; the same question the same one."""

    def __init__(self, own_fields: Mapping[str, FieldType]) -> None:
        self.fields: dict[str, _Field] = {}
        self.reads: set[str] = set()
        self.asked = 0
        self._own_fields = own_fields
        self._bits: dict[bytes, int] = {}

    def leaf(self, name: str, operator: str, value: object) -> Matches[int]:
        self.reads.add(name)
        asked = question(name, operator, value, self._own_fields, stored=True)
        if asked.kind is None:
            answer = asked.test(())
            return lambda _: answer
        same = msgspec.json.encode((name, operator, value))
        bit = self._bits.get(same)
        if bit is None:
            bit = self._bits[same] = 1 << len(self._bits)
            field = self.fields.get(name)
            if field is None:
                field = self.fields[name] = _Field(name, asked.read)
            field.ask(bit, asked.test, asked.kind, value)
        self.asked |= bit
        return lambda bits: bits & bit != 0
