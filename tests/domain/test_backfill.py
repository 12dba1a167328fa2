"""B11: today's settings applied to every client, once, and what undoes it."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import PROFILE

MONEY = {"amount": "10.00", "currency": "EUR"}


def pay(salon: Driver, time: str, client: str = "c1", payment: str = "p1") -> None:
    salon.tell("payment.received", time, client_id=client, payment_id=payment, **MONEY)


def reevaluate(salon: Driver, time: str = "12:00", **data: Any) -> dict[str, Any]:
    """Ask, and let the sweep be done; the answer's data."""
    salon.tell("clients.reevaluate", time, **data)
    answer = salon.settle()[-1]
    return {"result": answer["type"].removeprefix("command."), **answer["data"]}


@pytest.fixture
def off(salon: Driver) -> Driver:
    """A business whose automation was off until 11:30."""
    salon.tell("automation.set", "08:00", enabled=False)
    salon.tell("automation.set", "11:30", enabled=True)
    return salon


def test_b11_example_5_catch_up_converts_at_the_time_of_the_message(salon: Driver) -> None:
    salon.tell("automation.set", "09:00", enabled=False)
    pay(salon, "10:00")
    assert salon.changes("c1") == [(None, "lead", "10:00", "created")]
    salon.tell("automation.set", "12:00", id="on", enabled=True, catch_up=True, actor="ann")
    answer = salon.settle()[-1]
    assert (answer["type"], answer["data"]["revision"]) == ("command.applied", 2)
    assert answer["data"]["applied"] == ["c1"]
    assert answer["data"]["totals"] == {"clients": 1, "changed": 1}
    change = salon.about("c1")[-1]
    assert (change["time"][11:16], change["data"]["to"], change["data"]["settings_revision"]) == (
        "12:00", "customer", 1,
    )  # fmt: skip
    assert change["data"]["cause"] == {
        "type": "backfill", "event_source": "tests", "event_id": "on", "event_type": "automation.set",
        "trigger": "payment_made", "actor": "ann",
    }  # fmt: skip
    assert salon.settings["automation"]["enabled"] is True


def test_b11_facts_of_a_trigger_that_was_off_count_when_it_is_on_now(salon: Driver) -> None:
    salon.tell("client.messaged", "10:00", client_id="c1", direction="in")
    assert reevaluate(salon, "11:00")["totals"] == {"clients": 1, "changed": 0}
    salon.tell("automation.set", "12:00", triggers={"message_received": True})
    assert salon.status("c1") == "lead"
    assert reevaluate(salon, "13:00")["applied"] == ["c1"]
    assert salon.changes("c1")[-1] == ("lead", "customer", "13:00", "message_received")
    assert salon.settings["revision"] == 1
    assert reevaluate(salon, "14:00")["applied"] == []


def test_b11_with_the_automation_off_nobody(salon: Driver) -> None:
    salon.tell("automation.set", "09:00", enabled=False)
    pay(salon, "10:00")
    assert reevaluate(salon)["applied"] == []
    salon.tell("automation.set", "13:00", catch_up=True)
    assert salon.settle()[-1]["data"]["totals"] == {"clients": 1, "changed": 0}
    assert salon.status("c1") == "lead"


def test_b11_not_what_was_withdrawn_nor_what_is_before_the_last_manual_change(off: Driver) -> None:
    pay(off, "10:00", "c1")
    off.tell("payment.refunded", "10:30", client_id="c1", payment_id="p1")
    pay(off, "10:00", "c2")
    off.tell("status.set", "10:00", client_ids=["c2"], status="lead")
    pay(off, "10:00", "c3")
    off.tell("status.set", "10:30", client_ids=["c3"], status="vip")
    assert reevaluate(off)["totals"] == {"clients": 3, "changed": 0}


def test_b11_a_refused_settings_message_catches_nobody_up(salon: Driver) -> None:
    salon.tell("automation.set", "09:00", enabled=False)
    pay(salon, "10:00")
    triggers = {"booking_attended": False, "invoice_issued": False, "payment_made": False}
    answer = salon.ask("automation.set", "12:00", enabled=True, catch_up=True, triggers=triggers)
    assert [e["code"] for e in answer["errors"]] == ["no_trigger_enabled"]
    assert salon.settle() == []
    assert salon.status("c1") == "lead"


def test_b11_a_dry_run_tells_how_many_and_the_first_twenty(off: Driver) -> None:
    for number in range(25):
        pay(off, "10:00", f"c{number:02}")
    off.tell("client.created", "10:00", client_id="d1")
    answer = reevaluate(off, dry_run=True)
    assert answer["totals"] == {"clients": 26, "changed": 25}
    assert answer["preview"] == {"clients": [f"c{number:02}" for number in range(20)]}
    assert answer["dry_run"]
    assert off.status("c00") == "lead"


def test_b11_c5_a_dry_run_of_settings_is_judged_with_what_they_would_bring(salon: Driver) -> None:
    salon.tell("automation.set", "09:00", enabled=False)
    pay(salon, "10:00")
    salon.tell("automation.set", "12:00", enabled=True, catch_up=True, dry_run=True)
    answer = salon.settle()[-1]
    assert answer["data"]["preview"] == {"clients": ["c1"]}
    assert answer["data"]["revision"] == 1
    assert salon.settings["automation"]["enabled"] is False
    assert salon.settings["revision"] == 1
    assert salon.status("c1") == "lead"


def test_b11_where_there_is_nobody_it_is_answered_at_once(salon: Driver) -> None:
    answer = salon.ask("clients.reevaluate", "12:00")
    assert (answer["result"], answer["totals"]) == ("applied", {"clients": 0, "changed": 0})
    assert not salon.engine.stores["business-settings"].get(b"salon")
    answer = salon.ask("automation.set", "12:00", catch_up=True)
    assert (answer["totals"], answer["revision"]) == ({"clients": 0, "changed": 0}, 1)


def test_b11_every_client_meets_the_settings_of_its_beginning(off: Driver) -> None:
    pay(off, "10:00")
    off.tell("clients.reevaluate", "12:00")
    off.tell("automation.set", "12:01", enabled=False)
    off.settle()
    assert off.status("c1") == "customer"


def test_b11_a_booking_that_is_still_to_be_decided_is_left_to_its_timer(salon: Driver) -> None:
    salon.at("11:00:40")
    times = {"starts_at": "10:00", "ends_at": "11:00"}
    salon.tell("booking.scheduled", "09:00", client_id="c1", booking_id="b1", kind="appointment", **times)
    pay(salon, "11:00:30")
    assert reevaluate(salon)["applied"] == []
    salon.at("23:00")
    assert salon.changes("c1")[-1] == ("lead", "customer", "11:00", "booking_attended")


@pytest.mark.parametrize(
    ("status", "time", "ends"),
    [
        ("lead", "09:59", "customer"),  # the payment is later, so it would have been found then, too
        ("lead", "10:01", "lead"),
        ("vip", "09:59", "vip"),
        ("vip", "10:01", "vip"),
        ("customer", "10:01", "customer"),
    ],
)
def test_b11_a_manual_change_that_is_older_and_late_undoes_it(off: Driver, status: str, time: str, ends: str) -> None:
    pay(off, "10:00")
    reevaluate(off)
    assert off.status("c1") == "customer"
    off.tell("status.set", time, client_ids=["c1"], status=status)
    assert off.status("c1") == ends
    if ends != "customer":
        assert off.changes("c1")[-1] == ("customer", ends, time, "manual")


def test_b11_p2_late_manual_changes_in_any_order_end_the_same(off: Driver) -> None:
    pay(off, "10:10")
    reevaluate(off, id="r")
    off.tell("status.set", "10:00", client_ids=["c1"], status="vip")
    off.tell("status.set", "10:05", client_ids=["c1"], status="lead")
    assert off.changes("c1")[2:] == [
        ("customer", "vip", "10:00", "manual"),
        ("vip", "lead", "10:05", "manual"),
        ("lead", "customer", "12:00", "payment_made"),
    ]
    assert off.card("c1")["status_cause"]["event_id"] == "r"
    off.tell("status.set", "10:08", client_ids=["c1"], status="vip")
    off.tell("status.set", "10:15", client_ids=["c1"], status="lead")
    assert off.status("c1") == "lead"
    off.tell("status.set", "12:30", client_ids=["c1"], status="lead")
    assert off.status("c1") == "lead"


def test_b11_b4_a_fact_that_qualifies_and_is_later_than_the_change_keeps_the_status(off: Driver) -> None:
    pay(off, "10:00")
    reevaluate(off)
    pay(off, "11:40", payment="p2")
    off.tell("status.set", "11:00", client_ids=["c1"], status="lead")
    assert off.status("c1") == "customer"
    assert len(off.changes("c1")) == 2


def test_b11_a_fact_that_arrives_later_is_judged_by_b4(off: Driver) -> None:
    pay(off, "10:00")
    reevaluate(off)
    pay(off, "11:00", payment="p2")
    off.tell("status.set", "10:30", client_ids=["c1"], status="lead")
    assert off.status("c1") == "lead"


def test_b7_b11_a_review_when_what_it_was_converted_by_has_all_been_withdrawn(off: Driver) -> None:
    pay(off, "10:00")
    pay(off, "10:10", payment="p2")
    reevaluate(off)
    off.tell("payment.refunded", "13:00", client_id="c1", payment_id="p1")
    assert len(off.changes("c1")) == 2
    off.tell("payment.refunded", "13:10", client_id="c1", payment_id="p2")
    assert off.changes("c1")[-1] == ("review", "13:10", "payment.refunded")
    assert len(off.changes("c1")) == 3


def test_b11_a_manual_change_later_than_it_counts_as_ever(off: Driver) -> None:
    pay(off, "10:00")
    reevaluate(off)
    off.tell("status.set", "13:00", client_ids=["c1"], status="lead")
    assert off.changes("c1")[-1] == ("customer", "lead", "13:00", "manual")


def test_b11_p3_what_is_no_longer_kept_one_by_one_counts(off: Driver) -> None:
    for number in range(101):
        off.tell("client.messaged", f"10:{number % 60:02}:{number // 60:02}", client_id="c1", direction="in")
    off.tell("automation.set", "11:40", triggers={"message_received": True})
    assert reevaluate(off)["applied"] == ["c1"]


@PROFILE
@given(
    st.lists(st.tuples(st.sampled_from(["pay", "lead", "vip", "customer"]), st.integers(0, 23)), max_size=6),
    st.integers(0, 23),
    st.data(),
)
def test_b11_p2_manual_changes_before_or_behind_it_end_the_same(
    events: list[tuple[str, int]], on_from: int, data: st.DataObject
) -> None:
    """A re-evaluation behind all facts: manual changes older than it all come before it, or after it in any order."""
    events = list({time: (kind, time) for kind, time in events}.values())
    ends = set()
    for shuffled in (False, True):
        salon = Driver()
        salon.tell("automation.set", "08:00", enabled=False)
        salon.tell("automation.set", f"10:{on_from:02}:30", enabled=True)
        order = data.draw(st.permutations(events)) if shuffled else sorted(events, key=lambda e: e[1])
        late = [e for e in order if e[0] != "pay"] if shuffled else []
        salon.tell("client.created", "09:00", client_id="c1")
        for kind, time in [e for e in order if e not in late]:
            _happen(salon, kind, time)
        reevaluate(salon, "11:00")
        for kind, time in late:
            _happen(salon, kind, time)
            if data.draw(st.booleans()):
                salon.restart()
        check_sequences(salon.outputs)
        ends.add(salon.status("c1"))
    assert len(ends) == 1


def _happen(salon: Driver, kind: str, time: int) -> None:
    if kind == "pay":
        pay(salon, f"10:{time:02}", payment=f"p{time}")
    else:
        salon.tell("status.set", f"10:{time:02}", client_ids=["c1"], status=kind)


def test_c6_late_settings_that_catch_up_are_answered_again_as_often_as_they_are_sent() -> None:
    """They begin two sweeps: one that nobody asked for, and the one that answers."""
    salon = Driver(sweep_step=1)
    salon.tell("automation.set", "08:00", enabled=False)
    for number in range(3):
        pay(salon, "10:00", client=f"c{number}")
    late = salon.event("automation.set", "09:00", enabled=True, catch_up=True)
    salon.feed([late])
    salon.feed([late])
    answers = [o for o in salon.settle() if o["type"] == "command.applied"]
    assert len(answers) == 2
    assert answers[0] == answers[1]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(("at", "status"), [("12:00", "customer"), ("11:00", "lead")])
def test_b11_a5_a_move_is_no_change_by_hand(salon: Driver, order: tuple[int, ...], at: str, status: str) -> None:
    """What happened while the client had a status that was removed counts when it is re-evaluated after the move."""
    salon.tell("automation.set", "08:00", enabled=False)
    salon.tell("status.define", "08:00", code="partner")
    salon.tell("client.created", "09:00", client_id="c1")
    steps = [
        lambda: salon.tell("status.set", "10:10", client_ids=["c1"], status="partner"),
        lambda: pay(salon, "10:30"),
        lambda: salon.tell("status.remove", "11:40", code="partner", move_to="lead"),
    ]
    if at == "12:00":
        for number in order:
            steps[number]()
            salon.settle()
        salon.tell("automation.set", "11:50", enabled=True)
        dry = reevaluate(salon, at, dry_run=True)
        assert reevaluate(salon, at)["applied"] == dry["applied"] == ["c1"]
    else:  # the status is set, late, by whom the re-evaluation did not find
        salon.tell("automation.set", "10:50", enabled=True)
        pay(salon, "10:30")
        reevaluate(salon, at)
        for number in order:
            steps[number]()
            salon.settle()
    assert salon.status("c1") == status
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p1")
    reviews = [change for change in salon.changes("c1") if change[0] == "review"]
    assert len(reviews) == (status == "customer")


def test_b7_a5_what_was_found_before_a_move_stands_beside_what_was_found_after_it(salon: Driver) -> None:
    salon.tell("automation.set", "08:00", enabled=False)
    salon.tell("status.define", "08:00", code="partner")
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("status.set", "10:10", client_ids=["c1"], status="partner")
    pay(salon, "10:30")
    salon.tell("status.remove", "11:40", code="partner", move_to="lead")
    salon.settle()
    pay(salon, "11:45", payment="p2")
    salon.tell("automation.set", "11:50", enabled=True)
    assert reevaluate(salon, "12:00")["applied"] == ["c1"]
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p2")
    assert "review" not in [change[0] for change in salon.changes("c1")]
    salon.tell("payment.refunded", "14:00", client_id="c1", payment_id="p1")
    assert salon.changes("c1")[-1][:2] == ("review", "14:00")
