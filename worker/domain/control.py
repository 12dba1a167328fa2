"""Control messages (C1-C6): the toggles and the catalogue of statuses. Each handler checks everything, then changes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from topics.commands import Command
from topics.control import (
    AudienceDefine,
    AudienceRemove,
    AutomationSet,
    ClassificationDefine,
    FieldDefine,
    FieldRemove,
    StatusDefine,
    StatusGroupDefine,
    StatusRemove,
    TagRuleDefine,
    TagRuleRemove,
)
from worker.domain import backfill, inactivity, judging_again
from worker.domain.answers import Answer, Rejected
from worker.domain.audience_commands import audience_define, audience_remove, settle_again
from worker.domain.business import Business
from worker.domain.definitions import DEFINITIONS, labels_after
from worker.domain.history import patch_of
from worker.domain.own_fields import field_define, field_remove
from worker.domain.rule_following import tag_rule_define, tag_rule_remove
from worker.domain.session import Session
from worker.domain.status import MAX_STATUSES, PALETTE, Status
from worker.domain.status_removal import status_remove
from worker.domain.sweep import Sweep


def automation_set(session: Session, data: AutomationSet) -> Answer | Sweep:
    """C1-C3: change the toggles from the message's own time on; B11: apply them to what was before it."""
    business, origin = session.business, session.origin
    patch = patch_of(data, origin.time, origin.source, origin.id)
    if patch.triggers and not business.history.version_made_by(patch).triggers.any_on:
        raise Rejected(
            "no_trigger_enabled",
            "This would turn off the last trigger. One must stay on; to stop automation, set enabled to false.",
        )
    quiet_after = business.history.quiet_after
    business.history = business.history.insert(patch)
    if origin.time <= business.tally.latest:
        judging_again.begin(session)
    elif business.history.quiet_after != quiet_after:
        inactivity.begin(session)
    if data.catch_up:
        return backfill.wanted(session, data)
    business.applied()
    return Answer()


def status_define(session: Session, data: StatusDefine) -> Answer:
    """A2-A4: add a status, or change the one with this code."""
    business = session.business
    known = business.offered(data.code)
    if known is None and len(business.statuses) >= MAX_STATUSES:
        raise Rejected("invalid_data", f"data.code: a business has at most {MAX_STATUSES} statuses; remove one first.")
    status = _changed(known if known is not None else _new_status(business, data.code), data)
    others = [s for s in business.statuses if s.code != data.code]
    if known is not None and known.role is not None and data.role not in (UNSET, known.role):
        raise Rejected(
            "status_has_role",
            f"{data.code!r} has the role {known.role!r}; give that role to another status first.",
        )
    if status.role is not None:
        others = [msgspec.structs.replace(s, role=None) if s.role == status.role else s for s in others]
    if known is None:
        business.set_statuses(others)  # one of this code that is being removed is in groups that the new one is not in
    business.set_statuses([*others, status])
    business.applied()
    if known is not None and known.ended != status.ended:
        settle_again(session, "ended")
    return Answer()


def _new_status(business: Business, code: str) -> Status:
    """A2: last in order, with the next colour of the palette."""
    used = {s.color.upper() for s in business.statuses}
    free = [color for color in PALETTE if color not in used]
    return Status(
        code=code,
        color=free[0] if free else PALETTE[len(business.statuses) % len(PALETTE)],
        order=max(s.order for s in business.statuses) + 1,
        project_allowed=True,
        supplier_allowed=True,
        ended=False,
    )


def _changed(status: Status, data: StatusDefine) -> Status:
    """C1: what the message names, and nothing else."""
    named = {
        name: value
        for name in ("color", "order", "role", "project_allowed", "supplier_allowed", "ended")
        if (value := getattr(data, name)) is not UNSET
    }
    if data.label is not UNSET:
        named["label"], named["labels"] = labels_after(status, data.label)
    return msgspec.structs.replace(status, **named)


DEFINES: Final = frozenset({
    StatusDefine, StatusGroupDefine, ClassificationDefine, FieldDefine, TagRuleDefine, AudienceDefine,
})  # fmt: skip
"""Messages that make the settings larger (J4)."""
Handler = Callable[[Session, Any], Answer | Sweep]
CONTROL: Final[Mapping[type[Command], Handler]] = {
    AutomationSet: automation_set,
    StatusDefine: status_define,
    StatusRemove: status_remove,
    **DEFINITIONS,
    FieldDefine: field_define,
    FieldRemove: field_remove,
    TagRuleDefine: tag_rule_define,
    TagRuleRemove: tag_rule_remove,
    AudienceDefine: audience_define,
    AudienceRemove: audience_remove,
}
