"""No token reads or changes a business that it is not for: on any route, by any method, however the address is written.

Over sockets, since clients put addresses in order before they send them. The routes come from the application itself.
"""

import itertools
import socket
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from litestar import Litestar

from tests.brokers.embedded import EmbeddedKafka
from tests.console.filled import MARK, filled
from tests.console.running import Running
from tests.console.who import WHO, secret
from tests.kit.bus import Bus
from tests.kit.place import Place
from worker.console.app import create_app, routes
from worker.console.observed import Observed
from worker.console.openapi import document
from worker.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.embedded
STRANGERS = 40
"""Tokens for another business, since one may not ask so much."""
BELOW = "/api/v1/businesses/{business}"
IDS = {"{client_id}": "c1", "{audience_id}": "regulars", "{command_id}": "m1"}
BODIES = {
    "/commands": b'{"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["stolen"]}}',
    "/dead-letters/replay": b'{"letters": ["0:0"]}',
    "/export.csv": b'{"client_ids": ["c1"]}',
}
READ_BY_POST = {"/export.csv"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "QUERY")
FORMS = [
    "salon", "%73alon", "sal%6fn", "sal%6Fn", "%73%61%6c%6f%6e", "SALON", "Salon", "salon.", "salon%20", "%20salon",
    "salon%00", "salon%0a", "salon%2f", "salon/", "/salon", "//salon", "./salon", "%2e/salon", ".%2fsalon",
    "salon;x=1", "salon%3b", "other/../salon", "other/%2e%2e/salon", "other%2f..%2fsalon", "other%2Fsalon",
    "other,salon", "other%2csalon", "other%00salon", "salon%00other", "other:salon", "salon:other", "*", "%2a",
    "%25%37%33alon", "%ef%bd%93alon", "%c5%bfalon", "other/../../businesses/salon", "..%5csalon",
    "other%5c..%5csalon",
]  # fmt: skip
PREFIXES = [
    "//api/v1/businesses/salon", "/api//v1/businesses//salon", "/api/v1//businesses/salon",
    "/API/v1/businesses/salon", "/api/v1/Businesses/salon", "/api/v1/./businesses/salon",
    "/api/v1/x/../businesses/salon", "/%61pi/v1/businesses/salon", "http://127.0.0.1/api/v1/businesses/salon",
    "/api/v1/businesses/other/..;/salon", "/page/../api/v1/businesses/salon", "/b/salon", "/api/v1/businesses",
]  # fmt: skip


class Answer(NamedTuple):
    """What came back."""

    status: int
    text: str


def _tails() -> list[str]:
    """What stands behind the business in every route that has one, with ids that are there."""
    paths = {path for path in document(routes())["paths"] if path.startswith(BELOW)}
    found = []
    for path in sorted(paths):
        tail = path.removeprefix(BELOW)
        for name, id_ in IDS.items():
            tail = tail.replace(name, id_)
        assert "{" not in tail, f"{path} has a parameter that these tests do not know"
        found.append(tail)
    return found


TAILS = _tails()


@pytest.fixture(scope="module")
def place(embedded: EmbeddedKafka, new_place: Callable[..., Place]) -> Place:
    """Where commands would go."""
    return new_place(embedded, "strangers")


@pytest.fixture(scope="module")
def console(place: Place, valkey: EmbeddedValkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A console."""
    strangers = [(f"stranger-{n}", "operator", ["other"]) for n in range(STRANGERS)]
    with filled(place, valkey, tmp_path_factory.mktemp("strangers"), [*WHO, *strangers]) as program:
        yield program


@pytest.fixture(scope="module")
def bus(place: Place) -> Iterator[Bus]:
    """To see what was sent."""
    bus = place.bus()
    yield bus
    bus.close()


@pytest.fixture(autouse=True)
def nothing_is_sent(console: Running, bus: Bus) -> Iterator[None]:
    """Whatever a test here asks, nothing is sent to the business."""
    yield
    bus._call(bus._caught_up())
    sent = [got for topic in ("client-commands", "control") for got in bus.read(topic)]
    assert [got.value for got in sent if b"salon" in (got.key or b"") + (got.value or b"")] == []


def ask(console: Running, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    """A request exactly as it is written."""
    lines = [f"{method} {target} HTTP/1.1", "Host: console", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", console.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        got = b""
        while part := connection.recv(1 << 16):
            got += part
            if b"text/event-stream" in got.lower():
                break
    return Answer(int(got.split(b" ", 2)[1]), got.decode(errors="replace"))


_tokens = itertools.cycle(f"stranger-{n}" for n in range(STRANGERS))


def stranger() -> dict[str, str]:
    """Someone with a token for another business."""
    return {"Authorization": f"Bearer {secret(next(_tokens))}", "Content-Type": "application/json"}


def may_not(answer: Answer, asked: str, *, allowed: frozenset[int] = frozenset({400, 403, 404, 405})) -> None:
    """It is refused, and says nothing of the business."""
    assert answer.status in allowed, (asked, answer)
    assert MARK not in answer.text, asked


def test_the_document_has_every_route_of_the_application() -> None:
    app: Litestar = create_app(None, Observed())  # type: ignore[arg-type]  # nobody is served
    served = {route.path_format for route in app.routes if "{business}" in route.path_format}
    assert served == {path for path in document(routes())["paths"] if "{business}" in path}
    assert len(TAILS) == len(served) >= 11


@pytest.mark.parametrize("tail", TAILS)
def test_however_the_business_is_written(console: Running, tail: str) -> None:
    methods = ["GET", "POST"] if any(tail == path for path in BODIES) else ["GET"]
    for form, method in itertools.product(FORMS, methods):
        target = f"/api/v1/businesses/{form}{tail}"
        may_not(ask(console, method, target, stranger(), BODIES.get(tail, b"")), f"{method} {target}")
    for prefix in PREFIXES:
        answer = ask(console, "GET", prefix + tail, stranger())
        if prefix == "/b/salon":  # the page itself, which shows nothing
            assert MARK not in answer.text
        else:
            may_not(answer, prefix + tail)


@pytest.mark.parametrize("method", METHODS)
def test_by_any_method(console: Running, method: str) -> None:
    for tail in TAILS:
        target = f"/api/v1/businesses/salon{tail}"
        answer = ask(console, method, target, stranger(), BODIES.get(tail, b"{}"))
        if method == "OPTIONS" and answer.status == 204:
            assert MARK not in answer.text
        else:
            may_not(answer, f"{method} {target}")


def test_by_headers_and_parameters_that_others_heed(console: Running) -> None:
    tricks = {
        "X-Original-URL": "/api/v1/businesses/salon/clients", "X-Rewrite-URL": "/api/v1/businesses/salon/clients",
        "X-HTTP-Method-Override": "POST", "X-Forwarded-Prefix": "/api/v1/businesses/salon",
        "X-Forwarded-For": "127.0.0.1",
        "Cookie": "token=cs_anna; business=salon",
    }  # fmt: skip
    for tail in TAILS:
        if tail == "/changes":
            continue
        for query in (
            "",
            "?business=salon",
            "?business=other&business=salon",
            "?access_token=cs_anna",
            "?businessid=salon",
        ):
            for name, value in tricks.items():
                other = ask(console, "GET", f"/api/v1/businesses/other{tail}{query}", {**stranger(), name: value})
                assert MARK not in other.text, (tail, query, name)
        for query in ("?access_token=cs_anna", "?token=cs_anna", "?business=other"):
            may_not(ask(console, "GET", f"/api/v1/businesses/salon{tail}{query}", stranger()), tail + query)


@pytest.mark.parametrize("tail", TAILS)
def test_by_the_cookie_of_the_page(console: Running, tail: str) -> None:
    ours = {"Sec-Fetch-Site": "same-origin"}
    begun = httpx.post(
        f"http://127.0.0.1:{console.port}/session", json={"token": secret(next(_tokens))}, headers=ours
    )  # fmt: skip
    assert begun.status_code == 204
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in begun.cookies.items()), **ours}
    for method in ("GET", "POST"):
        target = f"/api/v1/businesses/salon{tail}"
        may_not(ask(console, method, target, cookie, BODIES.get(tail, b"")), f"{method} {target}")
    header = {"Authorization": "Bearer nobody"}
    assert ask(console, "GET", f"/api/v1/businesses/other{tail}", {**cookie, **header}).status in {401, 405}


@pytest.mark.parametrize("tail", TAILS)
def test_a_viewer_reads_and_changes_nothing(console: Running, tail: str) -> None:
    target = f"/api/v1/businesses/salon{tail}"
    for method in METHODS:
        as_operator = ask(console, method, f"/api/v1/businesses/none{tail}", _as("alma"), BODIES.get(tail, b"{"))
        as_viewer = ask(console, method, target, _as("vera"), BODIES.get(tail, b"{}"))
        if method in ("GET", "HEAD") or (method == "POST" and tail in READ_BY_POST) or method == "OPTIONS":
            assert as_viewer.status in {200, 204, 405}, (method, tail)
        elif as_operator.status in {404, 405, 400, 501}:
            assert as_viewer.status in {as_operator.status, 403, 405}, (method, tail)
        else:
            assert as_viewer.status == 403, (method, tail, as_viewer)


def _as(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret(name)}", "Content-Type": "application/json"}
