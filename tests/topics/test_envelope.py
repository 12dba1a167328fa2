"""J1, J5: what is a usable record, and the first code that applies to one that is not."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.envelope import TYPE_OF_EVENT, EventDecoder, Malformed, Unusable
from topics.moments import DAY, HOUR, micros, rfc3339
from topics.registry import MAX_INPUT_BYTES

CLIENTS = EventDecoder("clients")
COMMANDS = EventDecoder("client-commands")
NOW = 1_717_200_000_000_000
LATEST = NOW + DAY
GOOD = {
    "specversion": "1.0", "id": "e1", "source": "tests", "type": "client.noted", "time": "2024-05-06T10:00:00Z",
    "businessid": "salon", "data": {"client_id": "c1", "text": "hello"},
}  # fmt: skip


def text(**changed: Any) -> str:
    """A usable event with some attributes changed; None takes one away."""
    return json.dumps({name: value for name, value in {**GOOD, **changed}.items() if value is not None})


def code(value: bytes | str | None, headers: Any = (), decoder: EventDecoder = CLIENTS) -> str:
    """The code of a record, or ``usable``."""
    try:
        decoder.decode(value.encode() if isinstance(value, str) else value, headers, LATEST)
    except Unusable as exc:
        return exc.code if exc.message else "without a message"
    return "usable"


def with_extra(json_text: str) -> str:
    """A usable event with an unknown attribute of this JSON text."""
    return text()[:-1] + f', "extra": {json_text}' + "}"


def binary(**changed: bytes | None) -> list[tuple[str, bytes | None]]:
    headers = {f"ce_{name}": str(value).encode() for name, value in GOOD.items() if name != "data"}
    return list({**headers, **{f"ce_{name}": value for name, value in changed.items()}}.items())


def test_structured_mode() -> None:
    event = CLIENTS.decode(text().encode(), [("content-type", b"application/cloudevents+json")], LATEST)
    assert (TYPE_OF_EVENT[type(event)], event.id, event.source, event.businessid) == (
        "client.noted", "e1", "tests", "salon",
    )  # fmt: skip
    assert (event.data.client_id, event.data.text, rfc3339(micros(event.time))) == ("c1", "hello", GOOD["time"])
    assert code(text()) == "usable"


def test_binary_mode() -> None:
    value = json.dumps(GOOD["data"]).encode()
    event = CLIENTS.decode(value, [*binary(), ("content-type", b"application/json")], LATEST)
    assert event == CLIENTS.decode(text().encode(), (), LATEST)


def test_the_content_type_of_structured_mode_outweighs_headers() -> None:
    assert code(text(), [*binary(), ("Content-Type", b"Application/CloudEvents+JSON; charset=UTF-8")]) == "usable"


@pytest.mark.parametrize(
    "changed", [{"id": None}, {"time": b"yesterday"}, {"source": b"\xff"}, {"businessid": b""}, {"specversion": b"2"}]
)
def test_binary_mode_with_bad_attributes(changed: dict[str, bytes | None]) -> None:
    assert code(json.dumps(GOOD["data"]), binary(**changed)) == "not_cloudevents"


@pytest.mark.parametrize("header", [("ce_subject", b"c1"), ("ce_traceparent", b"\xff"), ("ce_x", None)])
def test_headers_that_the_contract_does_not_name_change_nothing(header: tuple[str, bytes | None]) -> None:
    """Structured mode needs no header, and unknown attributes are ignored."""
    assert code(text(), [header]) == "usable"
    assert code(json.dumps(GOOD["data"]), [*binary(), header]) == "usable"


def test_binary_mode_with_bad_values() -> None:
    assert code(None, binary()) == "not_json"
    assert code("{", binary()) == "not_json"
    assert code("[]", binary()) == "invalid_data"
    assert code('{"client_id": "c1", "text": "x", "extra": NaN}', binary()) == "not_json"


@pytest.mark.parametrize(
    "value",
    [
        None, b"", b"  ", b"{", b"x", b"\xff\xfe", b"\x00", b"{}x", text().encode() + b"x", text().encode() + b"{}",
        b"\xef\xbb\xbf" + text().encode(), text().encode("utf-16"), text().encode()[:-1],
        text(id="AA").encode().replace(b"AA", b"\xc3\x28"), text(extra="AA").encode().replace(b"AA", b"\xed\xa0\x80"),
        text(extra="AA").encode().replace(b"AA", b"\xc0\xaf"), text().replace('"', "'").encode(),
    ],
)  # fmt: skip
def test_not_json(value: bytes | None) -> None:
    assert code(value) == "not_json"


@pytest.mark.parametrize(
    "extra",
    [
        "NaN", "Infinity", "-Infinity", '"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800": 1}', '["\\ud83d"]', "01", "1.",
        ".5", "+1", "-", "nul", "True", '"\\q"', '"\\u12"', '"a\nb"', '"\x01"', "[1,]", "{,}", "/* */ 1", "0x1",
    ],
)  # fmt: skip
def test_not_json_also_where_nobody_looks(extra: str) -> None:
    assert code(with_extra(extra)) == "not_json"


@pytest.mark.parametrize("extra", ["9" * 400, "1e-400", '"\\ud83d\\ude00"', '"\\u0000"', "-0", '"é"', "[[[]]]"])
def test_odd_but_json(extra: str) -> None:
    assert code(with_extra(extra)) == "usable"


def test_too_large() -> None:
    room = MAX_INPUT_BYTES - len(text(extra=""))
    assert code(text(extra="x" * room)) == "usable"
    assert code(text(extra="x" * (room + 1))) == "too_large"
    assert code(b"x" * (MAX_INPUT_BYTES + 1)) == "too_large"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_too_deep_from_the_outermost_bracket(opening: str, closing: str) -> None:
    assert code(with_extra(opening * 63 + "1" + closing * 63)) == "usable"
    assert code(with_extra(opening * 64 + "1" + closing * 64)) == "too_large"
    assert code(opening * 500_000) == "too_large"
    assert code(with_extra(json.dumps(opening * 1000))) == "usable"
    assert code(with_extra("[" + ",".join(["[]"] * 1000) + "]")) == "usable"


def test_j4_however_deep_it_is_soon_refused() -> None:
    """Thousands of them in one transaction must not keep a worker from saying that it lives."""
    deep = '{"a":' * 170_000 + "1" + "}" * 170_000
    began = time.thread_time()
    assert code(deep) == "too_large"
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize("value", ["null", "[]", "5", '"x"', "{}", "true", f"[{text()}]"])
def test_not_an_event(value: str) -> None:
    assert code(value) == "not_cloudevents"


@pytest.mark.parametrize(
    "changed",
    [
        *({name: value} for name in ("specversion", "id", "source", "type", "businessid") for value in ("", 1, [])),
        *({name: True} for name in ("specversion", "id", "source", "type", "time", "businessid")),
        *({name: None} for name in ("specversion", "id", "source", "type", "time", "businessid")),
        {"specversion": "0.3"}, {"id": "x" * 129}, {"source": "x" * 257}, {"businessid": "a:b"}, {"businessid": "a b"},
        {"businessid": "x" * 65}, {"businessid": "a\n"}, {"businessid": "é"}, {"time": 1_715_000_000},
    ],
)  # fmt: skip
def test_a_required_attribute_that_is_missing_or_malformed(changed: dict[str, Any]) -> None:
    assert code(text(**changed)) == "not_cloudevents"


def test_an_attribute_that_is_null() -> None:
    assert code(text().replace('"e1"', "null")) == "not_cloudevents"


@pytest.mark.parametrize(
    "time",
    [
        "", "x", "2024-05-06", "2024-05-06T10:00:00", "2024-05-06T10:00Z", "2024-02-30T10:00:00Z",
        "2024-05-06T24:00:00Z",
        "2024-05-06T10:00:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:59:60", "2016-12-30T23:59:60Z",
        "2016-12-31T23:59:60+02:00", "2024-05-06T10:00:00+24:00", "2024-05-06T10:00:00.Z", " 2024-05-06T10:00:00Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "12024-05-06T10:00:00Z",
        "2024-05-06T10:00:00+0200", "2024-05-06t10:00:00.5-0130", "2024-05-06 10:00:00+0000",
        "2024-05-06T10:00:00,5Z", "٢٠٢٤-05-06T10:00:00Z", "2024-05-06T10:00:00Zx",
    ],
)  # fmt: skip
def test_no_time(time: str) -> None:
    assert code(text(time=time)) == "not_cloudevents"


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("2024-05-06t10:00:00z", "2024-05-06T10:00:00Z"),
        ("2024-05-06T10:00:00+02:00", "2024-05-06T08:00:00Z"),
        ("2024-05-06T10:00:00-00:00", "2024-05-06T10:00:00Z"),
        ("2024-05-06T23:30:00-01:30", "2024-05-07T01:00:00Z"),
        ("2024-05-06T10:00:00.120Z", "2024-05-06T10:00:00.120Z"),
        ("2024-05-06T10:00:00.123456789Z", "2024-05-06T10:00:00.123Z"),
        ("2024-05-06T10:00:00.000100Z", "2024-05-06T10:00:00Z"),
        ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"),
        ("2017-01-01t01:59:60.25+02:00", "2016-12-31T23:59:59.999Z"),
    ],
)
def test_times(time: str, read: str) -> None:
    event = CLIENTS.decode(text(time=time).encode(), (), LATEST)
    assert rfc3339(micros(event.time)) == read


def test_types() -> None:
    assert code(text(type="client.vanished")) == "unknown_type"
    assert code(text(type="invoice.issued")) == "wrong_topic"
    assert code(text(type="client.status.changed")) == "wrong_topic"
    assert code(text(type="status.set")) == "wrong_topic"


def test_j5_more_than_24_hours_ahead() -> None:
    assert code(text(time=rfc3339(LATEST))) == "usable"
    assert code(text(time=rfc3339(LATEST + 1000))) == "time_in_future"
    assert code(text(type="tag.delete", time=rfc3339(LATEST + HOUR), data={"tag": "x"}), decoder=COMMANDS) == (
        "time_in_future"
    )
    assert code(text(time="9999-12-31T23:59:59Z")) == "time_in_future"
    assert code(text(time="9999-12-31T23:59:59-10:00")) == "time_in_future"
    assert code(text(time="9999-12-31T23:59:59Z", type="client.vanished")) == "unknown_type"


def test_whole_numbers_may_be_written_as_floats_and_moments_in_data_as_leap_seconds() -> None:
    """To JSON 4.0 is the number 4, and a JSON Schema takes it for an integer."""
    reviewed = CLIENTS.decode(text(type="client.reviewed", data={"client_id": "c", "score": 4.0}).encode(), (), LATEST)
    assert reviewed.data.score == 4
    times = {"starts_at": "2016-12-31T23:00:00Z", "ends_at": "2016-12-31T23:59:60Z"}
    data = {"client_id": "c", "booking_id": "b", "kind": "appointment", **times}
    booked = EventDecoder("bookings").decode(text(type="booking.scheduled", data=data).encode(), (), LATEST)
    assert rfc3339(micros(booked.data.ends_at)) == "2016-12-31T23:59:59.999Z"


def test_a_text_that_reads_as_a_leap_second_stays_as_it_came() -> None:
    times = {"starts_at": "2016-12-31T23:00:00Z", "ends_at": "2016-12-31T23:59:60Z"}
    data = {"client_id": "c", "booking_id": "b", "kind": "appointment", "service": "2016-12-31T23:59:60Z", **times}
    booked = EventDecoder("bookings").decode(text(type="booking.scheduled", data=data).encode(), (), LATEST)
    assert booked.data.service == "2016-12-31T23:59:60Z"


@pytest.mark.parametrize(
    "data",
    [
        None, "x", [], {}, {"client_id": "c1"}, {"client_id": 5, "text": "x"}, {"client_id": "c1", "text": 5},
        {"client_id": "c1", "text": True}, {"client_id": "c1", "text": None}, {"client_id": "c 1", "text": "x"},
        {"client_id": "", "text": "x"}, {"client_id": "x" * 65, "text": "x"}, {"client_id": "c1\n", "text": "x"},
    ],
)  # fmt: skip
def test_invalid_data(data: Any) -> None:
    assert code(text(data=data)) == "invalid_data"


@pytest.mark.parametrize(
    ("topic", "type_", "data"),
    [
        ("clients", "client.reviewed", {"client_id": "c", "score": 0}),
        ("clients", "client.reviewed", {"client_id": "c", "score": 6}),
        ("clients", "client.reviewed", {"client_id": "c", "score": 4.5}),
        ("clients", "client.reviewed", {"client_id": "c", "score": True}),
        ("clients", "client.reviewed", {"client_id": "c", "score": "5"}),
        ("clients", "client.messaged", {"client_id": "c", "direction": "up"}),
        ("clients", "client.created", {"client_id": "c", "fields": {str(n): 1 for n in range(201)}}),
        ("clients", "client.card_saved", {"client_id": "c", "brand": "visa", "last4": "424"}),
        ("clients", "client.card_saved", {"client_id": "c", "brand": "visa", "last4": "42424"}),
        ("clients", "client.card_saved", {"client_id": "c", "brand": "visa", "last4": 4242}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": 10, "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "-1", "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1.00001", "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1e3", "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1.", "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1\n", "currency": "EUR"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1", "currency": "eur"}),
        ("payments", "payment.received", {"client_id": "c", "payment_id": "p", "amount": "1", "currency": "EURO"}),
        ("invoices", "invoice.issued",
         {"client_id": "c", "invoice_id": "i", "amount": "1", "currency": "EUR", "due_on": "2024-02-30"}),
        ("invoices", "invoice.issued",
         {"client_id": "c", "invoice_id": "i", "amount": "1", "currency": "EUR", "due_on": "2024-02-01T00:00:00Z"}),
        ("bookings", "booking.scheduled", {"client_id": "c", "booking_id": "b", "kind": "appointment"}),
        ("bookings", "booking.scheduled",
         {"client_id": "c", "booking_id": "b", "kind": "party", "starts_at": GOOD["time"], "ends_at": GOOD["time"]}),
        ("bookings", "booking.rescheduled",
         {"client_id": "c", "booking_id": "b", "starts_at": "2024-05-06T10:00:00", "ends_at": GOOD["time"]}),
    ],
)  # fmt: skip
def test_invalid_data_of_each_kind(topic: str, type_: str, data: Any) -> None:
    assert code(text(type=type_, data=data), decoder=EventDecoder(topic)) == "invalid_data"


def test_unknown_attributes_and_fields_are_ignored() -> None:
    assert code(text(subject=5, datacontenttype=[], extension={}, traceparent=7)) == "usable"
    assert code(text(data={**GOOD["data"], "extra": {"a": [1]}})) == "usable"


def test_a_traceparent_is_carried_when_it_is_one() -> None:
    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert CLIENTS.decode(text(traceparent=good).encode(), (), LATEST).traceparent == good
    assert CLIENTS.decode(text(traceparent=good.upper()).encode(), (), LATEST).traceparent is None


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ('"id": "second"', "usable"),
        ('"type": "invoice.issued"', "wrong_topic"),
        ('"type": "nothing"', "unknown_type"),
        ('"time": "never"', "not_cloudevents"),
        ('"data": 5', "invalid_data"),
        ('"specversion": "0.3"', "not_cloudevents"),
    ],
)
def test_of_a_name_given_twice_the_last_counts(extra: str, expected: str) -> None:
    assert code(text()[:-1] + f", {extra}}}") == expected
    name, value = json.loads(f"[{extra.replace(': ', ', ', 1)}]")
    first = f'{{"{name}": {json.dumps(value)}, ' + text()[1:]
    assert code(first) == "usable"


def test_of_a_field_given_twice_the_last_counts() -> None:
    event = CLIENTS.decode(
        text(data=None)[:-1].encode() + b',"data":{"text":1,"client_id":"a","text":"b"}}', (), LATEST
    )
    assert event.data.text == "b"


def test_the_codes_are_tried_in_their_order() -> None:
    """Each record has everything wrong from a place in the list on; the first wrong thing is its code."""
    number = "4242 4242 4242 4242"
    future = {"time": "2030-01-01T00:00:00Z"}
    saved = {"type": "client.card_saved", "data": {"brand": number}}
    assert code("[" * 100) == "too_large"
    assert code(text(type="x", businessid="", **future)[:-1]) == "not_json"
    assert code(text(type="x", businessid="", **future)) == "not_cloudevents"
    assert code(text(type="x", data=5, **future)) == "unknown_type"
    assert code(text(**saved, **future), decoder=EventDecoder("invoices")) == "wrong_topic"
    assert code(text(**saved, **future)) == "time_in_future"
    assert code(text(**saved)) == "card_number_refused"
    assert code(text(type="client.card_saved", data={"brand": "visa"})) == "invalid_data"


@pytest.mark.parametrize(
    "number",
    [
        "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "6" * 19,
        "4242\u00a04242\u00a04242\u00a04242", "4242\u20114242\u20114242\u20114242", "\uff14\uff12" * 8,
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["last4", "brand", "expires", "number"])
def test_a_full_card_number_is_refused_and_masked(number: str, field: str) -> None:
    data = {"client_id": "c1", "brand": "visa", "last4": "4242", field: number}
    value = text(type="client.card_saved", data=data).encode()
    with pytest.raises(Unusable) as refused:
        CLIENTS.decode(value, (), LATEST)
    masked = refused.value.masked
    assert refused.value.code == "card_number_refused"
    assert masked is not None
    assert number.encode() not in masked
    found = json.loads(masked)
    assert {**found, "data": None} == {**json.loads(value), "data": None}
    kept = found["data"][field]
    assert kept.endswith(number[-2:])
    assert sum(c.isdigit() for c in kept) == 4
    assert number not in refused.value.message


def test_c4_a_command_with_wrong_data_is_answered_not_dead_lettered() -> None:
    event = COMMANDS.decode(text(type="status.set", data={"dry_run": True}).encode(), (), LATEST)
    assert isinstance(event.data, Malformed)
    assert event.data.dry_run
    for data in (None, 5, [], {}, {"client_ids": ["c1"], "status": None}):
        found = COMMANDS.decode(text(type="status.set", data=data).encode(), (), LATEST).data
        assert isinstance(found, Malformed)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 30))
def test_whatever_comes_there_is_an_event_or_a_code(rubbish: bytes, at: int, cut: int) -> None:
    """Random bytes, alone and in the middle of a good event."""
    value = text().encode()
    for attempt in (rubbish, value[:at] + rubbish + value[at + cut :]):
        for headers in ((), binary()):
            code_ = code(attempt, headers)
            if code_ == "usable" and not headers:
                json.loads(attempt)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "traceparent", "extra"]), _JSON, max_size=3))
def test_both_ways_of_decoding_say_the_same(changed: dict[str, Any]) -> None:
    """The quick way for good records and the careful one for the others."""
    value = json.dumps({**GOOD, **changed}).encode()

    def result(careful: bool) -> Any:
        try:
            return CLIENTS._step_by_step(value, (), LATEST) if careful else CLIENTS.decode(value, (), LATEST)
        except Unusable as exc:
            return exc.code

    assert result(careful=False) == result(careful=True)
