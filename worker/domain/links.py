"""Links in names (E6). Looks at every character a bounded number of times: a name may be as long as a record."""

import re
from typing import Final

_WWW: Final = re.compile(r"\bwww[0-9]?\.\w", re.IGNORECASE)
_TOP_LEVEL: Final = re.compile(r"[a-z]{2,24}|[A-Z]{2,24}")
_SHORTEST: Final = 3
"""Letters that one of the labels before the top level has at least: initials are no domain."""
_BRACKETS: Final = "()<>[]{}\"',;"


def has_link(name: str) -> bool:
    """``https://…``, ``www.…``, or a domain with a path, ``example.com/…``.

    A company may be called Booking.com; a person J.P. Morgan, Anna v.d. Berg, or P.Smit/K.Jansen.
    """
    if "://" in name or _WWW.search(name):
        return True
    if "/" not in name:
        return False
    return any(_is_domain(part.strip(_BRACKETS)) for word in name.split() for part in word.split("/")[:-1])


def _is_domain(text: str) -> bool:
    *labels, top_level = text.partition(":")[0].split(".")
    return all(labels) and any(len(label) >= _SHORTEST for label in labels) and bool(_TOP_LEVEL.fullmatch(top_level))
