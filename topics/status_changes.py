"""Topic ``client-status-changes``."""

from typing import Literal

import msgspec

from topics.causes import Cause


class StatusChanged(msgspec.Struct, gc=False, kw_only=True):
    client_id: str
    from_: str | None = msgspec.field(name="from")
    to: str
    to_label: str
    from_ended: bool
    ended: bool
    project_allowed: bool
    supplier_allowed: bool
    end_reason: str | msgspec.UnsetType = msgspec.UNSET
    settings_revision: int
    cause: Cause
    sequence: int


class ReviewSuggested(msgspec.Struct, gc=False, kw_only=True):
    """Nothing that made this client a customer stands any more; a person decides (B7)."""

    client_id: str
    status: str
    reason: Literal["all_evidence_withdrawn"] = "all_evidence_withdrawn"
    cause: Cause
    sequence: int
