"""B10, P3: clients who were active more often than is remembered one by one."""

from datetime import datetime, timedelta

import pytest

from tests.domain.driver import Driver, check_sequences
from worker.domain import booking_events, money_events

DAYS = 10
SPAN = 40
"""Days between the first activity and the last: it is looked at every client several times in them."""
FIRST = datetime.fromisoformat("2024-01-01T10:00:00+00:00")
ACTIVITIES = {
    "client.messaged in": {"direction": "in"},
    "client.messaged out": {"direction": "out"},
    "payment.received": {"payment_id": "", "amount": "1", "currency": "EUR"},
    "invoice.issued": {"invoice_id": "", "amount": "1", "currency": "EUR"},
    "booking.attended": {"booking_id": ""},
}


def wire(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("activity", sorted(ACTIVITIES))
def test_b10_p3_what_is_forgotten_leaves_no_gap(monkeypatch: pytest.MonkeyPatch, activity: str, by_hand: bool) -> None:
    for module in (booking_events, money_events):
        monkeypatch.setattr(module, "MAX_THINGS", 20)
    salon = Driver(now=wire(FIRST))
    salon.tell("automation.set", wire(FIRST - timedelta(days=400)), inactive_after_days=DAYS)
    if by_hand:
        salon.tell("status.set", wire(FIRST), client_ids=["c1"], status="customer")
    else:
        first = {"payment_id": "first", "amount": "1", "currency": "EUR"}
        salon.tell("payment.received", wire(FIRST), client_id="c1", **first)
    before = salon.changes("c1")
    steps = 4 * SPAN
    for step in range(1, steps + 1):
        moment = wire(FIRST + timedelta(days=SPAN) / steps * step)
        salon.at(moment)
        data = {name: value or f"x{step}" for name, value in ACTIVITIES[activity].items()}
        salon.tell(activity.split(maxsplit=1)[0], moment, client_id="c1", **data)
    assert salon.changes("c1") == before
    salon.restart()
    salon.at(wire(FIRST + timedelta(days=SPAN + DAYS)))
    last = salon.about("c1")[-1]
    assert (last["data"]["to"], last["time"]) == ("inactive", wire(FIRST + timedelta(days=SPAN + DAYS)))
    check_sequences(salon.outputs)
