"""Topic ``audience-changes``: a client entered or left a saved filter."""

import msgspec

from topics.causes import Cause


class AudienceMoved(msgspec.Struct, gc=False, kw_only=True):
    """``audience.entered`` and ``audience.left``."""

    client_id: str
    audience_id: str
    audience_name: str
    cause: Cause
    sequence: int
