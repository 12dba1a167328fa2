"""Moments as integers: microseconds since 1970-01-01 UTC inside, RFC 3339 outside."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z."""

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
MIN_YEAR: Final = 2
MAX_YEAR: Final = 9998
"""Years in which every offset from UTC still gives a moment that can be written."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH).days * DAY


def micros(moment: datetime) -> Micros:
    """An aware datetime as microseconds since the epoch. What is older counts as its first: 0 stands for no moment."""
    since = moment - _EPOCH
    found = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds
    return found if found > 0 else 1


def moment(micros_: Micros) -> datetime:
    """Microseconds since the epoch as an aware datetime, the greatest there is at most."""
    return _EPOCH + timedelta(microseconds=micros_) if micros_ < _LAST else datetime.max.replace(tzinfo=UTC)


_SECONDS: Final = [f"{second:02}" for second in range(60)]
_ENDS: Final = ["Z", *(f".{millisecond:03}Z" for millisecond in range(1, 1_000))]


@lru_cache(maxsize=16_384)
def _minute_text(minute: int) -> str:
    """Minutes since the epoch as ``YYYY-MM-DDTHH:MM:``."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[: len("2026-01-01T10:00:")]


def rfc3339(moment: Micros) -> str:
    """UTC, ``Z``, milliseconds only when not zero: ``2026-01-01T10:00:00Z``."""
    minute, rest = divmod(moment, MINUTE)
    return f"{_minute_text(minute)}{_SECONDS[rest // SECOND]}{_ENDS[rest // MILLISECOND % 1_000]}"


def day_micros(day: date) -> Micros:
    """The first moment of a day, UTC; of a day before 1970 the first of that year."""
    return max((day - _EPOCH.date()).days, 0) * DAY
