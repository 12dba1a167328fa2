"""The building blocks of messages: identifiers, money, moments. Each is checked where the message is decoded."""

from datetime import date, datetime
from typing import Annotated

import msgspec

MAX_EVENT_ID_LENGTH = 128
MAX_SOURCE_LENGTH = 256
MAX_COMMAND_CLIENTS = 1000
MAX_COMMAND_TAGS = 50
MAX_REASON_LENGTH = 2000
MAX_ACTOR_LENGTH = 200
"""J4: an actor travels with every change that a command makes, of up to every client of a business."""


ClientId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
"""An id inside ``data``: 1-64 characters of ``[A-Za-z0-9._:-]``."""
ThingId = ClientId
BusinessId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._-]{1,64}\Z")]
"""The tenant, and the record key: 1-64 characters of ``[A-Za-z0-9._-]``."""
Amount = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,15}(\.[0-9]{1,4})?\Z")]
"""A decimal string, not negative, at most 4 decimals: ``"120.00"``."""
Currency = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]
"""An ISO 4217 code: ``"EUR"``."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with an offset."""
Day = date
"""``YYYY-MM-DD``."""
Color = Annotated[str, msgspec.Meta(pattern=r"\A#[0-9A-Fa-f]{6}\Z")]
"""``#RRGGBB``."""
Language = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z", max_length=35)]
"""A BCP 47 language: ``"nl"``, ``"pt-BR"``."""
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Message(msgspec.Struct, gc=False, forbid_unknown_fields=False):
    """The ``data`` of an input message. Unknown fields are ignored."""
