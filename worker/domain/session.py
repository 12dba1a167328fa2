"""One input at work: the business, its cards, and what comes out. Everything a rule changes goes through here.

Rules change cards in place; the engine either commits what a whole transaction did or dies, and takes back the trace
of a single record that fails.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

import msgspec
import xxhash
from msgspec import UNSET

from topics.causes import Cause, CauseType
from topics.moments import Micros, rfc3339
from topics.outputs import OutputData, OutputEvent
from topics.status_changes import StatusChanged
from worker.domain.audience_index import Before
from worker.domain.business import Business
from worker.domain.card import Card, clone
from worker.domain.facts import TYPE_OF_KIND, Fact, Ref
from worker.domain.filters import EventData
from worker.domain.known_events import one_line, source_index
from worker.domain.merged import plain


class Refused(Exception):
    """The record cannot be used as the business stands; nothing was changed. It is dead-lettered with the code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Cards(Protocol):
    """The cards of one business."""

    def get(self, client_id: str) -> Card | None:
        """The client's card, or None; of a merged-away id the card that it means (E5)."""

    def put(self, card: Card) -> None:
        """The card is new or was changed."""

    def remove(self, card: Card) -> None:
        """The card is no more, under none of its ids."""

    def merge_away(self, client_id: str, into: Card) -> None:
        """E5: from now on the id means this card; what had it is no card any more."""

    def changed(self) -> Collection[Card]:
        """The cards that the input at work has put, as they are now."""


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The input that everything in a session comes from. With ``phase`` it makes output ids deterministic."""

    source: str
    id: str
    type: str
    time: Micros
    traceparent: str | None = None
    phase: str = ""

    def cause(self, type_: CauseType, actor: str | None = None, rule_id: str | None = None) -> Cause:
        """This input as the cause of a change."""
        return Cause(
            type=type_,
            event_source=self.source,
            event_id=self.id,
            event_type=self.type,
            actor=actor,
            rule_id=rule_id,
        )


class StatusChange(NamedTuple):
    """A status change that was told, and what it came from."""

    card: Card
    time: Micros
    data: StatusChanged
    origin: Origin


class Session(msgspec.Struct, gc=False, eq=False):
    """The scope of one decision. ``outputs`` are in the order in which they are to be sent."""

    business: Business
    cards: Cards
    origin: Origin
    now: Micros
    outputs: list[OutputEvent] = []
    erased: list[str] = []
    """Ids of which nothing may be kept any more (G6)."""
    body: Callable[[], EventData] | None = None
    """Gives the event's data as it came, if the business has tag rules for such events (D6)."""
    status_changes: list[StatusChange] = []
    """Those that tag rules have still to look at."""
    before: Before | None = None
    """The client as it was before the event at work, if the business has audiences (F1)."""
    named: str = ""
    """The merged-away id by which the input at work names its client (E5); empty: by its card's own."""
    finished: dict[str, int] = {}
    """By client: how many outputs there were when the part of the work before was finished (worker.domain.finish)."""
    adds_activity: bool = False
    """Has the input at work taken no activity away (B10)?"""
    _ordinals: dict[str, int] = {}

    def scratch(self) -> "Session":
        """The same input on copies: what it does there changes nothing here (C5)."""
        return Session(self.business.copy(), _Copies(self.cards), self.origin, self.now)

    def next_sequence(self, card: Card) -> int:
        """P1: the next number of the client."""
        card.sequence += 1
        return card.sequence

    def tell(self, type_: str, client_id: str | None, time: Micros, data: OutputData) -> None:
        """Add an output event; ``time`` is the moment the change took effect."""
        self.tell_as_of(type_, client_id, rfc3339(time), data)

    def tell_as_of(self, type_: str, client_id: str | None, time: str, data: OutputData) -> None:
        """The same, with the time as it is told."""
        origin = self.origin
        about = client_id or ""
        source = one_line(origin.source) if "\n" in origin.source else origin.source
        named = f"{self.business.id}\n{source}\n{origin.id}\n{origin.type}\n{origin.phase}\n{about}\n{type_}"
        ordinal = self._ordinals.get(named, -1) + 1
        self._ordinals[named] = ordinal
        name = f"{named}\n{ordinal}"
        if self.business.forgotten and about and (life := self.business.last_sequence(about)):
            name += f"\n{life}"  # G6: an input that comes again after an erasure is a new one
        self.outputs.append(
            OutputEvent(
                id=xxhash.xxh3_128_hexdigest(name.encode()),
                type=type_,
                subject=client_id or UNSET,
                time=time,
                businessid=self.business.id,
                traceparent=origin.traceparent or UNSET,
                data=data,
            )
        )

    def find(self, client_id: str) -> Card | None:
        """The card that an input names, or None; ``named`` says by which id."""
        card = self.cards.get(client_id)
        self.named = client_id if card is not None and card.client_id != client_id else ""
        return card

    def ref(self, card: Card, kind: int) -> Ref:
        """The input at work, to be remembered on a card."""
        return Ref(kind, source_index(card.state, self.origin.source, self.named), self.origin.id)

    def cause_of(self, type_: CauseType, card: Card, fact: Fact) -> Cause:
        """A fact on the card as the cause of a change."""
        return msgspec.structs.replace(self.cause_by(type_, card, fact.ref), trigger=fact.trigger)

    def cause_by(self, type_: CauseType, card: Card, ref: Ref) -> Cause:
        """An event that the card remembers as the cause of a change. Of the input at work the source is known, also
        where the card has too many to remember it."""
        origin, sources, event_type = self.origin, card.state.sources, TYPE_OF_KIND[ref.kind]
        source = plain(sources[ref.source]) if ref.source < len(sources) else None
        is_this = source != origin.source and (ref.id, event_type) == (origin.id, origin.type)
        if is_this and ref.source == source_index(card.state, origin.source, self.named):
            source = origin.source
        return Cause(type=type_, event_source=source, event_id=ref.id, event_type=event_type)


class _Copies:
    """Cards that may be changed without changing anything."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._copies: dict[str, Card | None] = {}
        self._changed: dict[str, Card] = {}

    def get(self, client_id: str) -> Card | None:
        if client_id not in self._copies:
            card = self._cards.get(client_id)
            if card is not None and card.client_id != client_id:
                self._copies[client_id] = self.get(card.client_id)
            else:
                self._copies[client_id] = clone(card) if card is not None else None
        return self._copies[client_id]

    def put(self, card: Card) -> None:
        self._copies[card.client_id] = self._changed[card.client_id] = card

    def remove(self, card: Card) -> None:
        self._copies.update(dict.fromkeys((card.client_id, *card.merged_ids)))
        self._changed.pop(card.client_id, None)

    def merge_away(self, client_id: str, into: Card) -> None:
        self._copies[client_id] = into
        self._changed.pop(client_id, None)

    def changed(self) -> Collection[Card]:
        return list(self._changed.values())
