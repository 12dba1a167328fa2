"""Topic ``client-commands``: what staff do by hand. Every command gets one answer on ``command-results`` (C4)."""

from typing import Annotated, Literal

import msgspec

from topics.fields import (
    MAX_ACTOR_LENGTH,
    MAX_COMMAND_CLIENTS,
    MAX_COMMAND_TAGS,
    MAX_REASON_LENGTH,
    ClientId,
    Message,
    ThingId,
)

ClientIds = Annotated[list[ClientId], msgspec.Meta(min_length=1, max_length=MAX_COMMAND_CLIENTS)]
TagList = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_COMMAND_TAGS)]


class Command(Message, kw_only=True):
    """What every command and control message may carry."""

    dry_run: bool = False
    actor: Annotated[str, msgspec.Meta(max_length=MAX_ACTOR_LENGTH)] | None = None


class StatusSet(Command):
    client_ids: ClientIds
    status: str
    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON_LENGTH)] | None = None
    end_reason: str | None = None


class TagsAdd(Command):
    client_ids: ClientIds
    tags: TagList


class TagsRemove(Command):
    client_ids: ClientIds
    tags: TagList


class TagRename(Command):
    from_: str = msgspec.field(name="from")
    to: str


class TagDelete(Command):
    tag: str


class ClientsMerge(Command):
    primary_id: ClientId
    duplicate_ids: Annotated[list[ClientId], msgspec.Meta(min_length=1)]


class ClientsReevaluate(Command):
    pass


class ClientErase(Command):
    client_id: ClientId


class ActionRequest(Command):
    client_id: ClientId
    action: Literal["payment_reminder", "invoice_booking", "invite_to_book"]
    booking_id: ThingId | None = None
    invoice_id: ThingId | None = None
