"""Which audiences a client is in (F1), for all filters of a business at once.

Filters ask few fields, and most values come again and again: what all of them ask of one field is answered together,
once per value, as a number with a bit per question. The bits of all fields together decide every filter. Of a client
whose audiences are right as it was before an event, only those filters are asked to which an answer is now another one.

Businesses whose definitions are the same, as a platform gives them to all, share one index: it is then in the
processor's caches, and in memory once.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import compress
from operator import attrgetter, ne
from typing import Any, Final, NamedTuple, Self
from weakref import WeakValueDictionary

import msgspec

from topics.control import FieldType, Filter
from topics.moments import MILLISECOND
from topics.registry import BY_NAME
from worker.domain.card import Card, names_of
from worker.domain.compared_texts import tag_key
from worker.domain.filter_kinds import MOMENT, TAGS, Kind, Number, Spans, Test
from worker.domain.filters import OWN, Client, Matches, Read, client, compiled, question
from worker.domain.tags import TagOnCard, identity

MAX_VALUES: Final = 256
"""Values of one field whose answers are remembered."""
MAX_CLASSES: Final = 1_000
"""Combinations of answers whose audiences are remembered."""
STILL: Final = frozenset(
    ["name", "email", "phone", "source", "staff_id", "client_type", "industry", "headcount", "score"]
)
"""Fields that events of the types in LEAVE_ALONE do not change; nor do these change own fields."""
OF_STATUS: Final = frozenset({"status", "status_group", "ended"})
"""Fields that a change of status changes."""
LEAVE_ALONE: Final = frozenset(
    ["client.messaged", *(type_ for name in ("bookings", "invoices", "payments") for type_ in BY_NAME[name].types)]
)
Keys = tuple[Hashable, ...]
Standing = Mapping[str, tuple[bool, frozenset[str]]]
IN_NO_GROUP: Final = (False, frozenset[str]())


class Audience(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A saved filter, as it stands in ``business-settings``."""

    audience_id: str
    name: str
    filter: Filter


class _Field:
    """All that filters ask of one field."""

    __slots__ = ("asked", "attribute", "brief", "key", "known", "lively", "moments", "read", "tags", "tests")

    def __init__(self, name: str, read: Read[Client]) -> None:
        self.read = read
        self.asked = 0
        """The bits of all questions."""
        self.tests: list[tuple[int, Test]] = []
        self.known: dict[Hashable, int] = {}
        """Answers by ``brief`` keys."""
        self.moments: list[Number] = []
        """Where the answers change, if the field is a time."""
        self.tags = _Tags()
        """Those that are asked for, if the field is that of the tags."""
        self.lively = name not in STILL and not name.startswith(OWN)
        self.attribute = "" if name in _KEYS or name.startswith(OWN) else _ATTRIBUTES.get(name, name)
        """Of the card, where the key is just that."""
        self.key = attrgetter(self.attribute) if self.attribute else _KEYS.get(name) or _own_value(name)
        self.brief = _BRIEF[name](self) if name in _BRIEF else None
        """Of keys with the same answers the same one; None: there are not so many."""

    def ask(self, bit: int, test: Test, kind: Kind, value: object) -> None:
        """One more question; its answer is this bit."""
        self.tests.append((bit, test))
        self.asked |= bit
        texts = [wanted for wanted in (value if isinstance(value, list) else [value]) if isinstance(wanted, str)]
        if isinstance(kind, Spans) and kind is MOMENT:
            spans = map(kind.span, texts)
            changes = {moment * MILLISECOND for first, last in spans for moment in (first, last + 1)}
            self.moments[:] = sorted(changes.union(self.moments))
        if kind is TAGS:
            self.tags.asked.update(map(tag_key, texts))

    def answer(self, subject: Client, key: Hashable) -> int:
        """The bits of the questions that are answered with yes; from now on they are known."""
        values = self.read(subject)
        found = sum(bit for bit, test in self.tests if test(values))
        if len(self.known) >= MAX_VALUES:
            self.known.clear()
        self.known[key] = found
        return found


class _Tags(dict[str, str]):
    """Of a tag, however it is spelled, its identity (D1) if a filter asks for it; else an empty text."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __missing__(self, tag: str) -> str:
        if len(self) >= MAX_VALUES:
            self.clear()
        key = identity(tag)
        found = self[tag] = key if key in self.asked else ""
        return found

    def among(self, tags: tuple[str, ...] | msgspec.Raw | list[TagOnCard]) -> Hashable:
        """The tags of a client, their names or as they are on its card, as far as an answer depends on them."""
        if isinstance(tags, list):
            return frozenset([self[tag.tag] for tag in tags])
        return frozenset([self[tag] for tag in (tags if isinstance(tags, tuple) else names_of(tags))])


def _own_value(name: str) -> Callable[[Card], Hashable]:
    """A value may be of another type than the field is now: True is not 1."""
    field_id = name.removeprefix(OWN)

    def key(card: Card) -> Hashable:
        value = card.fields.get(field_id)
        return value.__class__, value

    return key


def _among(field: _Field) -> Callable[[Any], Hashable]:
    moments = field.moments
    return lambda time: bisect_right(moments, time) if time else None


_ATTRIBUTES: Final[Mapping[str, str]] = {
    "status_group": "status",
    "ended": "status",
    "tags": "stored_tags",
    "created_at": "state.created",
    "last_activity_at": "state.active",
}
"""Fields that are not the card's attribute of that name, but another one."""


_KEYS: Final[Mapping[str, Callable[[Card], Hashable]]] = {
    "email": lambda card: tuple(card.emails),
    "phone": lambda card: tuple(card.phones),
    "score": lambda card: card.score.average if card.score is not None else None,
}
"""Keys of fields that are no attribute of the card."""
_BRIEF: Final[Mapping[str, Callable[[_Field], Callable[[Any], Hashable]]]] = {
    "tags": lambda field: field.tags.among,
    "created_at": _among,
    "last_activity_at": _among,
}
"""By what the answers about a field are remembered, where it is not the key; of times by the answers' ``moments``."""


class _Keys:
    """Reads the keys of some fields of a card: ``of`` it, in the order of ``fields``."""

    __slots__ = ("fields", "of")

    def __init__(self, fields: Iterable[_Field]) -> None:
        plain, others = _parted(fields)
        self.fields = [*plain, *others]
        attributes = attrgetter(*[field.attribute for field in plain]) if plain else _no_attributes
        keys = [field.key for field in others]
        self.of: Callable[[Card], Keys] = (
            (lambda card: attributes(card) + tuple([key(card) for key in keys])) if keys else attributes
        )


def _parted(fields: Iterable[_Field]) -> tuple[list[_Field], list[_Field]]:
    """Those whose key is an attribute, and the others. attrgetter returns a tuple of two or more only."""
    found = sorted(fields, key=lambda field: not field.attribute)
    plain = sum(1 for field in found if field.attribute)
    return (found[:plain], found[plain:]) if plain > 1 else ([], found)


def _no_attributes(_card: Card) -> Keys:
    return ()


class Index:
    """The filters of some audiences, compiled. Immutable in what it says. Raises nothing: filters that were accepted
    stay what they are when the definitions that they name go (F3).

    ``standing``: by the code of a status, whether it is ``ended`` and which groups it is in.
    """

    __slots__ = (
        "__weakref__",
        "_asking",
        "_classes",
        "_fields",
        "_filters",
        "_lively",
        "_order",
        "_standing",
        "_still",
        "_tags_at",
        "of_status",
        "of_tags",
        "reads",
    )

    def __init__(
        self,
        audiences: Mapping[str, Audience],
        standing: Standing,
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
        self.of_status = frozenset(id_ for id_, reads in self.reads.items() if not OF_STATUS.isdisjoint(reads))
        self.of_tags = frozenset(id_ for id_, reads in self.reads.items() if "tags" in reads)
        self._order = {id_: number for number, id_ in enumerate(audiences)}
        self._asking: dict[int, tuple[list[_Filter], list[int]]] = {}
        self._lively = _Keys(field for field in leaves.fields.values() if field.lively)
        self._still = _Keys(field for field in leaves.fields.values() if not field.lively)
        self._fields = [*self._lively.fields, *self._still.fields]
        self._tags_at = next((at for at, field in enumerate(self._fields) if field.attribute == "stored_tags"), None)

    def keys(self, card: Card, type_: str = "") -> Keys:
        """All that filters ask of the client, in brief: with the same keys it is in the same audiences. Before an event
        of a type that leaves fields alone, without those."""
        lively, at = self._lively.of(card), self._tags_at
        if at is not None and isinstance(lively[at], list):  # they were asked for, and may change in place
            lively = (*lively[:at], tuple([tag.tag for tag in card.tags]), *lively[at + 1 :])
        return lively if type_ in LEAVE_ALONE else lively + self._still.of(card)

    def members(self, card: Card) -> list[str]:
        """The audiences that the client is in, in the order of their definition. Not to be changed."""
        bits = 0
        for field, value in zip(self._fields, self.keys(card), strict=True):
            key = value if field.brief is None else field.brief(value)
            found = field.known.get(key)
            bits |= found if found is not None else field.answer(self._subject(card), key)
        ids = self._classes.get(bits)
        if ids is None:
            if len(self._classes) >= MAX_CLASSES:
                self._classes.clear()
            ids = self._classes[bits] = [filter_.id for filter_ in self._filters if filter_.decide(bits)]
        return ids

    def members_after(self, card: Card, before: Keys) -> list[str]:
        """The same, of a client that had these keys when it was in the audiences that are on the card."""
        fields, inside, after = self._fields, card.audiences, self._lively.of(card)
        if len(before) > len(after):
            after += self._still.of(card)
        changed = 0
        for place in compress(range(len(before)), map(ne, before, after)):
            field, was, now = fields[place], before[place], after[place]
            if (brief := field.brief) is not None:
                was, now = brief(was), brief(now)
            if brief is None or was != now:
                old, new = field.known.get(was), field.known.get(now)
                if new is None:
                    new = field.answer(self._subject(card), now)
                changed |= field.asked if old is None else old ^ new
        if not changed:
            return inside
        filters, places = self._asking.get(changed) or self._ask(changed)
        bits = 0
        for place in places:
            field = fields[place]
            key = after[place] if place < len(after) else field.key(card)
            if field.brief is not None:
                key = field.brief(key)
            found = field.known.get(key)
            bits |= found if found is not None else field.answer(self._subject(card), key)
        moved = {filter_.id for filter_ in filters if filter_.decide(bits) is not (filter_.id in inside)}
        return self.in_order(moved.symmetric_difference(inside)) if moved else inside

    def forget(self) -> None:
        """G6: keep nothing of what clients have in the fields. What is asked again is found again."""
        for field in self._fields:
            field.known.clear()

    def in_order(self, ids: set[str]) -> list[str]:
        """Those of the audiences that there are, in the order of their definition."""
        return sorted(self._order.keys() & ids, key=self._order.__getitem__)

    def _ask(self, changed: int) -> tuple[list["_Filter"], list[int]]:
        """The filters that depend on one of these answers, and the places of the fields that they ask."""
        filters = [filter_ for filter_ in self._filters if filter_.asked & changed]
        places = [n for n, field in enumerate(self._fields) if any(field.asked & f.asked for f in filters)]
        if len(self._asking) >= MAX_CLASSES:
            self._asking.clear()
        self._asking[changed] = filters, places
        return filters, places

    def _subject(self, card: Card) -> Client:
        ended, groups = self._standing.get(card.status, IN_NO_GROUP)
        return client(card, ended=ended, status_groups=groups)

    def __deepcopy__(self, _memo: object) -> Self:
        """A copy of a business says the same; what it changes makes an index of its own."""
        return self


_indexes: Final[WeakValueDictionary[bytes, Index]] = WeakValueDictionary()


def index_for(audiences: Mapping[str, Audience], standing: Standing, own_fields: Mapping[str, FieldType]) -> Index:
    """The index of these audiences; while one that says the same is in use, that one."""
    filters = [(id_, audience.filter) for id_, audience in audiences.items()]
    statuses = [(code, ended, sorted(groups)) for code, (ended, groups) in sorted(standing.items())]
    same = msgspec.json.encode((filters, statuses, sorted(own_fields.items())))
    found = _indexes.get(same)
    if found is None:
        found = _indexes[same] = Index(audiences, standing, own_fields)
    return found


class Before(NamedTuple):
    """The keys of a client before the event at work."""

    card: Card
    asked_by: Index
    keys: Keys


class _Filter:
    """One filter, asked with the answers to all questions; ``asked`` are those that it depends on."""

    __slots__ = ("_known", "_matches", "asked", "id")

    def __init__(self, id_: str, asked: int, matches: Matches[int]) -> None:
        self.id = id_
        self.asked = asked
        self._matches = matches
        self._known: dict[int, bool] = {}

    def decide(self, bits: int) -> bool:
        """Does it match?"""
        bits &= self.asked
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
