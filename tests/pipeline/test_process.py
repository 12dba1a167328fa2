"""J1-J2 and the record's way through a task's engine: dead letters, bugs, limits, records under another key."""

import json
from typing import Any

import pytest

from tests.domain.driver import Driver
from tests.kit.messages import CONTENT_TYPE, Message, message
from topics.commands import TagsAdd
from topics.registry import DEAD_LETTERS, INPUTS
from worker.domain import decide
from worker.pipeline.ports import LimitExceeded
from worker.pipeline.process import FAILURE_WINDOW


@pytest.fixture
def salon() -> Driver:
    """An engine with nothing in it."""
    return Driver()


def note(salon: Driver, text: str = "x", client: str = "c1", **data: Any) -> Message:
    return message(salon.event("client.noted", "10:00", client_id=client, text=text, **data))


def rubbish(topic: str = "clients", value: bytes | None = b"{") -> Message:
    return Message(topic, b"salon", value, (CONTENT_TYPE, ("x", b"\xff")), 1_700_000_000_123)


def test_j1_a_dead_letter_is_the_record_unchanged_with_a_code_and_where_it_was(salon: Driver) -> None:
    salon.feed_messages([note(salon), rubbish(), note(salon, "good too")])
    ((code, letter),) = salon.dead
    assert (code, letter.key, letter.value, letter.timestamp) == ("not_json", b"salon", b"{", 1_700_000_000_123)
    assert letter.headers[:2] == [CONTENT_TYPE, ("x", b"\xff")]
    added = dict(letter.headers[2:])
    assert added.pop("__streams.errors.message")
    assert added == {
        "__streams.errors.exception": b"not_json", "__streams.errors.topic": b"clients",
        "__streams.errors.partition": b"0", "__streams.errors.offset": b"1", "error.at": b"2024-06-01T00:00:00Z",
    }  # fmt: skip
    assert salon.card("c1")["latest_note"] == "good too"


def test_j1_the_topic_in_a_dead_letter_is_the_real_one() -> None:
    salon = Driver(topic_prefix="acme.")
    salon.feed_messages([rubbish("bookings")])
    assert dict(salon.dead[0][1].headers)["__streams.errors.topic"] == b"acme.bookings"


@pytest.mark.parametrize("topic", [t.name for t in INPUTS])
@pytest.mark.parametrize("value", [None, b"", b"\xff", b"[" * 100, b"null", b"{}"])
def test_j1_every_input_takes_rubbish_calmly(salon: Driver, topic: str, value: bytes | None) -> None:
    salon.feed_messages([rubbish(topic, value)])
    assert len(salon.dead) == 1
    assert salon.dead[0][1].value == value
    salon.restart()


def test_j1_a_refused_record_leaves_nothing_of_itself(salon: Driver) -> None:
    event = salon.event("client.imported", "10:00", client_id="c1", tags=["x"], status="nobody")
    salon.feed([event, salon.event("client.noted", "10:01", client_id="c2", text="x")])
    assert (salon.dead_codes, salon.has_card("c1"), salon.has_card("c2")) == (["unknown_status"], False, True)
    salon.restart()


def test_j2_a_bug_is_isolated_to_its_record(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = decide.RULES[decide.clients.ClientNoted]

    def apply(session: Any, card: Any, data: Any) -> None:
        rule.apply(session, card, data)
        session.business.tally.clients["lead"] = 99
        if data.text == "bug":
            raise ZeroDivisionError

    salon.feed_messages([note(salon, "before")])
    monkeypatch.setitem(decide.RULES, decide.clients.ClientNoted, rule._replace(apply=apply))
    command = message(salon.event("tags.add", "10:00", client_ids=["c1"], tags=["x"]))
    salon.feed_messages([command, note(salon, "bug"), note(salon, "bug", client="c2"), rubbish()])
    assert salon.dead_codes == ["internal_error", "internal_error", "not_json"]
    assert (salon.card("c1")["latest_note"], salon.tags("c1"), salon.has_card("c2")) == ("before", {"x"}, False)
    assert salon.settings["statuses"][0]["clients"] == 1
    assert [o["data"]["sequence"] for o in salon.about("c1")] == [1, 2]


def test_c4_j2_a_command_that_meets_a_bug_is_answered_and_may_be_replayed(
    salon: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Any, data: Any) -> None:
        session.business.tally.clients["lead"] = 99
        raise ZeroDivisionError

    salon.tell("client.created", "09:00", client_id="c1")
    command = salon.event("tags.add", "10:00", client_ids=["c1"], tags=["x"])
    with monkeypatch.context() as broken:
        broken.setitem(decide.COMMANDS, TagsAdd, fail)
        (told,) = salon.feed([command])
    assert (told["type"], told["data"]["command_id"]) == ("command.rejected", command["id"])
    assert [(e["code"], "client_id" in e) for e in told["data"]["errors"]] == [("internal_error", False)]
    assert (salon.dead_codes, salon.tags("c1")) == (["internal_error"], set())
    assert salon.settings["statuses"][0]["clients"] == 1
    salon.restart()
    assert [o["type"] for o in salon.feed([command])] == ["client.tags.changed", "command.applied"]
    assert len(salon.dead) == 1
    salon.restart()


@pytest.mark.parametrize("is_command", [False, True])
def test_j2_bugs_alone_are_too_many_failures_as_well(monkeypatch: pytest.MonkeyPatch, is_command: bool) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    salon = Driver(dead_letters=5)
    monkeypatch.setitem(decide.RULES, decide.clients.ClientNoted, decide.Rule(fail))
    monkeypatch.setitem(decide.COMMANDS, TagsAdd, fail)
    command = [message(salon.event("tags.add", "10:00", client_ids=["c1"], tags=["x"])) for _ in range(10)]
    messages = command if is_command else [note(salon) for _ in range(10)]
    with pytest.raises(LimitExceeded) as stopped:
        salon.feed_messages(messages)
    salon.commit(stopped.value.outbox)
    assert stopped.value.positions == {messages[0].topic: 6}
    assert (salon.dead_codes, len(salon.outputs)) == (["internal_error"] * 6, 6 * is_command)
    salon.restart()


def test_j2_too_many_failures_stop_the_task_and_keep_what_was_done() -> None:
    salon = Driver(dead_letters=5)
    salon.feed_messages([note(salon), *[rubbish()] * 5])
    with pytest.raises(LimitExceeded) as stopped:
        salon.feed_messages([note(salon, "done"), rubbish(), note(salon, "not reached")])
    salon.commit(stopped.value.outbox)
    assert stopped.value.positions == {"clients": 8}
    assert "MAX_DEAD_LETTERS" in str(stopped.value)
    assert salon.card("c1")["latest_note"] == "done"
    assert len(salon.dead) == 6
    salon.restart()


def test_j2_a_record_that_fails_counts_once_when_its_batch_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def apply(session: Any, card: Any, data: Any) -> None:
        raise ZeroDivisionError

    salon = Driver(dead_letters=5)
    rule = decide.RULES[decide.clients.ClientNoted]
    monkeypatch.setitem(decide.RULES, decide.clients.ClientNoted, rule._replace(apply=apply))
    salon.feed_messages([*[rubbish()] * 4, note(salon, "bug")])
    assert salon.dead_codes == [*["not_json"] * 4, "internal_error"]
    with pytest.raises(LimitExceeded):
        salon.feed_messages([rubbish()])


def test_j2_only_the_latest_thousand_records_count() -> None:
    salon = Driver(dead_letters=5)
    salon.feed_messages([rubbish()] * 5)
    salon.feed_messages([note(salon)] * FAILURE_WINDOW)
    salon.feed_messages([rubbish()] * 5)
    assert len(salon.dead) == 10


def test_j2_zero_switches_the_limit_off() -> None:
    salon = Driver(dead_letters=0)
    salon.feed_messages([rubbish()] * 1500)
    assert len(salon.dead) == 1500


def test_j5_a_day_ahead_of_the_clock_is_taken_and_more_is_not() -> None:
    salon = Driver(now="2024-06-01T08:00:00Z")
    salon.tell("client.noted", "2024-06-02T08:00:00Z", client_id="c1", text="x")
    salon.tell("client.noted", "2024-06-02T08:00:00.001Z", client_id="c2", text="x")
    assert (salon.has_card("c1"), salon.has_card("c2"), salon.dead_codes) == (True, False, ["time_in_future"])


@pytest.mark.parametrize("key", [None, b"", b"other", b"salon/c1", b"\xff"])
def test_a_record_under_another_key_is_sent_again_once_and_then_processed(salon: Driver, key: bytes | None) -> None:
    stray = note(salon)._replace(key=key)
    salon.feed_messages([stray])
    ((topic, item),) = salon.sent
    assert (topic, item.key, item.value) == ("clients", b"salon", stray.value)
    assert item.headers == [CONTENT_TYPE, ("rekeyed", b"1")]
    assert not salon.has_card("c1")
    salon.feed_messages([Message(topic, item.key, item.value, item.headers)])
    assert salon.has_card("c1")


def test_j1_what_is_unusable_is_not_sent_again_under_another_key(salon: Driver) -> None:
    salon.feed_messages([rubbish()._replace(key=None)])
    assert [topic for topic, _ in salon.sent] == [DEAD_LETTERS]


def test_outputs_have_the_envelope_of_the_contract(salon: Driver) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event = salon.event("client.created", "12:00:00.25", client_id="c1")
    event["time"] = "2024-05-06T12:00:00.250+02:00"
    (told,) = salon.feed([{**event, "traceparent": trace}])
    assert {name: told[name] for name in ("specversion", "source", "subject", "time", "businessid", "traceparent")} == {
        "specversion": "1.0", "source": "client-status-worker", "subject": "c1", "time": "2024-05-06T10:00:00.250Z",
        "businessid": "salon", "traceparent": trace,
    }  # fmt: skip
    ((_, item),) = salon.sent
    assert item.key == b"salon"
    assert item.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


def test_ids_of_outputs_are_the_same_for_the_same_input() -> None:
    def run() -> list[str]:
        salon = Driver()
        paid = {"client_id": "c1", "amount": "1", "currency": "EUR", "source": "t"}
        salon.tell("payment.received", "10:00", payment_id="p1", id="1", **paid)
        salon.tell("status.set", "11:00", client_ids=["c1", "c2"], status="vip", id="2", source="t")
        return [o["id"] for o in salon.outputs]

    assert run() == run()
    assert len(set(run())) == len(run())


def test_a_card_of_many_things_is_restored_to_the_byte(salon: Driver) -> None:
    for number in range(30):
        paid = {"client_id": "c1", "amount": "1.50", "currency": "EUR"}
        salon.tell("payment.received", "10:00", payment_id=f"p{number}", invoice_id=f"i{number % 3}", **paid)
        salon.tell("invoice.issued", "09:00", invoice_id=f"i{number}", due_on="2030-01-01", **paid)
        salon.tell("booking.attended", "08:00", client_id="c1", booking_id=f"b{number}")
        salon.restart()
    assert salon.card("c1")["counts"]["payments"] == 30
    assert salon.card("c1")["outstanding"] == {"EUR": "40.50"}


def test_text_that_looks_like_the_state_does_not_mislead_a_restore(salon: Driver) -> None:
    trick = '"state":[1,2,3] \\"state\\":[5,5,'
    salon.tell("client.noted", "10:00", client_id="c1", text=trick)
    salon.tell(
        "invoice.issued", "10:00", client_id="c1", invoice_id="state", amount="1", currency="EUR", number=trick,
        due_on="2030-01-01", id=trick, source=trick,
    )  # fmt: skip
    salon.restart()
    assert salon.card("c1")["latest_note"] == trick
    assert salon.engine.next_due() is not None


def test_values_of_900_kb(salon: Driver) -> None:
    salon.feed_messages([note(salon, "é" * 450_000)])
    assert len(salon.card("c1")["latest_note"]) == 450_000
    assert json.loads(salon.engine.stores["client-profiles"][b"salon/c1"])["latest_note"][0] == "é"
    salon.restart()
