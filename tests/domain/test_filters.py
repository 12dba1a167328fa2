"""The filter language (F3) over clients: what matches, and what is refused when a filter is defined."""

import pytest

from tests.domain.filtering import EVERY_OPERATOR, NOON, OWN, card_of, leaf, matches, someone
from worker.domain.card import Counts, Score
from worker.domain.filter_kinds import MAX_TEXT, MAX_VALUES
from worker.domain.filters import MAX_LEVELS, MAX_NODES, Client, InvalidFilter, client, for_clients


def refusal(filter_: object) -> str:
    with pytest.raises(InvalidFilter) as refused:
        for_clients(filter_, OWN)
    return str(refused.value)


# --- all, any, not ----------------------------------------------------------------------------------------------------

YES = leaf("status", "eq", "lead")
NO = leaf("status", "eq", "vip")


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("wrong", [None, 0, -1])
def test_f3_all_needs_every_one(n: int, wrong: int | None) -> None:
    nodes = [YES] * n
    if wrong is not None:
        nodes[wrong] = NO
    assert for_clients({"all": nodes}, OWN)(someone()) is (wrong is None)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("right", [None, 0, -1])
def test_any_needs_one(n: int, right: int | None) -> None:
    nodes = [NO] * n
    if right is not None:
        nodes[right] = YES
    assert for_clients({"any": nodes}, OWN)(someone()) is (right is not None)


def test_all_of_none_is_true_and_any_of_none_is_false() -> None:
    assert for_clients({"all": []}, OWN)(someone())
    assert not for_clients({"any": []}, OWN)(someone())


def test_not_turns_round() -> None:
    assert for_clients({"not": NO}, OWN)(someone())
    assert not for_clients({"not": {"not": NO}}, OWN)(someone())


# --- clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "field", "op", "value"),
    [
        (someone(status="vip"), "status", "eq", "vip"),
        (someone(status="vip"), "status", "ne", "lead"),
        (someone(status="vip"), "status", "in", ["lead", "vip"]),
        (someone(status="vip"), "status", "not_in", ["lead", "customer"]),
        (someone(groups=["active", "paying"]), "status_group", "eq", "paying"),
        (someone(groups=["active", "paying"]), "status_group", "has_all", ["paying", "active"]),
        (someone(groups=["active"]), "status_group", "has_none", ["paying"]),
        (someone(), "status_group", "exists", False),
        (someone(ended=True), "ended", "eq", True),
        (someone(), "ended", "eq", False),
        (someone(), "ended", "ne", True),
        (someone(source="website_widget"), "source", "starts_with", "Website"),
        (someone(name="Émile Zola"), "name", "contains", "ÉMILE"),
        (someone(name="Émile Zola"), "name", "contains", "e\u0301mile"),
        (someone(name="Anna"), "name", "eq", "ANNA"),
        (someone(emails=["a@x.example", "B@y.example"]), "email", "eq", "b@Y.example"),
        (someone(emails=["a@x.example", "b@y.example"]), "email", "contains", "@y."),
        (someone(emails=["a@x.example"]), "email", "not_in", ["b@y.example"]),
        (someone(phones=["+39 06 1234"]), "phone", "eq", "0039-06-1234"),
        (someone(phones=["0039 06 1234"]), "phone", "starts_with", "+39"),
        (someone(phones=["(06) 12-34"]), "phone", "contains", "1234"),
        (someone(phones=["unknown"]), "phone", "eq", "Unknown"),
        (someone(staff_id="s1"), "staff_id", "eq", "s1"),
        (someone(client_type="A"), "client_type", "in", ["A", "B"]),
        (someone(industry="food"), "industry", "exists", True),
        (someone(headcount="10-49"), "headcount", "eq", "10-49"),
        (someone(score=Score(4.5, 2)), "score", "gte", 4.5),
        (someone(score=Score(4.67, 3)), "score", "eq", 4.67),
        (someone(counts=Counts(attended=3)), "counts.attended", "gt", 2),
        (someone(counts=Counts(attended=3)), "counts.attended", "in", [1, 3.0]),
        (someone(), "counts.invoices", "eq", 0),
        (someone(fields={"size": 42.5}), "fields.size", "lt", 43),
        (someone(fields={"born": "1990-02-28"}), "fields.born", "lt", "1990-03-01"),
        (someone(fields={"born": "1990-02-28"}), "fields.born", "lte", "1990-02-28"),
        (someone(fields={"vegan": False}), "fields.vegan", "eq", False),
        (someone(fields={"vegan": False}), "fields.vegan", "exists", True),
        (someone(fields={"shoe": "red"}), "fields.shoe", "in", ["red", "blue"]),
        (someone(fields={"site": "https://Zola.example/x"}), "fields.site", "contains", "zola"),
        (someone(fields={"mobile": "+31 6 12"}), "fields.mobile", "eq", "0031612"),
        (someone(fields={"motto": "Carpe diem"}), "fields.motto", "starts_with", "carpe"),
    ],
)
def test_f3_a_client_matches_and_its_opposite_does_not(subject: Client, field: str, op: str, value: object) -> None:
    assert matches(subject, field, op, value)
    assert not for_clients({"not": leaf(field, op, value)}, OWN)(subject)


@pytest.mark.parametrize(
    ("subject", "field", "op", "value"),
    [
        (someone(status="vip"), "status", "eq", "VIP"),
        (someone(staff_id="s1"), "staff_id", "eq", "S1"),
        (someone(fields={"shoe": "red"}), "fields.shoe", "eq", "Red"),
        (someone(emails=["a@x.example", "b@x.example"]), "email", "ne", "b@x.example"),
        (someone(name="Anna"), "name", "starts_with", "nna"),
        (someone(score=Score(4.5, 2)), "score", "gt", 4.5),
        (someone(phones=["+39 06 1234"]), "phone", "eq", "06 1234"),
        (someone(fields={"vegan": True}), "fields.vegan", "eq", False),
    ],
)
def test_a_client_does_not_match(subject: Client, field: str, op: str, value: object) -> None:
    assert not matches(subject, field, op, value)


@pytest.mark.parametrize("op", ["eq", "contains"])
@pytest.mark.parametrize("asked", ["GOLD  card", " gold card ", "Gold\u00a0Card"])
def test_tags_are_compared_by_their_identity(op: str, asked: str) -> None:
    assert matches(someone(tags=["Gold card", "x"]), "tags", op, asked)
    assert not matches(someone(tags=["Gold"]), "tags", op, asked)


def test_tags_as_sets() -> None:
    subject = someone(tags=["Gold", "new"])
    assert matches(subject, "tags", "has_any", ["gold", "old"])
    assert not matches(subject, "tags", "has_all", ["gold", "old"])
    assert matches(subject, "tags", "has_all", ["NEW", "GOLD"])
    assert matches(subject, "tags", "has_none", ["old"])
    assert not matches(subject, "tags", "has_none", ["old", "New"])
    assert matches(subject, "tags", "in", ["new"])
    assert matches(someone(), "tags", "exists", False)


def test_a_tag_that_was_removed_is_not_there() -> None:
    card = card_of(tags=["gold"])
    card.tags.clear()
    assert not matches(client(card, ended=False), "tags", "has_any", ["gold"])


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", "2026-01-01T13:00:00+01:00", True),
        ("eq", "2026-01-01T12:00:00.000400Z", True),
        ("eq", "2026-01-01T12:00:00.001Z", False),
        ("lt", "2026-01-01T12:00:00Z", False),
        ("lte", "2026-01-01T12:00:00Z", True),
        ("gt", "2026-01-01T06:59:59-05:00", True),
        ("gte", "2026-01-01T12:00:00.001Z", False),
        ("eq", "2026-01-01", True),
        ("ne", "2026-01-01", False),
        ("gt", "2026-01-01", False),
        ("gte", "2026-01-01", True),
        ("lte", "2026-01-01", True),
        ("lt", "2026-01-01", False),
        ("lt", "2026-01-02", True),
        ("gt", "2025-12-31", True),
        ("in", ["2025-01-01", "2026-01-01"], True),
    ],
)
def test_times_are_moments_and_a_day_is_all_of_it(op: str, value: object, expected: bool) -> None:
    assert matches(someone(created=NOON), "created_at", op, value) is expected
    assert matches(someone(active=NOON), "last_activity_at", op, value) is expected


NEGATIVE = {"ne": "x", "not_in": ["x"], "has_none": ["x"]}


@pytest.mark.parametrize("field", ["name", "email", "phone", "source", "staff_id", "industry", "fields.motto", "tags"])
def test_what_has_no_value_is_only_found_by_what_excludes(field: str) -> None:
    subject = someone(emails=[], name="", fields={"motto": None})
    for op in ("eq", "contains", "starts_with", "in", "has_any", "has_all", *NEGATIVE):
        value: object = ["x"] if op.startswith("has") or op.endswith("in") else "x"
        try:
            test = for_clients(leaf(field, op, value), OWN)
        except InvalidFilter:
            continue
        assert test(subject) is (op in NEGATIVE)
    assert matches(subject, field, "exists", False)
    assert not matches(subject, field, "exists", True)
    assert not for_clients({"field": field, "op": "exists"}, OWN)(subject)


@pytest.mark.parametrize("op", ["lt", "lte", "gt", "gte", "eq"])
@pytest.mark.parametrize(
    ("field", "value"), [("score", 3), ("last_activity_at", "2026-01-01"), ("fields.born", "2026-01-01")]
)
def test_without_a_value_nothing_is_before_or_after(field: str, op: str, value: object) -> None:
    assert not matches(someone(), field, op, value)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape",
    [
        None, [], "status", 3, True, {}, {"all": [], "any": []}, {"not": YES, "op": "eq"}, {"nor": []}, {"all": YES},
        {"any": None}, {"all": [None]}, {"not": []}, {"field": "status"}, {"op": "eq", "value": 1},
        {**YES, "note": "x"}, leaf(3, "eq", "x"), leaf("status", 3, "x"), leaf("status", None, "x"),
        leaf("status", ["eq"], "x"),
    ],
)  # fmt: skip
def test_f3_what_is_no_filter_is_refused_with_its_place(shape: object) -> None:
    assert refusal(shape).startswith("data.filter")
    assert refusal({"all": [YES, {"not": shape}]}).startswith("data.filter.all[1].not")


@pytest.mark.parametrize(
    "field", ["", "nam", "Status", "counts", "counts.", "counts.cakes", "fields", "fields.", "fields.unknown", "state"]
)
def test_an_unknown_field_is_refused(field: str) -> None:
    assert "field" in refusal(leaf(field, "exists", True))


def test_an_unknown_operator_is_refused_and_all_are_named() -> None:
    assert all(op in refusal(leaf("status", "like", "x")) for op in EVERY_OPERATOR)


FITS = {
    "status": "eq ne in not_in exists",
    "ended": "eq ne exists",
    "tags": "eq ne in not_in exists contains has_any has_all has_none",
    "status_group": "eq ne in not_in exists contains has_any has_all has_none",
    "name": "eq ne in not_in exists contains starts_with",
    "email": "eq ne in not_in exists contains starts_with",
    "phone": "eq ne in not_in exists contains starts_with",
    "created_at": "eq ne in not_in exists lt lte gt gte",
    "score": "eq ne in not_in exists lt lte gt gte",
    "counts.payments": "eq ne in not_in exists lt lte gt gte",
    "fields.size": "eq ne in not_in exists lt lte gt gte",
    "fields.born": "eq ne in not_in exists lt lte gt gte",
    "fields.vegan": "eq ne exists",
    "fields.shoe": "eq ne in not_in exists",
    "fields.motto": "eq ne in not_in exists contains starts_with",
}
GOOD = {
    "ended": True,
    "created_at": "2026-01-01",
    "score": 1,
    "counts.payments": 1,
    "fields.size": 1,
    "fields.born": "2026-01-01",
    "fields.vegan": True,
}


@pytest.mark.parametrize("op", EVERY_OPERATOR)
@pytest.mark.parametrize("field", FITS)
def test_f3_an_operator_that_does_not_fit_the_field_is_refused(field: str, op: str) -> None:
    one = GOOD.get(field, "x")
    value = True if op == "exists" else [one] if op in {"in", "not_in", "has_any", "has_all", "has_none"} else one
    if op in FITS[field].split():
        for_clients(leaf(field, op, value), OWN)
    else:
        assert "does not fit" in refusal(leaf(field, op, value))


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("name", "eq", 3),
        ("name", "eq", None),
        ("name", "eq", ""),
        ("name", "eq", ["x"]),
        ("name", "eq", {"x": 1}),
        ("name", "contains", "x" * (MAX_TEXT + 1)),
        ("name", "in", "x"),
        ("name", "in", []),
        ("name", "in", [["x"]]),
        ("name", "in", ["x"] * (MAX_VALUES + 1)),
        ("name", "exists", "yes"),
        ("name", "exists", 1),
        ("ended", "eq", "true"),
        ("ended", "eq", 1),
        ("score", "gt", "3"),
        ("score", "gt", True),
        ("created_at", "gt", "yesterday"),
        ("created_at", "gt", "2026-01-01T10:00:00"),
        ("created_at", "gt", "2026-02-30"),
        ("created_at", "gt", 1767268800),
        ("fields.born", "eq", "2026-01-01T10:00:00Z"),
        ("tags", "has_any", ["a,b"]),
        ("tags", "has_any", ["x" * 65]),
        ("tags", "eq", "  "),
        ("tags", "has_all", ["a\x00b"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(field: str, op: str, value: object) -> None:
    message = refusal({"any": [YES, leaf(field, op, value)]})
    assert message.startswith(f"data.filter.any[1]: field '{field}': ")
    assert len(message) < 400


def test_f3_the_number_of_nodes_has_a_bound() -> None:
    for_clients({"all": [YES] * (MAX_NODES - 1)}, OWN)
    assert "at most 50 nodes" in refusal({"all": [YES] * MAX_NODES})


def test_f3_the_number_of_levels_has_a_bound() -> None:
    def nested(levels: int) -> object:
        return YES if levels == 1 else {"not": nested(levels - 1)}

    for_clients(nested(MAX_LEVELS), OWN)
    assert "at most 8 levels" in refusal(nested(MAX_LEVELS + 1))
    assert "at most 8 levels" in refusal(nested(60))


@pytest.mark.parametrize(
    ("field", "op", "value"), [("tags", "has_none", []), ("status", "not_in", []), ("name", "ne", "")]
)
def test_f3_a_refusal_names_the_operator_that_was_used(field: str, op: str, value: object) -> None:
    assert f"{op} needs" in refusal(leaf(field, op, value))


def test_a_stored_filter_outlives_its_own_fields() -> None:
    subject = someone(fields={"size": 5})
    for own in ({}, {"size": "bool"}):
        assert not for_clients(leaf("fields.size", "gt", 3), own, stored=True)(subject)
        assert for_clients(leaf("fields.size", "not_in", [3]), own, stored=True)(subject)
    assert for_clients(leaf("fields.size", "exists", False), {}, stored=True)(subject)
    with pytest.raises(InvalidFilter):
        for_clients(leaf("size", "gt", 3), {}, stored=True)


def test_a_value_of_a_type_that_the_field_no_longer_has_is_not_compared() -> None:
    subject = someone(fields={"size": "large", "born": "never", "motto": 3, "mobile": True, "shoe": 4, "vegan": 1})
    assert not matches(subject, "fields.size", "gte", 0)
    assert not matches(subject, "fields.born", "gt", "1900-01-01")
    assert not matches(subject, "fields.motto", "contains", "3")
    assert not matches(subject, "fields.mobile", "eq", "1")
    assert not matches(subject, "fields.shoe", "in", ["4"])
    assert not matches(subject, "fields.vegan", "eq", True)
