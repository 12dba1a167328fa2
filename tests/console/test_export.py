"""H6: whatever a search finds, as CSV, over HTTP."""

import csv
import io
from collections.abc import Sequence

import httpx
import pytest

from tests.console.shelf import Shelf, card
from tests.console.test_search import fill
from worker.readmodel.reading import Reader

SALON = "/api/v1/businesses/salon"


async def test_h6_what_is_found_is_exported(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    shelf.put(card("salon", "c5", name="=cmd|calc", tags=["gold"], fields={"size": 7}))
    answer = await http.get(f"{SALON}/export.csv", params={"tag": "gold"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "salon-clients.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["client_id"] for row in rows] == ["c1", "c2", "c5"]
    assert rows[0] == rows[0] | {"name": "Zoë O'Brien", "tags": "Gold", "status_label": "Lead", "ended": "false"}
    assert rows[1]["outstanding EUR"] == "5.00"
    assert (rows[2]["name"], rows[2]["size"]) == ("'=cmd|calc", "7")


async def test_h3_ended_clients_are_exported_when_they_are_asked_for(http: httpx.AsyncClient, shelf: Shelf) -> None:
    fill(shelf)
    for asked, count in (({}, 3), ({"ended": "include"}, 4), ({"q": "nobody"}, 0)):
        answer = await http.get(f"{SALON}/export.csv", params=asked)
        assert len(list(csv.DictReader(io.StringIO(answer.text)))) == count


async def test_many_clients_and_excel(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(*(card("salon", f"c{n:05}", name=f"Name {n}") for n in range(2_500)))
    answer = await http.get(f"{SALON}/export.csv", params={"excel": "true"})
    assert answer.text.startswith("\ufeffclient_id;name;")
    rows = answer.text.splitlines()
    assert len(rows) == 2_501
    assert [row.partition(";")[0] for row in rows[1:]] == [f"c{n:05}" for n in range(2_500)]


async def test_a_filter_that_cannot_be_used_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{SALON}/export.csv", params={"filter": "{}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_filter")


async def test_those_who_are_named_are_exported(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """E5: a merged-away id means the primary; each client once, ended or not, those that are not there left out."""
    fill(shelf)
    shelf.put(card("salon", "old"))
    shelf.merge("salon", "old", "c2")
    named = {"client_ids": ["old", "c4", "c2", "nobody"]}
    answer = await http.post(f"{SALON}/export.csv", json=named)
    assert answer.status_code == 200
    assert [row["client_id"] for row in csv.DictReader(io.StringIO(answer.text))] == ["c2", "c4"]
    answer = await http.post(f"{SALON}/export.csv", json={**named, "excel": True})
    assert answer.text.startswith("\ufeffclient_id;name;")


async def test_who_is_named_for_an_export_is_checked(http: httpx.AsyncClient) -> None:
    for wrong in ({}, {"client_ids": []}, {"client_ids": ["a b"]}, {"client_ids": ["c"] * 10_001}):
        answer = await http.post(f"{SALON}/export.csv", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_data"), wrong


async def test_e5_who_is_merged_away_while_it_is_answered_is_left_out(
    http: httpx.AsyncClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has found them, and then their cards are read."""
    shelf.put(*(card("salon", client) for client in ("c1", "c2", "c3")))
    read = Reader.records

    def merging(duplicate: str) -> None:
        async def records(self: Reader, clients: Sequence[str]) -> list[bytes | None]:
            shelf.merge("salon", duplicate, "c1")
            return await read(self, clients)

        monkeypatch.setattr(Reader, "records", records)

    merging("c2")
    found = await http.get(f"{SALON}/clients")
    assert [row["client_id"] for row in found.json()["items"]] == ["c1", "c3"]
    merging("c3")
    found = await http.get(f"{SALON}/export.csv")
    assert [row["client_id"] for row in csv.DictReader(io.StringIO(found.text))] == ["c1"]
