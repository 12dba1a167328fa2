"""Why something changed: travels on every output about a client, and on the card beside status and tags."""

from typing import Literal

import msgspec

CauseType = Literal["created", "automation", "manual", "rule", "merge", "import", "catalogue", "inactivity", "backfill"]
Trigger = Literal["booking_attended", "invoice_issued", "payment_made", "message_received"]


class Cause(msgspec.Struct, gc=False, frozen=True, omit_defaults=True, kw_only=True):
    type: CauseType
    event_source: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    trigger: Trigger | None = None
    rule_id: str | None = None
    actor: str | None = None
    reason: str | None = None
