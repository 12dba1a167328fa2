"""What the API shows: rows, cards, timelines, settings, counts, audiences; and how it refuses."""

from typing import Any

import httpx
import pytest

from tests.console.shelf import Shelf, card
from tests.console.test_search import STATUSES, fill
from tests.console.who import bearer

SALON = "/api/v1/businesses/salon"


async def got(http: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await http.get(f"{SALON}{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_h3_rows_have_status_colour_and_tags(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    found = await got(http, "/clients", sort="created_at", limit=1)
    assert (found["total"], found["ended_hidden"]) == (3, 1)
    (row,) = found["items"]
    assert row | {"status_since": "", "created_at": ""} == {
        "client_id": "c1", "name": "Zoë O'Brien", "email": "Zoe@Example.org", "phone": "+31 6 1234 5678",
        "status": "lead", "status_label": "Lead", "color": "#111111", "ended": False, "status_since": "",
        "tags": ["Gold"], "source": "web", "staff_id": None, "created_at": "",
        "last_activity_at": "2026-11-20T10:00:00Z", "next_booking_at": None, "outstanding": {}, "overdue": 0,
        "score": None,
    }  # fmt: skip
    second = await got(http, "/clients", sort="created_at", limit=1, cursor=found["next_cursor"])
    assert [row["client_id"] for row in second["items"]] == ["c4"]


async def test_h1_h2_parameters_reach_the_search(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)

    async def ids(**parameters: str) -> list[str]:
        return [row["client_id"] for row in (await got(http, "/clients", **parameters))["items"]]

    assert await ids(q="0612345678") == ["c1"]
    assert await ids(preset="status_group:active", tag="gold") == ["c2"]
    assert await ids(filter='{"field": "fields.size", "op": "eq", "value": 5}') == ["c4"]
    assert await ids(ended="include", source="web") == ["c3", "c1"]
    assert await ids(q="", status="", tag="", filter="", cursor="") == ["c2", "c4", "c1"]


async def test_a_business_without_records_is_empty(http: httpx.AsyncClient) -> None:
    assert await got(http, "/clients") == {"items": [], "next_cursor": None, "total": 0, "ended_hidden": 0}
    settings = await got(http, "/settings")
    assert (settings["revision"], [s["code"] for s in settings["statuses"]]) == (
        0, ["lead", "customer", "vip", "inactive"],
    )  # fmt: skip
    assert "state" not in settings
    counts = await got(http, "/counts")
    assert counts["total"] == 0
    assert counts["statuses"][0] == {"code": "lead", "label": "Lead", "color": "#4C7BD9", "ended": False, "clients": 0}


async def test_g1_the_card_with_its_etag(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    answer = await http.get(f"{SALON}/clients/c3")
    found = answer.json()
    assert (found["name"], found["status_label"], found["color"], found["ended"]) == (
        "Émile Zola", "Inactive", "#444444", True,
    )  # fmt: skip
    assert "state" not in found
    tag = answer.headers["etag"]
    again = await http.get(f"{SALON}/clients/c3", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    shelf.put(card("salon", "c3", name="Émile Z", status="inactive"))
    assert (await http.get(f"{SALON}/clients/c3", headers={"If-None-Match": tag})).status_code == 200


async def test_e5_a_merged_away_id_leads_to_the_primary(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    shelf.merge("salon", "c2", "c1")
    for below in ("", "/timeline"):
        answer = await http.get(f"{SALON}/clients/c2{below}")
        assert (answer.status_code, answer.headers["location"]) == (308, f"{SALON}/clients/c1{below}")
        missing = await http.get(f"{SALON}/clients/c99{below}")
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_client")


async def test_g4_the_timeline_newest_first_page_by_page(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(card("salon", "c1"))
    for minute in range(5):
        for part in ("a", "b", "c"):  # three things at the same moment
            at = f"2026-01-01T10:0{minute}:00Z"
            shelf.happen("salon", "client.noted", at, f"{minute}{part}", client_id="c1", text=f"{minute}{part}")
    whole = [entry["id"] for entry in (await got(http, "/clients/c1/timeline"))["items"]]
    assert whole == [f"{minute}{part}" for minute in "43210" for part in "cba"]
    for limit in (1, 2, 4, 14, 15, 200):
        paged: list[str] = []
        before: str | None = ""
        while before is not None:
            page = await got(http, "/clients/c1/timeline", limit=limit, before=before)
            assert len(page["items"]) <= limit
            paged += [entry["id"] for entry in page["items"]]
            before = page["next_before"]
        assert paged == whole
    earlier = await got(http, "/clients/c1/timeline", before="2026-01-01T11:02:00+01:00")
    assert [entry["id"] for entry in earlier["items"]] == whole[9:]
    assert (await got(http, "/clients/c1/timeline", before="2026-01-01"))["items"] == []


async def test_g4_what_happened_stands_before_what_it_caused(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """Also where its time has more digits than that of what is told."""
    shelf.put(card("salon", "c1"))
    change = {"from": "lead", "to": "customer", "to_label": "Customer", "from_ended": False, "ended": False}
    told = {"client_id": "c1", "cause": {"type": "automation"}, **change}
    told |= {"project_allowed": True, "supplier_allowed": True, "settings_revision": 0}
    money = {"client_id": "c1", "amount": "1.00", "currency": "EUR"}
    shelf.happen("salon", "client.status.changed", "2026-01-01T10:00:00.533Z", "s1", sequence=2, **told)
    shelf.happen("salon", "payment.received", "2026-01-01T11:00:00.533900+01:00", "p2", payment_id="p2", **money)
    shelf.happen("salon", "payment.received", "2026-01-01T10:00:00.533445Z", "p1", payment_id="p1", **money)
    shelf.happen("salon", "client.noted", "2026-01-01T10:00:00.532999Z", "n", client_id="c1", text="x")
    entries = (await got(http, "/clients/c1/timeline"))["items"]
    assert [entry["id"] for entry in entries] == ["s1", "p2", "p1", "n"]
    assert [entry["time"][17:] for entry in entries] == ["00.533Z", "00.533Z", "00.533Z", "00.532Z"]
    earlier = await got(http, "/clients/c1/timeline", before="2026-01-01T10:00:00.533445Z")
    assert [entry["id"] for entry in earlier["items"]] == ["n"]


async def test_g4_a_timeline_goes_back_through_thousands_of_messages(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """A merge unites two long ones into one."""
    days, each = [f"2026-01-{day:02}" for day in range(1, 29)], 45
    for client in ("c1", "d1"):
        shelf.put(card("salon", client))
        shelf.happen_all(
            ("salon", "client.messaged", f"{day}T10:{number:02}:00Z", f"{client}/{day}/{number}",
             {"client_id": client, "direction": "in"})
            for day in days for number in range(each)
        )  # fmt: skip
    shelf.merge("salon", "d1", "c1")
    found: list[str] = []
    before: str | None = ""
    while before is not None:
        page = await got(http, "/clients/c1/timeline", limit=200, before=before)
        found += [entry["id"] for entry in page["items"]]
        before = page["next_before"]
    assert len(found) == len(set(found)) == 2 * len(days) * each
    assert [id_.partition("/")[2] for id_ in found[::2]] == [
        f"{day}/{number}" for day in reversed(days) for number in reversed(range(each))
    ]


async def test_g4_of_each_client_the_latest_entries_are_kept(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """As many as TIMELINE_ENTRIES says."""
    shelf.timeline_entries = 3
    shelf.put(card("salon", "c1"))
    for day in (4, 1, 5, 2, 3):
        shelf.happen("salon", "client.noted", f"2026-01-0{day}T10:00:00Z", f"e{day}", client_id="c1", text="seen")
    page = await got(http, "/clients/c1/timeline")
    assert [entry["id"] for entry in page["items"]] == ["e5", "e4", "e3"]
    assert page["next_before"] is None


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("2026-11-03", ["1", "2"]), ("2026-11-02t10:00:00.001z", ["1", "2"]), ("2026-11-02T11:00:00+01:00", ["1"]),
        ("1793613600000000", ["1"]), ("-5", []), ("--5", None), ("-", None), ("\u0665", None), ("2026-13-01", None),
    ],
)  # fmt: skip
async def test_g4_a_timeline_begins_before_any_time(
    http: httpx.AsyncClient, shelf: Shelf, before: str, found: list[str] | None
) -> None:
    shelf.put(card("salon", "c1"))
    for day in (1, 2, 3):
        time = f"2026-11-0{day}T10:00:00Z"
        shelf.happen("salon", "client.noted", time, str(day), client_id="c1", text="x")
    answer = await http.get(f"{SALON}/clients/c1/timeline", params={"before": before})
    if found is None:
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
    else:
        assert [entry["id"] for entry in answer.json()["items"]] == found[::-1]


async def test_h4_counts(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    shelf.settle(
        "salon", statuses=STATUSES, status_groups=[{"code": "g", "name": "G", "statuses": ["lead", "vip"]}],
        classifications={"client_type": [{"code": "A", "label": "Key account"}]},
        audiences=[{"audience_id": "a1", "name": "Spring", "filter": {"all": []}}],
    )  # fmt: skip
    shelf.put(card("salon", "c4", status="vip", client_type="A", audiences=["a1"], tags=["GOLD"]))
    counts = await got(http, "/counts")
    assert counts["total"] == 4
    assert [(s["code"], s["clients"]) for s in counts["statuses"]] == [
        ("lead", 1), ("customer", 1), ("vip", 1), ("inactive", 1),
    ]  # fmt: skip
    assert counts["status_groups"] == [{"code": "g", "name": "G", "clients": 2}]
    assert counts["tags"] == [{"tag": "GOLD", "clients": 3}, {"tag": "new", "clients": 1}]
    assert counts["classifications"]["client_type"] == [{"code": "A", "label": "Key account", "clients": 1}]
    assert [entry["clients"] for entry in counts["sources"]] == [2]
    assert counts["audiences"] == [{"audience_id": "a1", "name": "Spring", "clients": 1}]
    audiences = await got(http, "/audiences")
    assert audiences["items"] == [{"audience_id": "a1", "name": "Spring", "filter": {"all": []}, "clients": 1}]
    members = await got(http, "/audiences/a1/members")
    assert [row["client_id"] for row in members["items"]] == ["c4"]
    missing = await http.get(f"{SALON}/audiences/a2/members")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_audience")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/clients?filter=x", 400, "invalid_filter"),
        ('/clients?filter={"field":"nope","op":"eq","value":1}', 400, "invalid_filter"),
        ("/clients?cursor=x", 400, "invalid_cursor"),
        ("/clients/c1/timeline?before=x", 400, "invalid_cursor"),
        ("/clients?limit=0", 400, "invalid_parameter"),
        ("/clients?limit=201", 400, "invalid_parameter"),
        ("/clients?limit=ten", 400, "invalid_parameter"),
        ("/clients?sort=colour", 400, "invalid_parameter"),
        ("/clients?ended=no", 400, "invalid_parameter"),
        ("/clients?status=nope", 400, "invalid_parameter"),
        ("/clients?preset=nope", 400, "invalid_parameter"),
        ("/clients?created_from=nope", 400, "invalid_parameter"),
        ("/nothing", 404, "not_found"),
    ],
)
async def test_every_refusal_is_a_problem(
    http: httpx.AsyncClient, shelf: Shelf, path: str, status: int, code: str
) -> None:
    shelf.put(card("salon", "c1"))
    answer = await http.get(SALON + path)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].endswith(code)
    assert problem["detail"]


async def test_another_method_is_a_problem(http: httpx.AsyncClient) -> None:
    answer = await http.delete(f"{SALON}/clients")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_answers_carry_headers_that_keep_browsers_safe_and_are_compressed(
    http: httpx.AsyncClient, shelf: Shelf
) -> None:
    shelf.put(*(card("salon", f"c{n}", name=f"Name {n}") for n in range(60)))
    for answer in (await http.get(f"{SALON}/clients"), await http.get("/api/v1/none"), await http.get("/livez")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
    assert (await http.get(f"{SALON}/clients")).headers["content-encoding"] == "gzip"


async def test_the_openapi_document_has_every_route(http: httpx.AsyncClient, shelf: Shelf) -> None:
    document = (await http.get("/api/v1/openapi.json", headers={"Authorization": ""})).json()
    assert document["openapi"].startswith("3.1")
    paths = {path.replace("/api/v1/businesses/{business}", "") for path in document["paths"]}
    assert {"/clients", "/clients/{client_id}", "/clients/{client_id}/timeline", "/settings", "/counts"} <= paths
    names = {p["name"] for p in document["paths"]["/api/v1/businesses/{business}/clients"]["get"]["parameters"]}
    assert names == {
        "business", "q", "preset", "status", "status_group", "tag", "source", "created_from", "created_to", "filter",
        "ended", "sort", "limit", "cursor",
    }  # fmt: skip


async def test_metrics_count_what_is_asked(http: httpx.AsyncClient, shelf: Shelf) -> None:
    await http.get(f"{SALON}/clients")
    await http.get(f"{SALON}/nothing", headers=bearer("vera"))
    for number in range(3):  # J4: what anybody invents is no series of its own
        await http.request(f"FOO{number}", "/livez")
    text = (await http.get("/metrics")).text
    assert 'method="other",route="none",status="405"} 3.0' in text
    assert "FOO" not in text
    assert 'route="/api/v1/businesses/{business}/clients",status="200"} 1.0' in text
    assert 'status="404"} 1.0' in text
    assert "client_status_console_streams 0.0" in text
    assert "salon" not in text
