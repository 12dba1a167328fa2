"""J1, C4: a refusal says in plain words which part of a message is wrong, and what would do."""

from typing import Any

import msgspec
import pytest

from topics.envelope import EVENT_OF_TYPE
from topics.in_words import in_words
from topics.registry import INPUT_TYPES

IDS = "must be an id of 1 to 64 characters: letters and digits of ASCII, and . _ : -"
TRIGGER = "`triggers.payment_made` must be true or false, not a text"
VALUE = "must be true or false or a whole number or a number or a text or null, not a list"
LANGUAGE = 'must be a language (BCP 47), such as "nl" or "pt-BR"'
AMOUNT = 'must be a decimal number as text, not negative, with at most 4 decimals, such as "120.00"'
MOMENT = "must be a moment with its offset from UTC (RFC 3339), such as 2026-01-31T10:00:00Z"
WRONG: list[Any] = [None, True, 5, -1, 1.5, 10**30, "", "a b", "x" * 70, [], [None], ["a b"] * 1001, {}, {"a b": ""}]


def refused(type_: str, data: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as refusal:
        msgspec.convert(data, INPUT_TYPES[type_])
    return in_words(refusal.value, INPUT_TYPES[type_])


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [
        ("status.set", None, "it must be an object, not null"),
        ("status.set", {"client_ids": ["c1"]}, "`status` is missing"),
        ("status.set", {"client_ids": ["a/b"], "status": "vip"}, f"`client_ids[0]` {IDS}"),
        ("status.set", {"client_ids": [], "status": "vip"}, "`client_ids` must not be empty"),
        ("status.set", {"client_ids": ["c"] * 1001, "status": "vip"}, "`client_ids` must have at most 1000 items"),
        ("status.set", {"client_ids": ["c"], "status": 5}, "`status` must be a text, not a whole number"),
        ("automation.set", {"completion": "soon"}, "`completion` must be one of elapsed, explicit"),
        ("automation.set", {"inactive_after_days": 3651}, "`inactive_after_days` must be at most 3650"),
        ("automation.set", {"triggers": {"payment_made": "x"}}, TRIGGER),
        ("automation.set", {"locale": "dutch"}, f"`locale` {LANGUAGE}"),
        ("status.define", {"code": "a", "label": {"": "x"}}, f"a name in `label` {LANGUAGE}"),
        ("status.define", {"code": "a", "label": {"nl": ""}}, "a value in `label` must not be empty"),
        ("client.created", {"client_id": "c", "fields": {"a": []}}, f"a value in `fields` {VALUE}"),
        ("booking.rescheduled", {"client_id": "c", "booking_id": "b", "starts_at": "2024-05-06T10:00:00"},
         f"`starts_at` {MOMENT}"),
        ("booking.rescheduled", {"client_id": "c", "booking_id": "b", "starts_at": "noon"}, f"`starts_at` {MOMENT}"),
        ("invoice.issued", {"client_id": "c", "invoice_id": "i", "amount": "1,00"}, f"`amount` {AMOUNT}"),
        ("classification.define", {"kind": "x"}, "`kind` must be one of client_type, end_reason, headcount, industry"),
        ("booking.attended", {"client_id": "c", "booking_id": "b", "kind": "x"},
         "`kind` must be one of appointment, group_event"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_what_would_do(type_: str, data: Any, words: str) -> None:
    assert refused(type_, data) == words


@pytest.mark.parametrize("type_", EVENT_OF_TYPE)
def test_no_part_of_any_message_is_refused_in_the_words_of_a_program(type_: str) -> None:
    right = {name: value for name, value in _right(type_).items() if value is not None}
    for name in (field.encode_name for field in msgspec.structs.fields(INPUT_TYPES[type_])):
        for value in WRONG:
            try:
                msgspec.convert({**right, name: value}, INPUT_TYPES[type_])
            except msgspec.ValidationError as exc:
                said = in_words(exc, INPUT_TYPES[type_])
                assert f"`{name}" in said
                for word in ("Expected", "regex", "RFC3339", "is wrong", "$", "[...]"):
                    assert word not in said, said


def _right(type_: str) -> dict[str, Any]:
    """Data that fits, as far as the names say what does."""
    fitting = {
        "client_ids": ["c1"], "duplicate_ids": ["c2"], "tags": ["a"], "statuses": ["vip"], "filter": {}, "score": 1,
        "starts_at": "2024-05-06T10:00:00Z", "ends_at": "2024-05-06T11:00:00Z", "amount": "1.00", "currency": "EUR",
        "direction": "in", "last4": "4242", "action": "invite_to_book", "label": "x",
        "kind": "end_reason" if type_.startswith("classification") else "appointment",
        "type": "text",
    }  # fmt: skip
    required = [f for f in msgspec.structs.fields(INPUT_TYPES[type_]) if f.required]
    return {f.encode_name: fitting.get(f.encode_name, "x") for f in required}
