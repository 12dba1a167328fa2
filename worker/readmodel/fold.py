"""Folds a batch of committed records into changes of the read model. What it must know of before is read first."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import orjson

from topics import dead_letters
from topics.envelope import TYPE_OF_EVENT, Unusable
from topics.moments import Micros, micros
from topics.registry import COMMAND_RESULTS, DEAD_LETTERS, PROFILES, SETTINGS
from worker.domain.forgotten import mark
from worker.pipeline.decode import DECODERS
from worker.readmodel import timeline
from worker.readmodel.changes import Changes
from worker.readmodel.index import Card, index, spellings
from worker.readmodel.keys import Keys

OWN: Final = b"\0"
RESULT_SECONDS: Final = 7 * 24 * 3600
"""How long a command's answer can be asked for."""
TIMELINE_INPUTS: Final = ("bookings", "invoices", "payments", "clients", "engagement")
"""Inputs that stand in the timeline by themselves; commands show in what they change."""
_FEED: Final = frozenset({"client.status.changed", "client.status.review_suggested", "client.tags.changed"})
_FOR_EVER: Final[Micros] = 1 << 62


class Record(NamedTuple):
    """A committed record. ``topic`` is the contract's name."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


Place = tuple[str, str]
"""Business and client."""


class Happened(NamedTuple):
    """An entry for the timeline of a client."""

    place: Place
    entry: bytes
    time: Micros
    gone: bool = False


class Fold:
    """One batch: ``take`` every record, ask Redis what ``asks`` names, then ``changes``."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._changes = Changes()
        self.cards: dict[Place, Card | None] = {}
        self.happened: list[Happened] = []
        self._erased: dict[Place, tuple[str, str]] = {}

    # -- records --------------------------------------------------------------------------------------------------

    def take(self, record: Record) -> None:
        """A record of any topic."""
        if record.topic == PROFILES:
            self._take_profile(record)
        elif record.topic == SETTINGS:
            self._take_settings(record)
        elif record.topic == DEAD_LETTERS:
            self._take_dead_letter(record)
        elif record.topic in TIMELINE_INPUTS:
            self._take_input(record)
        elif record.value is not None:
            self._take_output(record.topic, record.value)

    def _take_profile(self, record: Record) -> None:
        if record.key is None or record.key.startswith(OWN):
            return
        business, _, client = record.key.decode().partition("/")
        card = None
        if record.value is not None:
            card = orjson.loads(record.value)
            card.pop("state", None)
        self.cards[business, client] = card

    def _take_settings(self, record: Record) -> None:
        if record.key is None or record.key.startswith(OWN) or record.value is None:
            return
        shown = orjson.loads(record.value)
        shown.pop("state", None)
        business = record.key.decode()
        self._changes.set(self._keys.of("settings", business), orjson.dumps(shown))
        self._changes.add(self._keys.businesses, business)

    def _take_output(self, topic: str, value: bytes) -> None:
        event = orjson.loads(value)
        business, keys, changes = event["businessid"], self._keys, self._changes
        if topic == COMMAND_RESULTS:
            data = event["data"]
            changes.set(keys.result(business, data["command_id"]), value, RESULT_SECONDS)
            if event["type"] in ("command.rejected", "command.partly_applied"):
                changes.append(keys.of("refused", business), {"event": value})
            return
        client = timeline.subject(event)
        if client is None:
            return
        if event["type"] == "client.erased":
            self._erased[business, client] = (mark(business, client), event["time"])
            return
        if event["type"] in _FEED:
            changes.append(keys.of("changes", business), {"event": value})
        self._happen(business, client, event)

    def _take_input(self, record: Record) -> None:
        event = plain(record)
        if event is not None and (client := timeline.subject(event)) is not None:
            self._happen(event["businessid"], client, event)

    def _take_dead_letter(self, record: Record) -> None:
        told = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
        topic = told.get(dead_letters.TOPIC, "")
        about = {
            "code": told.get(dead_letters.EXCEPTION, ""),
            "message": told.get(dead_letters.MESSAGE, ""),
            "topic": topic,
            "partition": told.get(dead_letters.PARTITION, ""),
            "offset": told.get(dead_letters.OFFSET, ""),
            "at": told.get(dead_letters.AT, ""),
            "letter": f"{record.partition}/{record.offset}",
        }
        business = (record.key or b"").decode(errors="replace")
        self._changes.append(self._keys.of("dead", business), about)
        name = next((name for name in TIMELINE_INPUTS if topic.endswith(name)), None)
        event = plain(record._replace(topic=name)) if name is not None else None
        if event is not None and (client := timeline.subject(event)) is not None:
            self._happen(event["businessid"], client, event, gone=True)

    def _happen(self, business: str, client: str, event: Mapping[str, Any], *, gone: bool = False) -> None:
        time = micros(datetime.fromisoformat(event["time"]))
        self.happened.append(Happened((business, client), timeline.entry(event), time, gone))

    def meaning(self, place: Place, client: str | None, alias: str | None) -> str | None:
        """The id of the card that a client means after this batch; before it, it was ``client``, or an ``alias``."""
        if place not in self.cards:
            return alias or client
        card = self.cards[place]
        if card is None:
            return None
        primary: str = card.get("merged_into") or card["client_id"]
        return primary

    # -- changes --------------------------------------------------------------------------------------------------

    @property
    def clients(self) -> dict[str, set[str]]:
        """Whose timelines are added to, by business."""
        found: dict[str, set[str]] = defaultdict(set)
        for business, client in (happened.place for happened in self.happened):
            found[business].add(client)
        return found

    def changes(
        self,
        before: Mapping[Place, Card | None],
        known: Mapping[Place, str],
        erased: Mapping[Place, Micros],
    ) -> Changes:
        """``before``: the cards that are replaced; ``known``: of whose timelines are added to, the id of the card that
        they mean; ``erased``: when clients were erased."""
        for place, card in self.cards.items():
            self._replace(place, before.get(place), card)
        for place, (key, time) in self._erased.items():
            business, client = place
            self._changes.put(self._keys.of("erased", business), key, time)
            self._changes.delete(self._keys.timeline(business, client))
        for happened in self.happened:
            self._tell(happened, known, erased)
        return self._changes

    def _replace(self, place: Place, before: Card | None, card: Card | None) -> None:
        (business, client), keys, changes = place, self._keys, self._changes
        old, new = index(keys, before), index(keys, card)
        for key in old[0] - new[0]:
            changes.remove(key, client)
        for key in new[0] - old[0]:
            changes.add(key, client)
        for key, (member, _) in old[1].items():
            if key not in new[1] or new[1][key][0] != member:
                changes.unscore(key, member)
        for key, (member, score) in new[1].items():
            if old[1].get(key) != (member, score):
                changes.score(key, member, score)
        for field, spelling in spellings(card).items() - spellings(before).items():
            changes.put(keys.of("spellings", business), field, spelling)
        for member in old[2] - new[2]:
            changes.unscore(keys.of("words", business), member)
        for member in new[2] - old[2]:
            changes.score(keys.of("words", business), member, 0.0)
        cards, aliases = keys.of("cards", business), keys.of("aliases", business)
        if card is None:
            changes.drop(cards, client)
            changes.drop(aliases, client)
            changes.delete(keys.timeline(business, client))
        elif (primary := card.get("merged_into")) is not None:
            changes.put(cards, client, orjson.dumps(card))
            changes.put(aliases, client, primary)
            changes.unite(keys.timeline(business, primary), keys.timeline(business, client), timeline.MAX_ENTRIES)
        else:
            changes.put(cards, client, orjson.dumps(card))
            changes.add(keys.businesses, business)

    def _tell(self, happened: Happened, known: Mapping[Place, str], erased: Mapping[Place, Micros]) -> None:
        business, _ = happened.place
        client = known.get(happened.place)
        if client is None or happened.time <= erased.get(happened.place, -1):
            return
        key = self._keys.timeline(business, client)
        if happened.gone:
            self._changes.unscore(key, happened.entry)
        else:
            self._changes.score(key, happened.entry, float(happened.time), timeline.MAX_ENTRIES)


def plain(record: Record) -> dict[str, Any] | None:
    """An input event as plain JSON, read as the worker reads it; None when it cannot be used."""
    try:
        event = DECODERS[record.topic].decode(record.value, record.headers, _FOR_EVER)
    except (Unusable, OverflowError):
        return None
    found: dict[str, Any] = msgspec.to_builtins(event)
    data = {name: value for name, value in found["data"].items() if value is not None}
    return {**found, "type": TYPE_OF_EVENT[type(event)], "data": data}
