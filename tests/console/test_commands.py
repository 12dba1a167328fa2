"""Commands over HTTP: checked before they are sent, sent under their business, and what became of them (C4)."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf
from tests.console.who import bearer
from topics.envelope import EventDecoder
from topics.registry import TOPIC_OF_TYPE
from worker import clock
from worker.console import waiting
from worker.console.sending import TYPES
from worker.readmodel import keys as names
from worker.readmodel.reading import Reader

SALON = "/api/v1/businesses/salon"
ADD = {"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["gold"]}}
RESULT = {
    "command_source": "client-status-console", "command_type": "tags.add", "dry_run": False, "applied": ["c1"],
    "unchanged": [], "errors": [],
}  # fmt: skip


async def test_a_command_is_sent_as_an_event_of_its_business(http: httpx.AsyncClient, sent: list[Any]) -> None:
    answer = await http.post(f"{SALON}/commands", json={**ADD, "businessid": "other", "id": "mine"})
    assert answer.status_code == 202
    ((topic, business, event),) = sent
    assert (topic, business) == ("client-commands", "salon")
    assert answer.json() == {"command_id": event["id"]}
    assert answer.headers["location"] == f"{SALON}/commands/{event['id']}"
    assert (event["source"], event["businessid"], event["type"]) == ("client-status-console", "salon", "tags.add")
    assert event["data"] == {**ADD["data"], "actor": "anna"}


async def test_who_names_an_actor_is_believed(http: httpx.AsyncClient, sent: list[Any]) -> None:
    named = {"type": "status.remove", "data": {"code": "x", "actor": "Zoë", "dry_run": True}}
    assert (await http.post(f"{SALON}/commands", json=named)).status_code == 202
    assert sent[0][0] == "control"
    assert (sent[0][2]["data"]["actor"], sent[0][2]["data"]["dry_run"]) == ("Zoë", True)


async def test_who_names_nobody_is_named_by_the_token(http: httpx.AsyncClient, sent: list[Any]) -> None:
    for actor in (None, ""):
        await http.post(f"{SALON}/commands", json={"type": "tag.delete", "data": {"tag": "x", "actor": actor}})
    assert [event["data"]["actor"] for _, _, event in sent] == ["anna", "anna"]


def test_every_command_and_control_type_can_be_sent() -> None:
    assert {TOPIC_OF_TYPE[type_] for type_ in TYPES} == {"client-commands", "control"}
    assert len(TYPES) == 22


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "tags.add", "data": {"client_ids": [], "tags": ["x"]}}, "invalid_data"),
        ({"type": "tags.add", "data": {"tags": ["x"]}}, "invalid_data"),
        ({"type": "status.set", "data": {"client_ids": ["c 1"], "status": "vip"}}, "invalid_data"),
        ({"type": "payment.received", "data": {}}, "unknown_type"),
        ({"type": "client.status.changed", "data": {}}, "unknown_type"),
        ({"type": "nope", "data": {}}, "unknown_type"),
        ({"type": "tags.add"}, "invalid_data"),
        ({"data": {}}, "invalid_data"),
        ({**ADD, "wait": -1}, "invalid_data"),
        ({**ADD, "wait": "long"}, "invalid_data"),
        ([], "invalid_data"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_command_is_said_and_nothing_sent(
    http: httpx.AsyncClient, sent: list[Any], body: Any, code: str
) -> None:
    answer = await http.post(f"{SALON}/commands", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert sent == []


async def test_what_is_not_json_or_too_large_is_refused(http: httpx.AsyncClient, sent: list[Any]) -> None:
    broken = await http.post(f"{SALON}/commands", content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_data")
    large = await http.post(f"{SALON}/commands", json={"type": "tag.delete", "data": {"tag": "x" * (1 << 20)}})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    deep: Any = []
    for _ in range(80):
        deep = [deep]
    nested = await http.post(f"{SALON}/commands", json={"type": "tag.delete", "data": {"tag": "x", "more": deep}})
    assert nested.status_code == 422
    assert sent == []


async def test_c4_a_result_is_waited_for(http: httpx.AsyncClient, shelf: Shelf, sent: list[Any]) -> None:
    async def worker() -> None:
        while not sent:  # noqa: ASYNC110 - a list is asked
            await asyncio.sleep(0.01)
        id_ = sent[0][2]["id"]
        progress = {"command_source": RESULT["command_source"], "command_type": "tags.add", "done": 1, "total": 2}
        await asyncio.to_thread(
            shelf.happen, "salon", "command.progress", "2026-01-01T10:00:00Z", "p", command_id=id_, **progress
        )
        await asyncio.sleep(0.1)
        await asyncio.to_thread(
            shelf.happen, "salon", "command.applied", "2026-01-01T10:00:00Z", "r", command_id=id_, **RESULT
        )

    answered = asyncio.create_task(worker())
    answer = await http.post(f"{SALON}/commands", json={**ADD, "wait": 20})
    await answered
    assert answer.status_code == 200
    found = answer.json()
    assert (found["type"], found["applied"], found["command_id"]) == ("command.applied", ["c1"], sent[0][2]["id"])
    again = await http.get(f"{SALON}/commands/{found['command_id']}")
    assert (again.status_code, again.json()) == (200, found)


async def test_what_has_no_answer_yet_is_told_so(
    http: httpx.AsyncClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_WAIT", 0.2)
    answer = await http.post(f"{SALON}/commands", json={**ADD, "wait": 3600})
    assert answer.status_code == 202
    id_ = answer.json()["command_id"]
    pending = await http.get(f"{SALON}/commands/{id_}")
    assert (pending.status_code, pending.json()) == (202, {"command_id": id_})
    progress = {"command_id": id_, "command_source": "x", "command_type": "tags.add", "done": 1, "total": 2}
    shelf.happen("salon", "command.progress", "2026-01-01T10:00:00Z", "p", **progress)
    running = await http.get(f"{SALON}/commands/{id_}")
    assert (running.status_code, running.json()["done"]) == (202, 1)
    unknown = await http.get(f"{SALON}/commands/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_command")
    other = await http.get(f"/api/v1/businesses/other/commands/{id_}", headers=bearer("otto"))
    assert other.status_code == 404


async def test_a_wait_ends_also_when_its_looks_cannot_be_cancelled(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis's client may swallow a cancellation."""

    async def stubborn(_reader: Reader, _id: str) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.3)

    monkeypatch.setattr(Reader, "answer", stubborn)
    answer = await asyncio.wait_for(http.post(f"{SALON}/commands", json={**ADD, "wait": 0.2}), 5)
    assert answer.status_code == 202


async def test_h5_a_command_that_was_sent_is_known_when_the_read_model_was_rebuilt(
    http: httpx.AsyncClient, shelf: Shelf, space: str
) -> None:
    sent = await http.post(f"{SALON}/commands", json=ADD)
    shelf.redis.set(names.current(space), 2)
    assert (await http.get(sent.headers["location"])).status_code == 202


async def test_a_broker_that_is_away_is_said(http: httpx.AsyncClient, desk: Any) -> None:
    from aiokafka.errors import KafkaTimeoutError

    async def away(*_: object) -> None:
        raise KafkaTimeoutError

    desk.send = away
    answer = await http.post(f"{SALON}/commands", json=ADD)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")
    later = await http.get(answer.headers["location"])
    assert (later.status_code, later.json().keys()) == (202, {"command_id"}), "it may have been sent all the same"


def test_what_is_sent_is_what_the_worker_reads() -> None:
    from worker.console.sending import command

    made = command("salon", "automation.set", {"enabled": False}, "anna")
    event = EventDecoder("control").decode(made.value, [("content-type", b"application/cloudevents+json")], clock.now())
    assert (event.id, event.businessid, event.data.enabled) == (made.id, "salon", False)
