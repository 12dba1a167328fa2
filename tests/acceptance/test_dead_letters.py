"""Bad input (J1 to J5, example 15): every code of the contract in its order, byte for byte, and nothing held up."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.kit.bus import Got, Sent
from tests.kit.messages import CONTENT_TYPE, Message, cloud_event, message
from tests.kit.shapes import UTC_TIME
from tests.kit.story import Story

ADDED = (
    "__streams.errors.exception",
    "__streams.errors.message",
    "__streams.errors.topic",
    "__streams.errors.partition",
    "__streams.errors.offset",
    "error.at",
)
SENT_AT = 1_700_000_000_123
AHEAD = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
PAYMENT = {"client_id": "c1", "payment_id": "p1", "amount": "5.00", "currency": "EUR"}
CREATED = {"client_id": "c1", "name": "Mia"}
CARD_NUMBER = "4242 4242 4242 4242"


def raw(story: Story, value: bytes | None, topic: str = "payments", *headers: tuple[str, bytes]) -> Message:
    """A record as it is, under this business's key, with a header and a timestamp of its own."""
    return Message(topic, story.business.encode(), value, (CONTENT_TYPE, ("trace", b"\xff\x00"), *headers), SENT_AT)


def altered(story: Story, type_: str, data: object, topic: str | None = None, **attributes: Any) -> Message:
    """An event with attributes replaced, or taken away where they are None."""
    event = {**cloud_event(type_, story.business, data, time="10:00"), **attributes}
    kept = {name: value for name, value in event.items() if value is not None}
    known = {"payment": "payments", "client": "clients"}.get(type_.partition(".")[0], "payments")
    return raw(story, json.dumps(kept).encode(), topic or known)


def only_dead_letter(story: Story, bad: Message) -> tuple[Sent, Got]:
    """Send the record between two good ones; both must be processed. Where it went, and its dead letter."""
    good = [story.event("client.created", "09:00", client_id=client) for client in ("good-1", "good-2")]
    sent = story.tell_all(message(good[0]), bad, message(good[1]))
    for client in ("good-1", "good-2"):
        assert story.short(client) == [">lead"]
    (letter,) = story.dead_letters()
    return sent[1], letter


def check_letter(story: Story, bad: Message, sent: Sent, letter: Got, code: str) -> None:
    """Unchanged, with KIP-1034's headers."""
    assert (letter.value, letter.key, letter.timestamp) == (bad.value, bad.key, bad.timestamp)
    assert letter.headers[: len(bad.headers)] == tuple(bad.headers)
    added = dict(letter.headers[len(bad.headers) :])
    assert sorted(added) == sorted(ADDED)
    assert added["__streams.errors.exception"].decode() == code, added["__streams.errors.message"]
    assert added["__streams.errors.topic"].decode().endswith(f".{bad.topic}")
    assert added["__streams.errors.partition"].decode() == str(sent.partition)
    assert added["__streams.errors.offset"].decode() == str(sent.offset)
    assert len(added["__streams.errors.message"].decode()) > 10
    assert UTC_TIME.fullmatch(added["error.at"].decode())


NOT_JSON = {
    "broken": b'{"specversion":"1.0",',
    "empty": b"",
    "no value": None,
    "bare words": b"hello",
    "NaN": b'{"specversion":"1.0","data":NaN}',
    "infinity": b'{"specversion":"1.0","data":-Infinity}',
    "invalid UTF-8": b'{"specversion":"1.0","id":"\xff"}',
    "lone surrogate": b'{"specversion":"1.0","id":"\\ud800"}',
    "trailing text": b'{"specversion":"1.0"} {}',
}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_15_what_is_not_json_is_kept_byte_for_byte_between_good_ones(story: Story, value: bytes | None) -> None:
    bad = raw(story, value)
    check_letter(story, bad, *only_dead_letter(story, bad), "not_json")


def test_too_large_comes_before_everything(story: Story) -> None:
    bad = raw(story, b'{"broken":"' + b"x" * (1 << 20))
    check_letter(story, bad, *only_dead_letter(story, bad), "too_large")


@pytest.mark.parametrize("tail", [b"]" * 65, b"]" * 64 + b"}"], ids=["well formed", "broken"])
def test_nested_too_deep_is_too_large(story: Story, tail: bytes) -> None:
    bad = raw(story, b"[" * 65 + tail)
    check_letter(story, bad, *only_dead_letter(story, bad), "too_large")


def test_64_levels_are_taken(story: Story) -> None:
    data = {**CREATED, "extra": json.loads("[" * 62 + "]" * 62)}
    story.tell_all(altered(story, "client.created", data))
    assert story.dead_letters() == []
    assert story.short("c1") == [">lead"]


NOT_CLOUDEVENTS = {
    "a list": b"[1,2]",
    "no attributes": b"{}",
    "no id": {"id": None},
    "empty id": {"id": ""},
    "id too long": {"id": "x" * 129},
    "id not a string": {"id": 7},
    "no source": {"source": None},
    "source too long": {"source": "x" * 257},
    "no type": {"type": None},
    "no time": {"time": None},
    "time without offset": {"time": "2024-05-06T10:00:00"},
    "time not a time": {"time": "yesterday"},
    "no specversion": {"specversion": None},
    "another specversion": {"specversion": "0.3"},
    "no businessid": {"businessid": None},
    "businessid with a slash": {"businessid": "a/b"},
}


@pytest.mark.parametrize("wrong", NOT_CLOUDEVENTS.values(), ids=NOT_CLOUDEVENTS.keys())
def test_a_required_attribute_that_is_missing_or_malformed_is_not_cloudevents(story: Story, wrong: Any) -> None:
    bad = raw(story, wrong) if isinstance(wrong, bytes) else altered(story, "payment.received", PAYMENT, **wrong)
    check_letter(story, bad, *only_dead_letter(story, bad), "not_cloudevents")


IN_ORDER = {
    "not_cloudevents before unknown_type": ("payment.gone", PAYMENT, {"id": None}, "not_cloudevents"),
    "unknown_type": ("payment.gone", PAYMENT, {}, "unknown_type"),
    "unknown_type before time_in_future": ("payment.gone", PAYMENT, {"time": AHEAD}, "unknown_type"),
    "wrong_topic": ("payment.received", PAYMENT, {"topic": "bookings"}, "wrong_topic"),
    "wrong_topic of an output": ("client.status.changed", PAYMENT, {"topic": "clients"}, "wrong_topic"),
    "wrong_topic of a command": ("status.set", PAYMENT, {"topic": "clients"}, "wrong_topic"),
    "wrong_topic before time_in_future": (
        "payment.received", PAYMENT, {"topic": "bookings", "time": AHEAD}, "wrong_topic"),
    "time_in_future": ("payment.received", PAYMENT, {"time": AHEAD}, "time_in_future"),
    "time_in_future of a command": (
        "status.set", {"client_ids": ["c1"], "status": "vip"}, {"topic": "client-commands", "time": AHEAD},
        "time_in_future"),
    "time_in_future before invalid_data": ("payment.received", {}, {"time": AHEAD}, "time_in_future"),
    "invalid_data: nothing": ("payment.received", {}, {}, "invalid_data"),
    "invalid_data: no data": ("payment.received", None, {}, "invalid_data"),
    "invalid_data: a number for money": ("payment.received", {**PAYMENT, "amount": 5}, {}, "invalid_data"),
    "invalid_data: five decimals": ("payment.received", {**PAYMENT, "amount": "1.00001"}, {}, "invalid_data"),
    "invalid_data: a currency": ("payment.received", {**PAYMENT, "currency": "euro"}, {}, "invalid_data"),
    "invalid_data: an id": ("payment.received", {**PAYMENT, "client_id": "c/1"}, {}, "invalid_data"),
    "invalid_data before unknown_status": (
        "client.created", {"client_id": "", "status": "nope"}, {}, "invalid_data"),
    "unknown_status": ("client.created", {**CREATED, "status": "nope"}, {}, "unknown_status"),
    "unknown_status of an import": ("client.imported", {**CREATED, "status": "nope"}, {}, "unknown_status"),
    "unknown_status before unknown_field": (
        "client.created", {**CREATED, "status": "nope", "fields": {"f": 1}}, {}, "unknown_status"),
    "unknown_field": ("client.created", {**CREATED, "fields": {"f": 1}}, {}, "unknown_field"),
    "unknown_field of an update": ("client.updated", {**CREATED, "fields": {"f": 1}}, {}, "unknown_field"),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_ORDER.values(), ids=IN_ORDER.keys())
def test_j1_codes_are_tried_in_the_order_of_the_contract(story: Story, case: tuple[str, Any, dict, str]) -> None:
    type_, data, changes, code = case
    bad = altered(story, type_, data, **changes)
    check_letter(story, bad, *only_dead_letter(story, bad), code)
    assert story.outputs("c1") == []


def test_a_card_number_is_refused_and_masked(story: Story) -> None:
    data = {"client_id": "c1", "brand": "Visa", "last4": CARD_NUMBER}
    bad = altered(story, "client.card_saved", data)
    sent, letter = only_dead_letter(story, bad)
    masked = bad.value.replace(CARD_NUMBER.encode(), b"**** **** **** 4242")
    check_letter(story, bad._replace(value=masked), sent, letter, "card_number_refused")
    everything = [got for topic in ("dead-letters", "client-profiles") for got in story.records(topic)]
    assert everything
    assert not [got for got in everything if CARD_NUMBER.encode() in got.value]


def test_a_card_number_is_refused_before_other_wrong_data(story: Story) -> None:
    sent, letter = only_dead_letter(story, altered(story, "client.card_saved", {"last4": CARD_NUMBER}))
    assert letter.header("__streams.errors.exception") == "card_number_refused"
    assert letter.header("__streams.errors.offset") == str(sent.offset)


def test_what_is_unusable_is_not_sent_again_under_another_key(story: Story) -> None:
    bad = raw(story, b"{broken")._replace(key=b"another-key")
    story.tell_all(bad)
    found = [got for got in story.bus.read("dead-letters") if got.key == b"another-key" and got.value == bad.value]
    assert found
    assert not [got for got in story.bus.read("payments") if got.header("rekeyed") and got.value == bad.value]


def test_no_card_is_made_by_what_is_refused(story: Story) -> None:
    only_dead_letter(story, altered(story, "client.created", {**CREATED, "status": "nope"}))
    assert story.profile("c1") is None


def test_j5_a_day_ahead_is_taken(story: Story) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=23)).isoformat()
    story.tell_all(altered(story, "payment.received", PAYMENT, time=soon))
    assert story.short("c1") == [">lead", "lead>customer"]
