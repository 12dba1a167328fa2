"""What the filters of a business's audiences ask of one field (F1), answered together, and once per value.

A client's keys are all that is asked of it, in brief: with the same keys every answer is the same.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

import msgspec

from topics.moments import MILLISECOND
from topics.registry import BY_NAME
from worker.domain.card import Card, names_of
from worker.domain.compared_numbers import Number
from worker.domain.compared_texts import tag_key
from worker.domain.filter_kinds import MOMENT, TAGS, Kind, Spans, Test
from worker.domain.filters import OWN, Client, Read
from worker.domain.tags import TagOnCard, identity

MAX_VALUES: Final = 256
"""Values of one field whose answers are remembered."""
STILL: Final = frozenset(
    ["name", "email", "phone", "source", "staff_id", "client_type", "industry", "headcount", "score"]
)
LEAVE_ALONE: Final = frozenset(
    ["client.messaged", *(type_ for name in ("bookings", "invoices", "payments") for type_ in BY_NAME[name].types)]
)
"""Types of events that change none of STILL, and no own field."""
Keys = tuple[Hashable, ...]


class AskedField:
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


def _among(field: AskedField) -> Callable[[Any], Hashable]:
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
_BRIEF: Final[Mapping[str, Callable[[AskedField], Callable[[Any], Hashable]]]] = {
    "tags": lambda field: field.tags.among,
    "created_at": _among,
    "last_activity_at": _among,
}
"""By what the answers about a field are remembered, where it is not the key; of times by the answers' ``moments``."""


class FieldKeys:
    """Reads the keys of some fields of a card: ``of`` it, in the order of ``fields``."""

    __slots__ = ("fields", "of")

    def __init__(self, fields: Iterable[AskedField]) -> None:
        plain, others = _parted(fields)
        self.fields = [*plain, *others]
        attributes = attrgetter(*[field.attribute for field in plain]) if plain else _no_attributes
        keys = [field.key for field in others]
        self.of: Callable[[Card], Keys] = (
            (lambda card: attributes(card) + tuple([key(card) for key in keys])) if keys else attributes
        )


def _parted(fields: Iterable[AskedField]) -> tuple[list[AskedField], list[AskedField]]:
    """Those whose key is an attribute, and the others. attrgetter returns a tuple of two or more only."""
    found = sorted(fields, key=lambda field: not field.attribute)
    plain = sum(1 for field in found if field.attribute)
    return (found[:plain], found[plain:]) if plain > 1 else ([], found)


def _no_attributes(_card: Card) -> Keys:
    return ()
