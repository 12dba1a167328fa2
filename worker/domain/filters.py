"""The filter language (F3): JSON compiled once into a function that says whether a client, or an event's data, matches.

``{"all": [...]}`` (of none: true), ``{"any": [...]}`` (of none: false), ``{"not": ...}``, or
``{"field": ..., "op": ..., "value": ...}``; nothing else may stand beside these names. What the rules leave open:

- **No value**: what is missing, null, an empty text or an empty list. ``eq``, ``in``, the ordering and the text
  operators are false of it, ``ne``, ``not_in`` and ``has_none`` are true: they are exactly the opposites of ``eq``,
  ``in`` and ``has_any``. ``exists`` takes true (also if nothing is said) or false.
- **Several values** (e-mail addresses, phone numbers, lists in an event): any one that matches is enough.
- **Texts** people write (name, e-mail, source, own text, e-mail and url fields) are compared without regard to case, in
  the way of tags. **Codes** (status, staff, client type, industry, head count, a choice) are compared exactly.
  **Phone numbers** by their digits, whatever the notation.
- **Tags** are equal as in D1; on tags and status groups ``eq`` and ``contains`` mean "has this one", ``in`` is
  ``has_any``.
- **Times** are compared as moments, to the millisecond (what is shown). A day stands for all of it, UTC: ``eq`` is on
  that day, ``gt`` after it. Numbers are compared as they are written in decimal; ``score`` is the average.
- **Events**: the filter's value decides. A number is compared with a number or a decimal text (money); a text that is a
  time or a day with a time or a day; any other text exactly, but ``contains`` and ``starts_with`` without regard to
  case. Of a list, ``contains`` means "has this item"; its first MAX_ITEMS items count. ``tags`` are tags, also as one
  text with commas (D5). A dot reaches into an object, never into a list.
- **Own fields** have the operators of their type. A stored filter outlives its own fields: one that is gone, or has
  another type now that the filter does not fit, has no value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from topics.control import FieldType
from worker.domain.card import Card, Counts
from worker.domain.compared_texts import tag_key
from worker.domain.filter_kinds import (
    ANYTHING,
    BOOL,
    CODE,
    CODES,
    DAY_ONLY,
    MOMENT,
    NUMBER,
    OPERATORS,
    PHONE,
    TAGS,
    TEXT,
    Kind,
    Test,
    Unfit,
    Values,
    test_of,
    test_of_nothing,
)
from worker.domain.tags import identity

MAX_NODES: Final = 50
MAX_LEVELS: Final = 8
MAX_ITEMS: Final = 1_000
"""J4: items of a list in an event that filters look at, the first ones."""
MAX_SHOWN: Final = 64
"""Characters of what a sender wrote that a message shows."""

S = TypeVar("S")
Matches = Callable[[S], bool]
"""A compiled filter: does the subject match?"""
Read = Callable[[S], Values]
Leaf = Callable[[str, str, object], Matches[S]]
"""Makes the test of a field, an operator and a value. Raises Unfit."""
EventData = Mapping[str, object]
"""The ``data`` of an event as plain JSON."""


class InvalidFilter(ValueError):
    """Code ``invalid_filter``; the message says where, what, and what would do."""


class Client(msgspec.Struct, frozen=True, gc=False):
    """A client as filters see it: the card, and what its status and tags mean in the business at the moment."""

    card: Card
    ended: bool
    status_groups: frozenset[str]
    tags: frozenset[str]
    """By their identity (D1)."""


def client(card: Card, *, ended: bool, status_groups: frozenset[str] = frozenset()) -> Client:
    """The subject of a client filter. ``ended`` and ``status_groups`` are those of the card's status."""
    return Client(card, ended, status_groups, frozenset(identity(tag.tag) for tag in card.tags))


class Question(NamedTuple):
    """What a filter asks of one field of a client. ``kind`` None: of a field that is gone, the same of everybody."""

    kind: Kind | None
    read: Read[Client]
    test: Test


def question(name: str, operator: str, value: object, own_fields: Mapping[str, FieldType], *, stored: bool) -> Question:
    """With ``stored`` it was accepted before, and own fields may be gone since. Raises Unfit."""
    try:
        kind, read = _own(name.removeprefix(OWN), own_fields) if name.startswith(OWN) else _of_client(name)
        return Question(kind, read, test_of(kind, operator, value))
    except Unfit:
        if not (stored and name.startswith(OWN)):
            raise
        answer = test_of_nothing(operator, value)
        return Question(None, lambda _: (), lambda _: answer)


def for_clients(
    filter_: object, own_fields: Mapping[str, FieldType], *, where: str = "data.filter", stored: bool = False
) -> Matches[Client]:
    """A filter over client cards (F1, H2). ``stored`` as in ``question``. Raises InvalidFilter."""

    def leaf(name: str, operator: str, value: object) -> Matches[Client]:
        _, read, test = question(name, operator, value, own_fields, stored=stored)
        return lambda subject: test(read(subject))

    return compiled(filter_, leaf, where)


def for_events(filter_: object, *, where: str = "data.where") -> Matches[EventData]:
    """A filter over the data of an event (D6). Raises InvalidFilter."""

    def leaf(name: str, operator: str, value: object) -> Matches[EventData]:
        path = name.split(".")
        if "" in path:
            raise Unfit(f"the field {_shown(name)} has an empty part; write it as a.b.c")
        is_tags = path[-1] == "tags"
        return _test(TAGS if is_tags else ANYTHING, _reads_path(path, _tag_keys if is_tags else _one), operator, value)

    return compiled(filter_, leaf, where)


def compiled(filter_: object, leaf: Leaf[S], where: str = "data.filter") -> Matches[S]:
    """A filter over whatever its leaves ask. Raises InvalidFilter."""
    return _Compiler(leaf).compile(filter_, where)


class _Compiler(Generic[S]):
    """Turns the nodes of one filter into one function, counting them."""

    def __init__(self, leaf: Leaf[S]) -> None:
        self._leaf = leaf
        self._nodes = 0

    def compile(self, node: object, where: str, level: int = 1) -> Matches[S]:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise InvalidFilter(f"{where}: a filter has at most {MAX_NODES} nodes")
        if level > MAX_LEVELS:
            raise InvalidFilter(f"{where}: a filter is at most {MAX_LEVELS} levels deep")
        if not isinstance(node, dict):
            raise InvalidFilter(f"{where}: {_SHAPES}")
        names = frozenset(node)
        if names == {"all"}:
            return _all(self._each(node["all"], f"{where}.all", level))
        if names == {"any"}:
            return _any(self._each(node["any"], f"{where}.any", level))
        if names == {"not"}:
            inner = self.compile(node["not"], f"{where}.not", level + 1)
            return lambda subject: not inner(subject)
        if not {"field", "op"} <= names <= {"field", "op", "value"}:
            raise InvalidFilter(f"{where}: {_SHAPES}")
        return self._field(node["field"], node["op"], node.get("value"), where)

    def _each(self, nodes: object, where: str, level: int) -> list[Matches[S]]:
        if not isinstance(nodes, list):
            raise InvalidFilter(f"{where}: a list of filters is needed")
        return [self.compile(node, f"{where}[{i}]", level + 1) for i, node in enumerate(nodes)]

    def _field(self, name: object, operator: object, value: object, where: str) -> Matches[S]:
        if not isinstance(name, str):
            raise InvalidFilter(f"{where}.field: the name of a field is needed")
        if not isinstance(operator, str) or operator not in OPERATORS:
            raise InvalidFilter(
                f"{where}.op: there is no operator {_shown(operator)}; use one of {', '.join(OPERATORS)}"
            )
        try:
            return self._leaf(name, operator, value)
        except Unfit as exc:
            raise InvalidFilter(f"{where}: field {_shown(name)}: {exc}") from exc


_SHAPES: Final = 'a filter is {"all": [..]}, {"any": [..]}, {"not": ..} or {"field": .., "op": .., "value": ..}'


def _all(tests: list[Matches[S]]) -> Matches[S]:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda subject: first(subject) and second(subject)

    def matches(subject: S) -> bool:
        for test in tests:  # noqa: SIM110 - a loop takes half the time of all() with a generator
            if not test(subject):
                return False
        return True

    return matches


def _any(tests: list[Matches[S]]) -> Matches[S]:
    if len(tests) == 1:
        return tests[0]

    def matches(subject: S) -> bool:
        for test in tests:  # noqa: SIM110 - a loop takes half the time of any() with a generator
            if test(subject):
                return True
        return False

    return matches


def _test(kind: Kind, read: Read[S], operator: str, value: object) -> Matches[S]:
    test = test_of(kind, operator, value)
    return lambda subject: test(read(subject))


def _one(value: object) -> Sequence[object]:
    """One value as values; none if it is blank."""
    if isinstance(value, list) and len(value) > MAX_ITEMS:
        return (value[:MAX_ITEMS],)
    return () if value is None or value in ("", []) else (value,)


def _attribute(name: str) -> Read[Client]:
    return lambda client: _one(getattr(client.card, name))


def _count(name: str) -> Read[Client]:
    return lambda client: (getattr(client.card.counts, name),)


OWN: Final = "fields."
CLIENT_FIELDS: Final[Mapping[str, tuple[Kind, Read[Client]]]] = {
    "status": (CODE, lambda client: (client.card.status,)),
    "status_group": (CODES, lambda client: client.status_groups),
    "ended": (BOOL, lambda client: (client.ended,)),
    "tags": (TAGS, lambda client: client.tags),
    "source": (TEXT, _attribute("source")),
    "created_at": (MOMENT, lambda client: (client.card.state.created,)),
    "last_activity_at": (MOMENT, lambda client: (client.card.state.active,) if client.card.state.active else ()),
    "name": (TEXT, _attribute("name")),
    "email": (TEXT, lambda client: client.card.emails),
    "phone": (PHONE, lambda client: client.card.phones),
    "staff_id": (CODE, _attribute("staff_id")),
    "client_type": (CODE, _attribute("client_type")),
    "industry": (CODE, _attribute("industry")),
    "headcount": (CODE, _attribute("headcount")),
    "score": (NUMBER, lambda client: (client.card.score.average,) if client.card.score is not None else ()),
    **{f"counts.{name}": (NUMBER, _count(name)) for name in Counts.__struct_fields__},
}
"""What a filter over clients can name, besides ``fields.<field_id>``: the kind, and where it stands."""
KIND_OF_TYPE: Final[Mapping[FieldType, Kind]] = {
    "text": TEXT,
    "number": NUMBER,
    "date": DAY_ONLY,
    "bool": BOOL,
    "email": TEXT,
    "phone": PHONE,
    "url": TEXT,
    "choice": CODE,
}
"""The kind of an own field (G2)."""


def _of_client(name: str) -> tuple[Kind, Read[Client]]:
    known = CLIENT_FIELDS.get(name)
    if known is None:
        raise Unfit(f"there is no such field; these are: {', '.join(CLIENT_FIELDS)}, {OWN}<field_id>")
    return known


def _own(field_id: str, own_fields: Mapping[str, FieldType]) -> tuple[Kind, Read[Client]]:
    type_ = own_fields.get(field_id)
    if type_ is None:
        raise Unfit("the business has no such field of its own; define it first")
    return KIND_OF_TYPE[type_], lambda client: _one(client.card.fields.get(field_id))


def _reads_path(path: list[str], values: Callable[[object], Values]) -> Read[EventData]:
    if len(path) == 1:
        name = path[0]
        return lambda data: values(data.get(name))

    def read(data: EventData) -> Values:
        value: object = data
        for name in path:
            if not isinstance(value, Mapping):
                return ()
            value = value.get(name)
        return values(value)

    return read


def _tag_keys(value: object) -> Values:
    """D5: tags as a list, or as one text with commas."""
    if isinstance(value, str):
        value = value.split(",", MAX_ITEMS)
    tags = value[:MAX_ITEMS] if isinstance(value, list) else ()
    return [tag_key(tag) for tag in tags if isinstance(tag, str) and tag.strip()]


def _shown(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"
