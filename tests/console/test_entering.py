"""New clients and notes, entered by hand over HTTP: checked before anything is sent (B2, B3, G1, G2)."""

from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf, card
from tests.console.who import bearer

SALON = "/api/v1/businesses/salon"
STATUSES = [{"code": code, "label": code, "labels": {}, "ended": False, "color": "#000000"} for code in ("lead", "vip")]
FIELDS = [{"field_id": "size", "label": "Size", "labels": {}, "type": "number"}]


@pytest.fixture(autouse=True)
def _filled(shelf: Shelf) -> None:
    shelf.settle("salon", statuses=STATUSES, fields=FIELDS)
    shelf.put(card("salon", "c1", name="Anna"))


async def test_b2_a_client_is_entered(http: httpx.AsyncClient, sent: list[Any]) -> None:
    said = {"name": "Zoë Smit", "email": "zoe@example.org", "status": "vip", "tags": ["gold"], "fields": {"size": 4}}
    answer = await http.post(f"{SALON}/clients", json={**said, "phone": None})
    assert answer.status_code == 202, answer.text
    ((topic, business, event),) = sent
    assert (topic, business, event["type"], event["source"]) == (
        "clients", "salon", "client.created", "client-status-console",
    )  # fmt: skip
    client_id = answer.json()["client_id"]
    assert event["data"] == {**said, "client_id": client_id, "source": "manual", "actor": "anna"}
    assert answer.json() == {"client_id": client_id, "event_id": event["id"], "shown": False}


async def test_every_client_has_an_id_of_its_own(http: httpx.AsyncClient, sent: list[Any]) -> None:
    for _ in range(2):
        await http.post(f"{SALON}/clients", json={"name": "Zoë"})
    assert len({event["data"]["client_id"] for _, _, event in sent}) == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "invalid_data"),
        ({"tags": ["gold"]}, "invalid_data"),
        ({"name": "  "}, "invalid_data"),
        ({"name": 7}, "invalid_data"),
        ({"name": "Zoë", "client_id": "c9"}, "invalid_data"),
        ({"name": "Zoë", "colour": "red"}, "invalid_data"),
        ({"name": "Zoë", "status": "gold"}, "unknown_status"),
        ({"name": "Zoë", "fields": {"shoe": 4}}, "unknown_field"),
        ({"name": "Zoë", "fields": {"size": "large"}}, "invalid_field_value"),
        ({"name": "Zoë", "tags": ["a,b"]}, "invalid_tag"),
        ({"name": "Zoë", "tags": [f"t{n}" for n in range(251)]}, "too_many_tags"),
    ],
)
async def test_what_the_worker_would_refuse_is_not_sent(
    http: httpx.AsyncClient, sent: list[Any], said: dict[str, Any], code: str
) -> None:
    answer = await http.post(f"{SALON}/clients", json=said)
    assert (answer.status_code, answer.json()["code"], sent) == (422, code, [])


async def test_g1_a_note_is_sent_with_its_author(http: httpx.AsyncClient, sent: list[Any]) -> None:
    answer = await http.post(f"{SALON}/clients/c1/notes", json={"text": " Allergic to ammonia. "})
    assert answer.status_code == 202, answer.text
    ((_, _, event),) = sent
    assert event["type"] == "client.noted"
    assert event["data"] == {"client_id": "c1", "text": "Allergic to ammonia.", "author": "anna"}


async def test_a_note_that_the_card_shows_is_answered_200(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(card("salon", "c1", latest_note="Shy."))
    answer = await http.post(f"{SALON}/clients/c1/notes?wait=1", json={"text": "Shy."})
    assert (answer.status_code, answer.json()["shown"]) == (200, True)


async def test_e5_a_note_about_a_merged_away_client_is_for_the_primary(
    http: httpx.AsyncClient, shelf: Shelf, sent: list[Any]
) -> None:
    shelf.put(card("salon", "old"))
    shelf.merge("salon", "old", "c1")
    answer = await http.post(f"{SALON}/clients/old/notes", json={"text": "Shy."})
    assert (answer.status_code, answer.headers["location"], sent) == (308, f"{SALON}/clients/c1/notes", [])


@pytest.mark.parametrize(("client", "text", "status"), [("nobody", "Shy.", 404), ("c1", " ", 422), ("c1", "", 422)])
async def test_a_note_needs_a_client_and_words(
    http: httpx.AsyncClient, sent: list[Any], client: str, text: str, status: int
) -> None:
    answer = await http.post(f"{SALON}/clients/{client}/notes", json={"text": text})
    assert (answer.status_code, sent) == (status, [])


@pytest.mark.parametrize("path", ["/clients", "/clients/c1/notes"])
async def test_a_viewer_enters_nothing(http: httpx.AsyncClient, sent: list[Any], path: str) -> None:
    answer = await http.post(SALON + path, json={"name": "Zoë", "text": "Shy."}, headers=bearer("vera"))
    assert (answer.status_code, sent) == (403, [])
