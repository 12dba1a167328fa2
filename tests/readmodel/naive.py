"""What the read model must hold, from all committed records at once: slow, and without any of the product's code but
for the numbers of partitions."""

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.faults.check import parse
from tests.kit.bus import Got
from worker.transport.partitions import partition_of

INPUTS = ("bookings", "invoices", "payments", "clients", "engagement")
TOLD = ("client-status-changes", "client-tag-changes", "audience-changes", "client-merges", "client-actions")
FEED = ("client.status.changed", "client.status.review_suggested", "client.tags.changed")
SILENT = {
    "client.status.changed": {"tags"}, "client.status.review_suggested": {"tags"}, "client.tags.changed": {"tags"},
    "client.merged": {"tags"},
}  # fmt: skip
MAX_TEXT = 2_000
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
BUSINESS = re.compile(r"[A-Za-z0-9._-]{1,64}")
KINDS = ("client_type", "industry", "headcount", "end_reason")
Event = dict[str, Any]
Client = tuple[str, str]


class Naive:
    """``records``: everything that was read, by topic."""

    def __init__(self, records: Mapping[str, list[Got]], partitions: int, prefix: str) -> None:
        self._records, self._partitions, self._prefix = records, partitions, prefix
        self.cards: dict[Client, Event] = {}
        self.aliases: dict[Client, str] = {}
        self.settings: dict[str, Event] = {}
        self._fold_state()
        self._told = [event for topic in TOLD for event in map(parse, records[topic])]
        self._erasures: dict[Client, datetime] = {}
        self._fold_merges()
        self.timelines = self._timelines()

    # -- state ----------------------------------------------------------------------------------------------------

    def _fold_state(self) -> None:
        last = {got.key: got for got in self._records["client-profiles"] if got.key is not None}
        for key, got in last.items():
            if key.startswith(b"\0") or got.value is None:
                continue
            business, _, client = key.decode().partition("/")
            card = {name: value for name, value in got.json.items() if name != "state"}
            if "merged_into" in card:
                self.aliases[business, client] = card["merged_into"]
            self.cards[business, client] = card
        for got in self._records["business-settings"]:
            if got.key is not None and not got.key.startswith(b"\0"):
                self.settings[got.key.decode()] = {n: v for n, v in got.json.items() if n != "state"}

    def _fold_merges(self) -> None:
        """Who was erased, and when: whoever had been merged into the erased card was erased with it."""
        into: dict[Client, str] = {}
        for got in self._records["client-merges"]:
            event, data = got.json, got.json["data"]
            business = event["businessid"]
            if event["type"] == "client.merged":
                new = data["merged_ids"]
                old = [one for (b, one), primary in into.items() if b == business and primary in new]
                into.update({(business, one): data["primary_id"] for one in (*new, *old)})
            else:
                client = data["client_id"]
                gone = [one for (b, one), primary in into.items() if b == business and primary == client]
                for one in (client, *gone):
                    self._erasures[business, one] = moment(event["time"])
                    into.pop((business, one), None)

    def clients(self, business: str) -> dict[str, Event]:
        """Those who are somebody: the cards of a business."""
        return {c: card for (b, c), card in self.cards.items() if b == business and "merged_into" not in card}

    @property
    def businesses(self) -> set[str]:
        return {*self.settings, *(business for (business, _), card in self.cards.items() if "merged_into" not in card)}

    @property
    def marks(self) -> set[tuple[str, str]]:
        """What is kept of the ids that were erased."""
        return {
            (b, hashlib.blake2b(f"{b}\n{c}".encode(), digest_size=16).hexdigest()) for b, c in self._erasures
        }  # fmt: skip

    # -- timelines ------------------------------------------------------------------------------------------------

    def _timelines(self) -> dict[Client, set[str]]:
        found: dict[Client, set[str]] = defaultdict(set)
        for business, subject, event in (*self._usable_inputs(), *self._lives()):
            place = (business, self.aliases.get((business, subject), subject))
            if place in self.cards:
                found[place].add(entry(event))
        return found

    def _usable_inputs(self) -> Iterator[tuple[str, str, Event]]:
        refused = {self._original(got) for got in self._records["dead-letters"]}
        for topic in INPUTS:
            for got in self._records[topic]:
                if (topic, got.partition, str(got.offset)) in refused:
                    continue
                event = parse(got)
                business, client = event["businessid"], event["data"]["client_id"]
                key = business.encode()
                if got.partition != partition_of(key, self._partitions) or not (
                    got.key == key or got.header("rekeyed")
                ):
                    continue
                erased = self._erasures.get((business, client))
                if erased is None or moment(event["time"]) > erased:
                    yield business, client, event

    def _original(self, letter: Got) -> tuple[str, int, str | None]:
        topic = (letter.header("__streams.errors.topic") or "").removeprefix(self._prefix)
        return topic, letter.partition, letter.header("__streams.errors.offset")

    def _lives(self) -> Iterator[tuple[str, str, Event]]:
        """Of each id what was told since it last began: a life begins with a status that comes from none."""
        by_client: dict[Client, list[Event]] = defaultdict(list)
        for event in self._told:
            by_client[event["businessid"], event["subject"]].append(event)
        for (business, client), events in by_client.items():
            events.sort(key=lambda e: e["data"]["sequence"])
            starts = [
                n for n, e in enumerate(events) if e["type"] == "client.status.changed" and e["data"]["from"] is None
            ]
            for event in events[starts[-1] if starts else 0 :]:
                if event["type"] != "client.erased":
                    yield business, client, event

    # -- streams and answers --------------------------------------------------------------------------------------

    def results(self) -> dict[Client, bytes]:
        """The last word about each command."""
        return {
            (got.json["businessid"], got.json["data"]["command_id"]): got.value or b""
            for got in self._records["command-results"]
        }

    def refused(self, business: str) -> list[bytes]:
        """Answers that refuse, as they came."""
        types = ("command.rejected", "command.partly_applied")
        own = [got for got in self._records["command-results"] if got.json["businessid"] == business]
        return [got.value or b"" for got in own if got.json["type"] in types]

    def changes(self, business: str) -> Counter[bytes]:
        """The list of changes, each once; none of a life that was erased (G6)."""
        feed = [got for topic in TOLD for got in self._records[topic] if got.json["type"] in FEED]
        own = [got for got in feed if got.json["businessid"] == business]
        return Counter(got.value or b"" for got in own if not self._is_forgotten(got.json))

    def _is_forgotten(self, event: Event) -> bool:
        client = event["businessid"], event["subject"]
        if client not in self._erasures:
            return False
        return client not in self.cards or event["id"] not in self._living

    @cached_property
    def _living(self) -> set[str]:
        """The ids of what was told in the latest life of each client."""
        return {event["id"] for _, _, event in self._lives()}

    def dead(self) -> dict[str, list[str]]:
        """The dead letters of each key that a business can have, by their places."""
        found: dict[str, list[str]] = defaultdict(list)
        for got in self._records["dead-letters"]:
            if BUSINESS.fullmatch((got.key or b"").decode(errors="replace")):
                found[(got.key or b"").decode()].append(f"{got.partition}/{got.offset}")
        return {key: sorted(places) for key, places in found.items()}


def entry(event: Event) -> str:
    """What a timeline shows of an event, in one form."""
    left_out = {"client_id", "sequence", "primary_id"} | SILENT.get(event["type"], set())
    said = {n: v for n, v in event["data"].items() if n not in left_out}
    data = {n: shown(v) for n, v in said.items() if v is not None or event["type"] == "client.updated"}
    at = moment(event["time"])
    about = [
        event["type"],
        event["source"],
        event["id"],
        at.replace(microsecond=at.microsecond // 1000 * 1000).isoformat(),
    ]
    return json.dumps([*about, data], sort_keys=True, ensure_ascii=False)


def shown(value: Any) -> Any:
    """Long texts are cut; moments are the same however they are written."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return moment(value).isoformat()
    return f"{value[: MAX_TEXT - 1]}…" if isinstance(value, str) and len(value) > MAX_TEXT else value


def folded(text: str) -> str:
    """What makes two tags one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def bare(text: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def moment(text: str) -> datetime:
    """RFC 3339."""
    return datetime.fromisoformat(text)
