"""Redis or Valkey over TLS, by a socket's path, and what is said when it cannot be used."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.certificates import make_certificates
from worker.config import Settings
from worker.embedded.child import HOST
from worker.embedded.valkey import EmbeddedValkey
from worker.errors import Unreachable
from worker.readmodel.connection import check, connect

HIDDEN = "s3cret-of-redis"


@pytest.fixture
async def behind_tls(valkey: EmbeddedValkey, tmp_path: Path) -> AsyncIterator[int]:
    """The port of a server that speaks TLS and passes on to the Valkey, which was built without."""
    make_certificates(tmp_path, HOST)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, valkey.port)

        async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(1 << 16):
                    to.write(data)
                    await to.drain()
            to.close()

        await asyncio.gather(copy(reader, back), copy(there, writer))

    async with await asyncio.start_server(pass_on, HOST, 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def refusal(url: str) -> str:
    settings = Settings(redis_url=url)
    async with connect(settings) as redis:
        with pytest.raises(Unreachable) as told:
            await check(redis, settings)
    return str(told.value)


async def test_over_tls(behind_tls: int, tmp_path: Path) -> None:
    settings = Settings(redis_url=f"rediss://{HOST}:{behind_tls}/0?ssl_ca_certs={tmp_path}/ca.pem")
    async with connect(settings) as redis:
        await check(redis, settings)
        large = b"x" * (1 << 20)
        await redis.set("k", large)
        assert await redis.get("k") == large


async def test_an_authority_that_is_not_trusted_is_told(behind_tls: int) -> None:
    told = await refusal(f"rediss://:{HIDDEN}@{HOST}:{behind_tls}/0")
    assert f"at {HOST}:{behind_tls} over TLS" in told
    assert "certificate verify failed" in told
    assert HIDDEN not in told


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        (f"redis://:{HIDDEN}@{HOST}:1/0", (f"at {HOST}:1: ", "ConnectionError", "Connect call failed")),
        (f"unix://:{HIDDEN}@/nowhere/redis.sock", ("at /nowhere/redis.sock", "No such file")),
        (f"redis://{HOST}:1/0?password={HIDDEN}", (f"at {HOST}:1: ", "ConnectionError")),
    ],
)
async def test_where_and_why_are_told_and_no_password(url: str, parts: Any) -> None:
    told = await refusal(url)
    assert all(part in told for part in parts), told
    assert HIDDEN not in told


async def test_of_what_a_server_refuses_only_the_kind_is_told(valkey: EmbeddedValkey) -> None:
    """A server that knows no such command repeats what it was sent."""
    async with connect(Settings(redis_url=valkey.url)) as redis:
        await redis.config_set("requirepass", "another")
    told = await refusal(valkey.url.replace("://", f"://:{HIDDEN}@"))
    assert "AuthenticationError" in told
    assert HIDDEN not in told
