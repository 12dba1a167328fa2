"""Control messages that define what a business keeps beside its statuses: status groups (A7), classifications (G3).

Definitions apply to what is processed after them, whatever their time (P2).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from topics.commands import Command
from topics.control import (
    ClassificationDefine,
    ClassificationRemove,
    StatusGroupDefine,
    StatusGroupRemove,
)
from worker.domain import uses
from worker.domain.answers import Answer, Rejected
from worker.domain.audience_commands import settle_again
from worker.domain.catalogue import MAX_GROUPS, MAX_VALUES, Classification, StatusGroup
from worker.domain.labels import MAX_LABEL, InvalidLabel, relabelled
from worker.domain.session import Session
from worker.domain.status import Status


def labels_after(thing: Status | Classification, named: str | dict[str, str]) -> tuple[str | None, dict[str, str]]:
    """C1: the label for all and the labels by locale, after a message that names some. Raises Rejected."""
    try:
        return relabelled(thing.label, thing.labels, named)
    except InvalidLabel as exc:
        raise Rejected("invalid_data", f"{exc}.") from exc


def _next_order(things: Mapping[str, StatusGroup] | Mapping[str, Classification]) -> int:
    """What is new comes last."""
    return max((thing.order for thing in things.values()), default=0) + 1


def status_group_define(session: Session, data: StatusGroupDefine) -> Answer:
    """A7: add a group, or change the one with this code."""
    business = session.business
    groups = business.catalogue.groups
    known = groups.get(data.code)
    if known is None and len(groups) >= MAX_GROUPS:
        raise Rejected("invalid_data", f"data.code: a business has at most {MAX_GROUPS} groups; remove one first.")
    if not data.name.strip() or len(data.name) > MAX_LABEL:
        raise Rejected("invalid_data", f"data.name: a text of 1 to {MAX_LABEL} characters is needed.")
    for code in data.statuses:
        if business.offered(code) is None:
            raise Rejected("unknown_status", f"data.statuses: there is no status {code!r}; define it first.")
    order = data.order
    if order is UNSET:
        order = known.order if known is not None else _next_order(groups)
    statuses = tuple(dict.fromkeys(data.statuses))
    groups[data.code] = StatusGroup(code=data.code, name=data.name, order=order, statuses=statuses)
    business.applied()
    if known is None or set(known.statuses) != set(statuses):
        settle_again(session, "status_group")
    return Answer()


def status_group_remove(session: Session, data: StatusGroupRemove) -> Answer:
    """A7: the statuses in it stay."""
    groups = session.business.catalogue.groups
    if data.code not in groups:
        raise Rejected("unknown_status_group", f"There is no status group {data.code!r}.")
    del groups[data.code]
    session.business.applied()
    settle_again(session, "status_group")
    return Answer()


def classification_define(session: Session, data: ClassificationDefine) -> Answer:
    """G3: add a value to a classification, or change the one with this code."""
    catalogue = session.business.catalogue
    values = catalogue.values(data.kind)
    value = values.get(data.code)
    if value is None:
        if len(values) >= MAX_VALUES:
            raise Rejected(
                "invalid_data", f"data.code: {data.kind} has at most {MAX_VALUES} values; remove one that nobody uses."
            )
        value = Classification(code=data.code, order=_next_order(values))
    if data.label is not UNSET:
        label, labels = labels_after(value, data.label)
        value = msgspec.structs.replace(value, label=label, labels=labels)
    if data.order is not UNSET:
        value = msgspec.structs.replace(value, order=data.order)
    catalogue.classifications.setdefault(data.kind, {})[data.code] = value
    session.business.applied()
    return Answer()


def classification_remove(session: Session, data: ClassificationRemove) -> Answer:
    """G3: only a value that no client has can go."""
    business = session.business
    classifications = business.catalogue.classifications
    if data.code not in classifications.get(data.kind, {}):
        raise Rejected("unknown_classification", f"There is no {data.kind} {data.code!r}.")
    if clients := uses.clients_with(business, data.kind, data.code):
        have = "client has" if clients == 1 else "clients have"
        raise Rejected(
            "classification_in_use", f"{clients} {have} the {data.kind} {data.code!r}; give them another one first."
        )
    del classifications[data.kind][data.code]
    business.applied()
    return Answer()


DEFINITIONS: Final[Mapping[type[Command], Callable[[Session, Any], Answer]]] = {
    StatusGroupDefine: status_group_define,
    StatusGroupRemove: status_group_remove,
    ClassificationDefine: classification_define,
    ClassificationRemove: classification_remove,
}
