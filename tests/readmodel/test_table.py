"""F4, H1-H4: whatever is asked of a table, it finds what a scan over all cards with the worker's own filter finds."""

import gc
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.domain.filtering import EVERY_OPERATOR, OWN, card_of
from topics.moments import DAY, MINUTE, micros
from worker.domain.card import Card, Counts, Score, Upcoming
from worker.domain.catalogue import OwnField
from worker.domain.filters import CLIENT_FIELDS, Client, InvalidFilter, client, for_clients
from worker.domain.tags import identity
from worker.readmodel import columns, search, texts
from worker.readmodel.asking import Question, meant
from worker.readmodel.columns import flags_of
from worker.readmodel.counting import counts
from worker.readmodel.names import beginnings, plain, words
from worker.readmodel.search import next_places
from worker.readmodel.table import Table
from worker.spreadsheets.known import Known, ShownGroup, ShownStatus

NOW = micros(datetime(2026, 11, 25, 12, tzinfo=UTC))
KNOWN = Known(
    statuses=[ShownStatus("lead"), ShownStatus("customer"), ShownStatus("gone", ended=True)],
    status_groups=[ShownGroup("active", ["customer"]), ShownGroup("past", ["gone", "customer"])],
    fields=[OwnField(field_id=field_id, type=type_) for field_id, type_ in OWN.items()],
)
IDS = [f"c{n}" for n in range(1, 14)]
TEXTS = ["Anna", "anna b", "Ánna", "Zoë O'Brien", "a\0b", "a\nb", " ", "Straße", "b", "Ann", "x@y.org"]
PHONES = ["+31 6 12345678", "0031612345678", "06-12345678", "345 678", "040 1234567", "1234567", "no number", "0"]
TIMES = [NOW - 400 * DAY, NOW - 90 * DAY, NOW - 90 * DAY + 1, NOW - 24 * DAY, NOW - MINUTE, NOW]
DAYS = ["2026-11-01", "2026-08-27", "2026-11-25", "2025-10-21", "2026-11-25T12:00:00Z", "2026-11-25T11:59:00.001Z"]
TAGS = ["Gold", "gold ", "new", "ünï"]


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """A dozen clients go through everything that a hundred thousand do."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SEGMENT", 4), ("FEW", 1), ("MAX_NEEDLES", 1)):
            patch.setattr(texts, name, value)
        for name, value in (("MAX_NARROW", 3), ("MAX_ANSWERS", 2)):
            patch.setattr(columns, name, value)
        yield


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


OWN_VALUES = {
    "size": some(1, 1.0, 2, 3.5), "born": some("2026-11-01", "2000-02-29"), "vegan": st.booleans(),
    "shoe": some("a", "b"), "site": some("https://x.org", "https://X.org/a"), "mobile": st.sampled_from(PHONES),
    "motto": st.sampled_from(TEXTS),
}  # fmt: skip


@st.composite
def cards(draw: Any, id_: str) -> Card:
    """A card with anything that is found."""
    some_texts = st.lists(st.sampled_from(TEXTS), max_size=3)
    card = card_of(
        created=draw(st.sampled_from(TIMES)), active=draw(some(0, *TIMES)), name=draw(some(None, *TEXTS)),
        emails=draw(some_texts), phones=draw(st.lists(st.sampled_from(PHONES), max_size=2)),
        status=draw(some("lead", "customer", "gone", "unheard")), tags=draw(some((), ("Gold",), ("new", "ünï"))),
        source=draw(some(None, "web", "Web", "shop")), staff_id=draw(some(None, "s1", "S1")),
        client_type=draw(some(None, "A")), score=draw(some(None, Score(4.5, 2))),
        counts=Counts(payments=draw(st.integers(0, 4))), outstanding=draw(some({}, {"EUR": "1"})),
        upcoming=draw(some([], [Upcoming("b", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z")])),
        audiences=draw(some([], ["x"], ["x", "y"])), fields=draw(st.fixed_dictionaries({}, optional=OWN_VALUES)),
    )  # fmt: skip
    card.client_id = id_
    return card


VALUE = st.one_of(
    st.sampled_from([*TEXTS, *PHONES, *DAYS, *TAGS, "lead", "gone", "active", "past", "web", "A", "s1", "a", "678"]),
    st.integers(-1, 4), st.booleans(), some(4.5, 1.0),
)  # fmt: skip
LEAF = st.builds(
    lambda field, op, value: {"field": field, "op": op, "value": value},
    st.sampled_from([*CLIENT_FIELDS, *(f"fields.{name}" for name in OWN)]),
    st.sampled_from(EVERY_OPERATOR),
    st.one_of(VALUE, st.lists(VALUE, min_size=1, max_size=3)),
)


def fits(filter_: object) -> bool:
    """Is it a filter of this business?"""
    try:
        for_clients(filter_, OWN)
    except InvalidFilter:
        return False
    return True


FITTING = LEAF.filter(fits)
FILTER = st.recursive(
    FITTING,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=4,
)
QUESTION = st.builds(
    Question,
    q=some("", "", "", "an", "ANN", "bri zo", "b a", "x@y", "c1", "0612345678", "345678", "678", "+31 612345678", "ö"),
    preset=some("all", "all", "status:gone", "status_group:active", "tag:GOLD", "new_this_month", "upcoming",
                "outstanding", "quiet_90_days"),
    status=some(None, None, "customer", "gone"), status_group=some(None, None, "past"),
    tag=some(None, None, " gold", "new"), source=some(None, None, "WEB"), audience=some(None, None, "x"),
    created_from=some(None, None, *DAYS), created_to=some(None, None, *DAYS), ended=st.booleans(),
    filter=st.one_of(st.none(), FILTER), sort=some("name", "created_at", "last_activity_at"),
)  # fmt: skip
STEP = st.one_of(st.sampled_from(IDS).flatmap(cards), st.sampled_from(IDS))
"""A card, new or changed; or the id of a client who goes."""


# -- the scan --------------------------------------------------------------------------------------------------------


def subject(card: Card) -> Client:
    groups = frozenset(group.code for group in KNOWN.status_groups if card.status in group.statuses)
    return client(card, ended=card.status == "gone", status_groups=groups)


def is_named(card: Card, q: str) -> bool:
    """H1, one client at a time."""
    q = q.strip()
    has = beginnings(card.name or "")
    if words(q) and all(any(word.startswith(wanted) for word in has) for wanted in words(q)):
        return True
    odd = any("\0" in mail or "\n" in mail for mail in card.emails)
    if " " not in q and not odd and any(plain(mail).startswith(plain(q)) for mail in card.emails):
        return True
    if not any(c.isalpha() or c == "@" for c in q) and any(is_meant(q, phone) for phone in card.phones):
        return True
    return card.client_id == q


def is_meant(asked: str, phone: str) -> bool:
    number, mine = ("".join(c for c in text if c in "0123456789") for text in (asked, phone))
    number, bare = number.lstrip("0"), mine.lstrip("0")
    if len(number) < 3:
        return False
    part = len(number) >= 4 and number in bare
    return part or bare.endswith(number[-9:]) or (6 <= len(bare) < 9 and number.endswith(bare))


def holds(card: Card, asked: Question) -> bool:
    """Does everything that is asked hold?"""
    kind, _, value = asked.preset.partition(":")
    presets: dict[str, Callable[[], bool]] = {
        "all": lambda: True,
        "status": lambda: card.status == value,
        "status_group": lambda: value in subject(card).status_groups,
        "tag": lambda: identity(value) in subject(card).tags,
        "new_this_month": lambda: card.state.created >= micros(datetime(2026, 11, 1, tzinfo=UTC)),
        "upcoming": lambda: bool(card.upcoming),
        "outstanding": lambda: bool(card.outstanding),
        "quiet_90_days": lambda: max(card.state.created, card.state.active) <= NOW - 90 * DAY and not card.upcoming,
    }
    leaves = [
        *([{"field": "created_at", "op": "gte", "value": asked.created_from}] if asked.created_from else []),
        *([{"field": "created_at", "op": "lte", "value": asked.created_to}] if asked.created_to else []),
        *([asked.filter] if asked.filter is not None else []),
    ]
    return (
        presets[kind]()
        and asked.status in (None, card.status)
        and (asked.status_group is None or asked.status_group in subject(card).status_groups)
        and (asked.tag is None or identity(asked.tag.strip()) in subject(card).tags)
        and (asked.source is None or identity(asked.source) == identity(card.source or ""))
        and (asked.audience is None or asked.audience in card.audiences)
        and for_clients({"all": leaves}, OWN)(subject(card))
        and (not asked.q or is_named(card, asked.q))
    )


def place_of(card: Card, sort: str) -> tuple[Any, str]:
    if sort == "name":
        return plain(card.name or next(iter(card.emails), "") or card.client_id)[:40], card.client_id
    return (card.state.created if sort == "created_at" else card.state.active or float("-inf")), card.client_id


def names_ended(node: Any) -> bool:
    """H3: does a filter ask for ended clients?"""
    if "field" not in node:
        parts = node.get("all") or node.get("any") or ([node["not"]] if "not" in node else [])
        return any(map(names_ended, parts))
    value = node["value"]
    asks = node["op"] in ("eq", "in", "has_any", "has_all", "contains")
    about_ended = node["field"] == "status_group" or (node["field"] == "status" and "gone" in value)
    return node["field"] == "ended" or (asks and about_ended)


def are_ended_shown(asked: Question) -> bool:
    return (
        asked.ended
        or asked.status == "gone"
        or asked.status_group is not None
        or asked.preset.startswith(("status:gone", "status_group"))
        or (asked.filter is not None and names_ended(asked.filter))
    )


def pages(table: Table, asked: Question, mask: int, limit: int) -> list[str]:
    """The ids, page after page."""
    found: list[str] = []
    after = None
    while places := next_places(table, asked.sort, mask, limit, after):
        found += [table.ids[place] for place in places]
        after = search._order(table, asked.sort).key(places[-1])
    return found


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
@given(
    first=st.dictionaries(st.sampled_from(IDS), st.none()).flatmap(lambda ids: st.tuples(*(cards(id_) for id_ in ids))),
    steps=st.lists(st.one_of(STEP, QUESTION), max_size=12),
    last=QUESTION,
    limit=st.integers(1, 5),
    few=some(0, 3, 1000),
)
def test_f4_a_table_finds_what_a_scan_finds(
    first: tuple[Card, ...], steps: list[Any], last: Question, limit: int, few: int
) -> None:
    """Whatever came and went, and was asked before: the same clients, in order, counted the same."""
    table, there = Table(KNOWN.field_types), {card.client_id: card for card in first}
    for card in first:
        table.put(card)
    table.settle()
    for step in [*steps, last]:
        if isinstance(step, Card):
            table.put(step)
            there[step.client_id] = step
        elif isinstance(step, str):
            table.drop(step)
            there.pop(step, None)
        else:
            check(table, there, step, limit, few)
    assert len(table) == len(there)
    told = counts(
        {"statuses": [{"code": s.code, "label": "", "color": "", "ended": s.ended} for s in KNOWN.statuses]}, table
    )
    for status in told["statuses"]:
        assert status["clients"] == sum(card.status == status["code"] for card in there.values())
    for tag in told["tags"]:
        assert tag["clients"] == sum(tag["tag"] in [t.tag for t in card.tags] for card in there.values())


def check(table: Table, there: dict[str, Card], asked: Question, limit: int, few: int) -> None:
    found = meant(table, KNOWN, asked, NOW)
    wanted = [card for card in there.values() if holds(card, asked)]
    hidden = {card.client_id for card in wanted if card.status == "gone"} if not are_ended_shown(asked) else set()
    order = sorted(wanted, key=lambda card: place_of(card, asked.sort), reverse=asked.sort != "name")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FEW", few)
        assert pages(table, asked, found.shown, limit) == [c.client_id for c in order if c.client_id not in hidden]
    assert set(table.in_order_of_ids(flags_of(found.hidden, table.places))) == hidden


@pytest.mark.parametrize("operator", ["eq", "contains", "starts_with", "in"])
@pytest.mark.parametrize("asked", ["a\0b", "\0", "a\0", "\0b", "a\nb"])
def test_f4_what_stands_between_texts_in_memory_is_found_in_none(operator: str, asked: str) -> None:
    table = Table({})
    table.put(card_of(emails=["a", "b"]))
    table.settle()
    value = [asked] if operator == "in" else asked
    found = Question(filter={"field": "email", "op": operator, "value": value})
    assert not meant(table, KNOWN, found, NOW).shown


def test_a_table_is_gone_as_soon_as_nobody_holds_it() -> None:
    """Not only when the garbage collector comes: what makes room must leave it at once."""
    table = Table(KNOWN.field_types)
    table.put(card_of())
    table.settle()
    left = weakref.ref(table.created)
    gc.disable()
    try:
        del table
        assert left() is None
    finally:
        gc.enable()
