"""The filter language (F3) over the data of events (D6): the filter's value says how it is compared."""

import pytest

from tests.domain.filtering import happens, leaf
from worker.domain.filters import InvalidFilter, for_events

EVENT = {
    "client_id": "c1",
    "campaign_id": "spring",
    "title": "Spring Sale",
    "amount": "120.50",
    "score": 4,
    "share": 0.1,
    "fee": "0.10",
    "done": False,
    "starts_at": "2026-03-01T10:00:00+01:00",
    "due_on": "2026-03-31",
    "address": {"city": {"name": "Rome"}, "zip": ""},
    "labels": ["a", "Bee", 3],
    "people": [{"name": "x"}],
    "tags": ["New", " very  OLD "],
    "blank": None,
    "empty": [],
}


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("campaign_id", "eq", "spring"),
        ("campaign_id", "in", ["autumn", "spring"]),
        ("title", "contains", "SALE"),
        ("title", "starts_with", "spring"),
        ("amount", "gte", 120.5),
        ("amount", "gt", "99"),
        ("amount", "eq", 120.5),
        ("amount", "eq", "120.50"),
        ("share", "eq", 0.1),
        ("fee", "eq", 0.1),
        ("fee", "in", [0.1]),
        ("share", "lt", 0.2),
        ("score", "in", [4, 5]),
        ("done", "eq", False),
        ("done", "exists", True),
        ("starts_at", "eq", "2026-03-01T09:00:00Z"),
        ("starts_at", "lt", "2026-03-02"),
        ("starts_at", "eq", "2026-03-01"),
        ("due_on", "gt", "2026-03-30"),
        ("due_on", "eq", "2026-03-31"),
        ("due_on", "gt", "2026-03-30T23:00:00Z"),
        ("address.city.name", "eq", "Rome"),
        ("address.zip", "exists", False),
        ("address.street", "ne", "x"),
        ("labels", "contains", "a"),
        ("labels", "eq", 3),
        ("labels", "starts_with", "be"),
        ("labels", "has_all", ["a", 3]),
        ("labels", "has_none", ["b"]),
        ("people.name", "exists", False),
        ("tags", "has_all", ["NEW", "very old"]),
        ("tags", "contains", "new"),
        ("blank", "exists", False),
        ("empty", "exists", False),
        ("nothing", "not_in", ["x"]),
        ("campaign_id", "has_any", ["spring"]),
    ],
)
def test_an_event_matches_and_its_opposite_does_not(field: str, op: str, value: object) -> None:
    assert happens(EVENT, field, op, value)
    assert not for_events({"not": leaf(field, op, value)})(EVENT)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("campaign_id", "eq", "Spring"),
        ("amount", "eq", "120.5"),
        ("score", "eq", "4"),
        ("score", "eq", True),
        ("done", "eq", 0),
        ("done", "lt", 1),
        ("title", "gt", 3),
        ("title", "gt", "2026-01-01"),
        ("labels", "contains", "be"),
        ("score", "contains", "4"),
        ("people", "contains", "x"),
        ("address", "eq", "Rome"),
        ("address", "contains", "Rome"),
        ("labels.0", "eq", "a"),
        ("nothing", "lt", 3),
    ],
)
def test_an_event_does_not_match(field: str, op: str, value: object) -> None:
    assert not happens(EVENT, field, op, value)


def test_tags_of_an_imported_row_may_be_one_text() -> None:
    data = {"tags": "New, very  old,, "}
    assert happens(data, "tags", "has_all", ["new", "VERY OLD"])
    assert not happens(data, "tags", "has_any", ["very"])
    assert not happens({"tags": " , "}, "tags", "exists", True)
    assert not happens({"tags": 3}, "tags", "exists", True)


@pytest.mark.parametrize("field", ["", ".", "a..b", ".a", "a."])
def test_a_path_with_an_empty_part_is_refused(field: str) -> None:
    with pytest.raises(InvalidFilter, match="empty part"):
        for_events(leaf(field, "eq", "x"))


@pytest.mark.parametrize("value", ["soon", True, "2026-02-30"])
def test_order_needs_something_that_has_one(value: object) -> None:
    with pytest.raises(InvalidFilter, match=r"data\.where: field 'a': lt needs a number"):
        for_events(leaf("a", "lt", value))
