"""Clients, events and leaves for the tests of the filter language."""

from topics.causes import Cause
from topics.control import FieldType
from topics.moments import SECOND, rfc3339
from worker.domain.card import VERSION, Card, Counts, State
from worker.domain.filters import Client, client, for_clients, for_events
from worker.domain.tags import on_card

NOON = 1_767_268_800 * SECOND
"""2026-01-01T12:00:00Z."""
OWN: dict[str, FieldType] = {
    "size": "number",
    "born": "date",
    "vegan": "bool",
    "shoe": "choice",
    "site": "url",
    "mobile": "phone",
    "motto": "text",
}
EVERY_OPERATOR = [
    "eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "contains", "starts_with", "exists", "has_any", "has_all",
    "has_none",
]  # fmt: skip


def card_of(*, tags=(), created=NOON, active=0, **public) -> Card:
    return Card(
        v=VERSION,
        businessid="b",
        client_id="c",
        created_at=rfc3339(created),
        status_since=rfc3339(created),
        status_cause=Cause(type="created"),
        sequence=1,
        stored_tags=[on_card(tag, created, Cause(type="manual")) for tag in tags],
        state=State(created=created, active=active),
        **({"status": "lead", "counts": Counts()} | public),
    )


def someone(*, ended=False, groups=(), **card) -> Client:
    return client(card_of(**card), ended=ended, status_groups=frozenset(groups))


def leaf(field: str, op: str, value: object) -> dict[str, object]:
    return {"field": field, "op": op, "value": value}


def matches(subject: Client, field: str, op: str, value: object) -> bool:
    return for_clients(leaf(field, op, value), OWN)(subject)


def happens(data: dict[str, object], field: str, op: str, value: object) -> bool:
    return for_events(leaf(field, op, value))(data)
