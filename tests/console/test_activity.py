"""What has happened lately, and what somebody has to decide or mend."""

from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf, card
from tests.console.who import bearer

API = "/api/v1/businesses/salon"
CAUSE = {"type": "automation", "trigger": "payment_made"}


def hour(number: int) -> str:
    return f"2026-01-02T{number:02}:00:00Z"


def suggest(shelf: Shelf, client: str, at: int) -> None:
    """The worker suggests to review a client."""
    data = {
        "client_id": client,
        "status": "customer",
        "reason": "all_evidence_withdrawn",
        "cause": CAUSE,
        "sequence": 3,
    }
    shelf.happen("salon", "client.status.review_suggested", hour(at), f"review-{client}-{at}", **data)


async def test_the_latest_changes_come_newest_first(http: httpx.AsyncClient, shelf: Shelf) -> None:
    for number in range(5):
        data = {"client_id": "c1", "from": None, "to": "lead", "cause": CAUSE, "sequence": number + 1}
        shelf.happen("salon", "client.status.changed", hour(number), f"e{number}", **data)
    shelf.put(card("salon", "c1", name="Anna"))
    shelf.happen("other", "client.status.changed", hour(9), "secret", client_id="c9", cause=CAUSE, sequence=1)
    first = (await http.get(f"{API}/changes/latest", params={"limit": 3})).json()
    rest = (await http.get(f"{API}/changes/latest", params={"before": first["next_before"]})).json()
    assert [event["id"] for event in first["items"] + rest["items"]] == ["e4", "e3", "e2", "e1", "e0"]
    assert rest["next_before"] is None
    assert (first["items"][0]["data"]["to"], first["items"][0]["client_name"]) == ("lead", "Anna")


@pytest.mark.parametrize("path", ["changes/latest", "refusals", "dead-letters"])
async def test_a_place_that_nobody_gave_is_refused(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"{API}/{path}", params={"before": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
    assert (await http.get(f"{API}/{path}", params={"before": ""})).json() == {"items": [], "next_before": None}


async def test_a_suggestion_stands_until_somebody_decides(http: httpx.AsyncClient, shelf: Shelf) -> None:
    def put(client: str, **more: Any) -> None:
        shelf.put(card("salon", client, **{"status": "customer", "status_since": hour(1), "name": client, **more}))

    for client in ("open", "confirmed", "moved", "again", "erased", "late"):
        put(client)
        suggest(shelf, client, 3)
    suggest(shelf, "open", 5)
    put("confirmed", status_set_at=hour(4))
    put("moved", status="lead", status_since=hour(4))
    put("again", status_since=hour(6))
    put("late", status_set_at=hour(2))
    shelf.drop("salon", "erased")
    found = (await http.get(f"{API}/reviews")).json()["items"]
    assert [(row["client_id"], row["review"]["time"]) for row in found] == [("open", hour(5)), ("late", hour(3))]
    assert found[0]["review"]["cause"] == CAUSE
    assert (found[0]["name"], found[0]["status"]) == ("open", "customer")


async def test_refused_commands_say_why(http: httpx.AsyncClient, shelf: Shelf) -> None:
    error = {"client_id": "c1", "code": "unknown_status", "message": "there is no status gold"}
    answer = {"command_id": "m1", "command_source": "crm", "command_type": "status.set", "dry_run": False}
    for number, type_ in enumerate(("command.rejected", "command.applied", "command.partly_applied")):
        data = {**answer, "applied": [], "unchanged": [], "errors": [error]}
        shelf.happen("salon", type_, hour(number), f"r{number}", **data)
    found = (await http.get(f"{API}/refusals")).json()["items"]
    assert [(each["type"], each["errors"]) for each in found] == [
        ("command.partly_applied", [error]),
        ("command.rejected", [error]),
    ]


async def test_viewers_replay_nothing(http: httpx.AsyncClient, sent: list[Any]) -> None:
    body = {"letters": ["0:1", "3:22", "0:1"]}
    assert (await http.post(f"{API}/dead-letters/replay", json=body, headers=bearer("vera"))).status_code == 403
    assert sent == []
    answer = await http.post(f"{API}/dead-letters/replay", json=body)
    assert (answer.status_code, answer.json()) == (200, {"replayed": 2, "skipped": [], "refused": []})
    assert sent == [("dead-letters", "salon", ["0:1", "3:22"])]


@pytest.mark.parametrize("letters", [[], ["1"], ["a:b"], ["0:1"] * 101, "0:1", [1], ["-1:2"], ["0:1 "], ["٣:٣"]])
async def test_what_names_no_dead_letter_is_refused(http: httpx.AsyncClient, sent: list[Any], letters: Any) -> None:
    answer = await http.post(f"{API}/dead-letters/replay", json={"letters": letters})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_data")
    assert sent == []
