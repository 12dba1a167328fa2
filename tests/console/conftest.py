"""A Valkey for the whole run, and a read model of its own for every test."""

import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from tests.console.shelf import Shelf
from tests.console.who import WHO, bearer, write
from worker.console.app import create_app
from worker.console.desk import Desk
from worker.console.observed import Observed, Outermost
from worker.console.tokens import Tokens
from worker.dead_letters.letters import Place
from worker.dead_letters.replay import Report
from worker.embedded.valkey import EmbeddedValkey

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """The server that all tests here share."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    yield server
    server.kill()


@pytest.fixture
def space() -> str:
    """What all keys of this test begin with."""
    return f"client-status:t{next(_numbers)}."


@pytest.fixture
def shelf(valkey: EmbeddedValkey, space: str) -> Shelf:
    """This test's read model."""
    return Shelf(valkey.url, space)


@pytest.fixture
def tokens_file(tmp_path: Path) -> Path:
    """Anna operates the salon, Vera may look at it, Otto operates another business, Alma operates all."""
    file = tmp_path / "tokens.json"
    write(file, *WHO)
    return file


@pytest.fixture
def sent() -> list[tuple[str, str, Any]]:
    """Topic, business and event of what the console has sent."""
    return []


@pytest.fixture
async def desk(valkey: EmbeddedValkey, space: str, tokens_file: Path, sent: list[Any]) -> AsyncIterator[Desk]:
    """What the routes work with; what is sent stays here."""

    async def send(topic: str, business: str, value: bytes) -> None:
        sent.append((topic, business, orjson.loads(value)))

    async def replay(business: str, places: Sequence[Place]) -> Report:
        report = Report()
        report.seen.update(places)
        report.sent["not_json"] = len(places)
        sent.append(("dead-letters", business, [str(place) for place in places]))
        return report

    async with Redis.from_url(valkey.url) as redis:
        yield Desk(redis, space, Tokens(str(tokens_file)), send, replay)


@pytest.fixture
def app(desk: Desk) -> Litestar:
    """The application."""
    return create_app(desk, Observed())


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it, as Anna."""
    transport = httpx.ASGITransport(Outermost(app, app.state.observed))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://console", headers=bearer("anna")) as client:
        yield client
