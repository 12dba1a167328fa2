"""How the settings came about, over HTTP: control messages with who sent them and what became of them (C4)."""

import json
from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf

PATH = "/api/v1/businesses/salon/settings/history"


async def got(http: httpx.AsyncClient, **parameters: Any) -> Any:
    answer = await http.get(PATH, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def answered(shelf: Shelf, id_: str, time: str, *errors: dict[str, str], **more: Any) -> None:
    """What the worker says of a message."""
    shelf.happen(
        "salon", f"command.{'rejected' if errors else 'applied'}", time, f"r-{id_}", command_id=id_,
        command_source="tests", command_type=more.pop("command_type", "automation.set"), dry_run=False, applied=[],
        unchanged=[], errors=list(errors), **more,
    )  # fmt: skip


async def test_c4_messages_stand_with_their_answers_newest_first(http: httpx.AsyncClient, shelf: Shelf) -> None:
    assert await got(http) == {"items": [], "next_before": None}
    refusal = {"code": "no_trigger_enabled", "message": "One must stay on."}
    answered(shelf, "e1", "2026-01-01T10:00:00Z", revision=1, totals={"clients": 20, "changed": 12})
    shelf.happen(
        "salon", "automation.set", "2026-01-01T11:00:00.000123+01:00", "e1", actor="Mia", inactive_after_days=None
    )
    shelf.happen("salon", "automation.set", "2026-01-01T11:00:00Z", "e2", triggers={"payment_made": False})
    answered(shelf, "e2", "2026-01-01T11:00:00Z", refusal, revision=1)
    shelf.happen("salon", "status.remove", "2026-01-01T12:00:00Z", "e3", code="lead", move_to="vip", actor="Mia")
    shelf.happen("other", "automation.set", "2026-01-01T12:00:00Z", "e9", enabled=False)
    assert (await got(http))["items"] == [
        {"id": "e3", "source": "tests", "type": "status.remove", "time": "2026-01-01T12:00:00Z", "actor": "Mia",
         "data": {"code": "lead", "move_to": "vip"}, "data_left_out": False, "outcome": None, "revision": None,
         "changed": None, "code": None, "message": None, "before": {}},
        {"id": "e2", "source": "tests", "type": "automation.set", "time": "2026-01-01T11:00:00Z", "actor": None,
         "data": {"triggers": {"payment_made": False}}, "data_left_out": False, "outcome": "rejected", "revision": 1,
         "changed": None, **refusal, "before": {"triggers": {"payment_made": True}}},
        {"id": "e1", "source": "tests", "type": "automation.set", "time": "2026-01-01T10:00:00Z", "actor": "Mia",
         "data": {"inactive_after_days": None}, "data_left_out": False, "outcome": "applied", "revision": 1,
         "changed": 12, "code": None, "message": None, "before": {"inactive_after_days": None}},
    ]  # fmt: skip


async def test_c6_a_message_that_comes_again_stands_once(http: httpx.AsyncClient, shelf: Shelf) -> None:
    for _ in range(2):
        shelf.happen("salon", "automation.set", "2026-01-01T10:00:00Z", "e1", enabled=False)
        answered(shelf, "e1", "2026-01-01T10:00:00Z", revision=1)
    assert [entry["outcome"] for entry in (await got(http))["items"]] == ["applied"]


async def test_c5_dry_runs_are_left_out_and_what_is_no_settings_message(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.happen("salon", "automation.set", "2026-01-01T10:00:00Z", "e1", enabled=False, dry_run=True)
    shelf.happen("salon", "automation.set", "2026-01-01T10:00:00Z", "e2", enabled="perhaps", dry_run=True)
    answered(shelf, "e3", "2026-01-01T10:00:00Z", command_type="tags.add", revision=1)
    assert (await got(http))["items"] == []
    assert not shelf.redis.exists(shelf.keys.of("answered", "salon"))


async def test_c4_what_cannot_be_read_stands_as_it_came(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.happen("salon", "automation.set", "2026-01-01T10:00:00Z", "e1", enabled="perhaps", actor=7)
    answered(shelf, "e1", "2026-01-01T10:00:00Z", {"code": "invalid_data", "message": "data.enabled: …"}, revision=0)
    (entry,) = (await got(http))["items"]
    assert (entry["data"], entry["actor"], entry["outcome"], entry["code"]) == (
        {"enabled": "perhaps"}, None, "rejected", "invalid_data",
    )  # fmt: skip


async def test_c3_each_says_what_it_found(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """By time, not by arrival; of what was refused nothing is kept."""

    def done(id_: str, hour: int, type_: str, *errors: dict[str, str], **data: Any) -> None:
        shelf.happen("salon", type_, f"2026-01-01T{hour}:00:00Z", id_, **data)
        answered(shelf, id_, f"2026-01-01T{hour}:00:00Z", *errors, command_type=type_, revision=1)

    vips = {"field": "status", "op": "eq", "value": "vip"}
    done("days-60", 12, "automation.set", inactive_after_days=60, catch_up=True)
    done("days-30", 11, "automation.set", inactive_after_days=30, triggers={"message_received": True})
    done("none", 13, "automation.set", {"code": "no_trigger_enabled", "message": "…"}, inactive_after_days=7)
    done("days-90", 14, "automation.set", inactive_after_days=90, triggers={"message_received": False})
    done("lead", 15, "status.define", code="lead", label={"nl": "Aanvraag"}, ended=True)
    done("role", 16, "status.define", code="prospect", role="initial")
    done("lead-again", 17, "status.define", code="lead", role="initial", label={"nl": "Lead"})
    done("audience", 18, "audience.define", audience_id="a", name="A", filter={"all": [vips]})
    done("audience-again", 19, "audience.define", audience_id="a", name="A", filter=vips)
    done("gone", 20, "audience.remove", audience_id="a")
    done("audience-new", 21, "audience.define", audience_id="a", name="B", filter=vips)
    done("wrong", 22, "audience.define", {"code": "invalid_data", "message": "…"}, audience_id=["a"], name="C")
    assert {entry["id"]: entry["before"] for entry in (await got(http))["items"]} == {
        "days-30": {"inactive_after_days": None, "triggers": {"message_received": False}},
        "days-60": {"inactive_after_days": 30},
        "none": {"inactive_after_days": 60},
        "days-90": {"inactive_after_days": 60, "triggers": {"message_received": True}},
        "lead": {"label": {"nl": "Lead"}, "ended": False},
        "role": {},
        "lead-again": {"label": {"nl": "Aanvraag"}},
        "audience": {},
        "audience-again": {"name": "A", "filter": {"all": [vips]}},
        "gone": {},
        "audience-new": {},
        "wrong": {},
    }


async def test_page_by_page(http: httpx.AsyncClient, shelf: Shelf) -> None:
    for minute in range(5):
        for part in "ab":  # two at the same moment
            time = f"2026-01-01T10:0{minute}:00Z"
            shelf.happen("salon", "automation.set", time, f"{minute}{part}", enabled=True)
            answered(shelf, f"{minute}{part}", time, revision=1)
    whole = [entry["id"] for entry in (await got(http))["items"]]
    assert whole == [f"{minute}{part}" for minute in "43210" for part in "ba"]
    for limit in (1, 3, 9, 10):
        paged: list[Any] = []
        before: str | None = ""
        while before is not None:
            page = await got(http, limit=limit, before=before)
            paged += page["items"]
            before = page["next_before"]
        assert [entry["id"] for entry in paged] == whole
        assert {entry["outcome"] for entry in paged} == {"applied"}
    earlier = await got(http, before="2026-01-01T11:02:00+01:00")
    assert [entry["id"] for entry in earlier["items"]] == whole[6:]


async def test_j4_what_is_kept_has_bounds(
    http: httpx.AsyncClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.readmodel.settings_history.MAX_ENTRIES", 3)
    large = {"all": [{"field": "name", "op": "eq", "value": "x" * 20_000}]}
    for hour in range(10, 15):
        shelf.happen(
            "salon", "audience.define", f"2026-01-01T{hour}:00:00Z", f"e{hour}", audience_id="a", name="A", filter=large
        )
        answered(shelf, f"e{hour}", f"2026-01-01T{hour}:00:00Z", command_type="audience.define", revision=1)
    entries = (await got(http))["items"]
    assert [entry["id"] for entry in entries] == ["e14", "e13", "e12"]
    shelf.happen("salon", "automation.set", "2026-01-01T16:00:00Z", "e16", enabled=False)
    assert (await got(http))["items"][0]["before"] == {}  # what was there before the oldest is not known
    entries = entries[:2]
    assert all(entry["data"] == {} and entry["data_left_out"] and entry["outcome"] == "applied" for entry in entries)
    assert shelf.redis.zcard(shelf.keys.of("answered", "salon")) == 3
    assert len(json.dumps(entries)) < 2_000


@pytest.mark.parametrize(
    ("query", "code"),
    [("limit=0", "invalid_parameter"), ("limit=201", "invalid_parameter"), ("before=x", "invalid_cursor")],
)
async def test_refusals(http: httpx.AsyncClient, shelf: Shelf, query: str, code: str) -> None:
    shelf.happen("salon", "automation.set", "2026-01-01T10:00:00Z", "e1", enabled=False)
    answer = await http.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
