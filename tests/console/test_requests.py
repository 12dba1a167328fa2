"""What HTTP lets a request leave out, and what nobody should send: every one is answered, in the form of the API."""

import asyncio
from typing import Any

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisAway

from tests.console.shelf import Shelf, card
from worker.config import Settings
from worker.console.desk import Desk, in_time
from worker.console.limits import MAX_BODY_BYTES
from worker.readmodel.connection import connect

SALON = "/api/v1/businesses/salon"
COMMANDS = f"{SALON}/commands"
ADD = {"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["gold"]}}


@pytest.mark.parametrize("path", ["/livez", "/metrics", f"{SALON}/clients", f"{SALON}/clients/c1"])
async def test_head_is_a_get_without_its_body(http: httpx.AsyncClient, shelf: Shelf, path: str) -> None:
    shelf.put(card("salon", "c1"))
    whole, head = await http.get(path), await http.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("identity, gzip ; Q=0.000", None),
        ("br", None),
    ],
)
async def test_nothing_comes_in_an_encoding_that_is_ruled_out(
    http: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    answer = await http.get(f"{SALON}/settings", headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, encoding)
    assert answer.json()["businessid"] == "salon"


async def test_what_never_ends_has_no_head(http: httpx.AsyncClient) -> None:
    assert (await http.head(f"{SALON}/changes")).status_code == 405


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("clients", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("clients/c1", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("commands", {"POST", "OPTIONS"}),
        ("changes", {"GET", "OPTIONS"}),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(http: httpx.AsyncClient, path: str, methods: set[str]) -> None:
    for method, status in (("PUT", 405), ("OPTIONS", 204)):
        answer = await http.request(method, f"{SALON}/{path}")
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (status, methods)


async def test_a_parameter_without_a_value_is_one_that_was_not_given(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """As a form sends all its fields, and as the contract writes them: ``?q=&preset=&status=…``."""
    shelf.put(card("salon", "c1", name="Zoë"))
    asked = (
        "q=&preset=&status=&status_group=&tag=&source=&created_from=&created_to=&filter=&ended=&sort=&limit=&cursor="
    )
    assert (await http.get(f"{SALON}/clients?{asked}")).json() == (await http.get(f"{SALON}/clients")).json()
    assert (await http.get(f"{SALON}/clients?limit&{asked}&q=zoe")).json()["total"] == 1
    assert (await http.get(f"{SALON}/clients/c1/timeline?before=&limit=")).status_code == 200
    assert (await http.get(f"{SALON}/export.csv?{asked}&excel=")).status_code == 200


async def test_a_parameter_that_is_given_twice_is_refused(http: httpx.AsyncClient) -> None:
    """Only one of the two would count, and the answer would not be what was asked for."""
    for path in ("clients", "export.csv"):
        answer = await http.get(f"{SALON}/{path}?tag=gold&tag=silver")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
        assert answer.json()["detail"].startswith("tag:")


async def test_f3_null_is_no_filter(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SALON}/clients", params={"filter": "null"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_filter")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'{"type": "tags.add"',
        '{"type": "é"}'.encode("latin-1"),
        b'{"type": "tags.add", "data": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"type": "tag.delete", "data": {"tag": "\\ud800"}}',
        b'{"type": "clients.reevaluate", "data": {}, "wait": NaN}',
        b'{"type": "clients.reevaluate", "data": {}, "wait": 1e400}',
    ],
    ids=["empty", "null", "cut off", "not UTF-8", "deep", "half a character", "not a number", "infinite"],
)
async def test_a_body_that_cannot_be_read_is_refused(http: httpx.AsyncClient, sent: list[Any], body: bytes) -> None:
    answer = await http.post(COMMANDS, content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_data"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'data'" not in answer.json()["detail"]
    assert sent == []


async def test_without_redis_nothing_is_sent(
    http: httpx.AsyncClient, desk: Desk, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told to try again has not done it yet."""
    monkeypatch.setattr(type(desk.redis), "get", _away)
    answer = await http.post(COMMANDS, json=ADD)
    assert (answer.status_code, answer.json()["code"], sent) == (503, "unavailable", [])


async def test_who_sends_to_a_kafka_that_does_not_answer_is_told_in_time(http: httpx.AsyncClient, desk: Desk) -> None:
    async def hang(_topic: str, _business: str, _value: bytes) -> None:
        await asyncio.Event().wait()

    desk.send = in_time(hang, 0.05)
    answer = await http.post(COMMANDS, json={**ADD, "wait": 60})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "it may have it all the same" in answer.json()["detail"]
    assert (await http.get(answer.headers["location"])).status_code == 202, "it may still come"


async def test_what_was_sent_is_on_its_way_when_redis_goes(
    http: httpx.AsyncClient, desk: Desk, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    send = desk.send

    async def send_and_lose_redis(topic: str, business: str, value: bytes) -> None:
        await send(topic, business, value)
        monkeypatch.setattr(type(desk.redis), "get", _away)

    desk.send = send_and_lose_redis
    answer = await http.post(COMMANDS, json={**ADD, "wait": 5})
    assert (answer.status_code, answer.json()) == (202, {"command_id": sent[0][2]["id"]})


async def _away(*_: object, **__: object) -> None:
    raise RedisAway


async def test_e5_the_way_to_the_primary_keeps_what_was_asked(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(card("salon", "c1"))
    shelf.merge("salon", "d:1", "c1")
    asked = "?before=2026-01-01T10%3A00%3A00Z&limit=5"
    for path, location in (("d:1/timeline" + asked, "c1/timeline" + asked), ("d%3A1/timeline", "c1/timeline")):
        moved = await http.get(f"{SALON}/clients/{path}")
        assert (moved.status_code, moved.headers["location"]) == (308, f"{SALON}/clients/{location}")
        assert (await http.get(moved.headers["location"])).status_code == 200


async def test_a_card_that_is_there_in_any_form_is_not_sent_again(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(card("salon", "c1"))
    for had in ("*", '"x", *'):
        assert (await http.get(f"{SALON}/clients/c1", headers={"If-None-Match": had})).status_code == 304


async def test_h6_the_export_names_its_encoding_once(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SALON}/export.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_more_at_once_than_there_are_connections_wait_for_one(
    http: httpx.AsyncClient, desk: Desk, shelf: Shelf
) -> None:
    shelf.put(card("salon", "c1"))
    desk.redis = connect(Settings(redis_url=shelf.url), max_connections=3)
    answers = await asyncio.gather(*(http.get(f"{SALON}/clients/c1") for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    await desk.redis.aclose()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("clients?limit=0", "limit: must be at least 1"),
        ("clients?limit=201", "limit: must be at most 200"),
        ("clients?limit=few", "limit: must be a whole number, not a text"),
        ("clients?sort=-name", "sort: must be one of name, created_at, last_activity_at"),
        ("clients?ended=true", "ended: must be one of include"),
        ("clients/c1/timeline?tab=notes", "tab: must be one of bookings, payments, documents, messages, changes"),
        ("export.csv?excel=1", "excel: must be one of true, false"),
        ("clients/a%20b", "client_id: must be an id of 1 to 64 characters: letters and digits of ASCII, and . _ : -"),
        (f"clients?q={'x' * 201}", "q: must have at most 200 characters"),
    ],
)
async def test_a_parameter_that_does_not_fit_is_told_what_would(http: httpx.AsyncClient, path: str, told: str) -> None:
    answer = await http.get(f"{SALON}/{path}")
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (400, "invalid_parameter", told)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("commands", {}, "the body must have `type`"),
        ("commands", [], "the body, and its `data` if any, must be an object, not a list"),
        ("commands", {**ADD, "data": []}, "the body, and its `data` if any, must be an object, not a list"),
        ("commands", None, "the body is missing"),
        ("import", {"content": "!"}, "content: must be base64"),
        ("import", {"content": ""}, "content: must not be empty"),
        ("import", {"content": "eA==", "dates": "ymd"}, "dates: must be one of dmy, mdy"),
        ("commands", {**ADD, "wait": -1}, "wait: must be at least 0"),
        ("commands", {**ADD, "type": 5}, "type: must be a text, not a whole number"),
        ("dead-letters/replay", {"letters": []}, "letters: must not be empty"),
        ("export.csv", {"client_ids": ["c1"] * 10_001}, "client_ids: must have at most 10000 items"),
    ],
)
async def test_a_body_that_does_not_fit_is_told_what_would(
    http: httpx.AsyncClient, path: str, body: Any, told: str
) -> None:
    answer = await http.post(f"{SALON}/{path}", **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (422, "invalid_data", told)


async def test_a_body_that_is_too_large_is_told_how_large_it_may_be(http: httpx.AsyncClient) -> None:
    answer = await http.post(COMMANDS, content=b" " * (MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert f"larger than this path takes: {MAX_BODY_BYTES} bytes" in answer.json()["detail"]
