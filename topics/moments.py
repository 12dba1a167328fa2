"""Moments as integers: microseconds since 1970-01-01 UTC inside, RFC 3339 outside."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> Micros:
    """An aware datetime as microseconds since the epoch."""
    return round(moment.timestamp() * SECOND)


@lru_cache(maxsize=4096)
def day_text(day: int) -> str:
    """Days since the epoch as ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def rfc3339(moment: Micros) -> str:
    """UTC, ``Z``, milliseconds only when not zero: ``2026-01-01T10:00:00Z``."""
    day, rest = divmod(moment, DAY)
    second, fraction = divmod(rest, SECOND)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    if fraction := fraction // 1000:
        return f"{day_text(day)}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"
    return f"{day_text(day)}T{hour:02}:{minute:02}:{second:02}Z"


def day_micros(text: str) -> Micros:
    """``YYYY-MM-DD`` as the microseconds of its first moment, UTC. Raises ValueError for a day that is none."""
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))
