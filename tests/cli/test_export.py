"""H6: ``export``: the cards that a filter finds, as a file that can be imported again."""

import csv
import io
from typing import Any

import pytest

from tests.cli.program import Ran, at
from tests.kit.bus import Bus
from tests.kit.messages import at as moment
from tests.kit.messages import cloud_event, message
from tests.kit.place import Place, WorkerProcess
from worker.cli.app import main

KEPT = ("client_id", "name", "email", "phone", "status", "tags", "source", "staff_id", "client_type", "industry",
        "headcount", "linked_systems", "Born", "Debt")  # fmt: skip
"""What an export and an import have in common."""


def export(place: Place, business: str, *arguments: str) -> Ran:
    return at(place, "export", "--business", business, *arguments)


def rows(text: str, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def send(bus: Bus, business: str, *events: tuple[str, dict[str, Any]]) -> None:
    bus.send(
        *(message(cloud_event(type_, business, data, time=f"10:{n:02}")) for n, (type_, data) in enumerate(events))
    )
    bus.settle()


DEFINITIONS: list[tuple[str, dict[str, Any]]] = [
    ("field.define", {"field_id": "born", "label": {"en": "Born", "nl": "Geboren"}, "type": "date"}),
    ("field.define", {"field_id": "debt", "label": "Debt", "type": "number"}),
    ("status_group.define", {"code": "good", "name": "Good", "statuses": ["customer", "vip"]}),
]
CLIENTS: list[tuple[str, dict[str, Any]]] = [
    ("client.created", {"client_id": "c1", "name": "=HYPERLINK(\"http://x\")", "email": "zoe@example.com",
                        "phone": "+31 6 1234 5678", "status": "vip", "tags": ["-50%", "Regular"], "source": "fair",
                        "staff_id": "s1", "client_type": "A", "industry": "it", "headcount": "1-5",
                        "linked_systems": ["crm"], "fields": {"born": "1990-01-31", "debt": -2.5}}),
    ("client.updated", {"client_id": "c1", "emails": ["zoe@example.com", "zoe@work.example"]}),
    ("client.created", {"client_id": "c2", "name": "Ann \"the, first\"\nSecond line", "status": "inactive"}),
    ("payment.received", {"client_id": "c3", "payment_id": "p1", "amount": "10.50", "currency": "EUR"}),
    ("invoice.issued", {"client_id": "c3", "invoice_id": "i1", "amount": "30", "currency": "USD"}),
]  # fmt: skip


def test_h6_an_export_can_be_imported_again(place: Place, bus: Bus, worker: WorkerProcess) -> None:
    """F4: what is exported is chosen by the filters that everything else uses."""
    for business in ("salon", "copy"):
        send(bus, business, *DEFINITIONS)
    send(bus, "salon", *CLIENTS)
    send(bus, "other", ("client.created", {"client_id": "x"}))
    path = place.directory / "out.csv"
    done = export(place, "salon", "--output", str(path))
    assert (done.code, done.out, done.err) == (0, "", f"3 clients written to {path}.\n")
    out = rows(path.read_text("utf-8"))
    assert [row["client_id"] for row in out] == ["c1", "c2", "c3"]
    zoe, ann, carl = out
    assert (zoe["name"], zoe["phone"], zoe["tags"]) == ('\'=HYPERLINK("http://x")', "+31 6 1234 5678", "'-50%, Regular")
    assert (zoe["other_emails"], zoe["status"], zoe["status_label"], zoe["ended"]) == (
        "zoe@work.example",
        "vip",
        "VIP",
        "false",
    )
    assert zoe["status_since"] == zoe["created_at"] == moment("10:00")
    assert (ann["name"], ann["ended"]) == ('Ann "the, first"\nSecond line', "true"), "ended clients are there"
    assert (carl["paid EUR"], carl["invoiced USD"], carl["outstanding USD"], carl["payments"]) == (
        "10.50",
        "30",
        "30",
        "1",
    )
    assert (zoe["paid EUR"], zoe["payments"], zoe["Born"], zoe["Debt"]) == ("", "0", "1990-01-31", "-2.5")

    again = at(place, "import", str(path), "--business", "copy")
    assert (again.code, again.out) == (0, "Imported 3 rows of out.csv into copy; refused 0.\n")
    bus.settle()
    copied = rows(export(place, "copy").out)
    assert [{name: row[name] for name in KEPT} for row in copied] == [{name: row[name] for name in KEPT} for row in out]
    excel = place.directory / "excel.csv"
    assert export(place, "salon", "--excel", "--output", str(excel)).code == 0
    assert excel.read_bytes().startswith(b"\xef\xbb\xbfclient_id;name;")
    assert at(place, "import", str(excel), "--business", "salon", "--dry-run").code == 0

    paid = '{"any": [{"field":"status","op":"eq","value":"vip"}, {"field":"counts.payments","op":"gte","value":1}]}'
    assert [row["client_id"] for row in rows(export(place, "salon", "--filter", paid).out)] == ["c1", "c3"]
    good = '{"all": [{"field":"status_group","op":"eq","value":"good"}, {"field":"fields.debt","op":"exists"}]}'
    assert [row["client_id"] for row in rows(export(place, "salon", "--filter", good).out)] == ["c1"]
    living = '{"field": "ended", "op": "eq", "value": false}'
    assert [row["client_id"] for row in rows(export(place, "salon", "--filter", living).out)] == ["c1", "c3"]
    assert rows(export(place, "nobody").out) == []


def test_what_is_no_client_any_more_is_left_out(place: Place, bus: Bus, worker: WorkerProcess) -> None:
    """E5, G6: a merged-away and an erased client are not there, nor are the worker's own records."""
    send(bus, "salon", *(("client.created", {"client_id": f"c{n}", "name": f"N{n}"}) for n in range(4)))
    send(bus, "salon2", ("client.created", {"client_id": "c9"}))
    send(
        bus, "salon",
        ("clients.merge", {"primary_id": "c0", "duplicate_ids": ["c1"]}), ("client.erase", {"client_id": "c2"}),
    )  # fmt: skip
    assert [(row["client_id"], row["merged_ids"]) for row in rows(export(place, "salon").out)] == [
        ("c0", "c1"), ("c3", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--business", "a b"), 2, "--business: "),
        (("--business", "b", "--filter", "{"), 2, "--filter: is not JSON"),
        (("--business", "b", "--filter", "[]"), 2, "--filter: a filter is"),
        (("--business", "b", "--filter", '{"field":"fields.x","op":"exists"}'), 2, "no such field of its own"),
        (("--business", "b", "--filter", '{"field":"status","op":"lt","value":"x"}'), 2, "--filter: field 'status'"),
        (("--business", "b", "--output", "/proc/none/x"), 1, "cannot write /proc/none/x"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    async def nothing(*_: Any) -> None:
        return None

    async def no_cards(*_: Any) -> dict[bytes, bytes]:
        return {}

    monkeypatch.setattr("worker.cli.export.read_settings", nothing)
    monkeypatch.setattr("worker.cli.export.read_latest", no_cards)
    ended = main(["export", *arguments])
    line = capsys.readouterr().err
    assert (ended, line.count("\n")) == (code, 1), line
    assert told in line
