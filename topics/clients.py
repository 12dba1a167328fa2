"""Topic ``clients``: cards created, imported and updated; messages, notes, documents, reviews, payment cards."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from topics.fields import ClientId, Message, Text, ThingId

FieldValue = str | int | float | bool | None
MAX_FIELDS = 200
Fields = Annotated[dict[str, FieldValue], msgspec.Meta(max_length=MAX_FIELDS)]
Strings = Annotated[list[str], msgspec.Meta(max_length=MAX_FIELDS)]
LastFour = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{4}\Z")]


class ClientCreated(Message):
    """``client.imported`` has the same data, where ``tags`` may also be one string with commas (D5)."""

    client_id: ClientId
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    source: str | None = None
    staff_id: str | None = None
    status: str | None = None
    tags: list[str] | None = None
    fields: Fields | None = None
    client_type: str | None = None
    industry: str | None = None
    headcount: str | None = None
    linked_systems: Strings | None = None


class ClientImported(ClientCreated):
    tags: list[str] | str | None = None  # type: ignore[assignment]  # the wire allows one string here, and only here


class ClientUpdated(Message):
    """What is not named stays; null clears. ``emails`` and ``phones`` set all of them."""

    client_id: ClientId
    name: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
    emails: Strings | None | UnsetType = UNSET
    phones: Strings | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET
    staff_id: str | None | UnsetType = UNSET
    fields: Fields | None | UnsetType = UNSET
    client_type: str | None | UnsetType = UNSET
    industry: str | None | UnsetType = UNSET
    headcount: str | None | UnsetType = UNSET
    linked_systems: Strings | None | UnsetType = UNSET


class ClientMessaged(Message):
    client_id: ClientId
    direction: Literal["in", "out"]
    channel: str | None = None
    preview: str | None = None


class ClientNoted(Message):
    client_id: ClientId
    text: Text
    author: str | None = None


class ClientDocumented(Message):
    client_id: ClientId
    document_id: ThingId
    title: str


class ClientReviewed(Message):
    client_id: ClientId
    score: Annotated[int, msgspec.Meta(ge=1, le=5)]
    text: str | None = None


class ClientCardSaved(Message):
    """A payment card on file; never more than the last four digits."""

    client_id: ClientId
    brand: Text
    last4: LastFour
    expires: str | None = None
