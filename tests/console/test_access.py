"""Who may ask what: tokens, roles, businesses, limits; and that no route lets anybody into another business."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.console.shelf import Shelf, card
from tests.console.who import WHO, bearer, broken, secret, write
from worker.console import tokens as module
from worker.console.desk import Desk
from worker.console.limits import Limits
from worker.console.tokens import Tokens, digest, new
from worker.errors import SettingError

API = "/api/v1/businesses"
OPEN = {
    "/livez",
    "/readyz",
    "/metrics",
    "/api/v1",
    "/api/v1/openapi.json",
    "/",
    "/sign-in",
    "/b/app.js",
    "/page/app.js",
}
"""Routes that need no token: they show nothing of any business."""


def routes(app: Litestar) -> list[tuple[str, str]]:
    """Every method and path, with ids in the place of parameters."""
    found = []
    for route in app.routes:
        path = route.path_format.replace("{business}", "salon").replace("{client_id}", "c1")
        path = path.replace("{audience_id}", "a1").replace("{command_id}", "m1").replace("{path}", "app.js")
        assert "{" not in path, "a parameter that this test does not know"
        if path != "/session":  # tests/console/test_sessions.py
            found += [(method, path) for method in sorted(route.methods - {"OPTIONS", "HEAD"})]
    return found


async def ask(http: httpx.AsyncClient, method: str, path: str, **headers: str) -> httpx.Response:
    content = b'{"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["x"]}}' if method == "POST" else None
    return await http.request(method, path, headers=headers, content=content)


def test_the_walk_meets_the_routes_of_the_contract(app: Litestar) -> None:
    met = {path.removeprefix(f"{API}/salon") for _, path in routes(app)}
    assert {"/clients", "/clients/c1", "/clients/c1/timeline", "/settings", "/counts", "/audiences"} <= met


async def test_every_route_asks_for_a_token(app: Litestar, http: httpx.AsyncClient) -> None:
    for method, path in routes(app):
        for header in ("", "Bearer ", "Bearer nobody", f"Basic {secret('anna')}", f"Bearer {digest(secret('anna'))}"):
            answer = await ask(http, method, path, Authorization=header)
            if path in OPEN:
                assert answer.status_code in {200, 503}, path
            else:
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_no_route_lets_a_token_into_another_business(
    app: Litestar, http: httpx.AsyncClient, shelf: Shelf, sent: list[Any]
) -> None:
    shelf.put(card("salon", "c1", name="Secret Sofia"))
    in_business = [(method, path) for method, path in routes(app) if "salon" in path]
    assert len(in_business) >= 7
    for method, path in in_business:
        answer = await ask(http, method, path, **bearer("otto"))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (method, path)
        assert "Sofia" not in answer.text
    for method, path in routes(app):
        if "salon" not in path:
            answer = await ask(http, method, path, **bearer("otto"))
            assert "Sofia" not in answer.text
            assert "salon" not in answer.text.replace("client_status", ""), path
    assert sent == []


@pytest.mark.parametrize("business", ["salon%2F..%2Fsalon", "..%2Fsalon", "sal%00on", "other%2Fclients", "a" * 65, "*"])
async def test_a_business_is_named_by_its_id_only(http: httpx.AsyncClient, business: str) -> None:
    answer = await http.get(f"{API}/{business}/clients", headers=bearer("otto"))
    assert answer.status_code in {403, 404}


async def test_ids_do_not_reach_into_other_businesses(http: httpx.AsyncClient, shelf: Shelf) -> None:
    """Keys are made of ids; none of one business can be spelled by an id of another."""
    shelf.put(card("salon", "c1"), card("other", "c1", name="Other"))
    shelf.happen("salon", "client.noted", "2026-01-01T10:00:00Z", "e1", client_id="c1", text="hello")
    for client in ("salon:c1", "..", "salon%2Fc1", "c1%00", "*"):
        for below in ("", "/timeline"):
            answer = await http.get(f"{API}/other/clients/{client}{below}", headers=bearer("otto"))
            assert answer.status_code in {400, 404}, answer.text


async def test_a_viewer_changes_nothing(app: Litestar, http: httpx.AsyncClient, sent: list[Any]) -> None:
    for method, path in routes(app):
        if method not in {"GET", "HEAD"} and not path.endswith("/export.csv"):  # names in a body, to be read
            answer = await ask(http, method, path, **bearer("vera"))
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert sent == []


async def test_what_a_token_allows(http: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.put(card("salon", "c1"), card("other", "c1"))
    mine = (await http.get("/api/v1/me")).json()
    assert mine == {"name": "anna", "role": "operator", "all_businesses": False, "businesses": ["salon"]}
    all_of_them = (await http.get("/api/v1/me", headers=bearer("alma"))).json()
    assert all_of_them["businesses"] == ["other", "salon"]


async def test_the_file_is_read_again_when_it_changes(
    http: httpx.AsyncClient, tokens_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    path = f"{API}/salon/clients"
    write(tokens_file, *(person for person in WHO if person[0] != "anna"))
    assert (await http.get(path)).status_code == 401
    assert (await http.get(path, headers=bearer("vera"))).status_code == 200
    broken(tokens_file)
    assert (await http.get(path, headers=bearer("vera"))).status_code == 200
    write(tokens_file, *WHO)
    assert (await http.get(path)).status_code == 200


async def test_no_token_is_logged_or_shown(http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        shown = [(await http.get(f"{API}/salon/{path}")).text for path in ("clients", "nothing", "clients/none")]
        shown.append((await http.get("/metrics")).text)
    assert secret("anna") not in "".join([*shown, caplog.text])


async def test_a_token_may_ask_so_much_and_no_more(desk: Desk, http: httpx.AsyncClient) -> None:
    desk.limits = Limits(rate=0.001, burst=2)
    path = f"{API}/salon/clients"
    assert [(await http.get(path)).status_code for _ in range(3)] == [200, 200, 429]
    refused = await http.get(path)
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused.headers["retry-after"]) > 1
    assert (await http.get(path, headers=bearer("vera"))).status_code == 200


def test_a_bucket_fills_again() -> None:
    limits = Limits(rate=1e9, burst=1)
    assert [limits.take("t") for _ in range(5)] == [0.0] * 5


@pytest.mark.parametrize("text", ["{", "tokens = 1", '{"tokens": [{"name": "x"}]}', '{"tokens": {}}', "\xff"])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text, encoding="latin-1")
    with pytest.raises(SettingError, match="CONSOLE_TOKENS_FILE"):
        Tokens(str(tmp_path / "t"))
    with pytest.raises(SettingError, match="CONSOLE_TOKENS_FILE"):
        Tokens(str(tmp_path / "none"))


def test_what_is_wrong_in_the_file_is_said_in_plain_words(tmp_path: Path) -> None:
    made, line = new("Ann", "viewer", ["salon"])
    told = {
        line.replace("businesses", "business"): "`businesses` is missing in `tokens[0]`",
        line.replace("viewer", "boss"): "`tokens[0].role` must be one of operator, viewer",
        line.replace(json.loads(line)["sha256"], made): "`tokens[0].sha256` must have the form [0-9a-fA-F]{64}",
        line.replace('["salon"]', '"salon"'): '`businesses` must be a list of ids, such as ["salon"], or "*" for all',
    }
    for wrong, words in told.items():
        (tmp_path / "t.json").write_text(f'{{"tokens": [{wrong}]}}')
        with pytest.raises(SettingError) as refusal:
            Tokens(str(tmp_path / "t.json"))
        told_words = str(refusal.value).removeprefix(f"CONSOLE_TOKENS_FILE: {tmp_path / 't.json'}: ")
        assert told_words.removeprefix("`tokens[0]` is wrong: ") == words


def test_a_new_token_works_from_json_and_toml(tmp_path: Path) -> None:
    made, line = new("Ann", "viewer", ["salon"])
    assert made not in line
    (tmp_path / "t.json").write_text(f'{{"tokens": [{line}]}}')
    entry = json.loads(line)
    toml = "\n".join(f"{name} = {json.dumps(value)}" for name, value in entry.items())
    (tmp_path / "t.toml").write_text(f"[[tokens]]\n{toml}\n")
    (tmp_path / "mark.json").write_text(f'{{"tokens": [{line}]}}', encoding="utf-8-sig")
    for name in ("t.json", "t.toml", "mark.json"):
        found = Tokens(str(tmp_path / name)).find(made)
        assert found is not None
        assert (found.name, found.role, found.may_see("salon"), found.may_see("other")) == (
            "Ann",
            "viewer",
            True,
            False,
        )
    assert json.loads(new("x", "operator", ["*"])[1])["businesses"] == "*"
    with pytest.raises(SettingError):
        new("x", "operator", ["no/id"])


def test_without_a_file_no_token_is_good() -> None:
    assert Tokens("").find("") is None


@pytest.mark.parametrize("client", ["c1", "commands", "changes"])
async def test_h5_before_the_read_model_is_whole_commands_are_sent_and_nothing_is_read(
    http: httpx.AsyncClient, desk: Desk, shelf: Shelf, client: str
) -> None:
    shelf.put(card("salon", client))
    body = {"type": "tags.add", "data": {"client_ids": [client], "tags": ["gold"]}}
    for whole, status in ((True, 200), (False, 503)):
        desk.whole = whole
        assert (await http.get(f"{API}/salon/clients/{client}")).status_code == status
        assert (await http.post(f"{API}/salon/commands", json=body)).status_code == 202
