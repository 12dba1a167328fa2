"""Topic ``control``: settings toggles, status catalogue, tag rules, audiences."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from topics.commands import Command
from topics.fields import Color, Language, Text, ThingId

Code = ThingId
Order = Annotated[int, msgspec.Meta(ge=-(10**6), le=10**6)]
Role = Literal["initial", "converted", "dormant"]
ClassificationKind = Literal["client_type", "industry", "headcount", "end_reason"]
FieldType = Literal["text", "number", "date", "bool", "email", "phone", "url", "choice"]
Completion = Literal["elapsed", "explicit"]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Labels = dict[Language, Text]
Filter = dict[str, Any]
"""A filter as it came (F3); compiled where it is used."""


class TriggersPatch(msgspec.Struct, gc=False, omit_defaults=True):
    booking_attended: bool | UnsetType = UNSET
    invoice_issued: bool | UnsetType = UNSET
    payment_made: bool | UnsetType = UNSET
    message_received: bool | UnsetType = UNSET


class AutomationSet(Command):
    enabled: bool | UnsetType = UNSET
    triggers: TriggersPatch | UnsetType = UNSET
    completion: Completion | UnsetType = UNSET
    catch_up: bool = False
    inactive_after_days: Days | None | UnsetType = UNSET
    require_end_reason: bool | UnsetType = UNSET
    locale: Language | UnsetType = UNSET


class StatusDefine(Command):
    """Adds a status or changes the one with this code."""

    code: Code
    label: Text | Labels | UnsetType = UNSET
    color: Color | UnsetType = UNSET
    order: Order | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    project_allowed: bool | UnsetType = UNSET
    supplier_allowed: bool | UnsetType = UNSET
    ended: bool | UnsetType = UNSET


class StatusRemove(Command):
    code: Code
    move_to: Code | None = None


class StatusGroupDefine(Command):
    code: Code
    name: Text
    statuses: list[Code]
    order: Order | UnsetType = UNSET


class StatusGroupRemove(Command):
    code: Code


class ClassificationDefine(Command):
    kind: ClassificationKind
    code: Code
    label: Text | Labels | UnsetType = UNSET
    order: Order | UnsetType = UNSET


class ClassificationRemove(Command):
    kind: ClassificationKind
    code: Code


class FieldDefine(Command):
    field_id: ThingId
    label: Text | Labels
    type: FieldType
    choices: list[Text] | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    forms: list[Text] | UnsetType = UNSET


class FieldRemove(Command):
    field_id: ThingId


class TagRuleDefine(Command):
    rule_id: ThingId
    on: Text
    where: Filter | None | UnsetType = UNSET
    add: list[str] | None | UnsetType = UNSET
    remove: list[str] | None | UnsetType = UNSET


class TagRuleRemove(Command):
    rule_id: ThingId


class AudienceDefine(Command):
    audience_id: ThingId
    name: Text
    filter: Filter


class AudienceRemove(Command):
    audience_id: ThingId
