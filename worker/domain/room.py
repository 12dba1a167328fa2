"""How much a business may define altogether (J4): its settings are one record, which must stay writable."""

from typing import Final

import msgspec

from topics.commands import Command
from worker.domain.answers import Rejected
from worker.domain.business import Business
from worker.domain.business_record import encode

MAX_SETTINGS_BYTES: Final = 4 << 20
"""Of the record in ``business-settings``; its topic takes twice as much."""
_GROWTH: Final = 4
"""What a definition says stands in the record this often, at most: for readers, resolved, and for the worker."""

_encode = msgspec.json.Encoder().encode


def take_room(business: Business, data: Command) -> None:
    """Raises Rejected for a definition that would make the settings too large, with nothing changed."""
    needed = _GROWTH * len(_encode(data))
    if business.size + needed > MAX_SETTINGS_BYTES:
        business.size = len(encode(business))
    if business.size + needed > MAX_SETTINGS_BYTES:
        raise Rejected("invalid_data", "The settings of this business would be too large; remove something first.")
    business.size += needed
