"""What the operators of the filter language (F3) mean for each kind of value: one implementation for all filters (F4).

A kind makes a test of an operator and the value that a filter gives; the test is then asked with what a subject has
in the field. What the meanings are is told in ``worker.domain.filters``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from worker.domain.compared_numbers import (
    Number,
    Span,
    as_day,
    as_moment,
    as_number,
    day_span,
    from_micros,
    moment_span,
    number_or_decimal,
    number_span,
)
from worker.domain.compared_texts import folded, phone_key
from worker.domain.tags import InvalidTag, clean, identity

MAX_VALUES: Final = 1_000
"""Values in one list of a filter."""
MAX_TEXT: Final = 1_000
"""Characters of one text in a filter."""
NEGATED: Final[Mapping[str, str]] = {"ne": "eq", "not_in": "in", "has_none": "has_any"}
"""Each of these is true exactly when the other is not, also of a field without a value."""
OPERATORS: Final = (
    "eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "contains", "starts_with", "exists", "has_any", "has_all",
    "has_none",
)  # fmt: skip
_SAME: Final = frozenset({"eq", "ne", "in", "not_in", "exists"})
_PARTS: Final = frozenset({"contains", "starts_with"})
_ORDER: Final = frozenset({"lt", "lte", "gt", "gte"})
_SETS: Final = frozenset({"contains", "has_any", "has_all", "has_none"})

Values = Iterable[object]
"""What a subject has in a field; nothing in it: the field has no value."""
Test = Callable[[Values], bool]


class Unfit(ValueError):
    """The operator, or its value, does not fit the field; the message says what would."""


class Kind:
    """A kind of value: which operators fit it, and what they mean."""

    def __init__(self, name: str, operators: frozenset[str]) -> None:
        self.name = name
        """In words, to follow "does not fit": ``a text``."""
        self.operators = operators

    def among(self, wanted: Sequence[object]) -> Test:
        """Is one of the subject's values equal to one of these? Raises Unfit."""
        raise NotImplementedError(self.name, wanted)

    def compared(self, operator: str, wanted: object) -> Test:
        """What an operator that fits means, if it asks for anything but equality. Raises Unfit."""
        raise NotImplementedError(self.name, operator, wanted)


def test_of(kind: Kind, operator: str, value: object) -> Test:
    """The test that an operator and its value make of a kind. Raises Unfit."""
    if operator not in kind.operators:
        fit = ", ".join(o for o in OPERATORS if o in kind.operators)
        raise Unfit(f"the operator {operator} does not fit {kind.name}; these do: {fit}")
    if operator in NEGATED:
        return _not(_positive(kind, NEGATED[operator], value, operator))
    return _positive(kind, operator, value, operator)


def test_of_nothing(operator: str, value: object) -> bool:
    """What every kind answers when the field has no value."""
    return value is False if operator == "exists" else operator in NEGATED


def _positive(kind: Kind, operator: str, value: object, said: str) -> Test:
    if operator == "exists":
        if not isinstance(value, bool | None):
            raise Unfit("exists takes the value true or false")
        return _not(_has_value) if value is False else _has_value
    if operator in {"in", "has_any"}:
        return kind.among(_list(said, value))
    if operator == "has_all":
        each = [kind.among([wanted]) for wanted in _list(said, value)]
        return lambda values: all(test(values) for test in each)
    wanted = _scalar(said, value)
    if operator == "eq":
        return kind.among([wanted])
    return kind.compared(operator, wanted)


def _not(test: Test) -> Test:
    return lambda values: not test(values)


def _some(holds: Callable[[object], bool]) -> Test:
    """Does one of the values do?"""

    def test(values: Values) -> bool:
        for value in values:  # noqa: SIM110 - a loop takes half the time of any() with a generator
            if holds(value):
                return True
        return False

    return test


def _some_item(test: Test) -> Test:
    """Does one of the values do, or an item of one that is a list?"""
    return _some(lambda value: test(value if isinstance(value, list) else (value,)))


def _among_texts(texts: frozenset[str]) -> Test:
    """Is one of the values, or an item of one that is a list, one of these? Most filters of tag rules ask just this."""

    def test(values: Values) -> bool:
        for value in values:
            if isinstance(value, str):
                if value in texts:
                    return True
            elif isinstance(value, list) and any(isinstance(item, str) and item in texts for item in value):
                return True
        return False

    return test


def _has_value(values: Values) -> bool:
    return any(True for _ in values)


def _list(operator: str, value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise Unfit(f"{operator} needs a list with at least one value")
    if len(value) > MAX_VALUES:
        raise Unfit(f"{operator} takes a list of at most {MAX_VALUES} values, this one has {len(value)}")
    return [_scalar(operator, item) for item in value]


def _scalar(operator: str, value: object) -> object:
    if not isinstance(value, str | int | float):
        raise Unfit(f"{operator} needs a text, a number, true or false; to ask for no value at all, use exists")
    if isinstance(value, str) and not value:
        raise Unfit(f"{operator} needs a text that is not empty; to ask for no value at all, use exists")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise Unfit(f"{operator} takes a text of at most {MAX_TEXT} characters, this one has {len(value)}")
    return value


def _wanted_tag(text: str) -> str:
    try:
        return identity(clean(text))
    except InvalidTag as exc:
        raise Unfit(str(exc)) from exc


class Words(Kind):
    """Texts. ``wanted`` and ``stored`` say how the filter's and the subject's are written to be compared; without
    ``stored``, the subject has them so already."""

    def __init__(
        self,
        name: str,
        more: frozenset[str],
        wanted: Callable[[str], str],
        stored: Callable[[str], str] | None,
    ) -> None:
        super().__init__(name, _SAME | more)
        self.stored = stored
        """How a subject's text is written to be compared; None: as it is."""
        self._is_set = "has_any" in more
        self._wanted = wanted

    def key(self, wanted: object) -> str:
        """A filter's text as it is compared. Raises Unfit."""
        if not isinstance(wanted, str):
            raise Unfit(f"{self.name} is compared with a text")
        return self._wanted(wanted)

    def among(self, wanted: Sequence[object]) -> Test:
        """Equal to one of the texts."""
        keys = frozenset(self.key(w) for w in wanted)
        stored = self.stored
        if stored is None:
            return lambda values: not keys.isdisjoint(values)
        return _some(lambda v: isinstance(v, str) and stored(v) in keys)

    def compared(self, operator: str, wanted: object) -> Test:
        """Of a set: it has this one. Of a text: this is in it, or its beginning."""
        if self._is_set:
            return self.among([wanted])
        key = self.key(wanted)
        stored = self.stored or str
        if operator == "starts_with":
            return _some(lambda v: isinstance(v, str) and stored(v).startswith(key))
        return _some(lambda v: isinstance(v, str) and key in stored(v))


class Spans(Kind):
    """What has an order: numbers, days, moments. ``span`` reads the filter's value, ``read`` the subject's."""

    def __init__(
        self, name: str, needs: str, span: Callable[[object], Span | None], read: Callable[[object], Number | None]
    ) -> None:
        super().__init__(name, _SAME | _ORDER)
        self._needs = needs
        self._span = span
        self._read = read

    def span(self, wanted: object) -> Span:
        """What the filter's value stands for. Raises Unfit."""
        span = self._span(wanted)
        if span is None:
            raise Unfit(f"{self.name} is compared with {self._needs}")
        return span

    def among(self, wanted: Sequence[object]) -> Test:
        """Within one of the spans."""
        spans = sorted(self.span(w) for w in wanted)
        firsts = [first for first, _ in spans]
        lasts = list(accumulate((last for _, last in spans), max))
        read = self._read

        def is_within(value: object) -> bool:
            key = read(value)
            if key is None:
                return False
            begun = bisect_right(firsts, key)
            return begun > 0 and key <= lasts[begun - 1]

        return _some(is_within)

    def compared(self, operator: str, wanted: object) -> Test:
        """Before the span begins (lt), before it is over (lte), after it is over (gt), after it has begun (gte)."""
        holds = _holds(operator, *self.span(wanted))
        read = self._read
        return _some(lambda v: (key := read(v)) is not None and holds(key))


def _holds(operator: str, first: Number, last: Number) -> Callable[[Number], bool]:
    if operator == "lt":
        return lambda key: key < first
    if operator == "lte":
        return lambda key: key <= last
    if operator == "gt":
        return lambda key: key > last
    return lambda key: key >= first


class Flags(Kind):
    """True or false."""

    def __init__(self) -> None:
        super().__init__("a yes-or-no field", frozenset({"eq", "ne", "exists"}))

    def among(self, wanted: Sequence[object]) -> Test:
        """Equal to one of these."""
        if not all(isinstance(w, bool) for w in wanted):
            raise Unfit(f"{self.name} is compared with true or false")
        return _some(lambda v: any(v is w for w in wanted))


def is_plain_text(wanted: object) -> bool:
    """Is this a text that, in the data of an event, only the very same text is equal to?"""
    return isinstance(wanted, str) and moment_span(wanted) is None


_A_MOMENT: Final = 'a time such as "2026-01-31T10:00:00Z", or a day such as "2026-01-31"'
CODE: Final = Words("a code", frozenset(), str, None)
CODES: Final = Words("a set of codes", _SETS, str, None)
TEXT: Final = Words("a text", _PARTS, folded, folded)
PHONE: Final = Words("a phone number", _PARTS, phone_key, phone_key)
TAGS: Final = Words("a set of tags", _SETS, _wanted_tag, None)
NUMBER: Final = Spans("a number", "a number", number_span, as_number)
DAY_ONLY: Final = Spans("a date", 'a day such as "2026-01-31"', day_span, as_day)
MOMENT: Final = Spans("a time", _A_MOMENT, moment_span, from_micros)
"""The subject has it in microseconds since the epoch."""
BOOL: Final = Flags()
_DECIMAL_TEXT: Final = Spans(
    "a number", "a number", lambda v: (n, n) if (n := number_or_decimal(v)) is not None else None, number_or_decimal
)
_MOMENT_TEXT: Final = Spans("a time", _A_MOMENT, moment_span, as_moment)


class Anything(Kind):
    """What the data of an event has under a name: of any type, which the filter's value decides."""

    def __init__(self) -> None:
        super().__init__("the data of an event", frozenset(OPERATORS))

    def among(self, wanted: Sequence[object]) -> Test:
        """Equal to one of these, or a list with an item that is."""
        if all(map(is_plain_text, wanted)):
            return _among_texts(frozenset(map(str, wanted)))
        return _some_item(self._equal(wanted))

    def _equal(self, wanted: Sequence[object]) -> Test:
        texts = frozenset(w for w in wanted if is_plain_text(w))
        by_kind: dict[Kind, list[object]] = {}
        for other in wanted:
            if other not in texts:
                by_kind.setdefault(_kind_of(other), []).append(other)
        others = [kind.among(its) for kind, its in by_kind.items()]
        if not others:
            return _some(lambda v: isinstance(v, str) and v in texts)
        return _some(lambda v: (isinstance(v, str) and v in texts) or any(equal((v,)) for equal in others))

    def compared(self, operator: str, wanted: object) -> Test:
        """Parts of texts, items of lists; and the order of what has one."""
        if operator in _ORDER:
            return _some_item(_ordered_kind_of(operator, wanted).compared(operator, wanted))
        part = TEXT.compared(operator, wanted) if isinstance(wanted, str) else None
        if operator == "contains":
            item = self._equal([wanted])
            return _some(lambda v: item(v) if isinstance(v, list) else part is not None and part((v,)))
        if part is None:
            raise Unfit(f"{operator} needs a text")
        return _some_item(part)


def _kind_of(wanted: object) -> Kind:
    if isinstance(wanted, bool):
        return BOOL
    return _MOMENT_TEXT if isinstance(wanted, str) else _DECIMAL_TEXT


def _ordered_kind_of(operator: str, wanted: object) -> Kind:
    if number_or_decimal(wanted) is not None:
        return _DECIMAL_TEXT
    if moment_span(wanted) is None:
        raise Unfit(f"{operator} needs a number, {_A_MOMENT}")
    return _MOMENT_TEXT


ANYTHING: Final = Anything()
"""What the data of an event has under a name."""
