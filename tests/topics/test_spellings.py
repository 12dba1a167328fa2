"""Spellings that RFC 3339 and JSON allow, and such as they do not."""

from tests.topics.test_envelope import code, text
from topics.envelope import EventDecoder


def test_offsets_have_a_colon_in_data_as_well_and_other_texts_are_left_alone() -> None:
    decoder, times = EventDecoder("bookings"), {"starts_at": "2024-05-06T10:00:00Z", "ends_at": "2024-05-06T11:00:00Z"}
    for name, zone in (("starts_at", "-0500"), ("ends_at", "+0000"), ("ends_at", "+0200")):
        data = {"client_id": "c", "booking_id": "b", "kind": "appointment", **times, name: f"2024-05-06T10:30:00{zone}"}
        assert code(text(type="booking.scheduled", data=data), decoder=decoder) == "invalid_data"
        data[name] = f"2024-05-06T10:30:00{zone[:3]}:{zone[3:]}"
        assert code(text(type="booking.scheduled", data=data), decoder=decoder) == "usable"
    said = {"client_id": "c1", "text": "10:00:00+0200", "time": "2024-05-06T10:00:00+0200"}
    assert code(text(time="2024-05-06T10:00:00+02:00", data=said)) == "usable"
