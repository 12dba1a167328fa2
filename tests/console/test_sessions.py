"""Signing in on the page: a cookie for a token, that scripts cannot read and other sites cannot use."""

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.console.shelf import Shelf, card
from tests.console.who import WHO, secret, write
from worker.console import page, tokens
from worker.console.desk import Desk
from worker.console.limits import MAX_SESSIONS_BEGUN
from worker.console.sessions import COOKIE

API = "/api/v1/businesses/salon"
OURS = {"Sec-Fetch-Site": "same-origin"}
TAG = {"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["x"]}}


@pytest.fixture
def browser(http: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that brings no token of its own, and keeps cookies."""
    del http.headers["Authorization"]
    return http


async def sign_in(browser: httpx.AsyncClient, name: str = "anna", **headers: str) -> httpx.Response:
    return await browser.post("/session", json={"token": secret(name)}, headers=headers or OURS)


async def test_a_cookie_stands_for_the_token(browser: httpx.AsyncClient, shelf: Shelf, sent: list[Any]) -> None:
    shelf.put(card("salon", "c1"))
    assert (await browser.get(f"{API}/clients")).status_code == 401
    answer = await sign_in(browser)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await browser.get(f"{API}/clients")).json()["total"] == 1
    assert (await browser.post(f"{API}/commands", json=TAG, headers=OURS)).status_code == 202
    assert sent[0][2]["data"]["actor"] == "anna"
    assert (await browser.get("/api/v1/businesses/other/clients")).status_code == 403


async def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: httpx.AsyncClient) -> None:
    cookie = SimpleCookie((await sign_in(browser)).headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert int(cookie["max-age"]) <= 12 * 3600
    assert secret("anna") not in cookie.value
    assert not cookie["secure"], "by plain HTTP a browser would not send it again"


async def test_over_https_the_cookie_is_for_https_only(app: Litestar) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://console") as browser:  # type: ignore[arg-type]
        assert SimpleCookie((await sign_in(browser)).headers["set-cookie"])[COOKIE]["secure"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://console.example"},
        {"User-Agent": "neither header"},
    ],
)
async def test_another_site_changes_nothing(
    browser: httpx.AsyncClient, sent: list[Any], headers: dict[str, str]
) -> None:
    await sign_in(browser)
    for answer in (
        await browser.post(f"{API}/commands", json=TAG, headers=headers),
        await sign_in(browser, "vera", **headers),
        await browser.delete("/session", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert sent == []
    assert (await browser.get(f"{API}/settings")).status_code == 200, "the session goes on"


async def test_an_older_browser_says_its_origin(browser: httpx.AsyncClient) -> None:
    assert (await sign_in(browser, Origin="http://console")).status_code == 204
    sent = await browser.post(f"{API}/commands", json=TAG, headers={"Origin": "http://console"})
    assert sent.status_code == 202


async def test_signing_out_ends_the_session_on_the_server(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    session = browser.cookies[COOKIE]
    assert (await browser.delete("/session", headers=OURS)).status_code == 204
    assert COOKIE not in browser.cookies
    assert (await browser.get(f"{API}/clients", headers={"Cookie": f"{COOKIE}={session}"})).status_code == 401


async def test_a_token_that_is_taken_back_ends_its_sessions(
    browser: httpx.AsyncClient, tokens_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LOOK_SECONDS", 0.0)
    await sign_in(browser)
    write(tokens_file, *[person for person in WHO if person[0] != "anna"])
    assert (await browser.get(f"{API}/clients")).status_code == 401


@pytest.mark.parametrize("token", ["cs_nobody", "x", "é\ud7ff" * 9])
async def test_an_unknown_token_gets_no_cookie(browser: httpx.AsyncClient, token: str) -> None:
    answer = await browser.post("/session", json={"token": token}, headers=OURS)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert token not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"token": ""}', b'{"token": 1}', b"[", b'{"token": "' + b"x" * 600 + b'"}']
)
async def test_what_is_no_sign_in_is_refused(browser: httpx.AsyncClient, body: bytes) -> None:
    answer = await browser.post("/session", content=body, headers=OURS)
    assert answer.status_code in {401, 422}


async def test_guessing_is_slowed(browser: httpx.AsyncClient) -> None:
    codes = [
        (await browser.post("/session", json={"token": "cs_guess"}, headers=OURS)).status_code
        for _ in range(int(MAX_SESSIONS_BEGUN) + 30)
    ]
    assert 429 in codes


async def test_a_made_up_session_is_none(browser: httpx.AsyncClient, desk: Desk) -> None:
    for value in ("x", secret("anna"), "a" * 5_000):
        answer = await browser.get(f"{API}/clients", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_code == 401


async def test_the_page_is_served_with_a_strict_policy(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/sign-in", "/b/salon/clients", "/b/salon/clients/c1"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "http" not in policy
    assert (await browser.get("/page/../tokens.json")).status_code == 404
    assert (await browser.get("/page/nothing.js")).status_code == 404


async def test_files_of_the_page_are_asked_for_again_only_when_they_changed(browser: httpx.AsyncClient) -> None:
    for path, file in page.served().items():
        answer = await browser.get(f"/page/{path}")
        assert answer.content == file.body
        again = await browser.get(f"/page/{path}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
