"""One business's story: tell what happens to its clients, see what the worker says about it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.kit.bus import Bus, Got, Sent
from tests.kit.messages import Message, at, cloud_event, message, new_id
from tests.kit.shapes import check_card, check_event
from tests.kit.waiting import until

Event = dict[str, Any]
ABOUT_CLIENTS = (
    "client-merges",
    "client-status-changes",
    "client-tag-changes",
    "audience-changes",
    "client-actions",
)
CONTENT_TYPE = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


class Story:
    """What happens in the business ``business``. Its name is its own, so that stories share a worker."""

    def __init__(self, bus: Bus, business: str) -> None:
        self.bus = bus
        self.business = business

    # -- telling --------------------------------------------------------------------------------------------------

    def event(self, type_: str, time: str, *, id_: str | None = None, sender: str = "tests", **data: Any) -> Event:
        """An event of this business, not yet sent. ``time``: a clock time on the examples' day, or RFC 3339. A data
        field called ``from`` is given as ``from_``."""
        named = {name.removesuffix("_") if name == "from_" else name: value for name, value in data.items()}
        return cloud_event(type_, self.business, named, time=time, id_=id_ or new_id(type_), source=sender)

    def tell(self, type_: str, time: str, **data: Any) -> Event:
        """Send one event and wait until the worker has dealt with it."""
        event = self.event(type_, time, **data)
        self.send(event)
        self.bus.settle()
        return event

    def send(self, *events: Event) -> list[Sent]:
        """Send events in this order, and wait for nothing but the broker."""
        return self.bus.send(*map(message, events))

    def tell_all(self, *events: Event | Message) -> list[Sent]:
        """Send events, or ready records, in this order and wait until the worker has dealt with them."""
        sent = self.bus.send(*(e if isinstance(e, Message) else message(e) for e in events))
        self.bus.settle()
        return sent

    # -- seeing ---------------------------------------------------------------------------------------------------

    def records(self, topic: str) -> list[Got]:
        """The records of this business on a topic."""
        return [got for got in self.bus.read(topic) if got.value is not None and self._is_ours(got)]

    def _is_ours(self, got: Got) -> bool:
        return got.key is not None and got.key.split(b"/")[0] == self.business.encode()

    def outputs(self, client: str) -> list[Event]:
        """Every output event about a client, of all topics, by its sequence."""
        found = [got.json for topic in ABOUT_CLIENTS for got in self.records(topic)]
        return sorted((e for e in found if e["subject"] == client), key=lambda e: e["data"]["sequence"])

    def short(self, client: str) -> list[str]:
        """The outputs about a client in a word each: ``lead>customer``, ``review``, ``+vip -new``."""
        return [_in_short(event) for event in self.outputs(client)]

    def wait_for(self, client: str, *short: str, within: float = 30.0) -> list[Event]:
        """Wait until the outputs about a client are these (``short``), and return them."""
        until(
            lambda: self.short(client) == list(short), lambda: f"{list(short)}; there is {self.short(client)}", within
        )
        return self.outputs(client)

    def results(self, command: Event) -> list[Event]:
        """Every answer to a command or control message so far."""
        return [got.json for got in self._results(command)]

    def _results(self, command: Event) -> list[Got]:
        return [
            got
            for got in self.records("command-results")
            if (got.json["data"]["command_source"], got.json["data"]["command_id"])
            == (command["source"], command["id"])
            and got.json["type"] != "command.progress"
        ]

    def answer(self, command: Event) -> Event:
        """The one answer to a command that was sent once; waits for it."""
        answers = until(lambda: self.results(command), f"an answer to {command['type']} {command['id']}")
        assert len(answers) == 1, answers
        return answers[0]

    def ask(self, type_: str, time: str, **data: Any) -> Event:
        """Send a command or control message; its answer."""
        return self.answer(self.tell(type_, time, **data))

    def profile(self, client: str) -> Any:
        """The card as ``client-profiles`` has it last; None when there is none."""
        key = f"{self.business}/{client}".encode()
        return next((got.json for got in reversed(self.bus.read("client-profiles")) if got.key == key), None)

    def settings(self) -> Any:
        """The settings as ``business-settings`` has them last; None when there are none."""
        key = self.business.encode()
        return next((got.json for got in reversed(self.bus.read("business-settings")) if got.key == key), None)

    def dead_letters(self) -> list[Got]:
        """Dead letters whose key is this business's."""
        return [got for got in self.bus.read("dead-letters") if got.key == self.business.encode()]

    # -- what holds in every story --------------------------------------------------------------------------------

    def check_promises(self) -> None:
        """P1 and the form of every output: sequences without gaps, keys, headers, ids, times (contract)."""
        sequences: Mapping[str, list[int]] = defaultdict(list)
        ids = set()
        for topic in (*ABOUT_CLIENTS, "command-results"):
            for got in self.records(topic):
                event = got.json
                check_form(got, event, self.business)
                if topic != "command-results":
                    assert event["id"] not in ids, f"{event['id']} twice"
                    ids.add(event["id"])
                    sequences[event["subject"]].append(event["data"]["sequence"])
        for got in self.records("client-profiles"):
            check_card(got.key or b"", got.json)
        for client, numbers in sequences.items():
            assert sorted(numbers) == list(range(1, len(numbers) + 1)), (client, numbers)


def check_form(got: Got, event: Event, business: str) -> None:
    """What the contract says of every output event."""
    assert got.key == business.encode()
    assert got.headers == CONTENT_TYPE
    assert event["businessid"] == business
    check_event(got.topic, event)


def _in_short(event: Event) -> str:
    data = event["data"]
    match event["type"]:
        case "client.status.changed":
            return f"{data['from'] or ''}>{data['to']}"
        case "client.status.review_suggested":
            return "review"
        case "client.tags.changed":
            return " ".join([*(f"+{tag}" for tag in data["added"]), *(f"-{tag}" for tag in data["removed"])])
        case other:
            return str(other)


def cause(type_: str, event: Event, **more: str) -> dict[str, str]:
    """The cause that names an input event."""
    named = {"event_source": event["source"], "event_id": event["id"], "event_type": event["type"]}
    return {"type": type_, **named, **more}


LABELS = {"lead": "Lead", "customer": "Customer", "vip": "VIP", "inactive": "Inactive"}


def changed(
    client: str, before: str | None, after: str, time: str, sequence: int, why: Mapping[str, str], revision: int = 0
) -> Event:
    """The status change that a business with its starting catalogue tells, without what is the same everywhere."""
    data = {
        "client_id": client,
        "from": before,
        "to": after,
        "to_label": LABELS[after],
        "from_ended": before == "inactive",
        "ended": after == "inactive",
        "project_allowed": True,
        "supplier_allowed": True,
        "settings_revision": revision,
        "cause": dict(why),
        "sequence": sequence,
    }
    return told("client.status.changed", client, time, data)


def review(client: str, status: str, time: str, sequence: int, why: Mapping[str, str]) -> Event:
    """The suggestion to look at a client again."""
    data = {
        "client_id": client,
        "status": status,
        "reason": "all_evidence_withdrawn",
        "cause": dict(why),
        "sequence": sequence,
    }
    return told("client.status.review_suggested", client, time, data)


def tagged(
    client: str, added: list[str], removed: list[str], tags: list[str], time: str, sequence: int, why: Mapping[str, str]
) -> Event:
    """A change of tags."""
    data = {
        "client_id": client,
        "added": added,
        "removed": removed,
        "tags": tags,
        "cause": dict(why),
        "sequence": sequence,
    }
    return told("client.tags.changed", client, time, data)


def told(type_: str, client: str, time: str, data: Mapping[str, Any]) -> Event:
    """An output event without the attributes that ``check_form`` looks at."""
    return {"type": type_, "subject": client, "time": time if "T" in time else at(time), "data": dict(data)}


def bare(events: Iterable[Event]) -> list[Event]:
    """Output events reduced to what ``told`` makes, plus any attribute that the contract does not name."""
    same = {"specversion", "id", "source", "businessid", "datacontenttype"}
    return [{name: value for name, value in event.items() if name not in same} for event in events]
