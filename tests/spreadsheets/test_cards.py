"""H6, G2: cards as rows: own fields by their label where it is clear, and money by currency."""

import csv
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from topics.causes import Cause
from worker.domain.card import Card, Counts, State
from worker.domain.money import Totals
from worker.domain.tags import TagOnCard
from worker.spreadsheets import csv_files
from worker.spreadsheets.cards import COLUMNS, MONEY, table
from worker.spreadsheets.column_names import NAMES
from worker.spreadsheets.columns import Names, plan
from worker.spreadsheets.known import known_from
from worker.spreadsheets.rows import Rows

FIELDS = [
    {"field_id": "born", "label": "Geboren", "labels": {"en": "Born", "nl": "Geboren"}, "type": "date"},
    {"field_id": "seg", "label": "Segment", "type": "text"},
    {"field_id": "name2", "label": "Name", "type": "text"},
    {"field_id": "a", "label": "Twice", "type": "number"},
    {"field_id": "b", "label": "twice!", "type": "bool"},
    {"field_id": "money", "label": "paid EUR", "type": "text"},
    {"field_id": "mine", "label": "ended", "type": "text"},
]
KNOWN = known_from(orjson.dumps({"locale": "nl-BE", "statuses": [{"code": "x", "ended": True}], "fields": FIELDS}))


def card(client_id: str, **fields: Any) -> Card:
    moment = "2026-01-01T00:00:00Z"
    return Card(
        v=1, businessid="b", client_id=client_id, created_at=moment, status="x", status_since=moment,
        status_cause=Cause(type="created"), counts=Counts(), sequence=1, state=State(), **fields,
    )  # fmt: skip


def test_own_fields_and_money() -> None:
    values = {"born": "1990-01-31", "seg": "=1", "name2": "n", "a": -1.5, "b": True, "money": "m", "mine": "e"}
    values["gone"] = "of a field that is no more"
    totals = {
        "USD": Totals(invoiced="1.00", paid="2.00", refunded="0"),
        "EUR": Totals(invoiced="3", paid="4", refunded="5"),
    }
    lines = list(table([card("c1", fields=values, totals=totals, outstanding={"CHF": "7"}), card("c2")], KNOWN))
    header, one, two = csv.reader(lines)
    assert header == [
        *COLUMNS, "Geboren", "Segment", "fields.name2", "Twice", "fields.b", "fields.money", "fields.mine",
        *(f"{kind} {currency}" for currency in ("CHF", "EUR", "USD") for kind in (*MONEY, "outstanding")),
    ]  # fmt: skip
    row = dict(zip(header, one, strict=True))
    assert [row[name] for name in header[len(COLUMNS) :]] == [
        "1990-01-31", "'=1", "n", "-1.5", "true", "m", "e", "", "", "", "7", "3", "4", "5", "", "1.00", "2.00", "0", "",
    ]  # fmt: skip
    assert set(two[len(COLUMNS) :]) == {""}


def test_every_own_field_is_found_again_by_its_column() -> None:
    (header,) = csv.reader(table([], KNOWN))
    used = plan(header, Names(KNOWN.own_fields), []).used
    assert {c.holds for c in used} == {f"fields.{field['field_id']}" for field in FIELDS} | set(COLUMNS) & set(NAMES)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda text: text == text.strip() != ""
)
TAG = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters=","), min_size=1)


@given(TEXT, st.lists(TAG.filter(lambda tag: len(tag) < 65), max_size=3), TEXT, st.floats(-1e15, 1e15), st.booleans())
def test_h6_what_is_exported_is_what_an_import_reads(
    name: str, tags: list[str], segment: str, number: float, is_so: bool
) -> None:
    fields = {"seg": segment, "a": number, "b": is_so, "born": "1990-01-31"}
    made = card("c1", name=name, fields=fields, stored_tags=[TagOnCard(tag, "", Cause(type="manual")) for tag in tags])
    for separator in (",", ";"):
        read = csv_files.read("".join(table([made], KNOWN, separator)).encode(), Names(KNOWN.own_fields).recognises)
        assert read.separator == separator
        used = plan(read.columns, Names(KNOWN.own_fields), ["status="]).used
        rows = Rows("b", used, len(read.columns), KNOWN, datetime(2026, 1, 1, tzinfo=UTC), 1 << 60)
        (row,) = read.rows
        data = orjson.loads(rows.event(row).value)["data"]
        assert (data["name"], data.get("tags", "")) == (name, ", ".join(tags))
        assert data["fields"] == fields
