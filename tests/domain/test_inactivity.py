"""B10: a client that has been without activity goes quiet, at its time, and comes back with the next fact."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences, moment
from tests.domain.histories import PROFILE
from tests.kit.messages import DAY

DAYS = 30
START = datetime.fromisoformat(f"{DAY}T10:00:00+00:00")


def day(number: float) -> str:
    """So many days after the examples' day, at 10:00."""
    return (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Salon(Driver):
    """Its clock is never behind what it is told; timers fire only when it is settled."""

    def tell(self, type_: str, time: str, **data: Any) -> list[dict[str, Any]]:
        """As ever."""
        self.now = max(self.now, moment(time))
        return super().tell(type_, time, **data)


@pytest.fixture
def quiet() -> Driver:
    """A business whose customers go quiet after DAYS days, on a clock at the examples' day."""
    salon = Salon(now=day(0))
    salon.tell("automation.set", "08:00", inactive_after_days=DAYS)
    salon.settle()
    return salon


def pay(salon: Driver, number: float, payment: str = "", client: str = "c1") -> list[dict[str, Any]]:
    data = {"payment_id": payment or f"p{number}", "amount": "1", "currency": "EUR"}
    return salon.tell("payment.received", day(number), client_id=client, **data)


def write(salon: Driver, number: float, direction: str = "out") -> None:
    salon.tell("client.messaged", day(number), client_id="c1", direction=direction)


def book(salon: Driver, made: float, ends: float, booking: str = "b1") -> None:
    times = {"starts_at": day(ends - 0.04), "ends_at": day(ends)}
    salon.tell("booking.scheduled", day(made), client_id="c1", booking_id=booking, kind="appointment", **times)


def told(salon: Driver) -> list[tuple[str, float, str]]:
    """The status changes of c1 but the first: to what, after how many days, why."""
    return [
        (
            o["data"]["to"],
            (datetime.fromisoformat(o["time"]) - START) / timedelta(days=1),
            o["data"]["cause"].get("trigger") or o["data"]["cause"]["type"],
        )
        for o in salon.about("c1")[1:]
        if o["type"] == "client.status.changed"
    ]


CUSTOMER = ("customer", 0.0, "payment_made")
INACTIVE = ("inactive", float(DAYS), "inactivity")


def test_b10_goes_quiet_after_so_many_days_once(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(DAYS - 0.1))
    assert told(quiet) == [CUSTOMER]
    quiet.restart()
    quiet.at(day(DAYS))
    assert told(quiet) == [CUSTOMER, INACTIVE]
    change = quiet.about("c1")[-1]["data"]
    assert (change["ended"], change["cause"], change["from"]) == (True, {"type": "inactivity"}, "customer")
    quiet.restart()
    quiet.at(day(900))
    assert len(told(quiet)) == 2


def test_b10_a_lead_and_others_never_go_quiet(quiet: Driver) -> None:
    quiet.tell("client.created", day(0), client_id="c1")
    pay(quiet, 0, client="c2")
    quiet.tell("status.set", day(1), client_ids=["c2"], status="vip")
    quiet.at(day(900))
    assert (quiet.status("c1"), quiet.status("c2")) == ("lead", "vip")


@pytest.mark.parametrize("direction", ["in", "out"])
def test_b10_messages_either_way_are_activity(quiet: Driver, direction: str) -> None:
    pay(quiet, 0)
    write(quiet, 20, direction)
    quiet.at(day(49))
    assert told(quiet) == [CUSTOMER]
    quiet.at(day(51))
    assert told(quiet)[-1] == ("inactive", 50.0, "inactivity")


def test_b10_a_booking_ahead_is_activity_until_its_end_and_then_it_was_attended(quiet: Driver) -> None:
    pay(quiet, 0)
    book(quiet, 5, 100)
    quiet.at(day(99))
    assert told(quiet) == [CUSTOMER]
    quiet.at(day(129))
    assert told(quiet) == [CUSTOMER]
    quiet.at(day(131))
    assert told(quiet)[-1] == ("inactive", 130.0, "inactivity")


def test_b10_b6_a_booking_that_was_attended_before_its_end_is_decided(quiet: Driver) -> None:
    pay(quiet, 0)
    book(quiet, 5, 10)
    quiet.tell("booking.attended", day(10.0001), client_id="c1", booking_id="b1")
    quiet.at(day(41))
    assert told(quiet)[-1] == ("inactive", 40.0, "inactivity")


def test_b10_a_booking_that_was_cancelled_is_none(quiet: Driver) -> None:
    pay(quiet, 0)
    book(quiet, 5, 100)
    quiet.at(day(10))
    quiet.tell("booking.cancelled", day(10), client_id="c1", booking_id="b1")
    quiet.at(day(31))
    assert told(quiet) == [CUSTOMER, INACTIVE]


def test_b10_the_next_qualifying_fact_brings_it_back_and_then_all_begins_again(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    write(quiet, 40)
    assert quiet.status("c1") == "inactive"
    quiet.restart()
    pay(quiet, 45)
    quiet.at(day(80))
    assert told(quiet) == [
        CUSTOMER, INACTIVE, ("customer", 45.0, "payment_made"), ("inactive", 75.0, "inactivity"),
    ]  # fmt: skip


def test_b10_an_attended_booking_brings_it_back_when_it_is_decided(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    book(quiet, 41, 42)
    assert quiet.status("c1") == "inactive"
    quiet.at(day(43))
    assert told(quiet)[-1] == ("customer", 42.0, "booking_attended")


def test_b10_b7_the_way_back_is_by_automation(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    quiet.tell("payment.refunded", day(41), client_id="c1", payment_id="p0")
    assert quiet.changes("c1")[-1][0] == "customer"
    pay(quiet, 45)
    quiet.tell("payment.refunded", day(46), client_id="c1", payment_id="p45")
    assert quiet.changes("c1")[-1] == ("review", "10:00", "payment.refunded")


def test_b10_never_when_set_by_hand_after_the_last_activity(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.tell("status.set", day(10), client_ids=["c1"], status="customer")
    quiet.at(day(100))
    assert told(quiet) == [CUSTOMER]
    write(quiet, 100)
    quiet.at(day(131))
    assert told(quiet)[-1] == ("inactive", 130.0, "inactivity")


@pytest.mark.parametrize("type_", ["client.imported", "client.created", "status.set"])
def test_b10_b8_never_when_set_by_hand_and_never_active(quiet: Driver, type_: str) -> None:
    who = {"client_ids": ["c1"]} if type_ == "status.set" else {"client_id": "c1"}
    quiet.tell(type_, day(0), status="customer", **who)
    quiet.at(day(100))
    assert quiet.status("c1") == "customer"
    write(quiet, 100)
    quiet.at(day(131))
    assert told(quiet)[-1] == ("inactive", 130.0, "inactivity")


def test_b10_set_by_hand_while_quiet_it_is_by_hand(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    quiet.tell("status.set", day(40), client_ids=["c1"], status="inactive")
    pay(quiet, 45)
    assert quiet.status("c1") == "inactive"


def test_b10_c3_the_setting_takes_effect_at_its_time_at_the_earliest() -> None:
    salon = Salon(now=day(0))
    pay(salon, 0)
    salon.at(day(100))
    assert told(salon) == [CUSTOMER]
    salon.tell("automation.set", day(100), inactive_after_days=DAYS)
    salon.restart()
    salon.at(day(100))
    assert told(salon)[-1] == ("inactive", 100.0, "inactivity")


def test_b10_c3_the_days_change_and_end() -> None:
    salon = Salon(now=day(0))
    salon.tell("automation.set", day(0), inactive_after_days=DAYS)
    pay(salon, 0)
    salon.at(day(20))
    salon.tell("automation.set", day(20), inactive_after_days=40)
    salon.at(day(39))
    assert told(salon) == [CUSTOMER]
    salon.tell("automation.set", day(39), inactive_after_days=None)
    salon.at(day(100))
    assert told(salon) == [CUSTOMER]
    salon.tell("automation.set", day(100), inactive_after_days=200)
    salon.at(day(150))
    salon.tell("automation.set", day(150), inactive_after_days=20)
    salon.at(day(151))
    assert told(salon)[-1] == ("inactive", 150.0, "inactivity")


def test_b10_p2_a_late_settings_message_takes_nothing_back(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    quiet.tell("automation.set", day(20), inactive_after_days=None)
    quiet.at(day(41))
    assert told(quiet) == [CUSTOMER, INACTIVE]
    pay(quiet, 42)
    assert told(quiet)[-1] == ("customer", 42.0, "payment_made")


def test_b10_p2_late_activity_that_would_have_prevented_it_takes_it_back(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    write(quiet, 20)
    assert told(quiet)[1:] == [INACTIVE, ("customer", 30.0, "automation")]
    quiet.restart()
    quiet.at(day(51))
    assert told(quiet)[-1] == ("inactive", 50.0, "inactivity")


def test_b10_p2_a_late_fact_that_would_have_prevented_it_is_the_cause_of_the_way_back(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.at(day(40))
    pay(quiet, 20)
    assert told(quiet)[1:] == [INACTIVE, ("customer", 30.0, "payment_made")]


def test_b10_p2_what_is_older_than_the_last_activity_changes_nothing(quiet: Driver) -> None:
    pay(quiet, 10)
    quiet.at(day(60))
    pay(quiet, 5)
    write(quiet, 7)
    assert [change[0] for change in told(quiet)] == ["customer", "inactive"]


def test_b10_k2_a_worker_that_was_down_tells_what_one_tells_that_was_not(quiet: Driver) -> None:
    pay(quiet, 0)
    write(quiet, 35)
    pay(quiet, 50)
    write(quiet, 70)
    quiet.at(day(120))
    assert told(quiet) == [
        CUSTOMER, INACTIVE, ("customer", 50.0, "payment_made"), ("inactive", 100.0, "inactivity"),
    ]  # fmt: skip


def test_b10_b6_an_explicit_booking_that_nobody_attended_is_activity_until_its_end() -> None:
    salon = Salon(now=day(0))
    salon.tell("automation.set", "08:00", inactive_after_days=DAYS, completion="explicit")
    pay(salon, 0)
    book(salon, 5, 20)
    salon.at(day(49))
    assert told(salon) == [CUSTOMER]
    salon.at(day(51))
    assert told(salon)[-1] == ("inactive", 50.0, "inactivity")


def test_b10_a3_the_dormant_role_decides_which_status(quiet: Driver) -> None:
    quiet.tell("status.define", day(0), code="asleep", role="dormant")
    pay(quiet, 0)
    quiet.at(day(31))
    assert quiet.status("c1") == "asleep"


def test_b10_with_the_automation_off_nobody(quiet: Driver) -> None:
    pay(quiet, 0)
    quiet.tell("automation.set", day(10), enabled=False)
    quiet.at(day(60))
    assert told(quiet) == [CUSTOMER]
    quiet.tell("automation.set", day(60), enabled=True)
    quiet.at(day(61))
    assert told(quiet)[-1] == ("inactive", 60.0, "inactivity")


def test_b10_overdue_invoices_are_still_noticed(quiet: Driver) -> None:
    money = {"invoice_id": "i1", "amount": "5", "currency": "EUR", "due_on": day(50)[:10]}
    quiet.tell("invoice.issued", day(0), client_id="c1", **money)
    quiet.at(day(40))
    assert (quiet.status("c1"), quiet.card("c1").get("overdue")) == ("inactive", None)
    quiet.restart()
    quiet.at(day(52))
    assert quiet.card("c1")["overdue"] == ["i1"]


KINDS = ("pay", "write", "lead", "customer", "refund")


def _happen(salon: Driver, kind: str, number: int) -> None:
    if kind == "pay":
        pay(salon, number)
    elif kind == "write":
        write(salon, number)
    elif kind == "refund":
        salon.tell("payment.refunded", day(number), client_id="c1", payment_id=f"p{number - 10}")
    else:
        salon.tell("status.set", day(number), client_ids=["c1"], status=kind)


@PROFILE
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 20).map(lambda n: n * 10)), max_size=7),
    st.integers(15, 45),
    st.data(),
)
def test_b10_p2_any_order_ends_as_a_worker_that_was_never_late(
    events: list[tuple[str, int]], days: int, data: st.DataObject
) -> None:
    events = list({time: (kind, time) for kind, time in events}.values())
    in_time, late = Salon(now=day(0)), Salon(now=day(0))
    for salon in (in_time, late):
        salon.tell("automation.set", "08:00", inactive_after_days=days)
        salon.tell("client.created", "09:00", client_id="c1")
    for kind, time in sorted(events, key=lambda e: e[1]):
        in_time.at(day(time))
        _happen(in_time, kind, time)
    late.now = in_time.now
    late.at(day(200))
    for kind, time in data.draw(st.permutations(events)):
        _happen(late, kind, time)
        if data.draw(st.booleans()):
            late.settle()
            late.restart()
    for salon in (in_time, late):
        salon.at(day(210))
        check_sequences(salon.outputs)
    assert late.status("c1") == in_time.status("c1")


@pytest.mark.parametrize("order", [("late", "early"), ("early", "late")])
def test_b10_p2_a_payment_that_was_earlier_than_it_was_told_is_what_quiet_is_counted_from(
    quiet: Driver, order: tuple[str, str]
) -> None:
    times = {"early": 1.0, "late": 40.0}
    quiet.now = moment(day(41))
    for which in order:
        pay(quiet, times[which], payment="p1")
    quiet.settle()
    assert quiet.status("c1") == "inactive"
    assert told(quiet)[-1] == ("inactive", 31.0, "inactivity")


@pytest.mark.parametrize("by_hand", [None, 1.0])
def test_b10_p2_of_activity_that_was_earlier_than_it_was_told_quiet_is_counted_from_then(
    quiet: Driver, by_hand: float | None
) -> None:
    """Also where it is not what made a customer of the client, and the moment at which to look was found before."""
    pay(quiet, 0)
    pay(quiet, 20, "p1")
    if by_hand is not None:
        quiet.tell("status.set", day(by_hand), client_ids=["c1"], status="customer")
    quiet.at(day(31))
    pay(quiet, 10, "p1")
    quiet.at(day(41))
    assert told(quiet) == [CUSTOMER, ("inactive", 40.0, "inactivity")]


def test_b10_d6_a_rule_follows_the_way_back_by_a_booking_that_elapses(quiet: Driver) -> None:
    where = {"field": "to", "op": "eq", "value": "customer"}
    pay(quiet, 0)
    quiet.at(day(DAYS + 1))
    assert quiet.status("c1") == "inactive"
    quiet.tell("tag_rule.define", day(DAYS + 1), rule_id="r1", on="client.status.changed", where=where, add=["back"])
    book(quiet, made=DAYS + 1, ends=DAYS + 2)
    quiet.at(day(DAYS + 3))
    assert (quiet.status("c1"), quiet.tags("c1")) == ("customer", {"back"})
