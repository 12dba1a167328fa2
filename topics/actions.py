"""Topic ``client-actions``: reminders, invoices and invitations asked for from a client card."""

from typing import Any

import msgspec

from topics.causes import Cause


class ActionRequested(msgspec.Struct, gc=False, kw_only=True):
    client_id: str
    action: str
    context: dict[str, Any]
    cause: Cause
    sequence: int
