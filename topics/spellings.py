"""Spellings that RFC 3339 and JSON allow and msgspec does not: leap seconds, and whole numbers such as ``5.0``; and one
that it is the other way round with: offsets without a colon."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

_SIXTIETH: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):60(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NO_COLON: Final = re.compile(r"[+-]\d{4}\Z", re.ASCII)
may_lack_colon: Final = re.compile(rb":\d\d(?:\.\d+)?[+-]\d{4}\"").search
"""Is there, anywhere in this JSON, what looks like a moment with an offset such as ``+0200``? It is asked only where an
offset other than ``Z`` may be; that of ``-0000`` alone would have to be looked for in every event, and passes."""
LARGEST_WHOLE: Final = float(1 << 53)
"""Up to here every whole number is exact as a float."""


MOMENTS: Final = ("time", "starts_at", "ends_at")
"""The names of what holds a time in an input message. A text elsewhere stays as it came."""


def lacks_colon(found: object, names: Collection[str]) -> str | None:
    """Of an object's values of these names, that of the first moment whose offset has no colon, or None."""
    if not isinstance(found, dict):
        return None
    moments = (name for name in MOMENTS if name in names)
    return next((n for n in moments if isinstance(text := found.get(n), str) and _NO_COLON.search(text)), None)


def usual(value: object) -> object:
    """The same value, at any depth, in the spelling that msgspec takes."""
    match value:
        case float():
            return int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else value
        case list():
            return [usual(part) for part in value]
        case dict():
            return {name: _named(name, part) for name, part in value.items()}
    return value


def _named(name: object, value: object) -> object:
    return _without_leap_second(value) if name in MOMENTS and isinstance(value, str) else usual(value)


def _without_leap_second(text: str) -> str:
    """A leap second is the last one of a month, UTC; it counts as the end of the second before it."""
    found = _SIXTIETH.fullmatch(text)
    if found is None:
        return text
    earlier = f"{found[1]}:59.999999{found[2]}"
    try:
        after = datetime.fromisoformat(earlier.upper()).astimezone(UTC) + timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return text
    return earlier if (after.day, after.hour, after.minute) == (1, 0, 0) else text
