"""H6, G2: cards as rows: own fields by their label where it is clear, and money by currency."""

import csv
from typing import Any

import orjson

from topics.causes import Cause
from worker.domain.card import Card, Counts, State
from worker.domain.money import Totals
from worker.spreadsheets.cards import COLUMNS, MONEY, table
from worker.spreadsheets.column_names import NAMES
from worker.spreadsheets.columns import Names, plan
from worker.spreadsheets.known import known_from

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
