"""P1-P3, C4, K1: whatever comes, in whatever order, through restarts at any moment: the engine and the model agree."""

import os
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import THOROUGH
from tests.kit.messages import DAY, cloud_event
from tests.model import inputs
from tests.model.cards import tag_key
from tests.model.checks import answers, cards, check_business, check_story, once, records
from tests.model.model import Model
from tests.model.told import Event
from tests.model.verdicts import Judge, disagreement

STEP = 2
"""Clients that a step of a sweep visits: fewer than there are."""
START = datetime.fromisoformat(f"{DAY}T12:00:00+00:00")
QUARTER = timedelta(minutes=15)
_SHUFFLE = 37
"""Inputs of one quarter of an hour get different seconds, in no order of arrival."""
inputs_of = st.sampled_from
_dry = st.sampled_from([False] * 7 + [True])
_ago = st.integers(0, 12)
_happened = st.tuples(inputs_of([*sorted(inputs.EVENTS), *sorted(inputs.THINGS)]), inputs.clients, _ago)


class WholeHistory(RuleBasedStateMachine):
    """One business from its first input on."""

    unit = QUARTER
    """Of how long ago things happened, how long they take, and how long nothing happens."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = self.new_driver()
        self.model = Model()
        self.now = START
        self.inputs: list[Event] = []
        self.pending: list[Event] = []
        self.answered: dict[tuple[str, str], Any] = {}
        self.waiting: dict[tuple[str, str], int] = {}
        self.removed: set[str] = set()
        self.sound = True

    def new_driver(self) -> Driver:
        """What does the work."""
        return Driver(now=wire(START), sweep_step=STEP)

    # -- inputs -----------------------------------------------------------------------------------------------------

    def _make(self, type_: str, data: dict[str, Any], ago: int) -> Event:
        """An input of some time ago, at a second that no other input has."""
        number = len(self.inputs) + 1
        return self._at(self.now - ago * self.unit - timedelta(minutes=2, seconds=number * _SHUFFLE % 721), type_, data)

    def _at(self, time: datetime, type_: str, data: dict[str, Any]) -> Event:
        number = len(self.inputs) + 1
        event = cloud_event(type_, self.driver.business, data, time=wire(time), id_=f"e{number:04}", source="t")
        self.inputs.append(event)
        return event

    def _about(self, type_: str, client: str, data: dict[str, Any]) -> dict[str, Any]:
        kind = type_.split(".", maxsplit=1)[0]
        found = {"client_id": client, **data}
        if "thing" in data:
            found[f"{kind}_id"] = f"{client}-{kind[0]}{found.pop('thing')}"
        for name in ("booking", "invoice"):
            if name in found:
                found[f"{name}_id"] = f"{client}-{name[0]}{found.pop(name)}"
        if "span" in found:
            ends, past = found.pop("span")
            end = self._quarter() + (-ends if past else ends) * self.unit
            found |= {"starts_at": wire(end - 2 * self.unit), "ends_at": wire(end)}
        return found

    def _quarter(self) -> datetime:
        return self.now.replace(minute=self.now.minute // 15 * 15, second=0)

    @rule(data=st.data(), number=st.integers(1, 5))
    def events(self, number: int, data: st.DataObject) -> None:
        """Things happened to clients."""
        for _ in range(number):
            type_, client, ago = data.draw(_happened)
            self.pending.append(self._make(type_, self._about(type_, client, data.draw(inputs.EVENTS[type_])), ago))

    @rule(type_=inputs_of(sorted(inputs.BY_HAND)), ago=_ago, dry=_dry, data=st.data())
    def by_hand(self, type_: str, ago: int, dry: bool, data: st.DataObject) -> None:
        """Somebody set a status, or tagged."""
        self.pending.append(self._make(type_, _perhaps(dry, data.draw(inputs.BY_HAND[type_])), ago))

    @rule(status=inputs.statuses, client=inputs.clients, ago=_ago)
    def status(self, status: str, client: str, ago: int) -> None:
        """Somebody set a status that is there."""
        self.pending.append(self._make("status.set", {"client_ids": [client], "status": status}, ago))

    @rule(type_=inputs_of(inputs.OFTEN), dry=_dry, data=st.data())
    def over_all(self, type_: str, dry: bool, data: st.DataObject) -> None:
        """A command on many clients, or on one that it changes for good."""
        self.flush()
        found = data.draw(inputs.OVER_ALL[type_])
        if type_ == "action.request":
            found = self._about(type_, found["client_id"], found)
        self.pending.append(self._make(type_, _perhaps(dry, found), 0))
        self.flush()

    @rule(type_=inputs_of(sorted(inputs.CONTROL)), ago=_ago, dry=_dry, data=st.data())
    def control(self, type_: str, ago: int, dry: bool, data: st.DataObject) -> None:
        """The settings change."""
        self.flush()
        found = data.draw(inputs.CONTROL[type_])
        ago = 0 if found.get("catch_up") or type_ == "status.remove" else ago
        self.pending.append(self._control(type_, _perhaps(dry, found), ago))
        self.flush()

    def _control(self, type_: str, data: dict[str, Any], ago: int) -> Event:
        return self._make(type_, data, ago)

    is_looking = False
    """Is it still to be found out when some clients go quiet?"""

    @precondition(lambda self: not self.inputs or len(self.inputs) % 7 == 0)
    @rule(type_=inputs_of(sorted(inputs.WRONG)))
    def wrong(self, type_: str) -> None:
        """A command that cannot be read is answered."""
        self.flush()
        event = self._make(type_, inputs.WRONG[type_], 0)
        (answer,) = self.driver.feed([event])
        assert [e["code"] for e in answer["data"]["errors"]] == ["invalid_data"], answer
        self.answered[event["source"], event["id"]] = answer

    @precondition(lambda self: self.inputs)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """P3, C6: an earlier input comes once more."""
        self.flush()
        self.pending.append(data.draw(inputs_of(self.inputs)))
        self.flush()

    # -- what passes ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.pending)
    @rule()
    def process(self) -> None:
        """A transaction."""
        self.flush()

    def flush(self) -> None:
        """What waits is processed, as one transaction."""
        self.sound = False
        events, self.pending = self.pending, []
        dead = len(self.driver.dead)
        outputs = self.driver.feed(events)
        letters = {item.value: code for code, item in self.driver.dead[dead:]}
        assert "internal_error" not in letters.values()
        told = answers(outputs)
        for event in events:
            self._take(event, told, letters)
        self._hear(outputs)
        self.sound = True

    def _take(self, event: Event, told: dict[tuple[str, str], list[Any]], letters: dict[bytes, str]) -> None:
        key = event["source"], event["id"]
        if "client_id" in event["data"] and event["type"] not in inputs.OVER_ALL:
            self._take_event(event, letters)
            return
        answer = told[key].pop(0) if told.get(key) else None
        if key in self.answered:
            before = self.answered[key]
            assert answer is not None, event
            assert (answer["id"], answer["type"]) == (before["id"], before["type"]), event
            assert answer == before or self.model.erased, event  # G6: an answer names nobody who was erased
            return
        if key in self.waiting:
            assert answer is None, event
            self.waiting[key] += 1
            return
        verdict = self._judge().of(event)
        if answer is None:
            assert not verdict.codes or verdict.both, (event, verdict)
            self.waiting[key] = 1
        else:
            assert disagreement(verdict, answer) is None, (disagreement(verdict, answer), event, answer)
            self.answered[key] = answer
        if event["type"] == "audience.remove" and answer["type"] == "command.applied":
            self.removed.add(event["data"]["audience_id"])
        self.model.answered(event, answer)

    def _judge(self) -> Judge:
        undecided = self.driver.is_due or self.is_looking
        return Judge(self.model, records(self.driver), sweeping=bool(self.waiting), undecided=undecided)

    def _take_event(self, event: Event, letters: dict[bytes, str]) -> None:
        data, catalogue = event["data"], self.model.catalogue
        code = next((code for value, code in letters.items() if f'"id": "{event["id"]}"'.encode() in value), None)
        unknown = data.get("status") not in (None, *catalogue.statuses) and not self.model.was_moved(event)
        if unknown or set(data.get("fields", ())) - set(catalogue.fields):
            if not self.model.has_seen(event) and not self.model.is_forgotten(data["client_id"], _when(event)):
                assert code == ("unknown_status" if unknown else "unknown_field"), event
            return
        assert code is None, (code, event)
        self.model.event(event)

    def _hear(self, outputs: list[dict[str, Any]]) -> None:
        for key, found in answers(outputs).items():
            if key in self.waiting and found:
                assert found == found[:1] * self.waiting.pop(key), found
                assert found[0]["type"] == "command.applied", found
                self.answered[key] = found[0]
        for output in outputs:
            if output["type"] == "client.status.changed":
                self.model.status_told(output)

    @rule(units=st.sampled_from([0, 1, 1, 2, 4, 12]))
    def time_passes(self, units: int) -> None:
        """The clock goes on, and timers that are due fire."""
        self.flush()
        self.now += units * self.unit
        self.driver.now = self.driver_now
        self.model.fired(self.now)
        self._hear(self.driver.fire())

    @property
    def driver_now(self) -> int:
        return int(self.now.timestamp()) * 10**6

    @precondition(lambda self: self.driver.wants_step)
    @rule()
    def step(self) -> None:
        """A step of a sweep."""
        self._hear(self.driver.step())

    @rule()
    def restart(self) -> None:
        """Another worker takes over."""
        self.driver.restart()

    # -- what must hold ---------------------------------------------------------------------------------------------

    @rule()
    def settle(self) -> None:
        """Everything that waits is done: now the records must say what the model says."""
        self.time_passes(0)
        self.sound = False
        self._hear(self.driver.settle())
        assert not self.waiting, self.waiting
        check_sequences(once(self.driver.outputs))
        if not cards(self.driver):
            self.sound = True
            return
        check_story(self.driver, self.removed)
        check_business(self.driver)
        self._compare()
        self.sound = True

    def _compare(self) -> None:
        model, now = self.model, cards(self.driver)
        assert set(now) == set(model.clients())
        for client, card in now.items():
            assert card["status"] in model.statuses(client), client
            assert {tag_key(t["tag"]) for t in card.get("tags", ())} == set(model.tags(client)), client
            things = model.things(client)
            if not model.is_told_and_gone(client):
                assert card["counts"] == things.counts, client
            found = card.get("totals", {}), card.get("outstanding", {}), set(card.get("overdue", ()))
            assert found == things.money(self.now), client
            assert set(card.get("merged_ids", ())) == model.group(client) - {client}
        aliases = {i: r["merged_into"] for i, r in records(self.driver).items() if "merged_into" in r}
        assert aliases == {id_: model.card_of(id_) for id_ in model.merged}

    def teardown(self) -> None:
        if not self.sound:
            return  # it has failed, and says so
        self.settle()
        before = dict(self.driver.engine.stores["client-profiles"])
        self.driver.restart()
        assert self.driver.settle() == []
        assert dict(self.driver.engine.stores["client-profiles"]) == before


def _perhaps(dry: bool, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "dry_run": True} if dry else data


def wire(moment: datetime) -> str:
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _when(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


TestWholeHistory = WholeHistory.TestCase
"""CLIENT_STATUS_THOROUGH=1 runs it for long; CLIENT_STATUS_EXAMPLES says how many histories."""
TestWholeHistory.settings = settings(
    max_examples=int(os.environ.get("CLIENT_STATUS_EXAMPLES", "0")) or (5000 if THOROUGH else 300),
    stateful_step_count=60,
    derandomize=not THOROUGH,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    print_blob=True,
    report_multiple_bugs=False,
)
