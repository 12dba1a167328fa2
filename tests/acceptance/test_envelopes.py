"""How records may come and how they leave: both modes, wrong keys, repeats, traces, and ids that repeat themselves."""

import json
from collections.abc import Callable
from typing import Any

from tests.kit.messages import binary_message, message
from tests.kit.place import Place
from tests.kit.story import Story, bare, cause, changed

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PAYMENT = {"client_id": "c1", "payment_id": "p1", "amount": "5.00", "currency": "EUR"}


def test_binary_mode_is_taken_as_well(story: Story) -> None:
    event = story.event("payment.received", "10:00", **PAYMENT)
    story.tell_all(binary_message(event))
    assert story.dead_letters() == []
    assert bare(story.outputs("c1")) == [
        changed("c1", None, "lead", "10:00", 1, cause("created", event)),
        changed("c1", "lead", "customer", "10:00", 2, cause("automation", event, trigger="payment_made")),
    ]


def test_a_binary_record_without_an_attribute_is_not_cloudevents(story: Story) -> None:
    sent = binary_message(story.event("payment.received", "10:00", **PAYMENT))
    bad = sent._replace(headers=[header for header in sent.headers if header[0] != "ce_time"])
    story.tell_all(bad)
    (letter,) = story.dead_letters()
    assert letter.value == bad.value
    assert letter.header("__streams.errors.exception") == "not_cloudevents"


def test_structured_mode_needs_no_header_and_unknown_names_are_ignored(story: Story) -> None:
    event = {**story.event("payment.received", "10:00", **PAYMENT, colour="red"), "subject": "x", "myext": "y"}
    story.tell_all(message(event)._replace(headers=()))
    assert story.short("c1") == [">lead", "lead>customer"]


def test_a_name_given_twice_counts_as_the_last(story: Story) -> None:
    value = json.dumps(story.event("payment.received", "10:00", **PAYMENT))
    twice = value.replace('"client_id": "c1"', '"client_id": "c0", "client_id": "c1"')
    assert twice != value
    story.tell_all(message(story.event("payment.received", "10:00"))._replace(value=twice.encode()))
    assert story.outputs("c0") == []
    assert story.short("c1") == [">lead", "lead>customer"]


def check_resent(story: Story, key: bytes | None) -> None:
    event = story.event("payment.received", "10:00", **PAYMENT)
    story.tell_all(message(event)._replace(key=key, timestamp=1_700_000_000_123))
    both = [got for got in story.bus.read("payments") if got.value is not None and event["id"].encode() in got.value]
    original, again = sorted(both, key=lambda got: got.header("rekeyed") is not None)
    assert (original.key, again.key) == (key, story.business.encode())
    assert again.header("rekeyed") == "1"
    assert (again.value, again.timestamp) == (original.value, original.timestamp)
    assert again.headers[: len(original.headers)] == original.headers
    assert story.short("c1") == [">lead", "lead>customer"]
    assert {got.partition for got in story.records("client-status-changes")} == {again.partition}


def test_a_record_under_another_key_is_sent_again_under_the_right_one_and_processed_once(story: Story) -> None:
    for number in range(8):  # some of these keys share the partition of the right one, others do not
        other = Story(story.bus, f"{story.business}.{number}")
        check_resent(other, b"another-key")


def test_a_record_without_a_key_is_sent_again_too(story: Story) -> None:
    check_resent(story, None)


def test_the_same_event_again_changes_nothing(story: Story) -> None:
    event = story.event("payment.received", "10:00", **PAYMENT)
    story.tell_all(event, event)
    card = story.profile("c1")
    story.tell_all(event)
    assert story.short("c1") == [">lead", "lead>customer"]
    assert (card["counts"]["payments"], card["totals"]["EUR"]["paid"]) == (1, "5.00")
    assert story.profile("c1") == card


def test_a_trace_is_carried_over_to_everything_that_the_event_causes(story: Story) -> None:
    def traced(type_: str, **data: Any) -> dict[str, Any]:
        return {**story.event(type_, "10:00", **data), "traceparent": TRACE}

    story.tell_all(traced("payment.received", **PAYMENT), traced("tags.add", client_ids=["c1"], tags=["x"]))
    story.tell("payment.received", "11:00", client_id="c2", payment_id="p2", amount="1", currency="EUR")
    events = [*story.outputs("c1"), *(got.json for got in story.records("command-results"))]
    assert len(events) == 4
    assert {event.get("traceparent") for event in events} == {TRACE}
    assert {event.get("traceparent") for event in story.outputs("c2")} == {None}


def test_times_leave_in_utc_with_milliseconds_only_where_there_are_any(story: Story) -> None:
    story.tell("client.created", "2024-05-06T09:00:00.000+02:00", client_id="c1")
    story.tell("payment.received", "2024-05-06T09:30:00.123456+02:00", **PAYMENT)
    assert [event["time"] for event in story.outputs("c1")] == ["2024-05-06T07:00:00Z", "2024-05-06T07:30:00.123Z"]


def test_what_one_input_causes_comes_in_order(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1", status="vip", tags="gold")
    story.tell("client.imported", "09:00", client_id="c2", status="vip", tags="gold, silver")
    assert story.short("c1") == [], "only an import may bring its tags as one string"
    assert story.short("c2") == [">vip", "+gold +silver"]
    assert [event["data"]["cause"]["type"] for event in story.outputs("c2")] == ["import", "import"]


def test_the_same_input_gives_the_same_ids_elsewhere(
    story: Story, broker: Any, new_place: Callable[..., Place]
) -> None:
    events = [
        story.event("client.created", "09:00", client_id="c1", tags=["a"]),
        story.event("payment.received", "10:00", **PAYMENT),
        story.event("payment.refunded", "11:00", client_id="c1", payment_id="p1"),
        story.event("status.set", "12:00", client_ids=["c1"], status="vip"),
    ]
    for event in events:
        story.tell_all(event)
    elsewhere = new_place(broker, "elsewhere", partitions=1)
    bus = elsewhere.bus()
    worker = elsewhere.worker()
    try:
        again = Story(bus, story.business)
        for event in events:
            again.tell_all(event)
        assert again.outputs("c1") == story.outputs("c1")
        assert again.answer(events[3]) == story.answer(events[3])
        worker.stop()
    finally:
        worker.kill()
        bus.close()
