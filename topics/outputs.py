"""Every output event in its CloudEvents envelope, and which topic carries which type."""

from collections.abc import Callable
from typing import Final

import msgspec

from topics.actions import ActionRequested
from topics.audience_changes import AudienceMoved
from topics.merges import ClientErased, ClientMerged
from topics.results import CommandProgress, CommandResult
from topics.status_changes import ReviewSuggested, StatusChanged
from topics.tag_changes import TagsChanged

SOURCE: Final = "client-status-worker"
CONTENT_TYPE: Final = b"application/cloudevents+json; charset=UTF-8"

OutputData = (
    StatusChanged
    | ReviewSuggested
    | TagsChanged
    | AudienceMoved
    | ClientMerged
    | ClientErased
    | ActionRequested
    | CommandResult
    | CommandProgress
)


class OutputEvent(msgspec.Struct, gc=False, omit_defaults=False, kw_only=True):
    """One CloudEvent as it leaves: ``time`` is the moment the change took effect, RFC 3339, UTC."""

    specversion: str = "1.0"
    id: str
    source: str = SOURCE
    type: str
    subject: str | msgspec.UnsetType = msgspec.UNSET
    time: str
    businessid: str
    datacontenttype: str = "application/json"
    traceparent: str | msgspec.UnsetType = msgspec.UNSET
    data: OutputData


encode: Final[Callable[[OutputEvent], bytes]] = msgspec.json.Encoder().encode
"""The record value of an output event."""
