"""Compiled filters against a slow, plain interpreter of the same language; and whatever comes in as a filter."""

import json
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.filtering import EVERY_OPERATOR, OWN, card_of, leaf
from topics.moments import SECOND, moment
from worker.domain.card import Counts, Score
from worker.domain.filters import Client, InvalidFilter, client, for_clients, for_events
from worker.domain.tags import identity

# --- the interpreter --------------------------------------------------------------------------------------------------

DAY_FORM = "%Y-%m-%d"


def plain(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", " ".join(text.split())).casefold())


def digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789").removeprefix("00")


def time_of(text: str) -> tuple[datetime, datetime]:
    """The first moment of what a text stands for, and the last."""
    if len(text) == 10:
        day = datetime.strptime(text, DAY_FORM).replace(tzinfo=UTC)
        return day, day.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return datetime.fromisoformat(text), datetime.fromisoformat(text)


def values_of(subject: Client, field: str) -> tuple[str, list]:
    """The kind of a field, and what is in it."""
    card = subject.card
    if field == "tags":
        return "tags", [identity(tag.tag) for tag in card.tags]
    if field == "status_group":
        return "code", sorted(subject.status_groups)
    if field == "ended":
        return "bool", [subject.ended]
    if field in ("email", "phone"):
        return ("text", card.emails) if field == "email" else ("phone", card.phones)
    if field in ("created_at", "last_activity_at"):
        micros = card.state.created if field == "created_at" else card.state.active
        return "time", [moment(micros)] if micros else []
    if field == "score":
        return "number", [card.score.average] if card.score else []
    if field.startswith("counts."):
        return "number", [getattr(card.counts, field[7:])]
    if field.startswith("fields."):
        kind = {"born": "time", "vegan": "bool", "shoe": "code", "mobile": "phone", "size": "number"}
        value = card.fields.get(field[7:])
        if field == "fields.born" and value is not None:
            value = time_of(value)[0]
        return kind.get(field[7:], "text"), [] if value is None else [value]
    value = getattr(card, field)
    return "text" if field in ("name", "source") else "code", [value] if value else []


def same(kind: str, value, wanted) -> bool:
    if kind == "time":
        first, last = time_of(wanted)
        return first <= value <= last
    if kind == "number":
        return Decimal(str(value)) == Decimal(str(wanted))
    if kind == "phone":
        return digits(value) == digits(wanted)
    if kind in ("text", "tags"):
        return plain(value) == plain(wanted)
    return value == wanted


def compare(kind: str, value, op: str, wanted) -> bool:
    if kind == "time":
        first, last = time_of(wanted)
    else:
        first = last = wanted
    return {"lt": value < first, "lte": value <= last, "gt": value > last, "gte": value >= first}[op]


def holds(kind: str, values: list, op: str, wanted) -> bool:
    match op:
        case "exists":
            return wanted is (len(values) > 0)
        case "eq":
            return any(same(kind, v, wanted) for v in values)
        case "ne":
            return not holds(kind, values, "eq", wanted)
        case "in" | "has_any":
            return any(holds(kind, values, "eq", w) for w in wanted)
        case "not_in" | "has_none":
            return not any(holds(kind, values, "eq", w) for w in wanted)
        case "has_all":
            return all(holds(kind, values, "eq", w) for w in wanted)
        case "contains" if kind in ("tags", "code"):
            return holds(kind, values, "eq", wanted)
        case "contains" | "starts_with":
            form = digits if kind == "phone" else plain
            return any(
                form(wanted) in form(v) if op == "contains" else form(v).startswith(form(wanted)) for v in values
            )
    return any(compare(kind, v, op, wanted) for v in values)


def interpreted(node: dict, subject: Client) -> bool:
    if "all" in node:
        return all(interpreted(n, subject) for n in node["all"])
    if "any" in node:
        return any(interpreted(n, subject) for n in node["any"])
    if "not" in node:
        return not interpreted(node["not"], subject)
    return holds(*values_of(subject, node["field"]), node["op"], node["value"])


# --- filters and clients of few words, so that they often meet --------------------------------------------------------

NOON = 1_767_268_800 * SECOND
CODES = st.sampled_from(["a", "b", "A"])
TEXTS = st.sampled_from(["ann", "Ann", "anna", "straße", "STRASSE", "n"])
PHONES = st.sampled_from(["+39 06", "003906", "06", "39", "(39)0-6"])
NUMBERS = st.sampled_from([0, 1, 2, 1.5, 2.0, 0.1, -1])
DAYS = st.sampled_from(["2025-12-31", "2026-01-01", "2026-01-02"])
MOMENTS = st.one_of(
    DAYS, st.sampled_from(["2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01T12:00:00.001Z"])
)
TAGS = st.sampled_from(["gold", "Gold", "new", "old", " New "])
OF_KIND = {"status_group": CODES, "tags": TAGS, "email": TEXTS, "phone": PHONES, "name": TEXTS, "source": TEXTS}
OF_KIND |= {"created_at": MOMENTS, "last_activity_at": MOMENTS, "ended": st.booleans(), "score": NUMBERS}
OF_KIND |= dict.fromkeys(["status", "staff_id", "client_type", "industry", "headcount", "fields.shoe"], CODES)
OF_KIND |= {"counts.attended": NUMBERS, "fields.size": NUMBERS, "fields.born": DAYS, "fields.vegan": st.booleans()}
OF_KIND |= {"fields.motto": TEXTS, "fields.site": TEXTS, "fields.mobile": PHONES}
CODE_OPERATORS = ["eq", "ne", "in", "not_in", "exists"]
ORDERED = [*CODE_OPERATORS, "lt", "lte", "gt", "gte"]
WORDED = [*CODE_OPERATORS, "contains", "starts_with"]
FITTING = dict.fromkeys(["created_at", "last_activity_at", "score", "counts.attended", "fields.size"], ORDERED)
FITTING |= dict.fromkeys(["name", "source", "email", "phone", "fields.motto", "fields.site", "fields.mobile"], WORDED)
FITTING |= dict.fromkeys(["tags", "status_group"], (*CODE_OPERATORS, "contains", "has_any", "has_all", "has_none"))
FITTING |= dict.fromkeys(["ended", "fields.vegan"], ("eq", "ne", "exists"))
FITTING["fields.born"] = ORDERED
LISTS = {"in", "not_in", "has_any", "has_all", "has_none"}


@st.composite
def leaves(draw) -> dict:
    field = draw(st.sampled_from(sorted(OF_KIND)))
    op = draw(st.sampled_from(FITTING.get(field, CODE_OPERATORS)))
    one = OF_KIND[field]
    value = draw(st.booleans() if op == "exists" else st.lists(one, min_size=1, max_size=3) if op in LISTS else one)
    return leaf(field, op, value)


FILTERS = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda nodes: {"all": nodes}),
        st.lists(inner, max_size=4).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=8,
)
MAYBE = {"name": TEXTS, "source": TEXTS, "staff_id": CODES, "client_type": CODES, "industry": CODES, "headcount": CODES}
OWN_VALUES = {
    "size": NUMBERS,
    "born": DAYS,
    "vegan": st.booleans(),
    "shoe": CODES,
    "site": TEXTS,
    "mobile": PHONES,
    "motto": TEXTS,
}


@st.composite
def clients(draw) -> Client:
    fields = draw(st.fixed_dictionaries({}, optional=OWN_VALUES))
    card = card_of(
        tags=draw(st.lists(TAGS.map(str.strip), max_size=3)),
        created=NOON,
        active=draw(st.sampled_from([0, NOON, NOON + 1000, NOON - 12 * 3600 * SECOND - 1000])),
        status=draw(CODES),
        emails=draw(st.lists(TEXTS, max_size=2)),
        phones=draw(st.lists(PHONES, max_size=2)),
        fields=fields,
        counts=Counts(attended=draw(st.integers(0, 3))),
        score=draw(st.one_of(st.none(), st.sampled_from([1.5, 2.0, 0.1]).map(lambda a: Score(a, 1)))),
        **draw(st.fixed_dictionaries({}, optional=MAYBE)),
    )
    return client(card, ended=draw(st.booleans()), status_groups=draw(st.frozensets(CODES)))


@given(FILTERS, st.lists(clients(), min_size=1, max_size=5))
def test_f3_a_compiled_filter_says_what_the_interpreter_says(filter_: dict, subjects: list[Client]) -> None:
    try:
        matches = for_clients(filter_, OWN)
    except InvalidFilter as exc:
        assert "at most" in str(exc)  # noqa: PT017 - too many nodes or levels, and nothing else
        return
    assert [matches(s) for s in subjects] == [interpreted(filter_, s) for s in subjects]


@given(leaves(), clients())
def test_a_leaf_says_what_the_interpreter_says(filter_: dict, subject: Client) -> None:
    assert for_clients(filter_, OWN)(subject) is interpreted(filter_, subject)


# --- the data of events -----------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.5, "1", "1.50", "", "a", "A", "ab", "2026-01-01", "2026-01-01T12:00:00Z", "3e5", "٣"]),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "tags"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(["a", "b", "tags", "a.b", "a.tags", "b.a.b"])


@st.composite
def event_leaves(draw) -> dict:
    op = draw(st.sampled_from(EVERY_OPERATOR))
    value = st.booleans() if op == "exists" else st.lists(SCALARS, max_size=3) if op in LISTS else SCALARS
    return leaf(draw(PATHS), op, draw(value))


@given(event_leaves(), st.dictionaries(st.sampled_from(["a", "b", "tags"]), DATA, max_size=3))
def test_any_data_of_an_event_is_answered_and_each_operator_agrees_with_its_kin(filter_: dict, data: dict) -> None:
    try:
        found = for_events(filter_)(data)
    except InvalidFilter:
        return
    field, op, value = filter_["field"], filter_["op"], filter_["value"]

    def also(op: str, value: object) -> bool:
        return for_events(leaf(field, op, value))(data)

    match op:
        case "ne" | "not_in" | "has_none":
            assert found is not also({"ne": "eq", "not_in": "in", "has_none": "has_any"}[op], value)
        case "in" | "has_any":
            assert found is any(also("eq", v) for v in value)
        case "has_all":
            assert found is all(also("eq", v) for v in value)
        case "exists":
            assert found is not also("exists", not value)
        case "starts_with":
            assert (
                not found
                or field.endswith("tags")
                or value.casefold() in json.dumps(data, ensure_ascii=False).casefold()
            )
        case "eq" | "lt" | "lte" | "gt" | "gte" | "contains":
            assert not found or also("exists", True)


JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
        st.sampled_from(EVERY_OPERATOR),
        st.sampled_from(sorted(OF_KIND)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["all", "any", "not", "field", "op", "value", "x"]), inner, max_size=4),
        st.fixed_dictionaries(
            {"field": st.sampled_from(sorted(OF_KIND)), "op": st.sampled_from(EVERY_OPERATOR), "value": inner}
        ),
    ),
    max_leaves=12,
)


@given(JUNK, clients(), DATA)
def test_whatever_comes_in_is_a_filter_or_is_refused(junk: object, subject: Client, data: object) -> None:
    for compiled in (lambda: for_clients(junk, OWN)(subject), lambda: for_events(junk)({"a": data})):
        try:
            assert compiled() in (True, False)
        except InvalidFilter as refused:
            assert str(refused).startswith("data.")  # noqa: PT017 - being refused is one of two right ends


@pytest.mark.parametrize(
    ("value", "wanted"), [(10**400, 1), (-(10**400), 1e300), (1e308, 10**400), ("9" * 500, 1), (0.1 + 0.2, 0.3)]
)
def test_huge_and_inexact_numbers_are_compared(value: object, wanted: object) -> None:
    assert not for_events(leaf("a", "eq", wanted))({"a": value})
    order = for_events(leaf("a", "gt", wanted))({"a": value}), for_events(leaf("a", "lte", wanted))({"a": value})
    assert sum(order) == (0 if isinstance(value, str) else 1)
