"""Which audiences a client is in (F1), for all filters of a business at once.

Filters ask few fields, and most values come again and again: what all of them ask of one field is answered together,
once per value, as a number with a bit per question. The bits of all fields together decide every filter. Of a client
whose audiences are right as it was before an event, only those filters are asked to which an answer is now another one.

Businesses whose definitions are the same, as a platform gives them to all, share one index: it is then in the
processor's caches, and in memory once.
"""

from collections.abc import Mapping
from itertools import compress
from operator import ne
from typing import Final, NamedTuple, Self
from weakref import WeakValueDictionary

import msgspec

from topics.control import FieldType, Filter
from worker.domain.audience_fields import LEAVE_ALONE, MAX_VALUES, AskedField, FieldKeys, Keys
from worker.domain.card import Card
from worker.domain.filters import Client, Matches, client, compiled, question

MAX_CLASSES: Final = 1_000
"""Combinations of answers whose audiences are remembered."""
OF_STATUS: Final = frozenset({"status", "status_group", "ended"})
"""Fields that a change of status changes."""
Standing = Mapping[str, tuple[bool, frozenset[str]]]
IN_NO_GROUP: Final = (False, frozenset[str]())


class Audience(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A saved filter, as it stands in ``business-settings``."""

    audience_id: str
    name: str
    filter: Filter


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
        self._lively = FieldKeys(field for field in leaves.fields.values() if field.lively)
        self._still = FieldKeys(field for field in leaves.fields.values() if not field.lively)
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
        self.fields: dict[str, AskedField] = {}
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
                field = self.fields[name] = AskedField(name, asked.read)
            field.ask(bit, asked.test, asked.kind, value)
        self.asked |= bit
        return lambda bits: bits & bit != 0
