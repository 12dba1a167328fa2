"""Tag rules (D6): what a business defined, and the same compiled, by the type of event that each is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self
from weakref import WeakValueDictionary

import msgspec

from topics.registry import BY_NAME, TOPIC_OF_TYPE
from worker.domain.filter_kinds import is_plain_text
from worker.domain.filters import EventData, Matches, for_events
from worker.domain.tags import clean_all

MAX_TAG_RULES: Final = 100
"""D6."""
MAX_KNOWN: Final = 250
"""Combinations of values in events of which it is remembered which rules match, of each type of event."""
MAX_KEY: Final = 500
"""Characters in such a combination: longer texts do not come again."""
MAX_TAGS_PER_RULE: Final = 50
"""That it adds, and that it removes; as many as a command may."""
STATUS_CHANGED: Final = "client.status.changed"
EVENTS: Final = frozenset(
    [
        STATUS_CHANGED,
        *(
            type_
            for name in ("bookings", "invoices", "payments", "clients", "engagement")
            for type_ in BY_NAME[name].types
        ),
    ]
)
"""What a rule can be about."""


class TagRule(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A rule as it was defined; so it stands in ``business-settings``."""

    rule_id: str
    on: str
    where: dict[str, Any] | None = None
    add: list[str] = []
    remove: list[str] = []


class Compiled(NamedTuple):
    """A rule that is ready to be asked. Tags by their identity."""

    rule: TagRule
    matches: Matches[EventData] | None
    add: Mapping[str, str]
    remove: Mapping[str, str]


def compiled(rule: TagRule) -> Compiled:
    """Raises InvalidFilter, InvalidTag."""
    matches = for_events(rule.where) if rule.where is not None else None
    return Compiled(rule, matches, clean_all(rule.add), clean_all(rule.remove))


class Asked:
    """The rules about one type of event, in their order. Most want a certain text in a certain field: those are found
    by what the event has there. What was found is remembered by all values that the rules ask for, so that many rules
    do not take much longer than few. Immutable in what it says: businesses with the same rules share one."""

    __slots__ = ("__weakref__", "_always", "_by_text", "_fields", "_known", "_rules", "_values")

    def __init__(self, rules: list[Compiled]) -> None:
        self._rules = rules
        self._fields = sorted({name.partition(".")[0] for one in rules for name in _fields(one.rule.where)})
        self._values = _values(rules[0].rule.on, self._fields)
        """Reads these from the message, if they are there as they came."""
        self._known: dict[object, list[Compiled]] = {}
        self._always: list[int] = []
        self._by_text: dict[str, dict[str, list[int]]] = {}
        for number, one in enumerate(rules):
            field, text = _needed_text(one.rule.where)
            places = self._by_text.setdefault(field, {}).setdefault(text, []) if field else self._always
            places.append(number)

    def about(self, message: object, body: Callable[[], EventData]) -> list[Compiled]:
        """Those that match an event: the message, and its data as it came, which takes longer. Not to be changed."""
        if self._values is None:
            return self.matching(body())
        key = self._values(message)
        found = self._known.get(key)
        return found if found is not None else self._remembered(key, body())

    def matching(self, body: EventData) -> list[Compiled]:
        """Those that match the data of an event. Not to be changed."""
        values = [body.get(name) for name in self._fields]
        key = (*values, *[value.__class__ for value in values])  # to a filter 1, 1.0 and true are not the same
        try:
            found = self._known.get(key)
        except TypeError:  # a list, or an object
            return self._found(body)
        return found if found is not None else self._remembered(key, body)

    def _remembered(self, key: object, body: EventData) -> list[Compiled]:
        found = self._found(body)
        if sum([len(value) for name in self._fields if isinstance(value := body.get(name), str)]) <= MAX_KEY:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = found
        return found

    def _found(self, body: EventData) -> list[Compiled]:
        places = list(self._always)
        for field, by_text in self._by_text.items():
            value = body.get(field)
            if isinstance(value, str):
                places += by_text.get(value, ())
            elif isinstance(value, list):
                places += chain.from_iterable(by_text.values())
        found = (self._rules[place] for place in sorted(places))
        return _agreed([one for one in found if one.matches is None or one.matches(body)])

    def forget(self) -> None:
        """G6: keep nothing of what events had in their fields. What comes again is found again."""
        self._known.clear()

    def __deepcopy__(self, _memo: object) -> Self:
        """A copy of a business says the same."""
        return self


def _agreed(found: list[Compiled]) -> list[Compiled]:
    """D2, D3: of one moment a removal loses. What a later rule adds, an earlier one does not take away first."""
    added: set[str] = set()
    for place in range(len(found) - 1, -1, -1):
        one = found[place]
        if one.remove and not added.isdisjoint(one.remove):
            found[place] = one._replace(remove={key: tag for key, tag in one.remove.items() if key not in added})
        added.update(one.add)
    return found


def _values(type_: str, fields: list[str]) -> Callable[[object], object] | None:
    """Reads fields from messages of a type. None: the type, or one of them, does not stand in a message as it came."""
    topic = TOPIC_OF_TYPE.get(type_)
    if topic is None or BY_NAME[topic].direction != "in" or not _texts(BY_NAME[topic].types[type_]).issuperset(fields):
        return None
    return attrgetter(*fields) if fields else lambda _: None


def _texts(message: type[msgspec.Struct]) -> frozenset[str]:
    """The fields of a message that hold a text, as it came, or nothing."""
    types = {field.name: msgspec.inspect.type_info(field.type) for field in msgspec.structs.fields(message)}
    return frozenset(name for name, type_ in types.items() if all(isinstance(t, _TEXT_TYPES) for t in _parts(type_)))


def _parts(type_: msgspec.inspect.Type) -> Iterable[msgspec.inspect.Type]:
    return type_.types if isinstance(type_, msgspec.inspect.UnionType) else (type_,)


_TEXT_TYPES: Final = (msgspec.inspect.StrType, msgspec.inspect.LiteralType, msgspec.inspect.NoneType)
_asked: Final[WeakValueDictionary[bytes, Asked]] = WeakValueDictionary()


def _asking(rules: list[Compiled]) -> Asked:
    """One that says the same and is in use, or a new one."""
    same = msgspec.json.encode([one.rule for one in rules])
    found = _asked.get(same)
    if found is None:
        found = _asked[same] = Asked(rules)
    return found


def _fields(node: Any) -> Iterator[str]:
    """The names of all fields that a filter asks for."""
    if isinstance(node, dict):
        yield from (node["field"],) if "field" in node else _fields(list(node.values()))
    elif isinstance(node, list):
        for inner in node:
            yield from _fields(inner)


def _needed_text(where: Mapping[str, Any] | None) -> tuple[str, str]:
    """A field, and the text without which nothing matches; empty: there is none."""
    for node in (where.get("all") or [where]) if where is not None else ():
        field, text = node.get("field", ""), node.get("value")
        if node.get("op") == "eq" and "." not in field and field != "tags" and is_plain_text(text):
            return field, text
    return "", ""


class TagRules:
    """The rules of a business, in the order in which they were first defined."""

    __slots__ = ("_by_id", "on")

    def __init__(self, rules: Iterable[TagRule] = ()) -> None:
        self._by_id = {rule.rule_id: compiled(rule) for rule in rules}
        self.on: dict[str, Asked] = {}
        """By the type of event. Empty: there is nothing to ask."""
        self._sort()

    def forget(self) -> None:
        """G6: keep nothing of what events had in their fields."""
        for asked in self.on.values():
            asked.forget()

    def _sort(self) -> None:
        self.forget()  # others may use them still
        by_type: dict[str, list[Compiled]] = {}
        for one in self._by_id.values():
            by_type.setdefault(one.rule.on, []).append(one)
        self.on = {type_: _asking(rules) for type_, rules in by_type.items()}

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, rule_id: str) -> TagRule | None:
        """The rule as it was defined."""
        found = self._by_id.get(rule_id)
        return found.rule if found is not None else None

    def defined(self) -> list[TagRule]:
        """All of them."""
        return [one.rule for one in self._by_id.values()]

    def define(self, rule: TagRule) -> None:
        """One more, or one changed. Raises InvalidFilter, InvalidTag."""
        self._by_id[rule.rule_id] = compiled(rule)
        self._sort()

    def remove(self, rule_id: str) -> None:
        """One less."""
        del self._by_id[rule_id]
        self._sort()
