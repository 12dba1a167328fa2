"""B10: whoever goes quiet, and comes back, whatever arrives in whatever order, through restarts at any moment."""

import os
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import THOROUGH
from tests.kit.messages import DAY, cloud_event
from tests.model.checks import cards, check_business, check_story, once
from tests.model.quiet import Days, fold
from tests.model.told import Event

START = datetime.fromisoformat(f"{DAY}T12:00:00+00:00")
HOUR = timedelta(hours=1)
_SHUFFLE = 37
CLIENTS = st.sampled_from(["c1", "c1", "c2"])
AGO = st.integers(0, 200)
EVENTS = st.sampled_from(
    ["client.created", "client.messaged", "client.messaged", "client.noted", "payment.received", "invoice.issued",
     "booking.scheduled", "booking.scheduled", "status.set"]
)  # fmt: skip


class GoingQuiet(RuleBasedStateMachine):
    """A business in which clients go quiet after some days."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.driver = Driver(now=_wire(START), sweep_step=1)
        self.settings: list[Days] = []
        self.events: dict[str, list[Event]] = {}
        self.sent: list[Event] = []
        self.erased: dict[str, datetime] = {}
        self.erasures = 0

    # -- what comes -------------------------------------------------------------------------------------------------

    @initialize(days=st.integers(1, 6), ago=AGO)
    def begin(self, days: int, ago: int) -> None:
        """Before anything is known of anybody."""
        self._set(days, self.now - ago * HOUR)

    @precondition(lambda self: len(self.settings) < 4)
    @rule(days=st.none() | st.integers(1, 6))
    def change(self, days: int | None) -> None:
        """From now on it is another number of days; a change that comes late takes nothing back (P2)."""
        self.fire()
        self._set(days, self.now + timedelta(seconds=1))

    def _set(self, days: int | None, time: datetime) -> None:
        event = cloud_event(
            "automation.set", "salon", {"inactive_after_days": days}, time=_wire(time), id_=f"s{len(self.settings)}"
        )  # fmt: skip
        self.driver.feed([event])
        self.settings.append(Days(time, days))

    @rule(data=st.data(), number=st.integers(1, 4))
    def happen(self, number: int, data: st.DataObject) -> None:
        """Things happened, lately or long ago."""
        self._feed([self._event(data) for _ in range(number)])

    def _event(self, data: st.DataObject) -> Event:
        type_, client = data.draw(EVENTS), data.draw(CLIENTS)
        number = len(self.sent) + 1
        own = timedelta(minutes=2, seconds=number * _SHUFFLE % 721)
        time = self.now - data.draw(AGO) * HOUR - own
        about: dict[str, Any] = {"client_id": client}
        if type_ == "client.messaged":
            about["direction"] = data.draw(st.sampled_from(["in", "out"]))
        elif type_ == "client.noted":
            about["text"] = "x"
        elif type_ in ("payment.received", "invoice.issued"):
            about |= {f"{type_.partition('.')[0]}_id": f"t{number}", "amount": "1", "currency": "EUR"}
        elif type_ == "booking.scheduled":
            ends = self.now + data.draw(st.integers(-200, 200)) * HOUR - own
            plan = {"starts_at": _wire(ends - HOUR), "ends_at": _wire(ends)}
            about |= {"booking_id": f"b{number}", "kind": "appointment", **plan}
        elif type_ == "status.set":
            about = {
                "client_ids": [client],
                "status": data.draw(st.sampled_from(["lead", "customer", "vip", "inactive"])),
            }
        event = cloud_event(type_, "salon", about, time=_wire(time), id_=f"e{number}", source="t")
        self.sent.append(event)
        return event

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A booking that is ahead is cancelled, in time."""
        self.fire()
        ahead = [
            e for e in self.sent
            if e["type"] == "booking.scheduled" and datetime.fromisoformat(e["data"]["ends_at"]) > self.now
        ]  # fmt: skip
        if ahead:
            booked = data.draw(st.sampled_from(ahead))["data"]
            about = {"client_id": booked["client_id"], "booking_id": booked["booking_id"]}
            event = cloud_event(
                "booking.cancelled", "salon", about, time=_wire(self.now), id_=f"e{len(self.sent) + 1}", source="t"
            )
            self.sent.append(event)
            self._feed([event])

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """P3: the same event once more."""
        self._feed([data.draw(st.sampled_from(self.sent))])

    @rule(client=CLIENTS)
    def erase(self, client: str) -> None:
        """G6: from now on it is somebody new."""
        self.erasures += 1
        id_, time = f"x{self.erasures}", _wire(self.now)
        event = cloud_event("client.erase", "salon", {"client_id": client}, time=time, id_=id_, source="t")
        self.driver.feed([event])
        self.erased[client] = self.now
        self.events.pop(client, None)

    def _feed(self, events: list[Event]) -> None:
        self.driver.feed(events)
        for event in events:
            client = event["data"].get("client_id") or event["data"]["client_ids"][0]
            known = self.events.setdefault(client, [])
            time = datetime.fromisoformat(event["time"])
            if event not in known and time > self.erased.get(client, time - HOUR):
                known.append(event)
            if not known:
                del self.events[client]

    # -- what passes ------------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 24, 71, 72, 100, 300]))
    def time_passes(self, hours: int) -> None:
        """The clock goes on; timers may fire late, all the same."""
        self.now += hours * HOUR
        self.driver.now = int(self.now.timestamp()) * 10**6

    @rule()
    def fire(self) -> None:
        """What is due is done, and what waits."""
        self.driver.settle()

    @rule()
    def restart(self) -> None:
        """Another worker takes over."""
        self.driver.restart()

    # -- what must hold ---------------------------------------------------------------------------------------------

    @rule()
    def compare(self) -> None:
        """Every client is what the fold of all that is known of it says."""
        self.fire()
        check_sequences(once(self.driver.outputs))
        found = cards(self.driver)
        assert set(found) == set(self.events)
        for client, card in found.items():
            wanted = fold(self.events[client], self.settings, self.now)
            assert card["status"] == wanted.status, (client, wanted)
            if wanted.quiet:  # an older word by hand for the same status says nothing new, and leaves the cause
                found_since = card["status_cause"]["type"], datetime.fromisoformat(card["status_since"])
                assert found_since == ("inactivity", wanted.since), client
        if found:
            check_story(self.driver, set())
            check_business(self.driver)

    def teardown(self) -> None:
        self.compare()


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


TestGoingQuiet = GoingQuiet.TestCase
"""CLIENT_STATUS_THOROUGH=1 runs it for long."""
TestGoingQuiet.settings = settings(
    max_examples=int(os.environ.get("CLIENT_STATUS_EXAMPLES", "0")) or (3000 if THOROUGH else 150),
    stateful_step_count=30,
    derandomize=not THOROUGH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    report_multiple_bugs=False,
)
