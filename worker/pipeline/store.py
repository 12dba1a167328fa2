"""The state of one task: encoded records by key, as they stand in the changelogs; businesses are kept decoded as well.

A card is decoded for the few inputs that are taken together and encoded right after: its objects are then still in the
processor's cache, which measured faster than a cache of decoded cards, and takes no memory. ``revert`` goes back to
where the transaction began.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from topics.envelope import Event, Unusable
from topics.moments import Micros
from topics.registry import PROFILES, SETTINGS
from worker.domain import business_record, sweeps
from worker.domain import card as cards
from worker.domain.business import Business
from worker.domain.card import Alias, Card, CardTooLarge
from worker.pipeline import own_records
from worker.pipeline.answered import Answered
from worker.pipeline.outbox import Outbox
from worker.pipeline.ports import Record

OWN: Final = b"\0"
"""Keys that begin so are the worker's own records; readers of the topics skip them."""
_TALLY: Final = b"\0tally/"
LARGE_CARD: Final = cards.MAX_CARD_BYTES // 2
_STATE: Final = b',"state":['
_TWO_MOMENTS: Final = 40
"""Bytes that hold two moments in microseconds, with the commas behind them."""
_DIGITS: Final = frozenset(b"0123456789")


def _start_of_state(value: bytes) -> int:
    """Where the state of a card begins, without decoding it; 0: it has none. A booking may have the id ``state``, but
    only behind the sequence does a number stand before it."""
    at = value.rfind(_STATE, 0, value.find(cards.LINE))
    while at > 0:
        if value[at - 1] in _DIGITS:
            return at + len(_STATE)
        at = value.rfind(_STATE, 0, at)
    return 0


class BusinessCards:
    """The cards of one business, as the rules see them (worker.domain.session.Cards)."""

    __slots__ = ("_prefix", "_profiles", "_store")

    def __init__(self, store: "Store", business_id: str) -> None:
        self._store = store
        self._profiles = store.raw[PROFILES]
        self._prefix = f"{business_id}/"

    def get(self, client_id: str) -> Card | None:
        """The client's card, or None; the same object until the cards are saved."""
        key = (self._prefix + client_id).encode()
        opened = self._store.opened
        found = opened.get(key)
        if found is None and (value := self._profiles.get(key)) is not None:
            found = self._store.decoded(value) if not cards.is_alias(value) else self._meant_by(value)
            opened[key] = found
        return found

    def _meant_by(self, alias: bytes) -> Card:
        """E5: the primary. There are no aliases of aliases."""
        card = self.get(cards.decode_alias(alias).merged_into)
        if card is None:
            raise KeyError(alias)
        return card

    def changed(self) -> list[Card]:
        """The cards that the input at work has put; an input is about one business."""
        return [card for card in self._store.changed.values() if isinstance(card, Card)]

    def remove(self, card: Card) -> None:
        """The card is no more, under none of its ids."""
        for client_id in (card.client_id, *card.merged_ids):
            key = (self._prefix + client_id).encode()
            self._store.opened.pop(key, None)
            self._store.changed[key] = None

    def merge_away(self, client_id: str, into: Card) -> None:
        """E5: from now on the id means this card."""
        key = (self._prefix + client_id).encode()
        self._store.opened[key] = into
        self._store.changed[key] = Alias(businessid=into.businessid, client_id=client_id, merged_into=into.client_id)

    def put(self, card: Card) -> None:
        """The card is new or was changed."""
        key = (self._prefix + card.client_id).encode()
        self._store.opened[key] = self._store.changed[key] = card


class Place(NamedTuple):
    """What a transaction meets of a business: the key of records about it, itself, and its cards."""

    key: bytes
    business: Business
    cards: BusinessCards


class Store:
    """Everything a task remembers. Raises KeyError, ValueError or msgspec errors on records of another version."""

    def __init__(self) -> None:
        self.raw: dict[str, dict[bytes, bytes]] = {PROFILES: {}, SETTINGS: {}}
        self.opened: dict[bytes, Card] = {}
        """The cards that inputs have asked for since cards were saved."""
        self.changed: dict[bytes, Card | Alias | None] = {}
        """What the input at work has changed of them; None: the card is no more."""
        self.unsaved: dict[bytes, Card | Alias | None] = {}
        """What the inputs before it have changed."""
        self.has_large = False
        """Is one of the cards in use LARGE_CARD or more?"""
        self.aliases: set[bytes] = set()
        """Keys of merged-away cards; follows from the records."""
        self.businesses: dict[str, Business] = {}
        self.answered = Answered(self.raw[SETTINGS])
        self.bytes = 0
        self._before: dict[str, dict[bytes, bytes | None]] = {PROFILES: {}, SETTINGS: {}}
        """What the keys written in this transaction held before it."""
        self._touched: dict[str, Business] = {}
        self._flushed: set[str] = set()
        self._cards: dict[str, BusinessCards] = {}

    # -- reading --------------------------------------------------------------------------------------------------

    def business(self, business_id: str) -> Business:
        """The business, new when it is not known; it counts as touched by this transaction."""
        found = self._touched.get(business_id)
        if found is None:
            found = self.businesses.get(business_id)
            if found is None:
                found = self.businesses[business_id] = Business(business_id)
            self._touched[business_id] = found
        return found

    def cards_of(self, business_id: str) -> BusinessCards:
        """The cards of a business."""
        found = self._cards.get(business_id)
        if found is None:
            found = self._cards[business_id] = BusinessCards(self, business_id)
        return found

    def place(self, business_id: str) -> Place:
        """All that records about a business need."""
        return Place(business_id.encode(), self.business(business_id), self.cards_of(business_id))

    def open(self, events: Iterable[Event | Unusable]) -> None:
        """Decode the cards that these events are about."""
        opened, profiles = self.opened, self.raw[PROFILES]
        for event in events:
            if not isinstance(event, Unusable):
                key = f"{event.businessid}/{event.data.client_id}".encode()
                if key not in opened and (value := profiles.get(key)) is not None and not cards.is_alias(value):
                    opened[key] = self.decoded(value)

    def decoded(self, value: bytes) -> Card:
        """The card in a record."""
        if len(value) >= LARGE_CARD:
            self.has_large = True
        return cards.decode(value)

    def keys(self) -> list[bytes]:
        """The keys of all cards, and the worker's own."""
        return list(self.raw[PROFILES])

    # -- restoring ------------------------------------------------------------------------------------------------

    def restore(self, topic: str, records: Iterable[Record]) -> None:
        """Take records of a changelog, in order."""
        raw = self.raw[topic]
        for record in records:
            key, value = record.key, record.value
            if key is None:
                continue
            if value is None:
                raw.pop(key, None)
            else:
                raw[key] = value

    def restored(self) -> None:
        """Rebuild the businesses, with their tags and counts, from their records."""
        self._count()
        for key, value in self.raw[SETTINGS].items():
            if not key.startswith(OWN):
                business = business_record.decode(value)
                self.businesses[business.id] = business
        for key, value in self.raw[SETTINGS].items():
            if key.startswith(_TALLY):
                self.businesses[key[len(_TALLY) :].decode()].tally = business_record.decode_tally(value)
            elif key.startswith(OWN):
                own_records.take(key, value, self.businesses.get)
        self.answered.restored()

    def _count(self) -> None:
        """What follows from the records as they are."""
        self.bytes = self._count_bytes()
        self.aliases = {key for key, value in self.raw[PROFILES].items() if cards.is_alias(value) and key[:1] != OWN}

    def _count_bytes(self) -> int:
        return sum(sum(map(len, raw)) + sum(map(len, raw.values())) for raw in self.raw.values())

    def waiting(self) -> Iterator[tuple[bytes, Micros, Micros]]:
        """Key, end of the next booking to decide, and next overdue moment of every card that has either (0: none)."""
        line, mark, length, digits = cards.LINE, _STATE, len(_STATE), _DIGITS  # for a million cards
        for key, value in self.raw[PROFILES].items():
            at = value.rfind(mark, 0, value.find(line))
            start = at + length if at > 0 and value[at - 1] in digits else _start_of_state(value)
            if start and value[start : start + 4] != b"0,0,":
                ends, overdue, _ = value[start : start + _TWO_MOMENTS].split(b",", 2)
                yield key, int(ends), int(overdue)

    @property
    def card_count(self) -> int:
        """How many cards there are."""
        profiles = self.raw[PROFILES]
        return len(profiles) - len(self.aliases) - (b"\0progress" in profiles)

    @property
    def touched(self) -> list[Business]:
        """The businesses that this transaction has asked for."""
        return list(self._touched.values())

    # -- writing --------------------------------------------------------------------------------------------------

    def save(self, outbox: Outbox, key: bytes, card: Card | Alias | None) -> None:
        """Encode a card that was changed; None: it is no more. Raises CardTooLarge."""
        if not isinstance(card, Card):
            if card is None:
                self.aliases.discard(key)
            else:
                self.aliases.add(key)
            self._write(outbox, PROFILES, key, cards.encode_alias(card) if card is not None else None)
            return
        value = cards.encode(card)
        if len(value) > cards.MAX_CARD_BYTES:
            most = cards.MAX_CARD_BYTES
            raise CardTooLarge(f"the card of {card.client_id} would have {len(value)} bytes; at most {most} are kept")
        profiles, before = self.raw[PROFILES], self._before[PROFILES]
        old = profiles.get(key)
        if key not in before:
            before[key] = old
        self.bytes += len(value) - len(old) if old is not None else len(key) + len(value)
        profiles[key] = value
        outbox.write(PROFILES, key, value)

    def forget(self, business: Business, client_ids: list[str]) -> None:
        """G6: what still names these clients, or has texts of theirs: answers that may be asked for again, sweeps under
        way, what is remembered to answer filters."""
        business.forget_texts()
        self.answered.forget(business.id, client_ids)
        for sweep in business.sweeps:
            sweeps.forget(business, sweep, client_ids)

    def settle(self) -> None:
        """The input at work is done; what it has changed is to be saved."""
        self.unsaved.update(self.changed)
        self.changed.clear()

    def drop(self) -> None:
        """No card is in use any more; what was not saved is forgotten."""
        self.opened.clear()
        self.changed.clear()
        self.unsaved.clear()
        self.has_large = False

    def flush(self, outbox: Outbox) -> None:
        """What belongs to businesses and was changed since the last flush, into the state and the outbox."""
        for business in self._touched.values():
            self._flush_business(outbox, business)
        self._flushed.update(self._touched)
        self._touched.clear()
        for key, value in self.answered.take_written():
            self._write(outbox, SETTINGS, key, value)

    def _flush_business(self, outbox: Outbox, business: Business) -> None:
        id_ = business.id.encode()
        if not business.known and not (business.settings_dirty or business.tally_dirty or business.forgotten_dirty):
            del self.businesses[
                business.id
            ]  # a refused record or a dry run named it: it has neither client nor settings
            self._cards.pop(business.id, None)
            return
        if business.settings_dirty or not business.known:
            business.known, business.settings_dirty = True, False
            self._write(outbox, SETTINGS, id_, business_record.encode(business))
        if business.tally_dirty:
            business.tally_dirty = False
            self._write(outbox, SETTINGS, _TALLY + id_, business_record.encode_tally(business.tally))
        for key, value in own_records.changed(business):
            if value is not None or key in self.raw[SETTINGS]:
                self._write(outbox, SETTINGS, key, value)

    def _write(self, outbox: Outbox, topic: str, key: bytes, value: bytes | None) -> None:
        raw, before = self.raw[topic], self._before[topic]
        old = raw.get(key)
        if key not in before:
            before[key] = old
        if old is not None:
            self.bytes -= len(key) + len(old)
        if value is None:
            raw.pop(key, None)
        else:
            raw[key] = value
            self.bytes += len(key) + len(value)
        outbox.write(topic, key, value)

    def begin(self) -> None:
        """A transaction begins: what has been written so far stays."""
        for before in self._before.values():
            before.clear()
        self._flushed.clear()

    def revert(self) -> None:
        """Go back to where the transaction began."""
        self.drop()
        for topic, before in self._before.items():
            raw = self.raw[topic]
            for key, value in before.items():
                if value is None:
                    raw.pop(key, None)
                else:
                    raw[key] = value
            before.clear()
        self._count()
        self.answered.revert()
        for id_ in self._touched.keys() | self._flushed:
            self._reread(id_)
        self._touched.clear()
        self._flushed.clear()

    def _reread(self, business_id: str) -> None:
        settings, id_ = self.raw[SETTINGS], business_id.encode()
        value = settings.get(id_)
        if value is None:
            self.businesses.pop(business_id, None)
            return
        business = self.businesses[business_id] = business_record.decode(value)
        if (tally := settings.get(_TALLY + id_)) is not None:
            business.tally = business_record.decode_tally(tally)
        for key, value in settings.items():
            if key.startswith(OWN) and not key.startswith(_TALLY):
                own_records.take(key, value, lambda of: business if of == business_id else None)
