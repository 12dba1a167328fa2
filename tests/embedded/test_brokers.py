"""Both brokers do for tests what they promise: places apart, records in order, everything read back."""

from tests.kit.bus import Bus
from tests.kit.messages import cloud_event, message


def test_what_is_sent_is_read_back_in_order(bus: Bus) -> None:
    events = [cloud_event("client.created", "salon", {"client_id": f"c{n}"}, time="09:00") for n in range(20)]
    sent = bus.send(*map(message, events))
    assert len({s.partition for s in sent}) == 1
    bus.wait_for("clients", lambda got: got.json == events[-1])
    assert [got.json for got in bus.read("clients")] == events


def test_places_do_not_see_each_other(bus: Bus) -> None:
    assert bus.read("clients") == []
    assert bus.committed() == {}
