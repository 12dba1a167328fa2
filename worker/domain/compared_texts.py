"""How texts are written to be compared (F3): names without case, tags and phone numbers without their notation."""

from functools import lru_cache
from typing import Final

from worker.domain.tags import identity

LONG_TEXT: Final = 1_000
"""Characters from which on a text is not written anew for every question (J4)."""
LONG_TEXTS: Final = 8
"""Of these, the last are remembered as they are compared."""


def folded(text: str) -> str:
    """A text as it is compared where case does not matter, in the way of tags (D1)."""
    return identity(text) if len(text) < LONG_TEXT else _long_folded(text)


_long_folded: Final = lru_cache(LONG_TEXTS)(identity)


def tag_key(text: str) -> str:
    """What a text is the tag of (D1), however it is spaced."""
    return identity(" ".join(text.split()))


def phone_key(text: str) -> str:
    """A phone number without its notation: its digits, without the 00 that stands for a plus."""
    return _dialled(text) if len(text) < LONG_TEXT else _long_dialled(text)


def _dialled(text: str) -> str:
    digits = "".join(c for c in text if c.isdecimal())
    return (digits.removeprefix("00") or digits) or folded(text)


_long_dialled: Final = lru_cache(LONG_TEXTS)(_dialled)
