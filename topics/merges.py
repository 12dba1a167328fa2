"""Topic ``client-merges``: clients became one, or were erased."""

import msgspec

from topics.causes import Cause


class ClientMerged(msgspec.Struct, gc=False, kw_only=True):
    primary_id: str
    merged_ids: list[str]
    note: str
    cause: Cause
    sequence: int


class ClientErased(msgspec.Struct, gc=False, kw_only=True):
    client_id: str
    cause: Cause
    sequence: int
