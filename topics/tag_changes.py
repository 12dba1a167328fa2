"""Topic ``client-tag-changes``."""

import msgspec

from topics.causes import Cause


class TagsChanged(msgspec.Struct, gc=False, kw_only=True):
    client_id: str
    added: list[str]
    removed: list[str]
    tags: list[str]
    cause: Cause
    sequence: int
