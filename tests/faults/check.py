"""The check of every record: what must have come of the inputs that are on the broker, against what did.

The inputs are read back, so it does not matter what the feeder believes. What a client must be in the end is what
``tests.domain.reference`` says, which shares nothing with the worker.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from tests.domain.reference import client_of
from tests.faults import wide
from tests.faults.stream import Stream
from tests.kit.bus import Got
from topics.registry import INPUTS
from worker.transport.partitions import partition_of

ABOUT_CLIENTS = ("client-status-changes", "client-tag-changes", "audience-changes", "client-merges", "client-actions")
RESULTS, LETTERS, PROFILES, SETTINGS = "command-results", "dead-letters", "client-profiles", "business-settings"
ANSWERED = ("client-commands", "control")
Event = dict[str, Any]
Client = tuple[str, str]


class Evidence(NamedTuple):
    """All that was read: every record by topic, per partition in order; the group's offsets; where each input ends."""

    records: Mapping[str, list[Got]]
    committed: Mapping[tuple[str, int], int]
    acknowledged: Mapping[bytes, float]
    partitions: int
    prefix: str

    @property
    def size(self) -> int:
        """Of records."""
        return sum(map(len, self.records.values()))


class Findings:
    """What is wrong, in words, by kind. Nothing in it: exactly once, in order, without gaps, and right."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.duplicated: list[str] = []
        self.out_of_order: list[str] = []
        self.wrong: list[str] = []

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(found) for kind, found in vars(self).items()}

    @property
    def any(self) -> bool:
        return any(vars(self).values())

    @property
    def lasting(self) -> bool:
        """Is there something among it that no later record can mend?"""
        return bool(self.duplicated or self.out_of_order)

    def lines(self, limit: int = 10) -> list[str]:
        """The first of each kind."""
        return [f"{kind}: {text}" for kind, found in vars(self).items() for text in found[:limit]]

    def compare(self, what: str, expected: Counter[Any], seen: Counter[Any]) -> None:
        """What must be there so many times."""
        for key in expected.keys() | seen.keys():
            wanted, found = expected[key], seen[key]
            if found < wanted:
                self.lost.append(f"{what} {key}: {found} instead of {wanted}")
            elif found > wanted:
                self.duplicated.append(f"{what} {key}: {found} instead of {wanted}")


class Inputs:
    """The committed input log, taken apart: usable events, those to be re-sent, and those for the dead letters."""

    def __init__(self, evidence: Evidence, stream: Stream) -> None:
        self.total = 0
        self.events: list[tuple[Got, Event]] = []
        self.to_resend: Counter[tuple[str, str, bytes]] = Counter()
        self.resent: Counter[tuple[str, str, bytes]] = Counter()
        self.unusable: dict[tuple[str, int, int], Got] = {}
        for topic in INPUTS:
            for got in evidence.records[topic.name]:
                self.total += 1
                if got.value in stream.bad:
                    self.unusable[got.topic, got.partition, got.offset] = got
                    continue
                event = parse(got)
                business = event["businessid"]
                mark = (got.topic, event["id"], got.value or b"")
                if got.key != business.encode() or got.partition != partition_of(
                    business.encode(), evidence.partitions
                ):
                    self.to_resend[mark] += 1
                    continue
                if got.header("rekeyed") is not None:
                    self.resent[mark] += 1
                self.events.append((got, event))


def parse(got: Got) -> Event:
    """The CloudEvent in a good record, of either mode."""
    if got.header("ce_id") is None:
        return got.json
    attributes = {name.removeprefix("ce_"): value.decode() for name, value in got.headers if name.startswith("ce_")}
    return {**attributes, "data": got.json}


def check(evidence: Evidence, stream: Stream) -> tuple[Findings, Inputs]:
    """Everything that P1 and P2 promise."""
    findings, inputs = Findings(), Inputs(evidence, stream)
    findings.compare("re-sent", inputs.to_resend, inputs.resent)
    dead_letters(findings, evidence, inputs, stream)
    answers(findings, evidence, inputs, stream)
    told = outputs(findings, evidence)
    cards(findings, evidence, inputs, stream, told)
    settings(findings, evidence, inputs, stream)
    findings.wrong += wide.check(
        [event for _, event in inputs.events],
        [got.json for got in evidence.records[RESULTS]],
        told,
        wide.last(evidence.records[PROFILES]),
    )
    offsets(findings, evidence)
    return findings, inputs


def dead_letters(findings: Findings, evidence: Evidence, inputs: Inputs, stream: Stream) -> None:
    """J1: every unusable record once, byte for byte, with its code and where it came from."""
    seen: Counter[tuple[str, int, int]] = Counter()
    last: dict[tuple[str, int], int] = {}
    for got in evidence.records[LETTERS]:
        topic = (got.header("__streams.errors.topic") or "").removeprefix(evidence.prefix)
        partition = int(got.header("__streams.errors.partition") or -1)
        place = (topic, partition, int(got.header("__streams.errors.offset") or -1))
        seen[place] += 1
        if last.get(place[:2], -1) >= place[2] and seen[place] == 1:
            findings.out_of_order.append(f"dead letter of {place} after {last[place[:2]]}")
        last[place[:2]] = max(last.get(place[:2], -1), place[2])
        original = inputs.unusable.get(place)
        if original is None:
            findings.wrong.append(
                f"dead letter of {place}, {got.header('__streams.errors.exception')}: {got.value!r:.200}"
            )
            continue
        code = stream.bad[original.value or b""]
        found = (got.value, got.key, got.partition, got.timestamp, got.header("__streams.errors.exception"))
        if found != (original.value, original.key, original.partition, original.timestamp, code):
            findings.wrong.append(f"dead letter of {place}: {found}, not {code} and the record as it was")
    findings.compare("dead letter", Counter(inputs.unusable.keys()), seen)


def answers(findings: Findings, evidence: Evidence, inputs: Inputs, stream: Stream) -> None:
    """C4, C6: an answer for every command that is in the log, the same event for the same command."""
    asked: Counter[str] = Counter()
    commands: dict[str, Event] = {}
    for got, event in inputs.events:
        if got.topic in ANSWERED:
            asked[event["id"]] += 1
            commands[event["id"]] = event
    seen: Counter[str] = Counter()
    first: dict[str, bytes | None] = {}
    for got in evidence.records[RESULTS]:
        answer = got.json
        if answer["type"] == "command.progress":
            continue
        data = answer["data"]
        id_ = data["command_id"]
        seen[id_] += 1
        if first.setdefault(id_, got.value) != got.value:
            findings.wrong.append(f"command {id_} has two different answers: {first[id_]!r} and {got.value!r}")
        if id_ in commands:
            _answer(findings, commands[id_], answer, stream.refused.get(id_))
    findings.compare("answer to", asked, seen)


def _answer(findings: Findings, command: Event, answer: Event, refused: str | None) -> None:
    data, named = answer["data"], command["data"].get("client_ids", [])
    codes = {error["code"] for error in data["errors"]}
    if wide.is_wide(command):
        right = not wide.wrong_answer(command, answer)
    elif refused is not None:
        right = answer["type"] == "command.rejected" and codes == {refused}
    else:
        about = [*data["applied"], *data["unchanged"], *(error["client_id"] for error in data["errors"])]
        right = codes <= {"superseded"} and sorted(about) == sorted(named)
    if not right:
        findings.wrong.append(f"answer to {command['type']} {command['id']}: {answer['type']} {data}")


def outputs(findings: Findings, evidence: Evidence) -> dict[Client, list[Event]]:
    """P1: the sequence of every client, over all topics, and the chains of statuses and tags. Returns what was told."""
    told: dict[Client, list[Event]] = defaultdict(list)
    ids: Counter[str] = Counter()
    for topic in ABOUT_CLIENTS:
        last: dict[Client, int] = {}
        for got in evidence.records[topic]:
            event = got.json
            client = (event["businessid"], event["subject"])
            sequence = event["data"]["sequence"]
            ids[event["id"]] += 1
            if sequence < last.get(client, 0):
                findings.out_of_order.append(
                    f"{client}: {topic} {got.partition}:{got.offset} has {sequence} after {last[client]}"
                )
            last[client] = max(sequence, last.get(client, 0))
            told[client].append(event)
    findings.duplicated += [f"output id {id_}: {n} times" for id_, n in ids.items() if n > 1]
    for client, events in told.items():
        events.sort(key=lambda e: e["data"]["sequence"])
        numbers = Counter(e["data"]["sequence"] for e in events)
        findings.duplicated += [f"{client}: sequence {n} {times} times" for n, times in numbers.items() if times > 1]
        findings.lost += [f"{client}: sequence {n} is missing" for n in range(1, max(numbers) + 1) if n not in numbers]
        _chains(findings, client, events)
    return told


def _chains(findings: Findings, client: Client, events: list[Event]) -> None:
    statuses = [e["data"] for e in events if e["type"] == "client.status.changed"]
    if statuses and statuses[0]["from"] is not None:
        findings.wrong.append(f"{client}: the first status comes from {statuses[0]['from']}")
    for before, after in pairwise(statuses):
        if after["from"] != before["to"]:
            findings.wrong.append(
                f"{client}: status {before['to']}, then from {after['from']} (sequence {after['sequence']})"
            )
    tags: set[str] = set()
    for data in (e["data"] for e in events if e["type"] == "client.tags.changed"):
        if tags & set(data["added"]) or set(data["removed"]) - tags:
            findings.wrong.append(f"{client}: tags {sorted(tags)}, then {data}")
        tags = tags - set(data["removed"]) | set(data["added"])
        if tags != set(data["tags"]):
            findings.wrong.append(f"{client}: tags {sorted(tags)} told as {data['tags']} (sequence {data['sequence']})")


def expected_clients(evidence: Evidence, inputs: Inputs, stream: Stream) -> dict[Client, Any]:
    """What each client must be, by the reference; and for how many statuses arrival may decide."""
    history: dict[Client, list[Event]] = defaultdict(list)
    control: dict[str, list[Event]] = defaultdict(list)
    unclear: set[Client] = set()
    for got, event in inputs.events:
        business, data = event["businessid"], event["data"]
        if event["id"] in stream.refused or wide.is_wide(event):
            continue
        if got.topic == "control":
            if event["type"] == "automation.set":
                control[business].append(event)
            continue
        for client in data.get("client_ids", ()) or [data["client_id"]]:
            history[business, client].append(event)
        if event["id"] in stream.prevented:
            client, ends = stream.prevented[event["id"]]
            if evidence.acknowledged.get(got.value or b"", ends) >= ends:
                unclear.add((business, client))
    now = datetime.now(UTC)
    return {
        client: (client_of(client[1], [*control[client[0]], *events], now), client in unclear)
        for client, events in history.items()
    }


def last_by_key(records: Iterable[Got]) -> dict[bytes, Any]:
    """A compacted topic as a reader has it, without the worker's own records."""
    found = {got.key: got for got in records if got.key is not None and not got.key.startswith(b"\0")}
    return {key: got.json for key, got in found.items() if got.value is not None}


def cards(
    findings: Findings, evidence: Evidence, inputs: Inputs, stream: Stream, told: Mapping[Client, list[Event]]
) -> None:
    """P2, P3: the last card of every client is what all its inputs come to, and what was told of it."""
    expected = expected_clients(evidence, inputs, stream)
    profiles = last_by_key(evidence.records[PROFILES])
    known = {(card["businessid"], card["client_id"]): card for card in profiles.values() if not wide.is_wide(card)}
    findings.lost += [f"card of {client}" for client in expected.keys() - known.keys()]
    findings.wrong += [f"card of {client}, whom no input names" for client in known.keys() - expected.keys()]
    for client in expected.keys() & known.keys():
        card, (wanted, unclear) = known[client], expected[client]
        events = told.get(client, [])
        findings.wrong += [f"{client}: {text}" for text in _card(card, wanted, unclear=unclear)]
        if card["sequence"] != len(events):
            findings.wrong.append(f"{client}: the card says {card['sequence']} outputs, there are {len(events)}")
        statuses = [e["data"]["to"] for e in events if e["type"] == "client.status.changed"]
        tags = [e["data"]["tags"] for e in events if e["type"] == "client.tags.changed"]
        if statuses[-1:] != [card["status"]]:
            findings.wrong.append(f"{client}: told {statuses[-1:]}, the card says {card['status']}")
        if set(tags[-1] if tags else []) != {tag["tag"] for tag in card.get("tags", [])}:
            findings.wrong.append(f"{client}: told {tags[-1:]}, the card says {card.get('tags')}")


def _card(card: Event, wanted: Any, *, unclear: bool) -> Iterable[str]:
    found = {
        "status": card["status"],
        "tags": {tag["tag"] for tag in card.get("tags", [])},
        "counts": card["counts"],
        "totals": card.get("totals", {}),
        "outstanding": card.get("outstanding", {}),
    }
    for name, value in found.items():
        right = getattr(wanted, name)
        if value != right and not (unclear and name == "status" and value in ("lead", "customer")):
            yield f"{name} {value} instead of {right}"


def settings(findings: Findings, evidence: Evidence, inputs: Inputs, stream: Stream) -> None:
    """C1: a revision for every applied control message; the numbers of clients by status."""
    revisions: dict[str, set[str]] = defaultdict(set)
    for got, event in inputs.events:
        if got.topic == "control" and event["id"] not in stream.refused:
            revisions[event["businessid"]].add(event["id"])
    clients: dict[str, Counter[str]] = defaultdict(Counter)
    for card in last_by_key(evidence.records[PROFILES]).values():
        if "merged_into" not in card:
            clients[card["businessid"]][card["status"]] += 1
    for key, value in last_by_key(evidence.records[SETTINGS]).items():
        business = key.decode()
        numbers = Counter({s["code"]: s["clients"] for s in value["statuses"] if s["clients"]})
        if value["revision"] != len(revisions[business]):
            findings.wrong.append(f"{business}: revision {value['revision']} after {len(revisions[business])} messages")
        if numbers != clients[business]:
            findings.wrong.append(f"{business}: clients {dict(numbers)} instead of {dict(clients[business])}")


def offsets(findings: Findings, evidence: Evidence) -> None:
    """The group's offsets are behind the last record of every input."""
    for topic in INPUTS:
        for partition in range(evidence.partitions):
            last = max((g.offset for g in evidence.records[topic.name] if g.partition == partition), default=-1)
            committed = evidence.committed.get((topic.name, partition))
            if committed is None or committed <= last:
                findings.lost.append(f"{topic.name} {partition}: committed {committed}, the last record is {last}")


def as_json(evidence: Evidence) -> str:
    """The evidence, for whoever wants to look at it afterwards."""
    lines = []
    for topic, records in evidence.records.items():
        for g in records:
            value = g.value.decode(errors="replace") if g.value is not None else None
            key = g.key.decode(errors="replace") if g.key is not None else None
            headers = {name: text.decode(errors="replace") for name, text in g.headers}
            lines.append(json.dumps([topic, g.partition, g.offset, key, headers, value]))
    return "\n".join(lines)
