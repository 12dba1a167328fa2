"""A task's engine to be driven by hand: records in, outputs out, a clock that is set, and restarts from the changelog.

Everything goes through the bytes that would travel, so what is tested is what a broker would see.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tests.kit.messages import DAY, Message, cloud_event, message
from tests.kit.shapes import check_card, check_event
from topics import dead_letters
from topics.moments import SECOND, Micros, micros
from topics.registry import COMMAND_RESULTS, DEAD_LETTERS, INPUTS, PROFILES, SETTINGS, STATE_TOPICS, TOPIC_OF_TYPE
from worker.pipeline.desk import REFRESH_AFTER, Limits
from worker.pipeline.outbox import Item, Outbox
from worker.pipeline.ports import Batch
from worker.pipeline.process import TaskEngine

BUSINESS = "salon"
GRACE = 60 * SECOND
MAX_ROUNDS = 100


class Record(NamedTuple):
    """What the engine uses of a Kafka record."""

    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def moment(text: str) -> Micros:
    """``"10:00"`` on the examples' day, or RFC 3339, as microseconds."""
    if "T" not in text:
        text = f"{DAY}T{text}:00Z" if text.count(":") == 1 else f"{DAY}T{text}Z"
    return micros(datetime.fromisoformat(text))


class Driver:
    """One engine, and everything that it has sent so far. ``now`` is the worker's clock, long after the examples."""

    def __init__(self, now: str = "2024-06-01T00:00:00Z", business: str = BUSINESS, **limits: Any) -> None:
        self.business = business
        self.now = moment(now)
        self._limits = Limits(grace=GRACE, **limits)
        self.engine = TaskEngine(0, 1, self._limits)
        self.sent: list[tuple[str, Item]] = []
        self.changelog: dict[str, list[Record]] = {topic: [] for topic in STATE_TOPICS}
        self._offsets = {topic.name: 0 for topic in INPUTS}

    # -- in -------------------------------------------------------------------------------------------------------

    def event(self, type_: str, time: str, **data: Any) -> dict[str, Any]:
        """A CloudEvent of this driver's business; ``id``, ``source`` and ``business`` are taken out of the data."""
        attributes = {"id_": data.pop("id", None), "source": data.pop("source", "tests")}
        business = data.pop("business", self.business)
        return cloud_event(type_, business, _wire(data), time=time, **attributes)

    def tell(self, type_: str, time: str, **data: Any) -> list[dict[str, Any]]:
        """Process one event; the outputs it caused, answers included. Timers do not fire."""
        return self.feed([self.event(type_, time, **data)])

    def ask(self, type_: str, time: str, **data: Any) -> dict[str, Any]:
        """Process one command or control message; its answer's data, with ``result`` for applied, rejected, …"""
        answers = [o for o in self.tell(type_, time, **data) if o["topic"] == COMMAND_RESULTS]
        assert len(answers) == 1, answers
        return {"result": answers[0]["type"].removeprefix("command."), **answers[0]["data"]}

    def feed(self, events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Process events as one transaction, each topic's run of them a batch."""
        return self.feed_messages([message(event) for event in events])

    def feed_messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Process raw records as one transaction."""
        batches: list[Batch] = []
        for m in messages:
            offset = self._offsets[m.topic]
            self._offsets[m.topic] = offset + 1
            record = Record(offset, m.timestamp, m.key, m.value, m.headers)
            if batches and batches[-1].topic == m.topic:
                batches[-1] = batches[-1]._replace(end=offset + 1, records=[*batches[-1].records, record])
            else:
                batches.append(Batch(m.topic, 0, offset, offset + 1, [record], 1))
        return self.commit(self.engine.process(batches, self.now))

    def commit(self, outbox: Outbox) -> list[dict[str, Any]]:
        """What a transaction does with an outbox; the outputs in it."""
        before = len(self.sent)
        for (topic, _), items in outbox.sends.items():
            self.sent.extend((topic, item) for item in items)
        for topic, writes in outbox.changelog.items():
            records = self.changelog[topic]
            records.extend(Record(len(records), None, key, value, ()) for key, value in writes.items())
            for key, value in writes.items():
                if topic == PROFILES and value is not None and not key.startswith(b"\0"):
                    check_card(key, json.loads(value))
        self.engine.committed(outbox)
        decoded = self._decoded(self.sent[before:])
        for output in decoded:
            check_event(output["topic"], {name: value for name, value in output.items() if name != "topic"})
        return decoded

    # -- time -----------------------------------------------------------------------------------------------------

    def at(self, time: str) -> list[dict[str, Any]]:
        """The clock says ``time``: every timer that is due fires, and work that waits for nothing is done."""
        self.now = moment(time)
        return self.settle()

    def settle(self) -> list[dict[str, Any]]:
        """Fire what is due, do what waits, until nothing is left; the outputs."""
        outputs: list[dict[str, Any]] = []
        later, last = self.now + SECOND, self.now + SECOND + REFRESH_AFTER
        for _ in range(MAX_ROUNDS):
            if self.is_due:
                outputs += self.commit(self.engine.fire(self.now, self.now))
            elif self.engine.wants_step(later):
                outputs += self.commit(self.engine.step(later))
            elif later < last:
                later = last  # a step may leave numbers to be written again
            else:
                return outputs
        raise AssertionError(f"after {MAX_ROUNDS} rounds there is still work: it would never end")

    @property
    def is_due(self) -> bool:
        """Does a timer wait that is due?"""
        due = self.engine.next_due()
        return due is not None and due <= self.now

    @property
    def wants_step(self) -> bool:
        """Is there a step to be done?"""
        return self.engine.wants_step(self.now)

    def fire(self) -> list[dict[str, Any]]:
        """Fire what is due; the outputs."""
        outputs: list[dict[str, Any]] = []
        while self.is_due:
            outputs += self.commit(self.engine.fire(self.now, self.now))
        return outputs

    def step(self) -> list[dict[str, Any]]:
        """Do one step; the outputs."""
        return self.commit(self.engine.step(self.now))

    def restart(self) -> None:
        """A new engine takes over from the changelog; its state must be the same to the byte."""
        old, self.engine = self.engine, TaskEngine(0, 1, self._limits)
        for topic in STATE_TOPICS:
            self.engine.restore(topic, self.changelog[topic])
        self.engine.restored()
        assert {t: dict(s) for t, s in self.engine.stores.items()} == {t: dict(s) for t, s in old.stores.items()}
        assert self.engine.next_due() == old.next_due()
        assert self.engine.state_bytes == old.state_bytes

    # -- out ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _decoded(sent: Iterable[tuple[str, Item]]) -> list[dict[str, Any]]:
        return [
            {"topic": topic, **json.loads(item.value or b"null")}
            for topic, item in sent
            if topic != DEAD_LETTERS and topic not in _INPUTS
        ]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """All outputs so far, answers included."""
        return self._decoded(self.sent)

    def about(self, client: str) -> list[dict[str, Any]]:
        """All outputs about a client so far, by their sequence."""
        return sorted((o for o in self.outputs if o.get("subject") == client), key=lambda o: o["data"]["sequence"])

    def changes(self, client: str) -> list[tuple[Any, ...]]:
        """All that was told about a client, short: see ``short``."""
        return short(self.about(client))

    @property
    def dead(self) -> list[tuple[str, Item]]:
        """The dead letters so far: code and record."""
        code = dead_letters.EXCEPTION
        return [(dict(i.headers)[code].decode(), i) for topic, i in self.sent if topic == DEAD_LETTERS]

    @property
    def dead_codes(self) -> list[str]:
        """The codes of the dead letters so far."""
        return [code for code, _ in self.dead]

    def card(self, client: str, business: str | None = None) -> dict[str, Any]:
        """The client's record in ``client-profiles``."""
        value = self.engine.stores[PROFILES][f"{business or self.business}/{client}".encode()]
        found: dict[str, Any] = json.loads(value)
        return found

    def has_card(self, client: str) -> bool:
        """Is there a card?"""
        return f"{self.business}/{client}".encode() in self.engine.stores[PROFILES]

    def status(self, client: str) -> str:
        """The client's status."""
        return str(self.card(client)["status"])

    def tags(self, client: str) -> set[str]:
        """The client's tags."""
        return {t["tag"] for t in self.card(client).get("tags", [])}

    @property
    def settings(self) -> dict[str, Any]:
        """The business's record in ``business-settings``."""
        found: dict[str, Any] = json.loads(self.engine.stores[SETTINGS][self.business.encode()])
        return found


_INPUTS = frozenset(topic.name for topic in INPUTS)


def short(outputs: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Status changes as (from, to, "HH:MM", why), reviews as ("review", "HH:MM", by), tags as (added, removed)."""
    found: list[tuple[Any, ...]] = []
    for output in outputs:
        data, clock = output["data"], output["time"][11:16]
        if output["type"] == "client.status.changed":
            cause = data["cause"]
            found.append((data["from"], data["to"], clock, cause.get("trigger") or cause["type"]))
        elif output["type"] == "client.status.review_suggested":
            found.append(("review", clock, data["cause"].get("event_type")))
        elif output["type"] == "client.tags.changed":
            found.append((set(data["added"]), set(data["removed"])))
    return found


def check_sequences(outputs: Iterable[Mapping[str, Any]]) -> None:
    """P1: per client 1, 2, 3, …, each topic's in order; an id is used again only for the same answer (C6)."""
    by_id: dict[str, Mapping[str, Any]] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    on_topic: dict[tuple[str, str, str], int] = {}
    for output in outputs:
        topic = output["topic"]
        assert topic == TOPIC_OF_TYPE[output["type"]]
        repeats = by_id.setdefault(output["id"], output) is not output
        if topic == COMMAND_RESULTS:
            assert "subject" not in output
            assert output == by_id[output["id"]]
            continue
        assert not repeats, output
        business, client, number = output["businessid"], output["subject"], output["data"]["sequence"]
        assert number > on_topic.get((topic, business, client), 0), output
        on_topic[topic, business, client] = number
        numbers.setdefault((business, client), []).append(number)
    for told in numbers.values():
        assert sorted(told) == list(range(1, len(told) + 1))


def _wire(value: Any) -> Any:
    """Clock times in ``starts_at`` and ``ends_at`` as they travel; ``from_`` as ``from``."""
    out = {}
    for name, content in value.items():
        is_clock = name in ("starts_at", "ends_at") and isinstance(content, str) and "T" not in content
        out[name.rstrip("_")] = f"{DAY}T{content}:00Z" if is_clock else content
    return out
