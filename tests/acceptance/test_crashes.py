"""Example 14: killed at any moment and started again, the worker leaves the same committed outputs. And J2."""

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.brokers.apache import ApacheKafka
from tests.kit.bus import Bus
from tests.kit.messages import Message, at, message
from tests.kit.place import Place, WorkerProcess
from tests.kit.story import Event, Story
from topics.registry import COMMAND_TOPICS, TOPIC_OF_TYPE

GRACE = {"COMPLETION_GRACE": "0.2", "SESSION_TIMEOUT": "2"}
KILLS = 6
SEEDS = int(os.environ.get("CRASH_SEEDS", "2"))
BOOKINGS = 1
"""The step whose outputs are brought by a timer."""


def examples(story: Story) -> list[list[Event | Message]]:
    """Examples 1 to 13 and 15, what is built of them, in steps whose outputs do not depend on what is read first."""
    said: list[list[Event | Message]] = []

    def say(*events: tuple[str, str, dict[str, Any]]) -> None:
        said.append(
            [story.event(type_, time, id_=f"{len(said)}-{n}", **d) for n, (type_, time, d) in enumerate(events)]
        )

    paid = {"amount": "5.00", "currency": "EUR"}
    booked = {"kind": "appointment", "starts_at": at("10:00"), "ends_at": at("11:00")}
    say(("client.created", "09:00", {"client_id": "c1"}), ("client.created", "09:00", {"client_id": "c2"}))
    say(
        ("booking.scheduled", "09:30", {"client_id": "c1", "booking_id": "b1", **booked}),
        ("booking.scheduled", "09:30", {"client_id": "c2", "booking_id": "b2", **booked}),
        ("booking.cancelled", "10:30", {"client_id": "c2", "booking_id": "b2"}),
    )
    say(("booking.no_show", "11:30", {"client_id": "c1", "booking_id": "b1"}))
    say(
        ("invoice.issued", "10:00", {"client_id": "c3", "invoice_id": "i1", **paid}),
        ("invoice.cancelled", "11:00", {"client_id": "c3", "invoice_id": "i1"}),
    )
    say(("automation.set", "13:00", {"triggers": {"invoice_issued": False}}))
    say(
        ("invoice.issued", "12:59", {"client_id": "c4", "invoice_id": "i2", **paid}),
        ("invoice.issued", "13:01", {"client_id": "c5", "invoice_id": "i3", **paid}),
    )
    say(("automation.set", "14:00", {"triggers": {"booking_attended": False, "payment_made": False}}))
    say(("status.set", "15:00", {"client_ids": ["c1"], "status": "vip"}))
    say(("payment.received", "15:10", {"client_id": "c1", "payment_id": "p1", **paid}))
    say(("status.set", "15:20", {"client_ids": ["c1"], "status": "lead"}))
    say(("payment.received", "15:30", {"client_id": "c1", "payment_id": "p2", **paid}))
    tags = {"client_ids": ["c1", "c2"], "tags": ["New", "new ", " important"]}
    say(("tags.add", "16:00", tags), ("tags.add", "16:01", tags))
    say(("status.define", "17:00", {"code": "partner"}))
    say(("status.set", "17:10", {"client_ids": ["c5"], "status": "partner"}))
    say(("status.remove", "17:20", {"code": "partner"}))
    say(("status.remove", "17:30", {"code": "partner", "move_to": "customer"}))
    say(("invoice.issued", "13:05", {"client_id": "c6", "invoice_id": "i4", **paid}))
    say(("automation.set", "17:40", {"triggers": {"invoice_issued": True}, "catch_up": True}))
    broken = Message("payments", story.business.encode(), b'{"broken":')
    good = [story.event("payment.received", "18:00", id_=c, client_id=c, payment_id="p", **paid) for c in ("g1", "g2")]
    said.append([message(good[0]), broken, message(good[1])])
    return said


def record(said: Event | Message) -> Message:
    """What is sent."""
    return said if isinstance(said, Message) else message(said)


def committed(bus: Bus, story: Story) -> dict[str, Any]:
    """Everything that a subscriber of committed records has, made comparable between two places."""
    clients = sorted({e.json["subject"] for e in story.records("client-status-changes")})
    letters = [
        (got.value, got.header("__streams.errors.exception"), got.header("__streams.errors.offset"))
        for got in story.dead_letters()
    ]
    return {
        "outputs": {client: story.outputs(client) for client in clients},
        "results": [got.json for got in story.records("command-results")],
        "cards": {client: {k: v for k, v in story.profile(client).items() if k != "state"} for client in clients},
        "dead letters": letters,
    }


def dealt_with(story: Story, number: int, step: list[Event | Message]) -> None:
    """Wait until everything that a step causes has come out, the booking that elapses and sweeps included."""
    story.bus.settle(90)
    for said in step:
        if not isinstance(said, Message) and TOPIC_OF_TYPE[said["type"]] in COMMAND_TOPICS:
            story.answer(said)
    if number == BOOKINGS:
        story.wait_for("c1", ">lead", "lead>customer", within=90)
        story.bus.settle(90)


@pytest.fixture(scope="module")
def undisturbed(apache: ApacheKafka, new_place: Callable[..., Place]) -> dict[str, Any]:
    """What comes out when nothing goes wrong."""
    place = new_place(apache, "undisturbed")
    bus = place.bus()
    story = Story(bus, "salon")
    worker = place.worker(**GRACE)
    try:
        for number, step in enumerate(examples(story)):
            story.bus.send(*map(record, step))
            dealt_with(story, number, step)
        outputs = committed(bus, story)
        worker.stop()
    finally:
        worker.kill()
        bus.close()
    return outputs


@pytest.fixture
def killed(apache: ApacheKafka, new_place: Callable[..., Place]) -> Place:
    """A place for workers that are killed."""
    return new_place(apache, "killed")


@pytest.mark.apache
@pytest.mark.parametrize("seed", range(SEEDS))
def test_14_p1_a_worker_killed_at_any_moment_leaves_the_same_outputs(
    killed: Place, undisturbed: dict[str, Any], seed: int
) -> None:
    chance = random.Random(seed)
    bus = killed.bus()
    story = Story(bus, "salon")
    steps = examples(story)
    kills = set(chance.sample(range(len(steps)), KILLS))
    worker = killed.worker(**GRACE)
    try:
        for number, step in enumerate(steps):
            bus.send(*map(record, step))
            if number in kills:
                time.sleep(chance.uniform(0, 0.06))  # somewhere between the fetch and after the commit
                worker.kill()
                worker = killed.worker(**GRACE)
            dealt_with(story, number, step)
        outputs = committed(bus, story)
        worker.stop()
        story.check_promises()
    finally:
        worker.kill()
        bus.close()
    assert outputs["outputs"] == undisturbed["outputs"]
    assert outputs == undisturbed


def test_j2_too_many_dead_letters_stop_the_worker_with_what_it_has(
    bus: Bus, start_worker: Callable[..., WorkerProcess]
) -> None:
    limit = 5
    story = Story(bus, "salon")
    worker = start_worker(MAX_DEAD_LETTERS=str(limit))
    good = [story.event("client.created", "09:00", client_id=f"c{n}") for n in range(20)]
    bad = [Message("clients", b"salon", b"{%d" % n) for n in range(20)]
    bus.send(*(record for n in range(20) for record in (message(good[n]), bad[n])))
    assert worker.wait_exit() == 65
    assert "MAX_DEAD_LETTERS" in worker.log
    letters = bus.wait_for("dead-letters", lambda got: got.offset >= 0)
    assert letters.value == bad[0].value

    again = start_worker(MAX_DEAD_LETTERS="0")
    bus.settle()
    assert [got.value for got in story.dead_letters()] == [record.value for record in bad]
    assert all(story.short(f"c{n}") == [">lead"] for n in range(20))
    again.stop()
    story.check_promises()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_in_order_when_it_is_asked_to(
    bus: Bus, start_worker: Callable[..., WorkerProcess], number: int
) -> None:
    story = Story(bus, "salon")
    worker = start_worker()
    story.tell("client.created", "09:00", client_id="c1")
    worker.signal(number)
    assert worker.wait_exit(30) == 0
    assert story.short("c1") == [">lead"]
