"""What every record that the worker writes must look like, said once more from the contract alone: nothing here knows
the product's types. ``check_event`` and ``check_record`` fail with the part that is wrong.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Check = Callable[[Any], bool]
Shape = Mapping[str, Check]
"""Field to check; a name that ends with ``?`` may be missing. No other field may be there."""

UTC_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000)\d{3})?Z")
TRACE: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
CAUSES: Final = frozenset(
    {"created", "automation", "manual", "rule", "merge", "import", "catalogue", "inactivity", "backfill"}
)
TRIGGERS: Final = frozenset({"booking_attended", "invoice_issued", "payment_made", "message_received"})
COUNTS: Final = (
    "attended",
    "no_shows",
    "cancelled",
    "invoices",
    "payments",
    "messages_in",
    "messages_out",
    "documents",
)


def matches(pattern: str) -> Check:
    """A text of this form."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def one_of(*values: object) -> Check:
    """One of these."""
    return lambda value: value in values


def list_of(check: Check, least: int = 0) -> Check:
    """A list whose items all pass."""
    return lambda value: isinstance(value, list) and len(value) >= least and all(map(check, value))


def dict_of(name: Check, check: Check) -> Check:
    """An object whose names and values all pass."""
    return lambda value: isinstance(value, dict) and all(name(n) and check(v) for n, v in value.items())


def shape(fields: Shape) -> Check:
    """An object with these fields and no other."""

    def check(value: Any) -> bool:
        check_fields(value, fields)
        return True

    return check


def check_fields(value: Any, fields: Shape, where: str = "") -> None:
    """The object has these fields, right, and no other."""
    assert isinstance(value, dict), (where, value)
    names = {name.removesuffix("?") for name in fields}
    assert set(value) <= names, f"{where}: what is {set(value) - names}? {value}"
    for name, check in fields.items():
        plain = name.removesuffix("?")
        if plain in value:
            assert check(value[plain]), f"{where}.{plain}: {value[plain]!r}"
        else:
            assert name != plain, f"{where}: {plain} is missing: {value}"


def text(value: Any) -> bool:
    """A text that is not empty."""
    return isinstance(value, str) and value != ""


def any_text(value: Any) -> bool:
    """A text."""
    return isinstance(value, str)


def boolean(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def count(value: Any) -> bool:
    """A whole number, not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def positive(value: Any) -> bool:
    """A whole number from 1."""
    return count(value) and value > 0


ident: Final = matches(r"[A-Za-z0-9._:-]{1,64}")
named: Final = matches(r"[A-Za-z0-9._:-]{1,64}|\(erased\)")
"""In an answer that is given again; who was erased since is not named (G6)."""
business: Final = matches(r"[A-Za-z0-9._-]{1,64}")
time: Final = matches(UTC_TIME.pattern)
money: Final = matches(r"\d+(\.\d{1,4})?")
currency: Final = matches(r"[A-Z]{3}")
tag: Final = matches(r"[^,\x00-\x1f\x7f-\x9f]{1,64}")
anything: Final[Check] = lambda _: True  # noqa: E731 - a check like the others

cause: Final = shape(
    {
        "type": one_of(*CAUSES),
        "event_source?": text,
        "event_id?": text,
        "event_type?": text,
        "trigger?": one_of(*TRIGGERS),
        "rule_id?": ident,
        "actor?": any_text,
        "reason?": any_text,
    }
)
ABOUT: Final[Shape] = {"client_id": ident, "cause": cause, "sequence": positive}
MOVED: Final[Shape] = {**ABOUT, "audience_id": ident, "audience_name": text}
ANSWER: Final[Shape] = {
    "command_id": text,
    "command_source": text,
    "command_type": text,
    "dry_run": boolean,
    "applied": list_of(named),
    "unchanged": list_of(named),
    "errors": list_of(shape({"client_id?": named, "code": matches(r"[a-z]+(_[a-z]+)*"), "message": text})),
    "revision?": count,
    "preview?": dict_of(text, anything),
    "totals?": dict_of(text, anything),
}
DATA: Final[Mapping[str, tuple[str, Shape]]] = {
    "client.status.changed": (
        "client-status-changes",
        {
            **ABOUT,
            "from": lambda value: value is None or ident(value),
            "to": ident,
            "to_label": text,
            "from_ended": boolean,
            "ended": boolean,
            "project_allowed": boolean,
            "supplier_allowed": boolean,
            "end_reason?": ident,
            "settings_revision": count,
        },
    ),
    "client.status.review_suggested": (
        "client-status-changes",
        {**ABOUT, "status": ident, "reason": one_of("all_evidence_withdrawn")},
    ),
    "client.tags.changed": (
        "client-tag-changes",
        {**ABOUT, "added": list_of(tag), "removed": list_of(tag), "tags": list_of(tag)},
    ),
    "audience.entered": ("audience-changes", MOVED),
    "audience.left": ("audience-changes", MOVED),
    "client.merged": (
        "client-merges",
        {"primary_id": ident, "merged_ids": list_of(ident, 1), "note": text, "cause": cause, "sequence": positive},
    ),
    "client.erased": ("client-merges", ABOUT),
    "action.requested": (
        "client-actions",
        {
            **ABOUT,
            "action": one_of("payment_reminder", "invoice_booking", "invite_to_book"),
            "context": dict_of(text, anything),
        },
    ),
    "command.applied": ("command-results", ANSWER),
    "command.partly_applied": ("command-results", ANSWER),
    "command.rejected": ("command-results", ANSWER),
    "command.progress": (
        "command-results",
        {"command_id": text, "command_source": text, "command_type": text, "done": count, "total": count},
    ),
}
ENVELOPE: Final[Shape] = {
    "specversion": one_of("1.0"),
    "id": matches(r"(?s).{1,128}"),
    "source": one_of("client-status-worker"),
    "type": one_of(*DATA),
    "subject?": ident,
    "time": time,
    "businessid": business,
    "datacontenttype?": one_of("application/json"),
    "traceparent?": matches(TRACE.pattern),
    "data": dict_of(text, anything),
}


def check_event(topic: str, event: Any) -> None:
    """An output event is as the contract says, on the topic that it says."""
    check_fields(event, ENVELOPE, topic)
    type_, data = event["type"], event["data"]
    where, fields = DATA[type_]
    assert topic == where, (topic, type_)
    check_fields(data, fields, type_)
    assert event.get("subject") == data.get("client_id", data.get("primary_id"))
    match type_:
        case "client.status.changed":
            assert data["from"] != data["to"], data
            assert "end_reason" not in data or data["ended"], data
        case "client.tags.changed":
            added, removed, tags = (set(data[name]) for name in ("added", "removed", "tags"))
            assert added | removed, data
            assert added <= tags, data
            assert not removed & tags, data
        case "command.applied":
            assert not data["errors"], data
        case "command.partly_applied":
            assert data["errors"], data
            assert data["applied"] or data["unchanged"], data
        case "command.rejected":
            assert data["errors"], data
            assert not data["applied"], data
            assert not data["unchanged"], data
        case "command.progress":
            assert data["done"] <= data["total"], data


CARD: Final[Shape] = {
    "v": one_of(1),
    "businessid": business,
    "client_id": ident,
    "name?": text,
    "emails?": list_of(text, 1),
    "phones?": list_of(text, 1),
    "source?": text,
    "staff_id?": text,
    "created_at": time,
    "last_activity_at?": time,
    "status": ident,
    "status_since": time,
    "status_cause": cause,
    "status_set_at?": time,
    "end_reason?": ident,
    "tags?": list_of(shape({"tag": tag, "since": time, "cause": cause}), 1),
    "fields?": dict_of(ident, anything),
    "client_type?": text,
    "industry?": text,
    "headcount?": text,
    "linked_systems?": list_of(text, 1),
    "score?": shape({"average": lambda value: 1 <= value <= 5, "count": positive}),
    "latest_note?": text,
    "cards?": list_of(shape({"brand": text, "last4": matches(r"\d{4}"), "expires?": text}), 1),
    "upcoming?": list_of(
        shape({"booking_id": ident, "kind?": one_of("appointment", "group_event"), "starts_at": time, "ends_at": time}),
        1,
    ),
    "outstanding?": dict_of(currency, money),
    "overdue?": list_of(ident, 1),
    "counts": shape(dict.fromkeys(COUNTS, count)),
    "totals?": dict_of(currency, shape({"invoiced": money, "paid": money, "refunded": money})),
    "merged_ids?": list_of(ident, 1),
    "audiences?": list_of(ident, 1),
    "sequence": count,
    "state": anything,
}
ALIAS: Final[Shape] = {"v": one_of(1), "businessid": business, "client_id": ident, "merged_into": ident}


def check_card(key: bytes, value: Any) -> None:
    """A record of ``client-profiles`` that is not the worker's own and no tombstone."""
    check_fields(value, ALIAS if "merged_into" in value else CARD, "client-profiles")
    assert key.decode() == f"{value['businessid']}/{value['client_id']}"
