"""B10 among the other rules: clients that go quiet while they are merged, re-evaluated, moved, tagged and erased."""

import os
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.domain.histories import THOROUGH
from tests.model import inputs
from tests.model.checks import cards
from tests.model.inputs import one
from tests.model.test_whole_histories import TestWholeHistory, WholeHistory
from tests.model.told import Event

CLIENTS = one("c1", "c1", "c2", "c3")
_ago = st.integers(0, 24)
_ALSO = [*sorted(inputs.THINGS), "client.created", "client.messaged"]
_EVENTS = st.tuples(
    st.one_of(one("payment.received", "invoice.issued", "client.messaged", "booking.scheduled"), one(*_ALSO)),
    CLIENTS,
    _ago,
)
_MERGES = st.permutations(["c1", "c2", "c3"]).map(lambda ids: {"primary_id": ids[0], "duplicate_ids": ids[1:2]})
_OVER_ALL = {
    "clients.merge": _MERGES,
    "clients.reevaluate": st.just({}),
    "client.erase": inputs.data(client_id=CLIENTS),
    "tag.rename": inputs.OVER_ALL["tag.rename"],
}
_CONTROL = {
    name: inputs.CONTROL[name] for name in ("automation.set", "status.define", "status.remove", "tag_rule.define")
} | {"audience.define": inputs.CONTROL["audience.define"]}


class QuietHistory(WholeHistory):
    """A business whose clients go quiet after a few days; what happens takes hours, and nothing happens for days."""

    unit = timedelta(hours=3)
    wrong = None

    @initialize(days=st.integers(1, 3))
    def begin(self, days: int) -> None:
        """Before anything is known of anybody."""
        self.quiet_after(days)

    @rule(days=st.none() | st.integers(1, 3))
    def quiet_after(self, days: int | None) -> None:
        """From now on it is another number of days."""
        self.flush()
        self.pending.append(self._control("automation.set", {"inactive_after_days": days}, 0))
        self.flush()

    @rule(data=st.data(), number=st.integers(1, 3))
    def events(self, number: int, data: st.DataObject) -> None:
        """What makes clients customers, and active."""
        for _ in range(number):
            type_, client, ago = data.draw(_EVENTS)
            self.pending.append(self._make(type_, self._about(type_, client, data.draw(inputs.EVENTS[type_])), ago))

    @rule(type_=one("clients.merge", "clients.merge", *sorted(_OVER_ALL)), data=st.data())
    def over_all(self, type_: str, data: st.DataObject) -> None:
        """A command on many clients, or on one that it changes for good."""
        self.flush()
        self.pending.append(self._make(type_, data.draw(_OVER_ALL[type_]), 0))
        self.flush()

    @rule(type_=one("automation.set", "automation.set", *sorted(_CONTROL)), data=st.data())
    def control(self, type_: str, data: st.DataObject) -> None:
        """The settings change."""
        self.flush()
        self.pending.append(self._control(type_, data.draw(_CONTROL[type_]), 0))
        self.flush()

    @rule(status=one("lead", "customer", "customer", "vip", "partner", "inactive"), client=CLIENTS, ago=_ago)
    def status(self, status: str, client: str, ago: int) -> None:
        """Somebody set a status."""
        self.pending.append(self._make("status.set", {"client_ids": [client], "status": status}, ago))

    @rule(type_=one("tags.add", "tags.remove"), ago=_ago, data=st.data())
    def by_hand(self, type_: str, ago: int, data: st.DataObject) -> None:
        """Somebody tagged."""
        self.pending.append(self._make(type_, data.draw(inputs.BY_HAND[type_]), ago))

    @rule(units=one(1, 8, 9, 16, 24, 25))
    def time_passes(self, units: int) -> None:
        """The clock goes on by hours or days, and timers that are due fire."""
        super().time_passes(units)

    def _control(self, type_: str, data: dict[str, Any], ago: int) -> Event:
        """A message about the automation takes nothing back that was told (P2): it is never older than that."""
        if type_ != "automation.set":
            return super()._control(type_, data, ago)
        return self._at(self.now + timedelta(seconds=1), type_, data)

    @property
    def is_looking(self) -> bool:  # type: ignore[override]  # a constant where nobody goes quiet
        """Is it still to be found out when some clients go quiet?"""
        return self.driver.wants_step

    def _compare(self) -> None:
        super()._compare()
        for client, card in cards(self.driver).items():
            wanted = self.model.ends(client)
            if wanted.quiet and not self.model.hands(client) and self.model.group(client) == {client}:
                assert card["status_cause"]["type"] == "inactivity" or client in self.model.moved, client


TestQuietHistory = QuietHistory.TestCase
"""CLIENT_STATUS_THOROUGH=1 runs it for long; CLIENT_STATUS_EXAMPLES says how many histories."""
TestQuietHistory.settings = settings(
    TestWholeHistory.settings,
    max_examples=int(os.environ.get("CLIENT_STATUS_EXAMPLES", "0")) or (5000 if THOROUGH else 100),
)
del TestWholeHistory  # it runs where it is defined
