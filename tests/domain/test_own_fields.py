"""G2: own fields of a business, and the values that clients have in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver
from tests.domain.histories import PROFILE, slot
from topics.clients import MAX_FIELDS
from worker.domain.field_words import MAX_FILLS


def define(salon: Driver, field_id: str = "size", type_: str = "text", **data: Any) -> dict[str, Any]:
    return salon.ask("field.define", "08:00", field_id=field_id, type=type_, **{"label": "Size", **data})


def fields(salon: Driver, client: str = "c1") -> dict[str, Any]:
    return salon.card(client).get("fields", {})


def update(salon: Driver, time: str, client: str = "c1", **values: Any) -> None:
    salon.tell("client.updated", time, client_id=client, fields=values)


def touched(salon: Driver, field_id: str = "size") -> int:
    """How many clients would lose a value if the field were removed."""
    answer = salon.ask("field.remove", "20:00", field_id=field_id, dry_run=True)
    assert answer["result"] == "applied"
    return int(answer["totals"]["changed"])


def test_g2_the_fields_are_published_for_the_forms(salon: Driver) -> None:
    salon.ask("automation.set", "07:00", locale="nl")
    answer = define(salon, "size", "choice", choices=["S", "M"], required=True, forms=["booking", "registration"])
    assert (answer["result"], answer["revision"]) == ("applied", 2)
    define(salon, "born", "date", label={"en": "Born", "nl": "Geboren"})
    assert salon.settings["fields"] == [
        {
            "field_id": "size", "label": "Size", "labels": {}, "type": "choice", "choices": ["S", "M"],
            "required": True, "forms": ["booking", "registration"],
        },
        {
            "field_id": "born", "label": "Geboren", "labels": {"en": "Born", "nl": "Geboren"}, "type": "date",
            "required": False, "forms": [],
        },
    ]  # fmt: skip
    salon.restart()
    define(salon, "size", "choice", label="Shirt")  # C1: what is not named stays
    (size, _) = salon.settings["fields"]
    assert (size["label"], size["choices"], size["required"], size["forms"]) == (
        "Shirt", ["S", "M"], True, ["booking", "registration"],
    )  # fmt: skip
    define(salon, "size", "text", required=False)
    (size, _) = salon.settings["fields"]
    assert (size["type"], "choices" in size, size["required"]) == ("text", False, False)


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("field.define", {"field_id": "x", "label": "X", "type": "choice"}, "invalid_data"),
        ("field.define", {"field_id": "x", "label": "X", "type": "text", "choices": ["a"]}, "invalid_data"),
        ("field.define", {"field_id": "size", "label": "X", "type": "choice"}, "invalid_data"),
        ("field.define", {"field_id": "x", "label": "X", "type": "colour"}, "invalid_data"),
        ("field.define", {"field_id": "x", "type": "text"}, "invalid_data"),
        ("field.define", {"field_id": "x y", "label": "X", "type": "text"}, "invalid_data"),
        ("field.remove", {"field_id": "x"}, "unknown_field"),
    ],
)
def test_c4_what_cannot_be_defined_or_removed_changes_nothing(
    salon: Driver, type_: str, data: dict[str, Any], code: str
) -> None:
    define(salon)
    before = salon.settings
    answer = salon.ask(type_, "09:00", **data)
    assert (answer["result"], [e["code"] for e in answer["errors"]]) == ("rejected", [code])
    assert salon.settings == before


def test_g2_the_number_of_fields_has_a_bound(salon: Driver) -> None:
    for number in range(MAX_FIELDS):
        define(salon, f"f{number}")
    assert define(salon, "more")["errors"][0]["code"] == "invalid_data"
    assert define(salon, "f7", "number")["result"] == "applied"
    salon.tell("client.created", "09:00", client_id="c1", fields={f"f{n}": "x" for n in range(MAX_FIELDS) if n != 7})
    salon.tell("client.updated", "10:00", client_id="c1", fields=None)
    salon.restart()
    assert fields(salon) == {}


@pytest.mark.parametrize("type_", ["client.created", "client.imported", "client.updated"])
def test_g2_values_are_on_the_card_as_they_are_checked(salon: Driver, type_: str) -> None:
    define(salon, "size")
    define(salon, "born", "date")
    define(salon, "vegan", "bool")
    salon.tell(type_, "09:00", client_id="c1", fields={"size": " M ", "born": "2000-01-31", "vegan": None})
    assert fields(salon) == {"size": "M", "born": "2000-01-31"}
    assert [touched(salon, f) for f in ("size", "born", "vegan")] == [1, 1, 0]


@pytest.mark.parametrize("type_", ["client.created", "client.imported", "client.updated"])
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"born": "yesterday", "colour": "red"}, "unknown_field"),
        ({"size": "M", "born": "yesterday"}, "invalid_field_value"),
        ({"born": 5}, "invalid_field_value"),
        ({"shoe": "41"}, "invalid_field_value"),
        ({"colour": None}, "unknown_field"),
    ],
)
def test_g2_a_record_with_an_unknown_field_or_a_wrong_value_is_dead_lettered_whole(
    salon: Driver, type_: str, values: dict[str, Any], code: str
) -> None:
    define(salon, "size")
    define(salon, "born", "date")
    define(salon, "shoe", "choice", choices=["42", "43"])
    salon.tell(type_, "09:00", client_id="c1", name="Ann", fields=values)
    assert salon.dead_codes == [code]
    assert not salon.has_card("c1")
    salon.tell("client.created", "09:00", client_id="c1", fields={"size": "S"})
    before = salon.card("c1")
    salon.tell(type_, "10:00", client_id="c1", name="Ann", fields=values)
    assert salon.dead_codes == [code, code]
    assert salon.card("c1") == before
    assert (touched(salon, "size"), touched(salon, "born")) == (1, 0)


def test_g2_a_record_that_was_refused_can_be_sent_again_once_the_field_is_there(salon: Driver) -> None:
    event = salon.event("client.created", "09:00", client_id="c1", fields={"size": "M"})
    salon.feed([event])
    define(salon)
    salon.feed([event])
    assert fields(salon) == {"size": "M"}


def test_g2_a_required_field_binds_the_forms_and_nobody_else(salon: Driver) -> None:
    define(salon, required=True)
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("client.imported", "09:00", client_id="c2", name="Bo")
    update(salon, "10:00", size="M")
    update(salon, "11:00", size=None)
    assert salon.dead_codes == []
    assert fields(salon) == {}


def test_g2_the_later_update_of_each_field_counts_and_null_clears(salon: Driver) -> None:
    define(salon, "size")
    define(salon, "note")
    update(salon, "11:00", size="L", note="a")
    update(salon, "10:00", size="S", note=None)
    assert fields(salon) == {"size": "L", "note": "a"}
    update(salon, "12:00", note=None)
    update(salon, "11:30", note="late")
    assert fields(salon) == {"size": "L"}
    salon.tell("client.updated", "13:00", client_id="c1", name="Ann")
    assert fields(salon) == {"size": "L"}
    salon.tell("client.updated", "14:00", client_id="c1", fields=None)
    update(salon, "13:30", size="late")
    assert fields(salon) == {}
    assert touched(salon) == 0


def test_g2_a_creation_fills_in_what_is_blank(salon: Driver) -> None:
    define(salon, "size")
    define(salon, "note")
    update(salon, "10:00", size="L")
    salon.tell("client.created", "11:00", client_id="c1", fields={"size": "S", "note": "first"})
    salon.tell("client.imported", "12:00", client_id="c1", fields={"size": "M", "note": "second"})
    assert fields(salon) == {"size": "L", "note": "first"}
    salon.tell("client.imported", "09:00", client_id="c1", fields={"size": "XS", "note": "earliest"})
    assert fields(salon) == {"size": "L", "note": "earliest"}


def test_p2_imports_behind_a_clearing_that_comes_late_fill_the_blank(salon: Driver) -> None:
    define(salon)
    for time, value in (("10:00", "a"), ("10:00", "a"), ("11:00", "b"), ("12:00", "c"), ("13:00", "d")):
        salon.tell("client.imported", time, client_id="c1", fields={"size": value})
    assert fields(salon) == {"size": "a"}
    update(salon, "12:30", size=None)
    assert fields(salon) == {"size": "d"}
    update(salon, "12:15", size="late")
    assert fields(salon) == {"size": "d"}
    update(salon, "13:30", size=None)
    salon.restart()
    assert fields(salon) == {}


def test_g2_values_stay_when_a_field_changes_and_the_next_must_fit(salon: Driver) -> None:
    define(salon, "size")
    update(salon, "09:00", size="M")
    define(salon, "size", "number")
    update(salon, "10:00", size="L")
    assert (fields(salon), salon.dead_codes) == ({"size": "M"}, ["invalid_field_value"])
    update(salon, "11:00", size=42)
    salon.restart()
    assert fields(salon) == {"size": 42}


def test_g2_a_field_that_no_client_uses_goes_at_once(salon: Driver) -> None:
    define(salon)
    update(salon, "09:00", size="M")
    update(salon, "10:00", size=None)
    (told,) = salon.tell("field.remove", "11:00", field_id="size")
    assert (told["type"], told["data"]["revision"]) == ("command.applied", 2)
    assert told["data"]["totals"] == {"clients": 1, "changed": 0}
    assert salon.settings["fields"] == []
    update(salon, "12:00", size="L")
    assert salon.dead_codes == ["unknown_field"]


def test_g2_a_field_in_use_goes_with_its_values(salon: Driver) -> None:
    define(salon)
    define(salon, "note")
    for client in ("c1", "c2"):
        update(salon, "09:00", client, size="M", note="x")
    salon.tell("client.created", "09:00", client_id="c3")
    rehearsed = salon.ask("field.remove", "10:00", field_id="size", dry_run=True)
    assert (rehearsed["totals"], rehearsed["revision"]) == ({"clients": 3, "changed": 2}, 2)
    assert [f["field_id"] for f in salon.settings["fields"]] == ["size", "note"]
    removal = salon.event("field.remove", "11:00", field_id="size")
    assert salon.feed([removal]) == []
    for time in ("10:30", "12:00"):  # older than the removal, and newer
        update(salon, time, size="L")
    assert salon.dead_codes == ["unknown_field", "unknown_field"]
    salon.restart()
    *progress, answer = salon.settle()
    assert [(o["type"], o["data"]["done"], o["data"]["total"]) for o in progress] == [("command.progress", 3, 3)]
    assert (answer["type"], answer["data"]["revision"]) == ("command.applied", 3)
    assert (answer["data"]["totals"], answer["data"]["applied"]) == ({"clients": 3, "changed": 2}, ["c1", "c2"])
    assert [fields(salon, c) for c in ("c1", "c2", "c3")] == [{"note": "x"}, {"note": "x"}, {}]
    assert [f["field_id"] for f in salon.settings["fields"]] == ["note"]
    assert salon.feed([removal]) == [answer]
    salon.restart()


def test_g2_k1_while_values_go_every_input_meets_the_card_without_them(salon: Driver) -> None:
    define(salon)
    update(salon, "09:00", "c1", size="M")
    update(salon, "09:00", "c2", size="M")
    assert salon.tell("field.remove", "10:00", field_id="size") == []
    salon.tell("client.noted", "10:30", client_id="c1", text="x")
    assert (fields(salon, "c1"), fields(salon, "c2")) == ({}, {"size": "M"})
    define(salon, "size", "number")
    update(salon, "10:45", "c1", size=5)
    update(salon, "08:45", "c2", size=6)  # older than the value that went: it is not remembered
    salon.tell("client.created", "10:45", client_id="c3", fields={"size": 7})
    salon.restart()
    salon.settle()
    assert [fields(salon, c) for c in ("c1", "c2", "c3")] == [{"size": 5}, {"size": 6}, {"size": 7}]
    assert touched(salon) == 3


def test_what_was_said_of_fields_that_are_gone_is_not_kept_for_ever(salon: Driver) -> None:
    for number in range(MAX_FIELDS + 50):
        define(salon, f"f{number}")
        update(salon, "09:00", **{f"f{number}": "x"})
        update(salon, "10:00", **{f"f{number}": None})
        salon.ask("field.remove", "11:00", field_id=f"f{number}")
    assert len(str(salon.card("c1")["state"])) < 3_000


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("field.define", {"field_id": "size", "label": "Changed", "type": "number"}),
        ("field.define", {"field_id": "new", "label": "New", "type": "choice", "choices": ["a"]}),
        ("field.remove", {"field_id": "size"}),
        ("field.remove", {"field_id": "unused"}),
    ],
)
def test_c5_c6_a_dry_run_changes_nothing_and_a_repeat_is_answered_alike(
    salon: Driver, type_: str, data: dict[str, Any]
) -> None:
    define(salon, "size")
    define(salon, "unused")
    update(salon, "09:00", size="M")
    salon.settle()
    before = salon.settings, salon.card("c1")
    assert salon.ask(type_, "10:00", **data, dry_run=True)["result"] == "applied"
    salon.settle()
    assert (salon.settings, salon.card("c1")) == before
    message = salon.event(type_, "10:00", **data)
    told = [*salon.feed([message]), *salon.settle()]
    revision = salon.settings["revision"]
    salon.restart()
    assert salon.feed([message]) == told[-1:]
    assert salon.settings["revision"] == revision == before[0]["revision"] + 1


VALUES = st.sampled_from(["a", "b", None])


@st.composite
def sayings(draw: st.DrawFn, ties: bool = False) -> list[dict[str, Any]]:
    """Creations and updates of one client's own field, in no order."""
    driver = Driver()
    times = st.lists(st.integers(0, 2), min_size=8, max_size=8) if ties else st.permutations(range(8))
    slots = draw(times)
    updates = draw(st.integers(0, 4))
    creations = draw(st.integers(0, MAX_FILLS + 1))
    return [
        driver.event(
            "client.updated" if number < updates else draw(st.sampled_from(["client.created", "client.imported"])),
            slot(slots[number]),
            id=f"e{number}",
            client_id="c1",
            fields={"size": draw(VALUES)},
        )
        for number in range(updates + creations)
    ]


def as_they_happened(events: list[dict[str, Any]]) -> str | None:
    """The value after all events in the order of their time."""
    value = None
    for event in sorted(events, key=lambda e: str(e["time"])):
        said = event["data"]["fields"]["size"]
        if event["type"] == "client.updated" or value is None:
            value = said
    return value


def after(events: list[dict[str, Any]]) -> dict[str, Any]:
    driver = Driver()
    define(driver)
    driver.feed(events)
    assert driver.dead_codes == []
    driver.restart()
    found = fields(driver) if events else {}
    assert touched(driver) == len(found)
    return found


@PROFILE
@given(sayings(), st.data())
def test_p2_p3_values_do_not_depend_on_the_order_of_arrival_or_repeats(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    arrival = data.draw(st.permutations([*events, *events[: data.draw(st.integers(0, len(events)))]]))
    expected = as_they_happened(events)
    assert after(arrival) == ({"size": expected} if expected is not None else {})


@PROFILE
@given(sayings(ties=True), st.data())
def test_p2_nor_do_ties(events: list[dict[str, Any]], data: st.DataObject) -> None:
    assert after(data.draw(st.permutations(events))) == after(events)
