"""``dead-letters``: list, show, replay with a real worker (J3); and what a replay remembers."""

import asyncio
import json
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.program import Ran, at
from tests.kit.bus import Bus, Got
from tests.kit.messages import Message, cloud_event, message
from tests.kit.place import Place, WorkerProcess
from tests.kit.waiting import until
from topics import dead_letters as letters
from topics.registry import INPUT_TOPIC_BYTES
from worker.dead_letters.replayed import MAX_METADATA, Ranges

SECRET = "the client's own words"  # noqa: S105 - what must not be listed
AT = 1_700_000_000_000_000


def letters_of(place: Place, *arguments: str) -> list[dict[str, Any]]:
    listed = at(place, "dead-letters", "list", "--json", *arguments)
    assert listed.code == 0, listed.err
    return [json.loads(line) for line in listed.out.splitlines()]


def replay(place: Place, *arguments: str) -> Ran:
    return at(place, "dead-letters", "replay", *arguments)


def letter(
    code: str, topic: str, value: bytes | None, *, key: bytes | None = b"salon", partition: int = 0, number: int = 0
) -> Message:
    """A dead letter as the worker would write it. ``topic`` is the real name of the original's."""
    headers = letters.headers(
        [("origin", b"\x00\xff")], code, "a message", topic, partition, number, AT + number * 10**6
    )
    return Message("dead-letters", key, value, headers, 1_700_000_000_000 + number, partition)


def original(got: Got) -> tuple[int, bytes | None, bytes | None, tuple[tuple[str, bytes], ...], int]:
    return got.partition, got.key, got.value, got.headers, got.timestamp


def test_j3_after_the_cause_is_mended_a_replay_processes_it_once(place: Place, bus: Bus, worker: WorkerProcess) -> None:
    event = cloud_event("client.created", "salon", {"client_id": "c1", "name": SECRET, "status": "gold"}, time="10:00")
    bus.send(message(event), Message("clients", b"salon", b'{"broken', ()))
    until(lambda: len(bus.read("dead-letters")) == 2, "two dead letters")
    listed = letters_of(place)
    assert [(row["code"], row["topic"], row["replayed"]) for row in listed] == [
        ("unknown_status", f"{place.prefix}clients", False), ("not_json", f"{place.prefix}clients", False),
    ]  # fmt: skip
    assert (listed[0]["business"], listed[0]["offset"]) == ("salon", 0)
    text = at(place, "dead-letters", "list")
    assert "gold" in text.out
    assert SECRET not in text.out + text.err + json.dumps(listed) + worker.log
    assert SECRET in at(place, "dead-letters", "show", listed[0]["place"]).out

    define = at(place, "send", "status.define", "--business", "salon", "--data", '{"code":"gold"}', "--wait")
    assert define.code == 0, define.err
    assert (
        "Would replay 1 dead letter (1 unknown_status)." in replay(place, "--code", "unknown_status", "--dry-run").out
    )
    assert [row["replayed"] for row in letters_of(place)] == [False, False]
    assert replay(place, "--code", "unknown_status").out == "Replayed 1 dead letter (1 unknown_status).\n"
    bus.wait_for("client-status-changes", lambda got: got.json["data"]["to"] == "gold")
    assert "Skipped 1 that were replayed before" in replay(place, "--code", "unknown_status").out
    assert replay(place, "--code", "unknown_status", "--again").out == "Replayed 1 dead letter (1 unknown_status).\n"
    bus.settle()
    assert [got.json["data"]["sequence"] for got in bus.read("client-status-changes")] == [1], "an event counts once"

    assert replay(place, "--code", "not_json").code == 0
    until(lambda: len(bus.read("dead-letters")) == 3, "a new dead letter of what is still broken")
    assert original(bus.read("dead-letters")[2])[1:3] == (b"salon", b'{"broken')


async def send_nothing(place: Place, nothing: Message) -> None:
    """Send a record without key and value, which aiokafka takes in batches only."""
    async with AIOKafkaProducer(bootstrap_servers=place.broker.servers) as producer:
        batch = producer.create_batch()
        batch.append(timestamp=nothing.timestamp, key=None, value=None, headers=list(nothing.headers))
        batch.close()
        await (await producer.send_batch(batch, place.prefix + nothing.topic, partition=nothing.partition))


def test_j3_a_replayed_record_is_as_it_was(place: Place, bus: Bus) -> None:
    topic = f"{place.prefix}bookings"
    bus.send(
        letter("not_json", topic, b"\xff\xfe{", partition=1),
        letter("not_json", topic, None, partition=1, number=1),
        letter("invalid_data", topic, b"{}", key=None, partition=2, number=2),
    )
    asyncio.run(send_nothing(place, letter("not_json", topic, None, key=None, partition=1, number=3)))
    assert replay(place, "--all").out.startswith("Replayed 4 dead letters (1 invalid_data, 3 not_json).\n")
    got = until(lambda: g if len(g := bus.read("bookings")) == 4 else None, "four bookings")
    header = (("origin", b"\x00\xff"),)
    assert sorted(map(original, got), key=lambda record: record[-1]) == [
        (1, b"salon", b"\xff\xfe{", header, 1_700_000_000_000),
        (1, b"salon", None, header, 1_700_000_000_001),
        (2, None, b"{}", header, 1_700_000_000_002),
        (1, None, None, header, 1_700_000_000_003),
    ]
    again = replay(place, "--all").out
    assert again.startswith("Replayed 0 dead letters.\nSkipped 4 that were replayed before")
    assert len(bus.read("bookings")) == 4


def test_j3_letters_are_chosen_by_place_code_topic_and_business(place: Place, bus: Bus) -> None:
    clients, invoices = f"{place.prefix}clients", f"{place.prefix}invoices"
    bus.send(
        letter("not_json", clients, b"{"),
        letter("unknown_type", invoices, b'{"businessid":"shop"}', number=1),
        letter("not_json", invoices, b"[", number=2),
        letter("unknown_type", "somebody-elses", b"x", number=3),
    )
    assert [row["code"] for row in letters_of(place, "--code", "not_json")] == ["not_json", "not_json"]
    assert [row["place"] for row in letters_of(place, "--topic", "invoices")] == ["0:1", "0:2"]
    assert [row["place"] for row in letters_of(place, "--topic", invoices, "--code", "not_json")] == ["0:2"]
    assert [row["place"] for row in letters_of(place, "--business", "shop")] == ["0:1"]
    assert [row["place"] for row in letters_of(place, "--limit", "2")] == ["0:2", "0:3"], "the latest, the latest last"
    assert len(letters_of(place, "--limit", "0")) == 4
    assert replay(place, "0:2").out.startswith("Replayed 1 dead letter (1 not_json).")
    assert [got.value for got in [bus.wait_for("invoices", bool)]] == [b"["]
    missing = replay(place, "0:0", "0:99", "9:0")
    assert missing.out.startswith("Replayed 1 dead letter (1 not_json).")
    assert missing.code == 1
    assert "there is no dead letter at 0:99, 9:0" in missing.err
    bus.send(letter("card_number_refused", clients, b'{"number":"************1111"}', number=4))
    masked = replay(place, "--code", "card_number_refused")
    assert masked.out.startswith("Replayed 0 dead letters.\n0:4 cannot be replayed: the card number in it is masked")
    foreign = replay(place, "--code", "unknown_type")
    assert "0:3 cannot be replayed: it came from somebody-elses, which is no input here" in foreign.out


def test_j3_one_letter_whole(place: Place, bus: Bus) -> None:
    bus.send(letter("not_json", f"{place.prefix}clients", b"\xff\x00", number=7))
    shown = at(place, "dead-letters", "show", "0:0")
    assert shown.code == 0
    for text in (
        "not_json",
        "a message",
        f"{place.prefix}clients:0:7",
        "1700000000007",
        "salon",
        r"b'\xff\x00'",
        "header origin",
    ):
        assert text in shown.out
    for where in ("0:1", "3:0", "99:0"):
        missing = at(place, "dead-letters", "show", where)
        assert (missing.code, missing.out) == (1, "")
        assert f"there is no dead letter at {where}" in missing.err


def test_j3_records_of_others_among_the_letters_do_no_harm(place: Place, bus: Bus) -> None:
    nothing = [(letters.TOPIC, None), (letters.OFFSET, None), ("ce_businessid", None)]
    for key in (None, b"\xff"):
        bus.send(Message("dead-letters", key, b"x", nothing, 1_700_000_000_000, 0))
    listed = at(place, "dead-letters", "list")
    assert (listed.code, len(listed.out.splitlines())) == (0, 2), listed.err
    shown = at(place, "dead-letters", "show", "0:0")
    assert (shown.code, "header ce_businessid (none)" in shown.out) == (0, True), shown.out
    ran = replay(place, "--all")
    assert (ran.code, ran.out.count("it came from nowhere")) == (0, 2), ran.out


def test_j3_what_came_compressed_and_is_larger_than_its_topic_takes_holds_nothing_up(place: Place, bus: Bus) -> None:
    topic = f"{place.prefix}bookings"
    bus.send(letter("too_large", topic, b"x" * INPUT_TOPIC_BYTES), letter("not_json", topic, b"{", number=1))
    ran = replay(place, "--all")
    refusal = f"0:0 cannot be replayed: its topic does not take {INPUT_TOPIC_BYTES + 8} bytes; it came compressed"
    lines = ran.out.splitlines()
    assert (ran.code, lines[0], lines[-1]) == (0, "Replayed 1 dead letter (1 not_json).", refusal), ran.out
    assert [got.value for got in until(lambda: bus.read("bookings"), "a booking")] == [b"{"]


def test_nothing_there_is_nothing_to_do(place: Place) -> None:
    assert letters_of(place) == []
    assert (replay(place, "--all").code, replay(place, "--all").out) == (0, "Replayed 0 dead letters.\n")


@pytest.mark.apache
def test_old_records_may_be_deleted_before_they_are_read(apache: Any, new_place: Any) -> None:
    place = new_place(apache, "old", partitions=1)
    bus = place.bus()
    bus.send(letter("not_json", f"{place.prefix}clients", b"{"))
    bus.close()
    assert "have timestamps older than their topic keeps records" in replay(place, "--all", "--dry-run").out


OFFSETS = st.sets(st.integers(0, 200), max_size=60)


@given(OFFSETS, OFFSETS, st.integers(0, 50))
def test_what_is_remembered_is_what_was_added(first: set[int], second: set[int], begin: int) -> None:
    ranges = Ranges()
    ranges.add(first)
    ranges.add(second)
    wanted = first | second
    assert {offset for offset in range(202) if offset in ranges} == wanted
    kept = Ranges.read(*ranges.within(begin, 201).committed(begin))
    assert {offset for offset in range(begin, 202) if offset in kept} == {o for o in wanted if o >= begin}


def test_what_is_remembered_has_room_in_a_commit() -> None:
    ranges = Ranges()
    ranges.add(range(1, 100_000, 2))
    offset, metadata = ranges.committed(0)
    assert (offset, len(metadata) <= MAX_METADATA) == (0, True)
    kept = Ranges.read(offset, metadata)
    assert 1 in kept
    assert 2 not in kept


def test_memory_of_another_log_counts_for_nothing() -> None:
    assert 3 not in Ranges.read(5, "").within(0, 4)
    assert 3 in Ranges.read(5, "").within(0, 5)
    assert 7 not in Ranges.read(0, "somebody else's, 7x")


def test_only_the_headers_that_were_added_are_taken_off() -> None:
    from worker.dead_letters.letters import letter as parsed

    class Record:
        partition, offset, key, value, timestamp = 1, 2, b"k", b"v", -1
        headers = (("error.at", b"the sender's"), *letters.headers([], "not_json", "m", "t", 3, 4, AT))

    found = parsed(Record)
    assert found.headers == [("error.at", b"the sender's")]
    assert (found.code, found.topic, found.partition, found.offset, found.timestamp) == ("not_json", "t", 3, 4, None)
    assert TopicPartition("t", 3) == (found.topic, found.partition)
