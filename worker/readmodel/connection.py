"""How the projector and the console reach Redis or Valkey: plainly, over TLS (``rediss``) or by a socket's path."""

from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooLate

from worker.config import Settings
from worker.errors import SettingError, Unreachable

CONNECT_SECONDS: Final = 5.0
"""How long a server may take to take a connection."""
FREE_SECONDS: Final = 20.0
"""How long a connection that others use is waited for."""
USUAL_PORT: Final = 6379


def connect(settings: Settings, **options: Any) -> Any:
    """A client of the Redis at REDIS_URL; it connects when it is used. Who comes while all connections are in use waits
    for one. Raises SettingError for options in the URL that there are not."""
    options = {"socket_connect_timeout": CONNECT_SECONDS, "timeout": FREE_SECONDS, **options}
    try:
        pool = BlockingConnectionPool.from_url(settings.redis_url, **options)
        pool.make_connection()  # type: ignore[no-untyped-call]  # of redis; it is not connected yet
    except (TypeError, ValueError) as exc:
        raise SettingError(
            "REDIS_URL: behind the ? is an option that there is not, or a value that it cannot have"
        ) from exc
    return Redis.from_pool(pool)


async def check(redis: Any, settings: Settings) -> None:
    """Does it answer? Raises Unreachable, which says where and why, and nothing of the password."""
    try:
        await redis.ping()
    except (RedisError, OSError) as exc:
        raise Unreachable(
            f"no Redis or Valkey can be used {_place(settings.redis_url)}: {_reason(exc)}. Check REDIS_URL"
        ) from exc


def _place(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"at {parts.path}"
    by = " over TLS" if parts.scheme == "rediss" else ""
    return f"at {parts.hostname or 'localhost'}:{parts.port or USUAL_PORT}{by}"


def _reason(exc: Exception) -> str:
    """A server may repeat what it was sent, the password too: of its refusals only the kind is told."""
    kind = type(exc).__name__
    return (
        f"{kind} ({str(exc).rstrip('.')})" if type(exc) in (NoConnection, TooLate) or isinstance(exc, OSError) else kind
    )
