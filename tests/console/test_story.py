"""What the entries of a timeline are about, and why a client has its status and tags (G4, C1)."""

from typing import Any

import httpx

from tests.console.shelf import Shelf, card

SALON = "/api/v1/businesses/salon"
BOOKED = {"kind": "appointment", "starts_at": "2026-03-02T10:00:00Z", "ends_at": "2026-03-02T11:00:00Z"}
CAUSE = {
    "type": "automation", "trigger": "booking_attended", "event_source": "tests", "event_id": "e1",
    "event_type": "booking.scheduled",
}  # fmt: skip
CHANGED = {
    "from": "lead", "to": "customer", "to_label": "Customer", "from_ended": False, "ended": False,
    "project_allowed": True, "supplier_allowed": True, "settings_revision": 7,
}  # fmt: skip


def fill(shelf: Shelf) -> None:
    gold = {"tag": "gold", "since": "2026-01-01T10:00:00Z", "cause": {**CAUSE, "event_id": "gone"}}
    found = card("salon", "c1", status="customer", status_since="2026-03-02T11:00:00Z", status_cause=CAUSE)
    shelf.put({"tags": [gold], **found})
    shelf.happen("salon", "booking.scheduled", "2026-02-01T10:00:00Z", "e1", client_id="c1", booking_id="b1", **BOOKED)
    shelf.happen("salon", "payment.received", "2026-02-01T10:00:01Z", "e2", client_id="c1", payment_id="p1",
                 amount="80.00", currency="EUR")  # fmt: skip
    shelf.happen(
        "salon", "client.status.changed", "2026-03-02T11:00:00Z", "s1", client_id="c1", cause=CAUSE, sequence=2,
        **CHANGED,
    )  # fmt: skip
    shelf.happen("salon", "booking.no_show", "2026-03-03T10:00:00Z", "e3", client_id="c1", booking_id="b1")
    shelf.happen(
        "salon", "payment.refunded", "2026-03-04T10:00:00Z", "e4", client_id="c1", payment_id="p1", amount="5.00"
    )


async def got(http: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await http.get(f"{SALON}{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_g4_entries_say_what_they_are_about(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    refunded, no_show, changed, paid, booked = (await got(http, "/clients/c1/timeline"))["items"]
    assert refunded["about"] == {"amount": "80.00", "currency": "EUR"}
    assert no_show["about"] == BOOKED
    assert changed["because"] == {
        "type": "booking.scheduled", "time": "2026-02-01T10:00:00Z", "data": booked["data"],
    }  # fmt: skip
    assert not {"about", "because"} & (paid.keys() | booked.keys())
    page = await got(http, "/clients/c1/timeline", before="2026-03-03T00:00:00Z", limit=1)
    assert page["items"] == [changed], "also when what explains it is on another page"


async def test_c1_the_settings_of_a_status_are_named_also_when_an_older_change_was_told_after_it(
    http: httpx.AsyncClient, shelf: Shelf
) -> None:
    fill(shelf)
    early = {**CHANGED, "to": "lead", "settings_revision": 3}
    shelf.happen("salon", "client.status.changed", "2026-03-09T10:00:00Z", "s3", client_id="c1", cause=CAUSE,
                 sequence=3, **early)  # fmt: skip
    assert (await got(http, "/clients/c1/reasons"))["status"]["settings_revision"] == 7


async def test_g4_one_tab_of_the_timeline(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    first = await got(http, "/clients/c1/timeline", tab="payments", limit=1)
    assert [item["id"] for item in first["items"]] == ["e4"]
    second = await got(http, "/clients/c1/timeline", tab="payments", limit=1, before=first["next_before"])
    assert ([item["id"] for item in second["items"]], second["next_before"]) == (["e2"], None)
    assert (await http.get(f"{SALON}/clients/c1/timeline", params={"tab": "gossip"})).status_code == 400


async def test_g4_why_a_client_has_its_status_and_tags(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    found = await got(http, "/clients/c1/reasons")
    assert found["status"]["settings_revision"] == 7
    assert found["status"]["because"]["data"]["starts_at"] == BOOKED["starts_at"]
    assert found["tags"] == [{"tag": "gold", "because": None}]
    assert "review" not in found["status"]
    shelf.happen(
        "salon", "client.status.review_suggested", "2026-03-03T10:00:00Z", "s2", client_id="c1", status="customer",
        reason="all_evidence_withdrawn", cause=CAUSE, sequence=3,
    )  # fmt: skip
    assert (await got(http, "/clients/c1/reasons"))["status"]["review"] is True
    by_hand = card("salon", "c1", status="customer", status_cause=CAUSE, status_set_at="2026-03-04T10:00:00Z")
    shelf.put(by_hand)
    assert (await got(http, "/clients/c1/reasons"))["status"]["review"] is False, "a change by hand ends it (B7)"
    shelf.put({**by_hand, "status_set_at": "2026-03-03T09:59:59.500Z", "status_since": "2026-03-03T09:59:59.500Z"})
    assert (await got(http, "/clients/c1/reasons"))["status"]["review"] is True, "moments are compared, not texts"
    shelf.put({**by_hand, "status_set_at": "2026-03-03T10:00:00.500Z"})
    assert (await got(http, "/clients/c1/reasons"))["status"]["review"] is False, "half a second later"
    assert (await http.get(f"{SALON}/clients/nobody/reasons")).status_code == 404
