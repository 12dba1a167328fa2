"""H1-H3: who is found, in which order, page after page, and how many were left out."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from tests.console.shelf import Shelf, card
from topics.moments import micros
from worker.domain.filters import InvalidFilter
from worker.readmodel import search as searching
from worker.readmodel.asking import InvalidQuestion, Question
from worker.readmodel.reading import InvalidCursor, Reader
from worker.readmodel.search import Page, find_all, search
from worker.readmodel.table import Table
from worker.readmodel.tables import Tables

NOW = micros(datetime.fromisoformat("2026-11-25T12:00:00+00:00"))
BUSINESS = "salon"
GROUPS = [{"code": "active", "name": "Active", "order": 1, "statuses": ["customer", "vip"]},
          {"code": "past", "name": "Past", "order": 2, "statuses": ["inactive"]}]  # fmt: skip
STATUSES = [
    {"code": "lead", "label": "Lead", "color": "#111111", "ended": False},
    {"code": "customer", "label": "Customer", "color": "#222222", "ended": False},
    {"code": "vip", "label": "VIP", "color": "#333333", "ended": False},
    {"code": "inactive", "label": "Inactive", "color": "#444444", "ended": True},
]
Ask = Callable[..., Page]


def ids(page: Page) -> list[str]:
    return [orjson.loads(value)["client_id"] for value in page.cards]


@pytest.fixture
def use(shelf: Shelf) -> Callable[[Callable[[Reader, Table], Coroutine[Any, Any, Any]]], Any]:
    """Runs something with a reader of the business."""
    url = shelf.redis.get_connection_kwargs()
    space = shelf.keys.prefix.rsplit(":", 2)[0]

    def run(what: Callable[[Reader, Table], Coroutine[Any, Any, Any]]) -> Any:
        async def inner() -> Any:
            async with Redis(host=url["host"], port=url["port"]) as redis:
                return await what(*await Tables(redis, space).reader(BUSINESS))

        return asyncio.run(inner())

    return run


@pytest.fixture
def ask(use: Any) -> Ask:
    """One page of a search."""

    def ask(*, limit: int = 50, cursor: str | None = None, **question: Any) -> Page:
        return use(lambda r, t: search(r, t, Question(**question), limit, cursor, NOW))

    return ask


def fill(shelf: Shelf) -> None:
    """A small business."""
    shelf.settle(BUSINESS, statuses=STATUSES, status_groups=GROUPS, fields=[{"field_id": "size", "type": "number"}])
    shelf.put(
        card(BUSINESS, "c1", name="Zoë O'Brien", emails=["Zoe@Example.org"], phones=["+31 6 1234 5678"], tags=["Gold"],
             created_at="2026-11-03T10:00:00Z", source="web", last_activity_at="2026-11-20T10:00:00Z"),
        card(BUSINESS, "c2", name="Anna Smit", status="customer", tags=["gold", "new"], phones=["040 123 4567"],
             last_activity_at="2026-01-02T10:00:00Z", outstanding={"EUR": "5.00"}),
        card(BUSINESS, "c3", name="Émile Zola", status="inactive", source="Web",
             upcoming=[{"booking_id": "b", "starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T11:00:00Z"}]),
        card(BUSINESS, "c4", name="annabel", status="vip", fields={"size": 5}, phones=["62 11 23"],
             created_at="2026-02-01T00:00:00Z"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("zo", {"c1", "c3"}), ("ZOE", {"c1"}), ("zoë obri", {"c1"}), ("zoë obrie n", set()), ("brien zoe", {"c1"}),
        ("ann", {"c2", "c4"}),
        ("emile", {"c3"}), ("zoe@example.ORG", {"c1"}), ("zoe@ex", {"c1"}), ("0612345678", {"c1"}),
        ("0031 6 1234-5678", {"c1"}), ("+31612345678", {"c1"}), ("(06) 12345678", {"c1"}), ("12345678", {"c1"}),
        ("+358 40 1234567", {"c2"}), ("+352 621123", {"c4"}),
        ("06 123", {"c1"}), ("06 1234 5", {"c1"}), ("+31 61", {"c1"}), ("040 1", set()), ("1234", {"c1", "c2"}),
        ("nobody", set()), ("c2", {"c2"}), ("  ", {"c1", "c2", "c3", "c4"}),
    ],
)  # fmt: skip
def test_h1_a_text_finds_names_addresses_numbers_and_ids(shelf: Shelf, ask: Ask, q: str, found: set[str]) -> None:
    fill(shelf)
    assert set(ids(ask(q=q, ended=True))) == found


def test_e5_a_merged_away_id_means_the_primary(shelf: Shelf, ask: Ask) -> None:
    fill(shelf)
    shelf.merge(BUSINESS, "c2", "c1")
    assert ids(ask(q="c2")) == ["c1"]
    assert ids(ask(q="anna smit")) == []


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"preset": "all"}, ["c2", "c4", "c1"]), ({"preset": "status:lead"}, ["c1"]),
        ({"preset": "status:inactive"}, ["c3"]), ({"preset": "status_group:active"}, ["c2", "c4"]),
        ({"preset": "status_group:past"}, ["c3"]), ({"preset": "tag: GOLD "}, ["c2", "c1"]),
        ({"preset": "lead"}, ["c1"]), ({"preset": "inactive"}, ["c3"]), ({"preset": "active"}, ["c2", "c4"]),
        ({"preset": "outstanding_payment"}, ["c2"]), ({"preset": "upcoming_booking", "ended": True}, ["c3"]),
        ({"preset": "quiet_for_90_days"}, ["c2", "c4"]), ({"preset": "quiet_90_days", "ended": True}, ["c2", "c4"]),
        ({"preset": "new_this_month"}, ["c1"]), ({"preset": "upcoming"}, []), ({"preset": "outstanding"}, ["c2"]),
        ({"preset": "upcoming", "ended": True}, ["c3"]), ({"preset": "quiet_90_days"}, ["c2", "c4"]),
        ({"status": "customer", "tag": "new"}, ["c2"]), ({"status": "customer", "preset": "status:lead"}, []),
        ({"status_group": "active", "tag": "gold"}, ["c2"]), ({"source": "WEB"}, ["c1"]),
        ({"created_from": "2026-02-01", "created_to": "2026-11-03"}, ["c4", "c1"]),
        ({"created_to": "2026-11-03T09:59:59Z"}, ["c2", "c4"]), ({"created_from": "2026-11-03T10:00:00Z"}, ["c1"]),
        ({"filter": {"field": "fields.size", "op": "gt", "value": 3}}, ["c4"]),
        ({"filter": {"field": "tags", "op": "has_all", "value": ["gold"]}, "q": "zo"}, ["c1"]),
        ({"filter": {"field": "ended", "op": "eq", "value": True}}, ["c3"]),
        ({"filter": {"field": "status", "op": "in", "value": ["inactive", "vip"]}}, ["c4", "c3"]),
        ({"filter": {"not": {"field": "status", "op": "eq", "value": "lead"}}}, ["c2", "c4"]),
        ({"sort": "created_at"}, ["c1", "c4", "c2"]), ({"sort": "last_activity_at"}, ["c1", "c2", "c4"]),
    ],
    ids=str,
)  # fmt: skip
def test_h2_predefined_and_advanced_filters(shelf: Shelf, ask: Ask, question: dict[str, Any], found: list[str]) -> None:
    fill(shelf)
    page = ask(**question)
    assert ids(page) == found
    assert page.total == len(found)
    assert page.next_cursor is None


def test_h3_ended_clients_are_left_out_and_counted(shelf: Shelf, ask: Ask) -> None:
    fill(shelf)
    assert (ask().total, ask().ended_hidden) == (3, 1)
    assert (ask(ended=True).total, ask(ended=True).ended_hidden) == (4, 0)
    assert ask(q="zola").ended_hidden == 1
    assert ask(preset="upcoming").ended_hidden == 1
    assert ask(tag="gold").ended_hidden == 0
    assert ask(filter={"field": "name", "op": "contains", "value": "z"}).ended_hidden == 1


@pytest.mark.parametrize(
    "question",
    [
        {"preset": "nice"}, {"status": "nope"}, {"status_group": "nope"}, {"preset": "status:"},
        {"created_from": "soon"}, {"created_to": "31-12-2026"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_there_is_refused(shelf: Shelf, ask: Ask, question: dict[str, str]) -> None:
    fill(shelf)
    with pytest.raises(InvalidQuestion, match=next(iter(question))):
        ask(**question)


def test_f3_a_filter_is_judged_by_the_fields_of_the_business(shelf: Shelf, ask: Ask) -> None:
    fill(shelf)
    with pytest.raises(InvalidFilter, match=r"filter: field 'fields\.colour'"):
        ask(filter={"field": "fields.colour", "op": "eq", "value": "red"})


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "WyJuYW1lIiwxLCJjMSJd", "W10", "ÿ"])
def test_a_cursor_of_ones_own_making_is_refused(shelf: Shelf, ask: Ask, cursor: str) -> None:
    fill(shelf)
    with pytest.raises(InvalidCursor):
        ask(cursor=cursor)


NAMES = st.sampled_from(["Anna", "anna", "Ánna Bo", "Bo", "Zoë", "", "Ö", "Ø"])
CLIENT = st.fixed_dictionaries(
    {
        "name": NAMES,
        "status": st.sampled_from(["lead", "customer", "vip", "inactive"]),
        "tags": st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
        "created_at": st.sampled_from(["2026-01-01T10:00:00Z", "2026-02-01T10:00:00.123Z", "2026-11-02T10:00:00Z"]),
        "last_activity_at": st.sampled_from([None, "2026-03-01T10:00:00Z", "2026-11-02T10:00:00.500Z"]),
    }
)
QUESTION = st.fixed_dictionaries(
    {"sort": st.sampled_from(["name", "created_at", "last_activity_at"])},
    optional={
        "status": st.sampled_from(["lead", "inactive"]), "status_group": st.sampled_from(["active", "past"]),
        "tag": st.sampled_from(["a", "b", "c"]), "ended": st.booleans(), "q": st.sampled_from(["an", "bo", "ö"]),
        "created_from": st.just("2026-02-01"),
        "filter": st.sampled_from([
            {"field": "name", "op": "exists"}, {"field": "tags", "op": "contains", "value": "a"},
            {"any": [
                {"field": "status", "op": "eq", "value": "inactive"}, {"field": "tags", "op": "eq", "value": "b"}]},
        ]),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    clients=st.lists(CLIENT, max_size=30),
    question=QUESTION,
    limit=st.integers(1, 9),
    gathered=st.sampled_from([0, 5, 1000]),
)
def test_h2_gathering_walking_and_exporting_find_the_same(
    shelf: Shelf, ask: Ask, use: Any, clients: list[dict[str, Any]], question: dict[str, Any], limit: int, gathered: int
) -> None:
    """Whether few are gathered or the order is walked through, page by page: the same clients, each once, in order."""
    shelf.redis.flushall()
    shelf.settle(BUSINESS, statuses=STATUSES, status_groups=GROUPS)
    told = [{name: value for name, value in client.items() if value is not None} for client in clients]
    shelf.put(*(card(BUSINESS, f"c{number}", **client) for number, client in enumerate(told)))
    whole = ask(limit=1000, **question)
    before = searching.FEW
    searching.FEW = gathered  # type: ignore[misc]
    try:
        found: list[str] = []
        cursor = None
        while True:
            page = ask(limit=limit, cursor=cursor, **question)
            found += ids(page)
            assert (page.total, page.ended_hidden) == (whole.total, whole.ended_hidden)
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert found == ids(whole)
        assert len(found) == whole.total
        assert sorted(found) == use(lambda r, t: find_all(r, t, Question(**question), NOW))
    finally:
        searching.FEW = before  # type: ignore[misc]


def test_a_cursor_survives_changes(shelf: Shelf, ask: Ask) -> None:
    """What stands on both pages moves, goes and comes; nobody is shown twice or left out for it."""
    shelf.put(*(card(BUSINESS, f"c{n}", name=f"N{n}", created_at=f"2026-01-0{n}T10:00:00Z") for n in range(1, 8)))
    for sort, rest in (("name", ["c4", "c5", "c6", "c7", "c9"]), ("created_at", ["c4", "c3", "c2", "c1"])):
        first = ask(limit=3, sort=sort)
        shelf.put(card(BUSINESS, "c0", name="A", created_at="2026-03-01T10:00:00Z"))
        shelf.put(card(BUSINESS, "c9", name="Z", created_at="2026-03-02T10:00:00Z"))
        shelf.drop(BUSINESS, ids(first)[-1])
        assert ids(ask(limit=9, sort=sort, cursor=first.next_cursor)) == rest
        shelf.drop(BUSINESS, "c0")
        shelf.drop(BUSINESS, "c9")
        shelf.put(*(card(BUSINESS, f"c{n}", name=f"N{n}", created_at=f"2026-01-0{n}T10:00:00Z") for n in range(1, 8)))
