"""How every Kafka client of this project connects: servers, TLS and SASL from the settings, and the topics' real names.

Nothing else reads the ``KAFKA_*`` settings or ``TOPIC_PREFIX``; inside the program topics have the contract's names.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Any, Final, NotRequired, TypedDict

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from worker.config import Settings
from worker.errors import Crash, SettingError


class ClientOptions(TypedDict):
    """Keyword arguments that every aiokafka client (consumer, producer, admin) takes."""

    bootstrap_servers: list[str]
    client_id: str
    security_protocol: str
    ssl_context: NotRequired[ssl.SSLContext]
    sasl_mechanism: NotRequired[str]
    sasl_plain_username: NotRequired[str]
    sasl_plain_password: NotRequired[str]


def client_options(settings: Settings) -> ClientOptions:
    """What to pass to an aiokafka client: ``AIOKafkaConsumer(**client_options(settings), ...)``.

    Raises SettingError, which names the setting, when a certificate cannot be read or a user name is missing.
    """
    protocol = settings.kafka_security_protocol
    options = ClientOptions(
        bootstrap_servers=[server.strip() for server in settings.kafka_bootstrap_servers.split(",") if server.strip()],
        client_id=settings.app_id,
        security_protocol=protocol,
    )
    if not options["bootstrap_servers"]:
        raise SettingError("KAFKA_BOOTSTRAP_SERVERS is empty: give host:port, several separated by commas")
    if protocol.endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    if protocol.startswith("SASL"):
        if not settings.kafka_sasl_username:
            raise SettingError(f"KAFKA_SASL_USERNAME is needed with KAFKA_SECURITY_PROTOCOL={protocol}")
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.kafka_sasl_password
    return options


FORBIDDEN: Final = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
"""What brokers answer to a user who may not do something: asking again does not help."""


def forbidden(settings: Settings, cause: BaseException) -> Crash:
    """The Kafka user lacks an ACL."""
    who = settings.kafka_sasl_username or "that this program is to the brokers"
    return Crash(
        f"the Kafka user {who} may not do what this program does: {cause}. Give it the ACLs that the operating manual "
        "lists under Security, then start again"
    )


def topic_name(settings: Settings, name: str) -> str:
    """The name that a topic of the contract has on the broker."""
    return settings.topic_prefix + name


def contract_name(settings: Settings, topic: str) -> str:
    """The contract's name of a topic on the broker: the inverse of ``topic_name``."""
    return topic.removeprefix(settings.topic_prefix)


async def stopped(client: Any) -> None:
    """Stop a consumer or producer. While there is no broker, a consumer of aiokafka 0.14 cancels what fetches for it,
    and ends as if it had been cancelled itself: whoever stops it was not."""
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.wait([stopping])
    if not stopping.cancelled():
        stopping.result()


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    files = {
        "KAFKA_SSL_CAFILE": settings.kafka_ssl_cafile,
        "KAFKA_SSL_CERTFILE": settings.kafka_ssl_certfile,
        "KAFKA_SSL_KEYFILE": settings.kafka_ssl_keyfile,
    }
    for name, path in files.items():
        if path and not Path(path).is_file():
            raise SettingError(f"{name}: there is no file {path}")
    if settings.kafka_ssl_keyfile and not settings.kafka_ssl_certfile:
        raise SettingError("KAFKA_SSL_CERTFILE is needed with KAFKA_SSL_KEYFILE")
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ssl_cafile or None)
        if settings.kafka_ssl_certfile:
            context.load_cert_chain(settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile or None)
    except (ssl.SSLError, OSError) as exc:
        raise SettingError(f"{', '.join(n for n, p in files.items() if p)}: not usable certificates: {exc}") from exc
    return context
