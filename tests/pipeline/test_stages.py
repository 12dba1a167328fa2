"""P1, J2: records that are taken together, a stage at a time, end as if each came alone."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver
from tests.domain.histories import PROFILE, histories
from tests.kit.messages import CONTENT_TYPE, Message, cloud_event, message
from worker.domain import card, known_events

ODD = st.sampled_from([
    ("clients", b"{"),
    ("client.imported", {"client_id": "c1", "status": "nobody"}),
    ("client.imported", {"client_id": "c2", "name": "B", "tags": ["a", "z"]}),
    ("clients.merge", {"primary_id": "c1", "duplicate_ids": ["c2"]}),
    ("client.erase", {"client_id": "c1"}),
    ("client.erase", {"client_id": "c2"}),
])  # fmt: skip
"""What is refused, what removes a card, and what gives two ids one card."""


def odd(number: int, type_: str, data: Any) -> Message:
    if isinstance(data, bytes):
        return Message(type_, b"salon", data, (CONTENT_TYPE,))
    return message(cloud_event(type_, "salon", data, time="2024-05-01T16:00:00Z", id_=f"odd{number}", source="t"))


def by_topic(driver: Driver) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for topic, item in driver.sent:
        found[topic].append((item.key, item.value, [h for h in item.headers if h[0] != "error.at"]))
    return dict(found)


@PROFILE
@given(histories(), st.lists(ODD, max_size=5), st.data())
def test_p1_taken_together_or_alone(history: list[Any], odds: list[Any], data: st.DataObject) -> None:
    messages = [message(event) for event in history] + [odd(n, *one) for n, one in enumerate(odds)]
    messages = data.draw(st.permutations(messages))
    if data.draw(st.booleans()):
        messages.sort(key=lambda m: m.topic)
    together, alone = Driver(), Driver()
    together.feed_messages(messages)
    for one in messages:
        alone.feed_messages([one])
    assert by_topic(together) == by_topic(alone)
    assert together.engine.stores["client-profiles"] == alone.engine.stores["client-profiles"]
    together.restart()


@pytest.fixture
def salon() -> Driver:
    """An engine with nothing in it."""
    return Driver()


def test_j2_a_bug_in_the_middle_of_a_stage_is_its_record_s_alone(salon: Driver, monkeypatch: Any) -> None:
    def remember(state: Any, mark: bytes) -> None:
        if mark == known_events.digest("t", "bad"):
            raise ZeroDivisionError
        known_events.remember(state, mark)

    monkeypatch.setattr("worker.domain.decide.remember", remember)
    ids = ["1", "2", "bad", "3"]
    salon.feed([salon.event("client.noted", "10:00", client_id="c1", text=i, id=i, source="t") for i in ids])
    assert salon.dead_codes == ["internal_error"]
    assert salon.card("c1")["latest_note"] == "3"
    salon.restart()


def test_a_card_that_becomes_too_large_does_so_with_its_record(salon: Driver, monkeypatch: Any) -> None:
    """Not with those that are taken together with it: the one behind it, which shortens the note, comes too late."""
    monkeypatch.setattr(card, "MAX_CARD_BYTES", 60_000)
    texts = ["a", "b" * 70_000, "c"]
    events = [salon.event("client.noted", "10:00", client_id="c1", text=text) for text in texts]
    salon.feed(events)
    assert salon.dead_codes == ["too_large"]
    assert salon.card("c1")["latest_note"] == "c"


def test_p1_totals_stand_in_one_order_however_events_are_taken(salon: Driver) -> None:
    alone = Driver()
    about = {"client_id": "c1", "amount": "10"}
    paid = salon.event("payment.received", "10:00", payment_id="p1", currency="USD", **about)
    issued = salon.event("invoice.issued", "11:00", invoice_id="i1", currency="EUR", **about)
    salon.feed([paid, issued])
    for event in (paid, issued):
        alone.feed([event])
    assert salon.engine.stores["client-profiles"] == alone.engine.stores["client-profiles"]
    assert list(salon.card("c1")["totals"]) == ["EUR", "USD"]
