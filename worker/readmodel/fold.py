"""Folds a batch of committed records into changes of the read model. What it must know of before is read first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
import orjson

from topics import dead_letters
from topics.envelope import TYPE_OF_EVENT, Unusable, data_as_it_came
from topics.fields import BusinessId
from topics.moments import Micros, micros
from topics.registry import COMMAND_RESULTS, DEAD_LETTERS, PROFILES, SETTINGS
from worker.domain import forgotten
from worker.domain.card import decode_alias, is_alias
from worker.domain.forgotten import Forgotten
from worker.pipeline.decode import DECODERS
from worker.pipeline.own_records import ERASED
from worker.pipeline.route import Router
from worker.readmodel import settings_history, timeline
from worker.readmodel.changes import Changes
from worker.readmodel.keys import Keys
from worker.readmodel.order import CONTROL, TIMELINE_INPUTS, Record
from worker.readmodel.settings_history import Said
from worker.readmodel.told import Gone, Told

OWN: Final = b"\0"
RESULT_SECONDS: Final = 7 * 24 * 3600
"""How long a command's answer can be asked for, and is it known that a console has sent it."""
REVIEW: Final = "client.status.review_suggested"
MAX_REVIEWS: Final = 1_000
"""Suggestions of a business that are kept, the latest."""
_FEED: Final = frozenset({"client.status.changed", REVIEW, "client.tags.changed"})
_STATE: Final = b',"state":['
"""Begins the worker's own part, the last of a card: within a text its quotes would be escaped, and no list is public
under that name."""
LOG_ENTRIES: Final = 10_000
"""Of the log, that are kept, about; a console that reads it less often makes its tables anew."""
LOGGED_AT_ONCE: Final = 100
"""Clients in one entry of the log."""
_FOR_EVER: Final[Micros] = 1 << 62

Place = tuple[str, str]
"""Business and client."""


class Card(NamedTuple):
    """A card as it is shown: JSON, and the primary's id if it was merged away."""

    shown: bytes
    primary: str | None


class Happened(NamedTuple):
    """An entry for the timeline of a client. ``sequence``: of an output; 0: an input."""

    place: Place
    entry: bytes
    time: Micros
    sequence: int

    def is_forgotten(self, erased: Forgotten | None) -> bool:
        """G6: was it before this erasure of its client?"""
        if erased is None:
            return False
        return self.sequence <= erased.sequence if self.sequence else self.time <= erased.time


class Fold:
    """One batch: ``take`` every record, read from Redis what it needs, then ``changes``. ``routers``: by partition;
    ``timeline_entries``: of each client, the latest are kept."""

    def __init__(self, keys: Keys, routers: Sequence[Router], timeline_entries: int) -> None:
        self._keys = keys
        self._routers = routers
        self._timeline_entries = timeline_entries
        self._changes = Changes()
        self.cards: dict[Place, Card | None] = {}
        self.happened: list[Happened] = []
        self._told: list[Told] = []
        self._erased: set[Place] = set()
        self.marks: dict[tuple[str, str], Forgotten | None] = {}
        """By business and mark: what the worker remembers of erasures; None: nothing any more."""

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
        elif record.topic == CONTROL:
            self._take_control(record)
        elif record.value is not None:
            self._take_output(record.topic, record.value)

    def _take_profile(self, record: Record) -> None:
        if record.key is None or record.key.startswith(OWN):
            return
        business, _, client = record.key.decode().partition("/")
        value = record.value
        if value is None:
            self.cards[business, client] = None
        elif is_alias(value):
            self.cards[business, client] = Card(value, decode_alias(value).merged_into)
        else:
            self.cards[business, client] = Card(value[: value.index(_STATE)] + b"}", None)

    def _take_settings(self, record: Record) -> None:
        if record.key is None:
            return
        if record.key.startswith(ERASED.prefix):
            business, _, key = record.key[len(ERASED.prefix) :].decode().partition("/")
            self.marks[business, key] = forgotten.decode(record.value) if record.value is not None else None
            return
        if record.key.startswith(OWN) or record.value is None:
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
            self._remember("answered", settings_history.answer(event))
            return
        client = timeline.subject(event)
        if client is None:
            return
        if event["type"] == "client.erased":
            self._erased.add((business, client))
            return
        if event["type"] in _FEED:
            review_at = _time(event) if event["type"] == REVIEW else None
            self._told.append(Told(business, client, value, event["data"]["sequence"], review_at))
        self._happen(business, client, event)

    def _take_input(self, record: Record) -> None:
        event = plain(record)
        if event is None or (client := timeline.subject(event)) is None:
            return
        if self._routers[record.partition].lies_right(event["businessid"], record):  # else it comes again, re-sent
            self._happen(event["businessid"], client, event)

    def _take_control(self, record: Record) -> None:
        said = settings_history.message(record)
        if said is not None and self._routers[record.partition].lies_right(said.business, record):
            self._remember("control", said)

    def _remember(self, kind: str, said: Said | None) -> None:
        """In the history of the settings: a message and its answer have the same time."""
        if said is not None:
            key = self._keys.of(kind, said.business)
            self._changes.score(key, said.entry, float(said.time), settings_history.MAX_ENTRIES)

    def _take_dead_letter(self, record: Record) -> None:
        business = (record.key or b"").decode(errors="replace")
        try:
            msgspec.convert(business, BusinessId)
        except msgspec.ValidationError:  # nobody can ask for it, and there may be any number of such keys (J4)
            return
        told = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
        about = {
            "code": told.get(dead_letters.EXCEPTION, ""),
            "message": told.get(dead_letters.MESSAGE, ""),
            "topic": told.get(dead_letters.TOPIC, ""),
            "partition": told.get(dead_letters.PARTITION, ""),
            "offset": told.get(dead_letters.OFFSET, ""),
            "at": told.get(dead_letters.AT, ""),
            "letter": f"{record.partition}/{record.offset}",
        }
        self._changes.append(self._keys.of("dead", business), about)

    def _happen(self, business: str, client: str, event: Mapping[str, Any]) -> None:
        sequence = event["data"].get("sequence", 0)
        self.happened.append(Happened((business, client), timeline.entry(event), _time(event), sequence))

    def meaning(self, place: Place, client: str | None, alias: str | None) -> str | None:
        """The id of the card that a client means after this batch; before it, it was ``client``, or an ``alias``."""
        if place not in self.cards:
            return alias or client
        card = self.cards[place]
        return None if card is None else card.primary or place[1]

    # -- changes --------------------------------------------------------------------------------------------------

    @cached_property
    def clients(self) -> Mapping[str, Sequence[str]]:
        """Whose timelines are added to, by business; when all records are taken."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for business, client in (happened.place for happened in self.happened):
            found[business][client] = None
        return {business: list(clients) for business, clients in found.items()}

    @property
    def with_erasures(self) -> set[str]:
        """The businesses of which clients were erased."""
        return {business for business, _ in self._erased}

    def changes(
        self, known: Mapping[Place, str], marks: Mapping[Place, Forgotten], gone: Iterable[Gone] = ()
    ) -> Changes:
        """``known``: of whose timelines are added to, the id of the card that they mean; ``marks``: their latest
        erasures; ``gone``: what was told before of those who are erased."""
        for place, card in self.cards.items():
            self._replace(place, card)
        self._log()
        for (business, key), forgot in self.marks.items():
            if forgot is not None:
                self._changes.put(self._keys.of("erased", business), key, forgotten.encode(forgot))
            else:
                self._changes.drop(self._keys.of("erased", business), key)
        for place in (*self._erased, *self._back()):  # before this batch nothing was told of a new card with its id
            self._changes.delete(self._keys.timeline(*place))
        for happened in self.happened:
            client = known.get(happened.place)
            if client is not None and not happened.is_forgotten(marks.get(happened.place)):
                key = self._keys.timeline(happened.place[0], client)
                at = float(timeline.place(happened.time))
                self._changes.score(key, happened.entry, at, self._timeline_entries)
        for business, ids, reviews in gone:
            self._changes.take_out(self._keys.of("changes", business), ids)
            self._changes.lose(self._keys.of("reviews", business), reviews)
        for told in self._told:
            erased = marks.get((told.business, told.client))
            if erased is None or told.sequence > erased.sequence:
                self._tell(told)
        return self._changes

    def _back(self) -> list[Place]:
        """Who was erased, under another id perhaps, and has a card again, all in this batch."""
        if not self.marks:
            return []
        return [place for place in self.cards if self.marks.get((place[0], forgotten.mark(*place))) is not None]

    def _tell(self, told: Told) -> None:
        self._changes.append(self._keys.of("changes", told.business), {"event": told.event})
        if told.review_at is not None:
            key = self._keys.of("reviews", told.business)
            self._changes.score(key, told.event, float(told.review_at), MAX_REVIEWS)

    def _replace(self, place: Place, card: Card | None) -> None:
        (business, client), keys, changes = place, self._keys, self._changes
        cards, aliases = keys.of("cards", business), keys.of("aliases", business)
        if card is None:
            changes.drop(cards, client)
            changes.drop(aliases, client)
            changes.delete(keys.timeline(business, client))
            return
        changes.put(cards, client, card.shown)
        if card.primary is not None:
            changes.put(aliases, client, card.primary)
            changes.unite(
                keys.timeline(business, card.primary), keys.timeline(business, client), self._timeline_entries
            )
            return
        changes.add(keys.businesses, business)
        changes.drop(aliases, client)  # erased and back, in one transaction

    def _log(self) -> None:
        """For consoles: whose cards are others now. Each entry is small, for the last one is read again and again."""
        places = list(self.cards)
        for start in range(0, len(places), LOGGED_AT_ONCE):
            named: dict[str, list[str]] = defaultdict(list)
            for business, client in places[start : start + LOGGED_AT_ONCE]:
                named[business].append(client)
            entry = {business: " ".join(clients) for business, clients in named.items()}
            self._changes.append(self._keys.log, entry, LOG_ENTRIES)


def _time(event: Mapping[str, Any]) -> Micros:
    return micros(datetime.fromisoformat(event["time"]))


def plain(record: Record) -> dict[str, Any] | None:
    """An input event as plain JSON, read as the worker reads it; None when it cannot be used. Of an update also what it
    clears, and who made it: the worker passes over its ``actor``."""
    try:
        event = DECODERS[record.topic].decode(record.value, record.headers, _FOR_EVER)
    except (Unusable, OverflowError):
        return None
    found: dict[str, Any] = msgspec.to_builtins(event)
    kind = TYPE_OF_EVENT[type(event)]
    if kind == timeline.UPDATED:
        actor = data_as_it_came(record.value, record.headers).get("actor")
        data = {**found["data"], **({"actor": actor} if isinstance(actor, str) else {})}
    else:
        data = {name: value for name, value in found["data"].items() if value is not None}
    return {**found, "type": kind, "data": data}
