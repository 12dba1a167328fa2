"""Settings and facts are judged by event time, whichever is read first, also when the worker was down (C3, P2)."""

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.kit.bus import Bus
from tests.kit.place import WorkerProcess
from tests.kit.story import Story


def facts(story: Story) -> list[dict]:
    """Two clients who paid: one a minute before the automation went off at 10:00, one a minute after."""
    paid = {"amount": "5", "currency": "EUR"}
    return [
        story.event("payment.received", "09:59", client_id="before", payment_id="p1", **paid),
        story.event("payment.received", "10:01", client_id="after", payment_id="p2", **paid),
    ]


def test_c3_a_message_from_before_is_judged_before_and_one_from_after_after(story: Story) -> None:
    story.tell("automation.set", "10:00", enabled=False)
    story.tell_all(*reversed(facts(story)))
    assert story.short("before") == [">lead", "lead>customer"]
    assert story.short("after") == [">lead"]


def test_a_settings_message_that_comes_late_withdraws_but_takes_nothing_back(story: Story) -> None:
    story.tell_all(*facts(story))
    late = story.tell("automation.set", "10:00", enabled=False)
    assert story.answer(late)["type"] == "command.applied"
    events = story.wait_for("after", ">lead", "lead>customer", "review")
    assert events[2]["data"]["cause"]["event_id"] == late["id"]
    assert story.short("before") == [">lead", "lead>customer"]
    assert story.profile("after")["status"] == "customer"


def test_a_late_message_that_turns_on_converts_those_who_were_judged_without_it(story: Story) -> None:
    story.tell("automation.set", "09:00", enabled=False)
    paid = story.tell("payment.received", "09:30", client_id="c1", payment_id="p1", amount="5", currency="EUR")
    assert story.short("c1") == [">lead"]
    story.tell("automation.set", "09:15", enabled=True)
    events = story.wait_for("c1", ">lead", "lead>customer")
    assert events[1]["time"] == paid["time"]
    assert events[1]["data"]["cause"]["event_id"] == paid["id"]


def test_what_a_later_message_does_not_name_stays_as_a_late_one_set_it(story: Story) -> None:
    story.tell("automation.set", "09:00", enabled=False)
    story.tell("automation.set", "12:00", enabled=True)
    story.tell("automation.set", "11:00", triggers={"payment_made": False})
    paid = {"amount": "5", "currency": "EUR"}
    story.tell("payment.received", "12:30", client_id="c1", payment_id="p1", **paid)
    story.tell("invoice.issued", "12:31", client_id="c2", invoice_id="i1", **paid)
    assert story.short("c1") == [">lead"]
    assert story.short("c2") == [">lead", "lead>customer"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_c3_a_worker_that_was_down_reads_settings_first(
    bus: Bus, start_worker: Callable[..., WorkerProcess], order: tuple[int, ...]
) -> None:
    story = Story(bus, "salon")
    off = story.event("automation.set", "10:00", enabled=False)
    events = [off, *facts(story)]
    for index in order:  # one by one: this is the order in which they are on the broker
        story.send(events[index])
    worker = start_worker()
    bus.settle()
    assert story.short("before") == [">lead", "lead>customer"]
    assert story.short("after") == [">lead"]
    assert story.answer(off)["data"]["revision"] == 1
    worker.stop()
    story.check_promises()


def test_settings_outlive_the_worker(bus: Bus, start_worker: Callable[..., WorkerProcess]) -> None:
    story = Story(bus, "salon")
    first = start_worker()
    story.tell("automation.set", "10:00", enabled=False)
    story.tell("status.define", "10:00", code="partner", label="Partner")
    story.tell("client.created", "10:05", client_id="c1", status="partner")
    first.stop()
    second = start_worker()
    story.tell_all(*facts(story))
    assert story.short("before") == [">lead", "lead>customer"]
    assert story.short("after") == [">lead"]
    same = story.ask("status.set", "11:00", client_ids=["c1"], status="partner")
    assert same["data"]["unchanged"] == ["c1"]
    assert same["data"]["revision"] == 2
    second.stop()
    story.check_promises()
