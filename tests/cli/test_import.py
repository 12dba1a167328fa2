"""H6: ``import``: rows become events, refused rows come back with reasons, twice is once."""

import asyncio
import csv
import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Ran, at
from tests.kit.bus import Bus, Got
from tests.kit.messages import Message
from tests.kit.place import ROOT, Place, WorkerProcess
from tests.kit.xlsx import workbook
from topics.outputs import CONTENT_TYPE
from worker.cli.app import main
from worker.cli.importing import Follower
from worker.cli.latest import partition_for
from worker.settings_source import load
from worker.spreadsheets.tables import Row
from worker.transport.partitions import partition_of

SETTINGS = {
    "v": 1, "businessid": "salon", "revision": 3, "locale": "nl", "automation": {},
    "statuses": [{"code": "lead", "label": "Lead", "clients": 0}, {"code": "gold", "label": "Goud", "clients": 0}],
    "fields": [{"field_id": "born", "label": "Geboortedatum", "type": "date", "required": True, "forms": ["booking"]}],
}  # fmt: skip


def file(place: Place, text: str, name: str = "clients.csv") -> Path:
    path = place.directory / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_767_261_600, 1_767_261_600))  # 2026-01-01T10:00:00Z
    return path


def import_(place: Place, path: Path, *arguments: str) -> Ran:
    return at(place, "import", str(path), "--business", "salon", *arguments)


def imported(bus: Bus, count: int) -> list[Got]:
    bus.wait_for("clients", lambda _: len(bus.read("clients")) >= count)
    return bus.read("clients")


def define(bus: Bus) -> None:
    """The record of a business with a status and a field of its own."""
    bus.send(Message("business-settings", b"salon", json.dumps(SETTINGS).encode(), partition=None))


def test_h6_rows_become_events(place: Place, bus: Bus) -> None:
    define(bus)
    path = file(place, "Klantnummer;Naam;Status;Tags;Geboortedatum\nk1;Zoë;goud;Nieuw, beurs;31-1-1990\n;Ann;;;\n")
    done = import_(place, path)
    assert (done.code, done.out) == (0, "Imported 2 rows of clients.csv into salon; refused 0.\n")
    assert not list(place.directory.glob("*.rejected.csv"))
    zoe, ann = imported(bus, 2)
    assert (zoe.key, zoe.partition) == (b"salon", partition_of(b"salon", place.partitions))
    assert zoe.headers == (("content-type", CONTENT_TYPE),)
    assert zoe.json | {"id": ""} == {
        "specversion": "1.0", "id": "", "source": "client-status-import", "type": "client.imported",
        "time": "2026-01-01T10:00:00Z", "businessid": "salon", "datacontenttype": "application/json",
        "data": {"client_id": "k1", "name": "Zoë", "status": "gold", "tags": "Nieuw, beurs",
                 "fields": {"born": "1990-01-31"}},
    }  # fmt: skip
    assert ann.json["data"]["client_id"].startswith("name-")


def test_h6_refused_rows_come_back_and_can_be_mended(place: Place, bus: Bus) -> None:
    define(bus)
    path = file(place, "id,E-mail,Stato,born\nc1,a@b.it,lead,\nc2,a@b,gold,\nc3,,platinum,1.1.\nc4,,Goud,\n")
    dry = import_(place, path, "--dry-run")
    assert dry.code == 1
    assert dry.out == "Would import 2 rows of clients.csv into salon; refused 2.\n"
    assert "Row 3: 'E-mail': an e-mail address such as" in dry.err
    assert (
        "Row 4: 'Stato': business salon has no status 'platinum'; it has lead, gold (unknown_status); 'born': "
        in dry.err
    )
    rejected = place.directory / "clients.rejected.csv"
    assert not rejected.exists()
    done = import_(place, path)
    assert done.code == 1
    assert done.out.splitlines() == [
        "Imported 2 rows of clients.csv into salon; refused 2.",
        f"The refused rows are in {rejected}; mend them there and import that file.",
    ]
    assert [got.json["data"]["client_id"] for got in imported(bus, 2)] == ["c1", "c4"], "the dry run sent nothing"
    with rejected.open(encoding="utf-8-sig", newline="") as refused:
        rows = list(csv.reader(refused))
    assert rows[0] == ["id", "E-mail", "Stato", "born", "reason"]
    assert [row[:4] for row in rows[1:]] == [["c2", "a@b", "gold", ""], ["c3", "", "platinum", "1.1."]]
    mended = rejected.read_text("utf-8-sig").replace("a@b,", "a@b.it,").replace("platinum,1.1.", "lead,1.1.2001")
    again = import_(place, file(place, mended, "mended.csv"))
    assert (again.code, again.err) == (0, "")
    assert [got.json["data"]["client_id"] for got in imported(bus, 4)] == ["c1", "c4", "c2", "c3"]


def test_h6_a_file_twice_changes_nothing_the_second_time(place: Place, bus: Bus, worker: WorkerProcess) -> None:
    path = file(place, "id,name,status,tags\nc1,Zoë,customer,a\nc2,Ann,,b\n")
    assert import_(place, path).code == 0
    bus.settle()
    before = {topic: len(bus.read(topic)) for topic in ("client-status-changes", "client-tag-changes", "dead-letters")}
    assert before == {"client-status-changes": 2, "client-tag-changes": 2, "dead-letters": 0}
    os.utime(path)  # it was only touched
    assert import_(place, path).code == 0
    events = imported(bus, 4)
    assert [got.json["id"] for got in events[:2]] == [got.json["id"] for got in events[2:]]
    bus.settle()
    assert {topic: len(bus.read(topic)) for topic in before} == before
    changes = {got.json["data"]["client_id"]: got.json for got in bus.read("client-status-changes")}
    assert (changes["c1"]["data"]["to"], changes["c2"]["data"]["to"]) == ("customer", "lead")
    assert {c["data"]["cause"]["type"] for c in changes.values()} == {"import"}
    assert {c["time"] for c in changes.values()} == {"2026-01-01T10:00:00Z"}


def test_h6_a_workbook_with_columns_as_they_are_said(place: Place, bus: Bus) -> None:
    path = place.directory / "book.xlsx"
    path.write_bytes(workbook([["Kundennummer", "Wer", "Seit"], ["k7", "Zoë", date(2020, 2, 3)]], others=["Alt"]))
    done = import_(
        place, path, "--map", "Kundennummer=client_id", "--map", "wer=name", "--time", "2026-02-01T09:00:00+01:00"
    )
    assert done.code == 0
    assert "the sheet 'Clients' is read; others: 'Alt' (--sheet)" in done.err
    assert "not imported: Seit" in done.err
    (event,) = imported(bus, 1)
    assert (event.json["time"], event.json["data"]) == ("2026-02-01T09:00:00+01:00", {"client_id": "k7", "name": "Zoë"})


def test_h6_what_the_worker_refuses_is_reported_too(place: Place, bus: Bus, worker: WorkerProcess) -> None:
    rows = [f'c{n},"{",".join(f"tag {n}-{m}" for m in range(250))}"\n' for n in range(21)]
    path = file(place, "id,tags\n" + "".join(rows))
    for _ in range(2):  # the second time the dead letters of the first are there
        done = import_(place, path, "--wait")
        assert done.code == 1
        assert done.out.startswith("Imported 20 rows of clients.csv into salon; refused 1.\n")
        assert "Row 22: data.tags: the business would have more than 5,000 different tags (invalid_data)" in done.err
        with (place.directory / "clients.rejected.csv").open(encoding="utf-8-sig", newline="") as refused:
            assert [row[0] for row in csv.reader(refused)] == ["id", "c20"]
    assert len(bus.read("dead-letters")) == 2
    assert import_(place, file(place, "id\nc1\n", "one.csv"), "--wait").code == 0


@pytest.mark.usefixtures("worker")
def test_h6_what_others_send_meanwhile_is_none_of_the_rows(place: Place, bus: Bus) -> None:
    """J1: their dead letters may be anything."""
    broken = (b"{", None, b"[1]", b'"client-status-import"', b'{"source":"client-status-import","id":[]}')
    for value in broken:
        bus.send(Message("clients", b"salon", value, partition=None))
    bus.wait_for("dead-letters", lambda _: len(bus.read("dead-letters")) == len(broken))
    row, settings = Row(2, ["c1"]), load(environ=place.settings).settings

    async def refused() -> list[tuple[Row, str]]:
        partition = await partition_for(settings, "clients", "salon")
        letters = await partition_for(settings, "dead-letters", "salon")
        return await Follower(settings, partition, letters, 0).refused(0, len(broken), {"an id": row}, 20)

    assert asyncio.run(refused()) == []


def test_without_a_worker_waiting_ends_with_1(place: Place) -> None:
    told = import_(place, file(place, "id\nc1\n"), "--wait", "--timeout", "1")
    assert (told.code, told.out) == (1, "")
    assert "timed out: the rows are sent, and not all were processed within 1 s: is a worker running?" in told.err


def test_rows_that_meet_are_told(place: Place) -> None:
    path = file(place, "email,name\na@b.it,Ann\nA@B.it,Bob\nc@d.it,Cleo\na@b.it,Ann\n")
    told = import_(place, path, "--dry-run")
    assert told.code == 0
    assert "1 row without an id have the email of an earlier row, and go to the same client: 3 (as 2)." in told.err


def test_a_bar_at_a_terminal_and_lines_elsewhere(place: Place) -> None:
    """H6: a progress bar."""
    path = file(place, "id\n" + "".join(f"c{i}\n" for i in range(20_500)))
    lines = import_(place, path, "--dry-run").err.splitlines()
    assert lines == ["10,000 of 20,500 rows", "20,000 of 20,500 rows"]
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "worker", "import", str(path), "--business", "salon", "--dry-run"]
    done = subprocess.run(
        command, env=place.environment | {"TERM": "xterm"}, cwd=ROOT, stderr=theirs, timeout=60, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "/20500" in shown
    assert "━" in shown


def test_the_topic_must_be_there(place: Place) -> None:
    path = file(place, "id\nc1\n")
    place.prefix = "nothing-here."
    told = import_(place, path)
    assert told.code == 78
    assert "run client-status topics create" in told.err


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["import", *arguments])
    return code, capsys.readouterr().err


@pytest.fixture
def without_a_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Wrong usage and unreadable files are told without any broker's help; the business has no record."""

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr("worker.cli.import_.read_settings", nothing)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("id,Kleur\nc1,red\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("x.csv", "--business", "a b"), 2, "--business: 'a b'"),
        (("x.csv", "--business", "b", "--time", "today"), 2, "--time: 'today' is not RFC 3339"),
        (("x.csv", "--business", "b", "--time", "2026-01-01T10:00:00"), 2, "--time: "),
        (("x.csv", "--business", "b", "--time", "2999-01-01T10:00:00Z"), 2, "--time is more than 24 hours ahead"),
        (("x.csv", "--business", "b", "--map", "Kleur"), 2, "--map: 'Kleur' is not Column=field"),
        (("x.csv", "--business", "b", "--map", "Kleur=color"), 2, "--map: there is no field 'color'"),
        (("x.csv", "--business", "b", "--rejected", "./x.csv"), 2, "--rejected: "),
        (("x.csv", "--business", "b", "--dates", "ymd"), 2, "--dates"),
        (("x.csv", "--business", "b", "--wait", "--timeout", "0"), 2, "--timeout: "),
        (("x.csv", "--business", "b", "--map", "id="), 1, "x.csv: has no column that says who a client is"),
        (("x.csv", "--business", "b", "--sheet", "1"), 1, "x.csv: is a CSV file, which has no sheets"),
        (("none.csv", "--business", "b"), 1, "none.csv: cannot be read: No such file"),
        ((".", "--business", "b"), 1, "cannot be read: Is a directory"),
        (("empty.csv", "--business", "b"), 1, "empty.csv: is empty"),
    ],
)  # fmt: skip
def test_h6_what_is_wrong_is_one_line(
    without_a_broker: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    (without_a_broker / "empty.csv").write_text("")
    ended, line = failed(capsys, *arguments)
    assert (ended, line.count("\n")) == (code, 1), line
    assert told in line


def test_a_header_only_is_nothing_to_import(without_a_broker: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (without_a_broker / "header.csv").write_text("id,name\n")
    assert main(["import", "header.csv", "--business", "b", "--dry-run"]) == 0
    assert capsys.readouterr().out == "Would import 0 rows of header.csv into b; refused 0.\n"


def test_a_place_where_nothing_can_be_written(without_a_broker: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (without_a_broker / "bad.csv").write_text("id\nc/1\n")
    code, line = failed(capsys, "bad.csv", "--business", "b", "--dry-run", "--rejected", "/proc/none/x.csv")
    assert code == 1
    assert "cannot write /proc/none/x.csv" in line
