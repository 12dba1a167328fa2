"""The state of one task: encoded records by key as they stand in the changelogs, and a bounded cache of decoded cards.

Cards are changed in place and encoded once per transaction. ``revert`` goes back to the last ``flush``.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from topics.moments import Micros
from topics.registry import PROFILES, SETTINGS
from worker.domain import business as businesses
from worker.domain import card as cards
from worker.domain.business import Business, TagEntry
from worker.domain.card import Card
from worker.pipeline.answered import Answered
from worker.pipeline.outbox import Outbox, Write
from worker.pipeline.ports import Record

MAX_DECODED_CARDS: Final = 4_096
"""Cards of one task that stay decoded between transactions."""
OWN: Final = b"\0"
"""Keys that begin so are the worker's own records; readers of the topics skip them."""
_TALLY: Final = b"\0tally/"
_TAG: Final = b"\0tag/"
_STATE: Final = b'"state":['


class BusinessCards:
    """The cards of one business, as the rules see them (worker.domain.session.Cards)."""

    __slots__ = ("_prefix", "_store")

    def __init__(self, store: "Store", business_id: str) -> None:
        self._store = store
        self._prefix = f"{business_id}/"

    def get(self, client_id: str) -> Card | None:
        """The client's card, or None."""
        return self._store.card(self._prefix + client_id)

    def put(self, card: Card) -> None:
        """The card is new or was changed."""
        self._store.dirty[self._prefix + card.client_id] = card


class Store:
    """Everything a task remembers. Raises KeyError or msgspec errors on records that this version did not write."""

    def __init__(self) -> None:
        self.raw: dict[str, dict[bytes, bytes]] = {PROFILES: {}, SETTINGS: {}}
        self.dirty: dict[str, Card] = {}
        self.businesses: dict[str, Business] = {}
        self.answered = Answered(self.raw[SETTINGS])
        self.bytes = 0
        self._decoded: dict[str, Card] = {}
        self._touched: dict[str, Business] = {}
        self._cards: dict[str, BusinessCards] = {}

    # -- reading --------------------------------------------------------------------------------------------------

    def card(self, key: str) -> Card | None:
        """The card under ``businessid/client_id``, decoded."""
        found = self.dirty.get(key) or self._decoded.get(key)
        if found is None:
            value = self.raw[PROFILES].get(key.encode())
            if value is not None:
                found = self._decoded[key] = cards.decode(value)
        return found

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

    def clients_of(self, business_id: str) -> list[str]:
        """The ids of all clients of a business that have a card."""
        prefix = f"{business_id}/".encode()
        start = len(prefix)
        return [key[start:].decode() for key in self.raw[PROFILES] if key.startswith(prefix)]

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
        self.bytes = sum(len(k) + len(v) for raw in self.raw.values() for k, v in raw.items())
        for key, value in self.raw[SETTINGS].items():
            if not key.startswith(OWN):
                business = businesses.decode(value)
                self.businesses[business.id] = business
        for key, value in self.raw[SETTINGS].items():
            if key.startswith(_TALLY):
                self.businesses[key[len(_TALLY) :].decode()].tally = businesses.decode_tally(value)
            elif key.startswith(_TAG):
                business_id, _, identity = key[len(_TAG) :].decode().partition("/")
                self.businesses[business_id].tags[identity] = businesses.decode_tag(value)
        self.answered.restored()

    def waiting(self) -> Iterator[tuple[bytes, Micros, Micros]]:
        """Key, end of the next booking to decide, and next overdue moment of every card that has either (0: none)."""
        for key, value in self.raw[PROFILES].items():
            start = value.rfind(_STATE) + len(_STATE)
            if start < len(_STATE) or value.startswith(b"0,0,", start):
                continue
            first = value.index(b",", start)
            yield key, int(value[start:first]), int(value[first + 1 : value.index(b",", first + 1)])

    @property
    def card_count(self) -> int:
        """How many cards there are."""
        profiles = self.raw[PROFILES]
        return len(profiles) - sum(key in profiles for key in (b"\0progress",))

    @property
    def touched(self) -> list[Business]:
        """The businesses that this transaction has asked for."""
        return list(self._touched.values())

    # -- writing --------------------------------------------------------------------------------------------------

    def flush(self, outbox: Outbox) -> dict[str, Card]:
        """Encode what was changed since the last flush, into the state and the outbox. Returns the cards written."""
        written = self.dirty
        encode = cards.encode
        for name, card in written.items():
            self._write(outbox, PROFILES, name.encode(), encode(card))
        self._decoded.update(written)
        self.dirty = {}
        for business in self._touched.values():
            self._flush_business(outbox, business)
        self._touched.clear()
        for key, value in self.answered.take_written():
            self._write(outbox, SETTINGS, key, value)
        return written

    def _flush_business(self, outbox: Outbox, business: Business) -> None:
        id_ = business.id.encode()
        if business.settings_dirty or not business.known:
            business.known, business.settings_dirty = True, False
            self._write(outbox, SETTINGS, id_, businesses.encode(business))
        if business.tally_dirty:
            business.tally_dirty = False
            self._write(outbox, SETTINGS, _TALLY + id_, businesses.encode_tally(business.tally))
        for identity in business.tags_dirty:
            entry: TagEntry | None = business.tags.get(identity)
            key = _TAG + id_ + b"/" + identity.encode()
            self._write(outbox, SETTINGS, key, businesses.encode_tag(entry) if entry is not None else None)
        business.tags_dirty.clear()

    def _write(self, outbox: Outbox, topic: str, key: bytes, value: bytes | None) -> None:
        raw = self.raw[topic]
        before = raw.get(key)
        if before is not None:
            self.bytes -= len(key) + len(before)
        if value is None:
            raw.pop(key, None)
        else:
            raw[key] = value
            self.bytes += len(key) + len(value)
        outbox.write(topic, key, Write(value, ()))

    def trim(self) -> None:
        """Forget the decoded cards that came first, beyond MAX_DECODED_CARDS. Only between transactions."""
        decoded = self._decoded
        surplus = len(decoded) - MAX_DECODED_CARDS
        if surplus > 0:
            for key in list(decoded)[:surplus]:
                del decoded[key]

    def revert(self) -> None:
        """Forget everything that was changed since the last flush."""
        self.dirty = {}
        self._decoded.clear()
        self.answered.revert()
        for id_ in self._touched:
            self._reread(id_)
        self._touched.clear()

    def _reread(self, business_id: str) -> None:
        settings, id_ = self.raw[SETTINGS], business_id.encode()
        value = settings.get(id_)
        if value is None:
            del self.businesses[business_id]
            return
        business = self.businesses[business_id] = businesses.decode(value)
        if (tally := settings.get(_TALLY + id_)) is not None:
            business.tally = businesses.decode_tally(tally)
        prefix = _TAG + id_ + b"/"
        for key, tag in settings.items():
            if key.startswith(prefix):
                business.tags[key[len(prefix) :].decode()] = businesses.decode_tag(tag)
