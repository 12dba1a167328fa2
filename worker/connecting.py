"""Opening and closing Kafka clients of short-lived commands, with an error that says what to look at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from topics.registry import STATE_TOPIC_BYTES
from worker.config import Settings
from worker.errors import Unreachable
from worker.transport.clients import client_options, stopped

CONNECT_SECONDS: Final = 10.0
"""How long a command waits for a broker that does not answer at all."""
RETRY_SECONDS: Final = 0.5
REQUEST_MS: Final = 10_000
MAX_REQUEST_BYTES: Final = STATE_TOPIC_BYTES
"""The largest record that any of our topics takes; the broker's answer to a larger one is an error."""
_REFUSED: Final = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
Client = TypeVar("Client")


@asynccontextmanager
async def admin(settings: Settings, *, patience: float = 0.0) -> AsyncIterator[Any]:
    """An AIOKafkaAdminClient. ``patience``: seconds during which to try again while there is no broker."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=REQUEST_MS)
        try:
            await _start(client.start, client.close, settings)
            break
        except Unreachable:
            if asyncio.get_running_loop().time() + RETRY_SECONDS > deadline:
                raise
            await asyncio.sleep(RETRY_SECONDS)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def producer(settings: Settings, **options: Any) -> AsyncIterator[Any]:
    """An AIOKafkaProducer whose sends are acknowledged by all replicas in sync."""
    client = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=REQUEST_MS,
        **options,
    )
    await _start(client.start, client.stop, settings)
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def reader(settings: Settings, *topics: str, **options: Any) -> AsyncIterator[Any]:
    """An AIOKafkaConsumer without a group, that sees what is committed only, unless ``options`` say otherwise."""
    own: dict[str, Any] = {"isolation_level": "read_committed", "enable_auto_commit": False}
    own["max_partition_fetch_bytes"] = MAX_REQUEST_BYTES
    client = AIOKafkaConsumer(*topics, **client_options(settings), **(own | options))
    await _start(client.start, client.stop, settings)
    try:
        yield client
    finally:
        await stopped(client)


async def _start(start: Callable[[], Awaitable[Any]], stop: Callable[[], Awaitable[Any]], settings: Settings) -> None:
    """Start the client, or stop it again and raise Unreachable."""
    try:
        await asyncio.wait_for(start(), CONNECT_SECONDS)
    except (KafkaError, OSError, TimeoutError) as exc:
        await stop()
        raise unreachable(settings, exc) from exc


def unreachable(settings: Settings, cause: BaseException) -> Unreachable:
    """What to tell when no broker answers: where it was looked for, and what to check."""
    where = f"{settings.kafka_bootstrap_servers} ({settings.kafka_security_protocol})"
    if isinstance(cause, _REFUSED):
        return Unreachable(
            f"the Kafka broker at {where} refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME "
            "and KAFKA_SASL_PASSWORD"
        )
    why = "no answer" if isinstance(cause, TimeoutError) else "no connection"
    hint = ", KAFKA_SECURITY_PROTOCOL and the login" if settings.kafka_security_protocol != "PLAINTEXT" else ""
    return Unreachable(
        f"no Kafka broker can be used at {where}: {why}. Is it running? Check KAFKA_BOOTSTRAP_SERVERS"
        f"{hint or ' and KAFKA_SECURITY_PROTOCOL'}"
    )
