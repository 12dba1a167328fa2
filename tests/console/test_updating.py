"""A client's data changed over HTTP: checked before anything is sent, sent as the worker's own event (G1, G2)."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf, card
from tests.console.who import bearer
from worker.console import sending

SALON = "/api/v1/businesses/salon"
C1 = f"{SALON}/clients/c1"
FIELDS = [
    {"field_id": "size", "label": "Size", "labels": {}, "type": "number"},
    {"field_id": "vegan", "label": "Vegan", "labels": {}, "type": "bool"},
]


@pytest.fixture(autouse=True)
def _filled(shelf: Shelf) -> None:
    shelf.settle("salon", statuses=[], fields=FIELDS)
    shelf.put(card("salon", "c1", name="Anna", emails=["a@example.org"], fields={"size": 4}))


async def test_g2_an_update_is_sent_as_an_event_of_its_client(http: httpx.AsyncClient, sent: list[Any]) -> None:
    answer = await http.patch(C1, json={"name": "Anna Rossi", "phones": None, "fields": {"size": 5}})
    assert answer.status_code == 202, answer.text
    ((topic, business, event),) = sent
    assert (topic, business, event["type"], event["source"]) == (
        "clients", "salon", "client.updated", "client-status-console",
    )  # fmt: skip
    assert event["data"] == {
        "client_id": "c1", "name": "Anna Rossi", "phones": None, "fields": {"size": 5}, "actor": "anna",
    }  # fmt: skip
    assert answer.json() == {"event_id": event["id"], "shown": False}


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({"fields": {"colour": "red"}}, "unknown_field", "colour"),
        ({"fields": {"size": "five"}}, "invalid_field_value", "size"),
        ({"name": 7}, "invalid_data", "name"),
        ({"emails": "a@example.org"}, "invalid_data", "emails"),
        ({"status": "vip"}, "invalid_data", "status"),
        ({"tags": ["x"]}, "invalid_data", "tags"),
        ({"client_id": "c2"}, "invalid_data", "client_id"),
        ({"actor": "somebody else"}, "invalid_data", "actor"),
        ({}, "invalid_data", "at least one"),
        ([], "invalid_data", ""),
    ],
    ids=str,
)
async def test_g2_what_the_worker_would_refuse_is_not_sent(
    http: httpx.AsyncClient, sent: list[Any], body: Any, code: str, named: str
) -> None:
    answer = await http.patch(C1, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert named in answer.json()["detail"]
    assert sent == []


async def test_who_may_not_and_what_is_not_there(http: httpx.AsyncClient, shelf: Shelf, sent: list[Any]) -> None:
    change = {"name": "x"}
    assert (await http.patch(C1, json=change, headers=bearer("vera"))).status_code == 403
    assert (await http.patch(C1, json=change, headers=bearer("otto"))).status_code == 403
    assert (await http.patch(f"{SALON}/clients/nobody", json=change)).status_code == 404
    shelf.put(card("salon", "c9"))
    shelf.merge("salon", "c9", "c1")
    moved = await http.patch(f"{SALON}/clients/c9", json=change)
    assert (moved.status_code, moved.headers["location"]) == (308, C1)
    assert sent == []


async def test_an_update_is_waited_for_until_the_card_shows_it(
    http: httpx.AsyncClient, shelf: Shelf, sent: list[Any]
) -> None:
    async def worker() -> None:
        while not sent:  # noqa: ASYNC110 - a list is asked
            await asyncio.sleep(0.01)
        await asyncio.to_thread(shelf.put, card("salon", "c1", emails=["b@example.org"], fields={"vegan": False}))

    change = {"name": None, "email": "b@example.org", "fields": {"vegan": False, "size": " "}}
    answer, _ = await asyncio.gather(http.patch(f"{C1}?wait=20", json=change), worker())
    assert (answer.status_code, answer.json()["shown"]) == (200, True)
    late = await http.patch(f"{C1}?wait=0.1", json={"name": "Somebody else"})
    assert (late.status_code, late.json()["shown"]) == (202, False)


def test_everything_but_status_and_tags_can_be_changed() -> None:
    assert set(sending.CHANGEABLE) == {
        "name", "email", "phone", "emails", "phones", "source", "staff_id", "fields", "client_type", "industry",
        "headcount", "linked_systems",
    }  # fmt: skip
