"""H6: a spreadsheet of clients over HTTP: looked at, sent row by row, with progress and a report of refused rows."""

import asyncio
import base64
import csv
import io
from typing import Any

import httpx
import orjson
import pytest
from aiokafka.errors import KafkaConnectionError

from tests.console.shelf import Shelf
from tests.console.who import bearer
from tests.kit.xlsx import packed
from worker.console import limits
from worker.console.api import importing

SALON = "/api/v1/businesses/salon"
SHEETS = {"First": "name", "Second": "email"}
FILE = "Naam;E-mail;Labels;Size;Shoe\nAnna;anna@example.org;gold, new;4;41\nBen;not an address;;;\n;;;;\nCarla;;;5;\n"


@pytest.fixture(autouse=True)
def _fields(shelf: Shelf) -> None:
    shelf.settle("salon", statuses=[], fields=[{"field_id": "size", "label": "Size", "labels": {}, "type": "number"}])


def sheet(text: str | bytes = FILE, **more: Any) -> dict[str, Any]:
    """A file as it is posted."""
    content = text if isinstance(text, bytes) else text.encode()
    return {"content": base64.b64encode(content).decode(), "name": "clients.csv", **more}


async def imported(http: httpx.AsyncClient, body: dict[str, Any]) -> list[Any]:
    """The lines of the answer."""
    answer = await http.post(f"{SALON}/import", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [orjson.loads(line) for line in answer.text.splitlines()]


async def test_h6_rows_are_sent_and_refused_ones_reported(http: httpx.AsyncClient, sent: list[Any]) -> None:
    progress, last = await imported(http, sheet(time="2026-01-02T10:00:00+01:00"))
    assert progress == {"done": 3, "total": 3}
    report = last["report"]
    assert (report["rows"], report["imported"], report["refused"], report["dry_run"]) == (3, 2, 1, False)
    assert report["unused"] == ["Shoe"]
    assert {"column": "Naam", "holds": "name"} in report["columns"]
    assert {"column": "Size", "holds": "fields.size"} in report["columns"]
    ((reason),) = report["reasons"]
    assert reason["row"] == 3
    assert "an e-mail address such as" in reason["reason"]
    ((rejected),) = list(csv.DictReader(io.StringIO(report["rejected"]), delimiter=";"))
    assert (rejected["Naam"], "invalid_data" in rejected["reason"]) == ("Ben", True)
    events = [event for _, _, event in sent]
    assert [topic for topic, _, _ in sent] == ["clients", "clients"]
    assert {event["type"] for event in events} == {"client.imported"}
    assert events[0]["data"] | {"name": "Anna", "tags": "gold, new"} == events[0]["data"]
    assert events[0]["time"] == "2026-01-02T09:00:00Z"


async def test_p3_the_same_file_again_is_the_same_events(http: httpx.AsyncClient, sent: list[Any]) -> None:
    await imported(http, sheet())
    await imported(http, sheet())
    ids = [event["id"] for _, _, event in sent]
    assert ids[:2] == ids[2:]


async def test_with_dry_run_nothing_is_sent(http: httpx.AsyncClient, sent: list[Any]) -> None:
    *_, last = await imported(http, sheet(dry_run=True))
    assert (last["report"]["imported"], last["report"]["dry_run"], sent) == (2, True, [])


async def test_columns_are_said_to_hold_something_else(http: httpx.AsyncClient, sent: list[Any]) -> None:
    *_, last = await imported(http, sheet(map=["Shoe=source", "Size="]))
    assert last["report"]["unused"] == []
    assert sent[0][2]["data"]["source"] == "41"
    assert "fields" not in sent[0][2]["data"]


async def test_a_sheet_is_named(http: httpx.AsyncClient, sent: list[Any]) -> None:
    content = packed({name: f'<row><c t="inlineStr"><is><t>{cell}</t></is></c></row>' for name, cell in SHEETS.items()})
    *_, last = await imported(http, sheet(content))
    assert "others: 'Second' (sheet)" in last["report"]["note"]
    *_, last = await imported(http, sheet(content, sheet="Second"))
    assert (last["report"]["columns"], sent) == ([{"column": "email", "holds": "email"}], [])
    answer = await http.post(f"{SALON}/import", json=sheet("email,mail\na,b\n", sheet=None))
    assert 'leave one out with map "mail="' in answer.json()["detail"]


async def test_j4_whoever_leaves_in_the_middle_leaves_nothing_behind(app: Any, http: httpx.AsyncClient) -> None:
    desk, begun, gone = app.state["desk"], asyncio.Event(), asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    desk.send = hang
    body = orjson.dumps(sheet())
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await begun.wait()
        gone.set()
        return {"type": "http.disconnect"}

    async def ignore(_: Any) -> None:
        """Nobody listens."""

    request = http.build_request("POST", f"{SALON}/import", content=body, headers={"content-type": "application/json"})
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": f"{SALON}/import", "raw_path": f"{SALON}/import".encode(), "root_path": "", "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }  # fmt: skip
    async with asyncio.timeout(30):
        await app(scope, receive, ignore)
    assert gone.is_set()
    assert desk.imports == 0


async def test_progress_is_told_on_the_way(
    http: httpx.AsyncClient, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 2)
    lines = await imported(http, sheet("name\n" + "\n".join(f"Client {n}" for n in range(5))))
    assert [line["done"] for line in lines[:-1]] == [2, 4, 5]
    assert len(sent) == 5


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (sheet(b" \n"), 422, "unreadable_file"),
        (sheet("colour\nred\n"), 422, "unreadable_file"),
        (sheet(b"PK\x03\x04 no workbook"), 422, "unreadable_file"),
        (sheet(map=["Nothing=name"]), 422, "invalid_data"),
        (sheet(time="0001-01-01T00:00:00+14:00"), 422, "invalid_data"),
        (sheet("name\n" + "Ann\n" * (importing.BOUNDS.rows + 1)), 422, "unreadable_file"),
        (sheet(time="2999-01-01T00:00:00Z"), 422, "time_in_future"),
        (sheet(time="2026-01-01T00:00:00"), 422, "invalid_data"),
        ({"content": "no base64!"}, 422, "invalid_data"),
        ({"content": "A" * (importing.MAX_BODY_BYTES + 1)}, 413, "too_large"),
    ],
)
async def test_what_cannot_be_read_is_refused_whole(
    http: httpx.AsyncClient, sent: list[Any], body: dict[str, Any], status: int, code: str
) -> None:
    answer = await http.post(f"{SALON}/import", json=body)
    assert (answer.status_code, answer.json()["code"], sent) == (status, code, [])


async def test_j4_only_so_many_files_are_in_memory_at_a_time(
    http: httpx.AsyncClient, app: Any, sent: list[Any]
) -> None:
    desk = app.state["desk"]
    async with desk.reading_a_file:
        waiting = [asyncio.create_task(imported(http, sheet(dry_run=True))) for _ in range(limits.MAX_IMPORTS)]
        while desk.imports < limits.MAX_IMPORTS:  # noqa: ASYNC110 - a number is asked
            await asyncio.sleep(0)
        answer = await http.post(f"{SALON}/import", json=sheet())
        assert (answer.status_code, answer.json()["code"], sent) == (429, "too_many_requests", [])
        assert answer.headers["retry-after"]
    assert [lines[-1]["report"]["imported"] for lines in await asyncio.gather(*waiting)] == [2] * limits.MAX_IMPORTS
    assert desk.imports == 0


async def test_a_viewer_imports_nothing(http: httpx.AsyncClient, sent: list[Any]) -> None:
    answer = await http.post(f"{SALON}/import", json=sheet(), headers=bearer("vera"))
    assert (answer.status_code, sent) == (403, [])


async def test_without_kafka_the_last_line_says_so(http: httpx.AsyncClient, app: Any) -> None:
    async def fail(*_: Any) -> None:
        raise KafkaConnectionError

    app.state["desk"].send = fail
    (last,) = await imported(http, sheet())
    assert last["error"]["code"] == "unavailable"
