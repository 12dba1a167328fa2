"""Going quiet (B10), seen from outside: the worker's clock is long after these days, much has to be caught up with."""

from typing import Any

from tests.kit.story import Story, bare, cause, changed
from tests.kit.waiting import until

MONEY = {"amount": "5", "currency": "EUR"}


def pay(story: Story, time: str, payment: str) -> dict[str, Any]:
    return story.event("payment.received", time, client_id="c1", payment_id=payment, **MONEY)


def test_b10_a_client_goes_quiet_and_comes_back_with_the_next_fact(story: Story) -> None:
    story.tell("automation.set", "08:00", inactive_after_days=30)
    first = pay(story, "10:00", "p1")
    second = pay(story, "2024-07-01T10:00:00Z", "p2")
    story.tell_all(first, second)
    told = story.wait_for("c1", ">lead", "lead>customer", "customer>inactive", "inactive>customer", "customer>inactive")
    assert bare(told) == [
        changed("c1", None, "lead", "10:00", 1, cause("created", first), 1),
        changed("c1", "lead", "customer", "10:00", 2, cause("automation", first, trigger="payment_made"), 1),
        changed("c1", "customer", "inactive", "2024-06-05T10:00:00Z", 3, {"type": "inactivity"}, 1),
        changed(
            "c1", "inactive", "customer", "2024-07-01T10:00:00Z", 4,
            cause("automation", second, trigger="payment_made"), 1,
        ),
        changed("c1", "customer", "inactive", "2024-07-31T10:00:00Z", 5, {"type": "inactivity"}, 1),
    ]  # fmt: skip
    story.send(story.event("client.messaged", "2024-07-20T10:00:00Z", client_id="c1", direction="in"))
    back = story.wait_for("c1", *story.short("c1")[:5], "inactive>customer", "customer>inactive")
    assert [event["time"] for event in back[5:]] == ["2024-07-31T10:00:00Z", "2024-08-19T10:00:00Z"]
    until(lambda: story.profile("c1")["status_cause"] == {"type": "inactivity"}, "the card that says why")


def test_b10_c3_the_setting_holds_from_its_own_time_and_not_for_whom_staff_have_seen_to(story: Story) -> None:
    story.tell_all(
        story.event("payment.received", "10:00", client_id="c1", payment_id="p1", **MONEY),
        story.event("payment.received", "10:00", client_id="c2", payment_id="p1", **MONEY),
        story.event("status.set", "11:00", client_ids=["c2"], status="customer"),
    )
    story.tell("automation.set", "2024-09-01T00:00:00Z", inactive_after_days=30)
    (*_, quiet) = story.wait_for("c1", ">lead", "lead>customer", "customer>inactive")
    assert quiet["time"] == "2024-09-01T00:00:00Z"
    assert story.short("c2") == [">lead", "lead>customer"]
