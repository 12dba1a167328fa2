"""H6: a row as an event: what it says, what is refused and why, and that the same row is the same event."""

import csv
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.fields import ClientId
from worker.domain.catalogue import OwnField
from worker.domain.field_values import InvalidValue
from worker.spreadsheets import values
from worker.spreadsheets.cells import guarded, unguarded
from worker.spreadsheets.columns import Names, plan
from worker.spreadsheets.known import known_from
from worker.spreadsheets.refusals import Refusals
from worker.spreadsheets.rows import Ready, Refused, Rows
from worker.spreadsheets.tables import Cell, Row, Table

FIELDS: list[dict[str, Any]] = [
    {"field_id": "born", "label": "Born", "type": "date", "required": False, "forms": []},
    {
        "field_id": "visits",
        "label": "Bezoeken",
        "labels": {"en": "Visits", "nl": "Bezoeken"},
        "type": "number",
        "required": True,
        "forms": [],
    },
    {"field_id": "regular", "label": "Regular", "type": "bool"},
    {"field_id": "size", "label": "Size", "type": "choice", "choices": ["Small", "Large"]},
]
STATUSES = [
    {"code": "lead", "label": "Lead", "labels": {"nl": "Lead"}, "ended": False, "clients": 2},
    {"code": "customer", "label": "Klant", "labels": {"en": "Customer", "nl": "Klant"}, "ended": False},
]
KNOWN = known_from(orjson.dumps({"v": 1, "locale": "nl", "statuses": STATUSES, "fields": FIELDS, "state": []}))
MIDNIGHT = datetime(2026, 1, 31)  # noqa: DTZ001 - a cell knows no time zone
HALF_PAST_TEN = datetime(2026, 1, 31, 10, 30)  # noqa: DTZ001 - the same
TIME = "2026-01-01T10:00:00Z"
LATEST = 1 << 60


def rows(columns: list[str], business: str = "salon", slashes: values.SlashDates | None = None) -> Rows:
    used = plan(columns, Names(KNOWN.own_fields), []).used
    return Rows(business, used, len(columns), KNOWN, datetime.fromisoformat(TIME), LATEST, slashes)


def ready(business: str = "salon", **cells: Cell) -> Ready:
    return rows(list(cells), business).event(Row(2, list(cells.values())))


def data(**cells: Cell) -> dict[str, Any]:
    return orjson.loads(ready(**cells).value)["data"]


def refused(**cells: Cell) -> str:
    with pytest.raises(Refused) as exc:
        ready(**cells)
    return str(exc.value)


def test_h6_a_row_is_a_client_imported_event() -> None:
    event = orjson.loads(ready(client_id="c1", name=" Zoë  Ünal ", email="Zoe@example.com", tags="New, ,b").value)
    assert {name: event[name] for name in ("source", "type", "time", "businessid", "data")} == {
        "source": "client-status-import", "type": "client.imported", "time": TIME, "businessid": "salon",
        "data": {"client_id": "c1", "name": "Zoë  Ünal", "email": "Zoe@example.com", "tags": "New, ,b"},
    }  # fmt: skip


def test_everything_a_row_can_say() -> None:
    assert data(
        id="c1", phone=31612345678.0, source="fair", staff_id=7.0, status="KLANT", tipo_cliente="A", industry="x",
        headcount="1-5", linked_systems="crm, shop", Born=date(1990, 1, 31), bezoeken="3,5", Regular="Ja", size="large",
    ) == {
        "client_id": "c1", "phone": "31612345678", "source": "fair", "staff_id": "7", "status": "customer",
        "client_type": "A", "industry": "x", "headcount": "1-5", "linked_systems": ["crm", "shop"],
        "fields": {"born": "1990-01-31", "visits": 3.5, "regular": True, "size": "Large"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"voornaam": "Jan", "tussenvoegsel": "de", "achternaam": "Vries"}, "Jan de Vries"),
        ({"Nome": "Anna", "Cognome": "Rossi"}, "Anna Rossi"),
        ({"name": "Anna Rossi", "last name": "Rossi"}, "Anna Rossi"),
        ({"name": "Anna Rossi", "first name": "Anna", "last name": "Rossi"}, "Anna Rossi"),
        ({"cognome": "Rossi", "nome": ""}, "Rossi"),
    ],
)
def test_names_in_parts(cells: dict[str, str], name: str) -> None:
    assert data(id="c", **cells)["name"] == name


# -- the same row is the same event (P3) ------------------------------------------------------------------------------


def test_p3_the_same_row_is_the_same_event_and_another_is_not() -> None:
    one = ready(id="c1", name="Ann")
    assert ready(id="c1", name="Ann") == one
    assert ready(name=" Ann ", id="c1").id == one.id, "neither the order of columns nor spaces matter"
    assert len({one.id, ready(id="c1", name="Ben").id, ready(id="c2", name="Ann").id,
                ready("shop", id="c1", name="Ann").id, ready(id="c1", name="Ann", tags="x").id}) == 5  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "Zoe@Example.com", "name": "Zoë"}, {"email": " zoe@example.COM", "phone": "12345"}),
        ({"phone": "0031 6-1234 5678"}, {"phone": "+31612345678", "name": "Zoë"}),
        ({"phone": 31612345678.0}, {"phone": "+31 6 1234 5678"}),
        ({"name": "Zoë  Ünal"}, {"name": "zoë ünal"}),
    ],
)
def test_h6_an_id_is_made_from_email_else_phone_else_name(one: dict[str, Cell], other: dict[str, Cell]) -> None:
    first, second = ready(**one), ready(**other)
    assert (first.client_id, first.derived) == (second.client_id, second.derived)
    assert first.client_id.startswith(f"{first.derived}-")
    assert first.client_id != ready("shop", **one).client_id


@given(name=st.text(min_size=1), email=st.sampled_from(["", "a@b.c", "ü@ä.fi"]), phone=st.sampled_from(["", "1234"]))
def test_every_id_is_one_of_the_contract(name: str, email: str, phone: str) -> None:
    try:
        made = ready(name=name, email=email, phone=phone)
    except Refused:
        assert not name.strip(), "a row that says anything has an id"
        return
    assert msgspec.convert(made.client_id, ClientId)
    assert orjson.loads(made.value)["data"]["client_id"] == made.client_id


# -- what is refused, and why ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"id": "c/1"}, r"'id': an id has 1 to 64 characters .* \(invalid_data\); without such ids"),
        ({"id": "x" * 65}, "'id': an id has"),
        ({"email": " ", "tags": "x"}, r"neither an id nor an e-mail address, .* or a name \(invalid_data\)"),
        ({"E-mail": "none"}, r"'E-mail': an e-mail address such as .* is needed \(invalid_data\)"),
        ({"email": "a@b.c; d@e.f"}, "'email': an e-mail address"),
        ({"phone": "n/a"}, r"'phone': a phone number such as .* \(invalid_data\)"),
        ({"id": "c", "Stato": "gold"}, r"'Stato': .* no status 'gold'; it has lead, customer \(unknown_status\)"),
        ({"id": "c", "tags": "a, " + "b" * 65}, r"'tags': a tag must have at most 64 characters, .* \(invalid_data\)"),
        ({"id": "c", "tags": "a\x07"}, "'tags': a tag must not contain control characters"),
        ({"id": "c", "tags": ",".join(map(str, range(251)))}, "'tags': a client has at most 250 tags, these are 251"),
        ({"id": "c", "Born": "31.2.2026"}, r"'Born': there is no such day \(invalid_field_value\)"),
        ({"id": "c", "Visits": "many"}, r"'Visits': a number such as .* \(invalid_field_value\)"),
        ({"id": "c", "Regular": "perhaps"}, r"'Regular': yes or no is needed .* \(invalid_field_value\)"),
        ({"id": "c", "Size": "Medium"}, r"'Size': one of the 2 choices .* \(invalid_field_value\)"),
        ({"id": "c", "name": "x" * (1 << 20)}, r"at most 1048576 .*\(too_large\)"),
        ({"id": "c", "name": "x" * (50 << 20)}, r"'name': 52,428,800 characters are too many .* \(too_large\)"),
    ],
)  # fmt: skip
def test_h6_a_refusal_says_which_column_and_why(cells: dict[str, str], told: str) -> None:
    assert re.search(told, refused(**cells))


def test_a_refusal_has_every_reason() -> None:
    assert refused(id="c/1", email="x", Born="y").count("; '") == 2


def test_a_row_that_is_longer_than_the_header_is_refused_and_a_shorter_one_is_not() -> None:
    table = rows(["id", "name"])
    with pytest.raises(Refused, match="more cells than the header has columns"):
        table.event(Row(2, ["c1", "a", "", "b"]))
    assert table.event(Row(2, ["c1", "a", "", ""])).id == table.event(Row(3, ["c1", "a"])).id
    assert table.event(Row(2, ["c1"])).client_id == "c1"


def test_g2_a_column_of_a_field_that_is_not_there_refuses_what_it_brings() -> None:
    columns = {"id": "c1", "fields.gone": "x"}
    assert refused(**columns) == "'fields.gone': business salon has no such field; define it first (unknown_field)"
    assert data(**columns | {"fields.gone": ""}) == {"client_id": "c1"}


def test_of_two_rows_about_one_client_the_later_one_counts() -> None:
    table = rows(["id", "name"])
    events = [orjson.loads(table.event(Row(n, cells)).value) for n, cells in enumerate((["a", "1"], ["b"], ["a", "2"]))]
    assert [event["time"] for event in events] == [TIME, TIME, "2026-01-01T10:00:00.000001Z"]


# -- values ------------------------------------------------------------------------------------------------------------


def own(type_: str, cell: Cell, slashes: values.SlashDates | None = None) -> object:
    field = OwnField(field_id="f", label="F", type=type_, choices=("Yes", "yes") if type_ == "choice" else ())
    return values.own(field, cell, slashes)


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        ("number", "42", 42), ("number", "-3.50", -3.5), ("number", "3,5", 3.5), ("number", "0,125", 0.125),
        ("number", "1.125", 1.125), ("number", 3.0, 3), ("number", 2.5, 2.5), ("number", "", None),
        ("number", "\u22125", -5),
        ("date", "2026-01-31", "2026-01-31"), ("date", "31.1.2026", "2026-01-31"), ("date", "31-01-2026", "2026-01-31"),
        ("date", "31/01/2026", "2026-01-31"), ("date", "01/31/2026", "2026-01-31"), ("date", "3/3/2026", "2026-03-03"),
        ("date", MIDNIGHT, "2026-01-31"), ("date", "2026-01-31T00:00:00", "2026-01-31"), ("date", " ", None),
        ("bool", "ei", False), ("bool", "SÌ", True), ("bool", "nee", False), ("bool", True, True), ("bool", 1.0, True),
        ("text", 7.0, "7"), ("text", True, "true"), ("choice", "yes", "yes"), ("email", "a@b.c", "a@b.c"),
        ("text", HALF_PAST_TEN, "2026-01-31T10:30:00"), ("url", "https://x.y", "https://x.y"),
    ],
)  # fmt: skip
def test_g2_values_as_people_write_them(type_: str, cell: Cell, value: object) -> None:
    assert own(type_, cell) == value


def test_slashes_as_they_are_said_to_be() -> None:
    assert (own("date", "3/4/2026", "dmy"), own("date", "3/4/2026", "mdy")) == ("2026-04-03", "2026-03-04")
    for slashes, cell in ((None, "3/4/2026"), ("dmy", "1/31/2026"), ("mdy", "31/1/2026")):
        with pytest.raises(InvalidValue):
            own("date", cell, slashes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        ("number", "1,234"), ("number", "1.234,50"), ("number", "5 kg"), ("number", "1e5"), ("number", True),
        ("number", "9" * 30), ("date", "yesterday"), ("date", "31-1-26"), ("date", "2026-02-30"), ("bool", 2.0),
        ("choice", "YES"), ("number", "٣"), ("date", HALF_PAST_TEN),
    ],
)  # fmt: skip
def test_what_may_mean_several_things_or_nothing_is_refused(type_: str, cell: Cell) -> None:
    with pytest.raises(InvalidValue):
        own(type_, cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="0612345678"', "0612345678"),
        ('\'="x"', '="x"'),
        ("'+31 6", "+31 6"),
        (" a ", "a"),
        ("''t", "''t"),
        (12.0, "12"),
        (1e-07, "0.0000001"),
        (-2.5e-05, "-0.000025"),
        (0.1, "0.1"),
    ],
)
def test_texts_as_programs_write_them(cell: Cell, text: str) -> None:
    assert values.text(cell) == text


# -- formulas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "+31-6-1234", "'=1", "''+x",
     "\uff1d1", "-", "+", "+31  6", "- 5"],
)  # fmt: skip
def test_h6_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["+31 6 1234 5678", "+31612345678", "-5", "-12.50", "a=b", "", "'t Hoen", "06-123", "5"]
)
def test_h6_what_no_program_can_run_is_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(st.text(st.sampled_from("'=+-@\t\ra1 ")) | st.text())
def test_guarding_is_undone_by_reading(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not re.match(r"[=@\t\r\n]", guarded(text))


# -- the file of refused rows ------------------------------------------------------------------------------------------


def test_h6_refused_rows_keep_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.rejected.csv"
    with Refusals(path, Table(columns=["id", "name", "Reason"], rows=[], separator=";")) as refusals:
        assert not path.exists(), "nothing was refused yet"
        refusals.add(Row(2, ["c/1", "=1+1"]), "bad; worse")
        refusals.add(Row(3, ["c;2", "b", "old reason", "beyond"]), "why")
        assert refusals.count == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";")) == [
            ["id", "name", "reason"], ["c/1", "'=1+1", "bad; worse"], ["c;2", "b", "why", "beyond"],
        ]  # fmt: skip


def test_without_a_path_refusals_are_counted_only() -> None:
    with Refusals(None, Table(columns=["id"], rows=[])) as refusals:
        refusals.add(Row(2, ["x"]), "why")
    assert refusals.count == 1
