"""The acceptance examples 1 to 10 of the rules, each with every output that it may have and no other."""

import random
from typing import Any

import pytest

from tests.kit.messages import at
from tests.kit.story import Story, bare, cause, changed, review, tagged


def booked_lead(story: Story, client: str = "c1", booking: str = "b1") -> tuple[dict[str, Any], dict[str, Any]]:
    """The beginning of example 1: a lead with an appointment from 10:00 to 11:00."""
    created = story.tell("client.created", "09:00", client_id=client)
    booked = story.event(
        "booking.scheduled",
        "09:30",
        client_id=client,
        booking_id=booking,
        kind="appointment",
        starts_at=at("10:00"),
        ends_at=at("11:00"),
    )
    return created, booked


def customer_by_booking(story: Story) -> tuple[dict[str, Any], dict[str, Any]]:
    """Example 1, whole."""
    created, booked = booked_lead(story)
    story.tell_all(booked)
    story.wait_for("c1", ">lead", "lead>customer")
    return created, booked


def test_1_b1_b4_a_lead_becomes_a_customer_when_the_booking_has_elapsed(story: Story) -> None:
    created, booked = booked_lead(story)
    assert bare(story.outputs("c1")) == [changed("c1", None, "lead", "09:00", 1, cause("created", created))]
    story.tell_all(booked)
    events = story.wait_for("c1", ">lead", "lead>customer")
    why = cause("automation", booked, trigger="booking_attended")
    assert bare(events)[1] == changed("c1", "lead", "customer", "11:00", 2, why)


def test_2_b6_a_booking_cancelled_before_its_end_converts_nobody(story: Story) -> None:
    _, booked = booked_lead(story)
    cancelled = story.event("booking.cancelled", "10:30", client_id="c1", booking_id="b1")
    story.tell_all(booked, cancelled)
    # A later booking of another client elapses: whatever was due before it has been decided by then.
    _, other = booked_lead(story, "c2", "b2")
    story.tell_all(other)
    story.wait_for("c2", ">lead", "lead>customer")
    assert story.short("c1") == [">lead"]


def test_2_b6_a_cancellation_right_behind_a_booking_of_the_past_prevents(story: Story) -> None:
    """A sender that waits for each record to be taken is waited for."""
    customer_by_booking(story)  # a booking has been decided before, a moment ago
    for client in ("c2", "c3", "c4"):
        _, booked = booked_lead(story, client, client)
        story.send(booked)
        story.tell("booking.cancelled", "10:30", client_id=client, booking_id=client)
    _, other = booked_lead(story, "c5", "b5")
    story.tell_all(other)
    story.wait_for("c5", ">lead", "lead>customer")
    assert [story.short(client) for client in ("c2", "c3", "c4")] == [[">lead"]] * 3


def test_3_a_no_show_after_the_conversion_suggests_a_review_and_changes_nothing(story: Story) -> None:
    customer_by_booking(story)
    missed = story.tell("booking.no_show", "11:30", client_id="c1", booking_id="b1")
    story.tell("payment.received", "12:00", client_id="c1", payment_id="p1", amount="20.00", currency="EUR")
    assert story.short("c1") == [">lead", "lead>customer", "review"]
    assert bare(story.outputs("c1"))[2] == review("c1", "customer", "11:30", 3, cause("automation", missed))
    assert story.profile("c1")["status"] == "customer"


def test_4_b7_a_cancelled_invoice_suggests_a_review(story: Story) -> None:
    issued = story.tell("invoice.issued", "10:00", client_id="c2", invoice_id="i1", amount="120.00", currency="EUR")
    cancelled = story.tell("invoice.cancelled", "11:00", client_id="c2", invoice_id="i1")
    assert bare(story.outputs("c2")) == [
        changed("c2", None, "lead", "10:00", 1, cause("created", issued)),
        changed("c2", "lead", "customer", "10:00", 2, cause("automation", issued, trigger="invoice_issued")),
        review("c2", "customer", "11:00", 3, cause("automation", cancelled)),
    ]


def test_5_with_the_automation_off_a_payment_converts_nobody(story: Story) -> None:
    off = story.ask("automation.set", "09:00", enabled=False)
    assert (off["type"], off["data"]["revision"]) == ("command.applied", 1)
    paid = story.tell("payment.received", "10:00", client_id="c3", payment_id="p1", amount="5", currency="EUR")
    assert bare(story.outputs("c3")) == [changed("c3", None, "lead", "10:00", 1, cause("created", paid), revision=1)]


def test_5_b11_catching_up_applies_the_settings_to_what_was_before_them(story: Story) -> None:
    story.tell("automation.set", "09:00", enabled=False)
    paid = story.tell("payment.received", "10:00", client_id="c3", payment_id="p1", amount="5", currency="EUR")
    rehearsed = story.ask("automation.set", "12:00", enabled=True, catch_up=True, dry_run=True)
    assert (rehearsed["data"]["totals"], rehearsed["data"]["preview"]) == (
        {"clients": 1, "changed": 1}, {"clients": ["c3"]},
    )  # fmt: skip
    assert story.short("c3") == [">lead"]
    caught_up = story.tell("automation.set", "12:00", enabled=True, catch_up=True)
    answer = story.answer(caught_up)
    assert (answer["type"], answer["data"]["applied"], answer["data"]["revision"]) == ("command.applied", ["c3"], 2)
    assert bare(story.outputs("c3")) == [
        changed("c3", None, "lead", "10:00", 1, cause("created", paid), revision=1),
        changed("c3", "lead", "customer", "12:00", 2, cause("backfill", caught_up, trigger="payment_made"), revision=1),
    ]


def test_5_b11_a_manual_change_older_than_a_re_evaluation_undoes_it(story: Story) -> None:
    story.tell("automation.set", "09:00", triggers={"payment_made": False})
    for client in ("c1", "c2"):
        story.tell("payment.received", "10:00", client_id=client, payment_id="p1", amount="5", currency="EUR")
    story.tell("automation.set", "11:00", triggers={"payment_made": True})
    assert story.ask("clients.reevaluate", "12:00")["data"]["totals"] == {"clients": 2, "changed": 2}
    story.tell("status.set", "10:30", client_ids=["c1"], status="lead")
    story.tell("status.set", "09:30", client_ids=["c2"], status="lead")
    assert story.short("c1") == [">lead", "lead>customer", "customer>lead"]
    assert story.short("c2") == [">lead", "lead>customer"]


def test_6_b4_c3_a_fact_is_judged_by_what_was_in_force_at_its_time(story: Story) -> None:
    story.tell("automation.set", "10:00", triggers={"invoice_issued": False})
    before = story.tell("invoice.issued", "09:59", client_id="c1", invoice_id="i1", amount="9.50", currency="EUR")
    story.tell("invoice.issued", "10:01", client_id="c2", invoice_id="i2", amount="9.50", currency="EUR")
    assert bare(story.outputs("c1")) == [
        changed("c1", None, "lead", "09:59", 1, cause("created", before), revision=1),
        changed(
            "c1", "lead", "customer", "09:59", 2, cause("automation", before, trigger="invoice_issued"), revision=1
        ),
    ]
    assert story.short("c2") == [">lead"]


def test_7_c2_the_last_trigger_cannot_be_turned_off(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    before = story.settings()
    off = {"booking_attended": False, "invoice_issued": False, "payment_made": False}
    refused = story.ask("automation.set", "10:00", triggers=off)
    assert refused["type"] == "command.rejected"
    assert [error["code"] for error in refused["data"]["errors"]] == ["no_trigger_enabled"]
    assert refused["data"]["errors"][0]["message"]
    after = story.settings()
    assert after["revision"] == before["revision"] == 0
    assert after["automation"] == before["automation"]
    story.tell("payment.received", "11:00", client_id="c1", payment_id="p1", amount="5", currency="EUR")
    assert story.short("c1") == [">lead", "lead>customer"]


def test_8_b8_b9_by_hand_stands_until_staff_make_the_client_a_lead_again(story: Story) -> None:
    customer_by_booking(story)
    to_vip = story.tell("status.set", "12:00", client_ids=["c1"], status="vip", actor="Mia")
    story.tell("payment.received", "13:00", client_id="c1", payment_id="p1", amount="5", currency="EUR")
    to_lead = story.tell("status.set", "14:00", client_ids=["c1"], status="lead")
    paid = story.tell("payment.received", "15:00", client_id="c1", payment_id="p2", amount="5", currency="EUR")
    assert bare(story.outputs("c1"))[2:] == [
        changed("c1", "customer", "vip", "12:00", 3, cause("manual", to_vip, actor="Mia")),
        changed("c1", "vip", "lead", "14:00", 4, cause("manual", to_lead)),
        changed("c1", "lead", "customer", "15:00", 5, cause("automation", paid, trigger="payment_made")),
    ]
    for command in (to_vip, to_lead):
        assert story.answer(command)["type"] == "command.applied"
        assert story.answer(command)["data"]["applied"] == ["c1"]


@pytest.mark.parametrize("seed", range(6))
def test_9_p2_the_order_of_arrival_does_not_decide(story: Story, seed: int) -> None:
    paid = {"client_id": "c1", "amount": "5", "currency": "EUR"}
    events = [
        story.event("client.created", "09:00", client_id="c1"),
        story.event(
            "booking.scheduled", "09:30", client_id="c1", booking_id="b1", kind="appointment",
            starts_at=at("10:00"), ends_at=at("11:00"),
        ),
        story.event("status.set", "12:00", client_ids=["c1"], status="vip"),
        story.event("payment.received", "13:00", payment_id="p1", **paid),
        story.event("status.set", "14:00", client_ids=["c1"], status="lead"),
        story.event("payment.received", "15:00", payment_id="p2", **paid),
    ]  # fmt: skip
    twice = events * 2
    random.Random(seed).shuffle(twice)
    story.tell_all(*twice)
    story.bus.wait_for("client-profiles", lambda _: (story.profile("c1") or {}).get("status") == "customer")
    card = story.profile("c1")
    assert card["created_at"] == at("09:00")
    assert card["counts"]["payments"] == 2


def test_10_d1_d2_tags_are_cleaned_and_only_what_changes_is_told(story: Story) -> None:
    for client in ("c1", "c2"):
        story.tell("client.created", "09:00", client_id=client)
    texts = ["New", "new ", " important"]
    added = story.tell("tags.add", "10:00", client_ids=["c1", "c2"], tags=texts)
    for client in ("c1", "c2"):
        both = ["New", "important"]
        expected = tagged(client, both, [], both, "10:00", 2, cause("manual", added))
        assert bare(story.outputs(client))[1:] == [expected]
    assert story.answer(added)["data"]["applied"] == ["c1", "c2"]
    again = story.ask("tags.add", "10:05", client_ids=["c1", "c2"], tags=texts)
    assert again["type"] == "command.applied"
    assert (again["data"]["applied"], again["data"]["unchanged"]) == ([], ["c1", "c2"])
    assert len(story.outputs("c1")) == len(story.outputs("c2")) == 2
