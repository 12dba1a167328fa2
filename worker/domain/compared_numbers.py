"""As what numbers, days and moments are compared (F3), a filter's and a subject's; None: it is none."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from topics.fields import Moment
from topics.moments import DAY, MILLISECOND, day_micros, micros

Number = int | Decimal
Span = tuple[Number, Number]
"""What a filter's value stands for: from the first to the last, both included. A day is many moments."""
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


def as_number(value: object) -> Number | None:
    """A JSON number, exactly as it was written; true and false are none."""
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_or_decimal(value: object) -> Number | None:
    """A JSON number, or a text that is a decimal number, as money travels."""
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    return as_number(value)


def number_span(value: object) -> Span | None:
    """A number as a filter's value."""
    number = as_number(value)
    return None if number is None else (number, number)


def as_day(value: object) -> int | None:
    """``YYYY-MM-DD`` as the first moment of the day, UTC, in milliseconds since the epoch."""
    try:
        return day_micros(msgspec.convert(value, date)) // MILLISECOND if isinstance(value, str) else None
    except msgspec.ValidationError:
        return None


def as_moment(value: object) -> int | None:
    """RFC 3339 with an offset, or the beginning of a day, in milliseconds since the epoch."""
    if not isinstance(value, str):
        return None
    try:
        return micros(msgspec.convert(value, Moment)) // MILLISECOND
    except msgspec.ValidationError:
        return as_day(value)


def from_micros(value: object) -> int | None:
    """Microseconds since the epoch, in milliseconds."""
    return value // MILLISECOND if isinstance(value, int) else None


def day_span(value: object) -> Span | None:
    """A day as a filter's value, where days are compared."""
    day = as_day(value)
    return None if day is None else (day, day)


def moment_span(value: object) -> Span | None:
    """A moment, or all moments of a day, as a filter's value."""
    day = as_day(value)
    if day is not None:
        return day, day + DAY // MILLISECOND - 1
    moment = as_moment(value)
    return None if moment is None else (moment, moment)
