"""Commands (C4): what staff do by hand. Each handler checks everything first, then changes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from topics.commands import (
    ActionRequest,
    ClientErase,
    ClientsMerge,
    ClientsReevaluate,
    Command,
    StatusSet,
    TagDelete,
    TagRename,
    TagsAdd,
    TagsRemove,
)
from topics.results import Problem
from worker.domain import backfill
from worker.domain.actions import action_request
from worker.domain.answers import Answer, Rejected
from worker.domain.by_hand import is_superseded, set_by_hand
from worker.domain.card import Card, Manual
from worker.domain.erasing import client_erase
from worker.domain.merge import clients_merge
from worker.domain.merged import card_at
from worker.domain.opening import card_for
from worker.domain.session import Session
from worker.domain.status import Status
from worker.domain.status_moves import moved_at, status_by_hand
from worker.domain.sweep import Sweep
from worker.domain.tag_commands import tag_delete, tag_rename
from worker.domain.tagging import Tags, add_tags, remove_tags, too_many_in_business, too_many_on_card
from worker.domain.tags import MAX_TAGS_PER_BUSINESS, MAX_TAGS_PER_CLIENT, InvalidTag, clean_all


def status_set(session: Session, data: StatusSet) -> Answer:
    """B9: set the status of up to 1,000 clients by hand. The reason stands in the cause of the changes (G1, G4)."""
    origin = session.origin
    status = _status_for(session, data)
    moved = moved_at(session.business, data.status, origin.time)
    manual = Manual(origin.time, origin.source, origin.id, status.code, moved)
    cause = msgspec.structs.replace(origin.cause("manual", data.actor), reason=data.reason or None)
    answer = Answer()
    for client_id in _there(session, data.client_ids, answer, by_own_id=True):
        known = session.find(client_id)
        if known is not None and is_superseded(session, known, manual):
            answer.errors.append(_superseded(client_id))
            continue
        card = card_for(session, client_id)
        result = set_by_hand(session, card, status, manual, cause, data.end_reason if status.ended else None)
        (answer.applied if result == "applied" else answer.unchanged).append(client_id)
    return answer


def _there(session: Session, client_ids: list[str], answer: Answer, *, by_own_id: bool = False) -> list[str]:
    """Each card once, by the id that is named first (E5). ``by_own_id``, for a manual status: by its own wherever that
    is named, and by each merged-away id that it is too old for, to be told so. Those that were erased later than this
    command (G6) go into the answer's errors."""
    there: list[str] = []
    named: set[str] = set()
    time = session.origin.time
    for client_id in client_ids:
        card = session.cards.get(client_id)
        means = card.client_id if card is not None else client_id
        if by_own_id and card is not None and means != client_id and card_at(card.state.merged, client_id, time):
            means = client_id
        if means in named or (by_own_id and means != client_id and means in client_ids):
            continue
        named.add(means)
        if session.business.is_forgotten(client_id, time):
            message = f"{client_id} was erased later than this."
            answer.errors.append(Problem(client_id=client_id, code="unknown_client", message=message))
        else:
            there.append(client_id)
    return there


def _superseded(client_id: str) -> Problem:
    return Problem(
        client_id=client_id,
        code="superseded",
        message=f"The status of {client_id} was set by hand, or {client_id} was merged away, later than this.",
    )


def _status_for(session: Session, data: StatusSet) -> Status:
    """A6: raises Rejected when the status is not there, or the reason for an end does not fit. A change older than the
    status's removal has gone with the others that had it (A5): it fitted the status it named."""
    status = status_by_hand(session.business, data.status, session.origin.time)
    if status is None:
        raise Rejected("unknown_status", f"There is no status {data.status!r}; define it first.")
    if status.code != data.status:
        return status
    if data.end_reason is not None and not status.ended:
        raise Rejected("end_reason_not_applicable", f"{data.status!r} ends no relationship; leave the reason out.")
    known = session.business.catalogue.values("end_reason")
    if data.end_reason is not None and data.end_reason not in known:
        raise Rejected("unknown_end_reason", f"There is no end reason {data.end_reason!r}; define it first.")
    if data.end_reason is None and status.ended and session.business.history.at(session.origin.time).require_end_reason:
        raise Rejected("end_reason_required", f"This business wants a reason with {data.status!r}: give end_reason.")
    return status


def tags_add(session: Session, data: TagsAdd) -> Answer:
    """D2: put tags on up to 1,000 clients."""
    tags = _tags(data.tags)
    if too_many_in_business(session.business, tags, session.origin.time):
        raise Rejected(
            "too_many_tags_in_business",
            f"The business would have more than {MAX_TAGS_PER_BUSINESS} different tags; delete some first.",
        )
    answer = Answer()
    for client_id in _there(session, data.client_ids, answer):
        if too_many_on_card(session.business, session.cards.get(client_id), tags, session.origin.time):
            message = f"{client_id} would have more than {MAX_TAGS_PER_CLIENT} tags."
            answer.errors.append(Problem(client_id=client_id, code="too_many_tags", message=message))
        else:
            _tag(session, client_id, add_tags, tags, data, answer)
    return answer


def tags_remove(session: Session, data: TagsRemove) -> Answer:
    """D2: take tags off up to 1,000 clients."""
    tags = _tags(data.tags)
    answer = Answer()
    for client_id in _there(session, data.client_ids, answer):
        _tag(session, client_id, remove_tags, tags, data, answer)
    return answer


def _tag(
    session: Session,
    client_id: str,
    change: Callable[[Session, Card, Tags, int, Any], bool],
    tags: Tags,
    data: TagsAdd | TagsRemove,
    answer: Answer,
) -> None:
    origin = session.origin
    card = card_for(session, client_id)
    changed = change(session, card, tags, origin.time, origin.cause("manual", data.actor))
    (answer.applied if changed else answer.unchanged).append(client_id)


def _tags(texts: list[str]) -> dict[str, str]:
    try:
        return clean_all(texts)
    except InvalidTag as exc:
        raise Rejected("invalid_tag", f"data.tags: {exc}.") from exc


Handler = Callable[[Session, Any], Answer | Sweep]
COMMANDS: Final[Mapping[type[Command], Handler]] = {
    StatusSet: status_set,
    TagsAdd: tags_add,
    TagsRemove: tags_remove,
    ClientErase: client_erase,
    ClientsMerge: clients_merge,
    ClientsReevaluate: backfill.wanted,
    ActionRequest: action_request,
    TagRename: tag_rename,
    TagDelete: tag_delete,
}
