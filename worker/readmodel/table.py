"""The clients of one business as the console finds them (H1-H4): columns, and the orders in which pages are shown.

Made of public cards, card after card. A client that goes leaves its place to the next one that comes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from topics.control import FieldType
from worker.domain.card import Card
from worker.domain.compared_texts import folded, phone_key
from worker.domain.filter_kinds import Kind, Words
from worker.domain.filters import CLIENT_FIELDS, KIND_OF_TYPE, OWN, client
from worker.domain.tags import identity
from worker.readmodel.columns import Coded, Flags, Key, Mask, Sets, mask_of
from worker.readmodel.names import beginnings, digits, plain, sort_name
from worker.readmodel.texts import Names, Texts
from worker.readmodel.times import NEVER, Order, Times

_TEXTS: Final = {"name": folded, "email": folded, "phone": phone_key}
"""Fields of a filter of which nearly every client has another value, and how their kinds compare it."""
_APART: Final = frozenset({"status", "ended", "status_group", "tags", "created_at", "last_activity_at"})
"""Fields of a filter that are read in ways of their own; ended and status_group follow from the status."""
NOTHING: Final[Key] = ()
Column = Coded | Sets | Texts | Times


def _column(kind: Kind) -> Texts | Coded:
    """For values of which nearly every one is different, if they are texts."""
    return Texts(kind.stored) if isinstance(kind, Words) and kind.stored is not None else Coded(lambda key: key[1:])


class Table:
    """``put`` and ``drop`` cards; ``settle`` after the first of them. Then ask ``column``s, and walk ``order``s."""

    def __init__(self, field_types: Mapping[str, FieldType]) -> None:
        """``field_types`` of the business's own fields (G2)."""
        self.field_types = dict(field_types)
        self.ids: list[str] = []
        self.names: list[str] = []
        self.alive = bytearray()
        self.words, self.addresses, self.numbers = Names(), Texts(plain), Texts(str)
        self.status, self.tags, self.audiences = Coded(), Sets(identity), Sets()
        self.upcoming, self.outstanding, self.end_reason = Coded(), Coded(), Coded()
        self.created, self.active = Times(self.ids), Times(self.ids)
        self.texts = {name: Texts(stored) for name, stored in _TEXTS.items()}
        self._coded = {name: Coded() for name in CLIENT_FIELDS if name not in _APART and name not in _TEXTS}
        self._read: Mapping[str, Texts | Coded] = {**self.texts, **self._coded}
        self._reads = [(CLIENT_FIELDS[name][1], column) for name, column in self._read.items()]
        self._own = {field_id: _column(KIND_OF_TYPE[type_]) for field_id, type_ in field_types.items()}
        ids, names = self.ids, self.names  # an order that knew the table would keep it alive after it has made room
        self.by_name = Order(lambda place: (names[place], ids[place]))
        self._by_id = Order(lambda place: ids[place])
        self._place_of: dict[str, int] | None = {}
        self._free: list[int] = []
        self._orders: tuple[Order, ...] = (self._by_id, self.by_name, self.created.order, self.active.order)

    def __len__(self) -> int:
        """How many clients there are."""
        return len(self.ids) - len(self._free)

    @property
    def places(self) -> int:
        """Of all columns, those that are free included."""
        return len(self.ids)

    @property
    def everybody(self) -> Mask:
        """All places with a client."""
        return mask_of(self.alive)

    def column(self, field: str) -> Column:
        """What a filter's field is asked of, but for those that follow from the status. Raises KeyError."""
        if field.startswith(OWN):
            return self._own[field.removeprefix(OWN)]
        named: Mapping[str, Column] = {
            "status": self.status, "tags": self.tags, "created_at": self.created, "last_activity_at": self.active,
        }  # fmt: skip
        return named.get(field) or self._read[field]

    def coded(self, field: str) -> Coded:
        """Of a field with few different values. Raises KeyError."""
        return self._coded[field]

    def find(self, client_id: str) -> int | None:
        """The place of a client."""
        if self._place_of is not None:
            return self._place_of.get(client_id)
        at, places = self._by_id.at(client_id), self._by_id.places
        return places[at] if at < len(places) and self.ids[places[at]] == client_id else None

    def in_order_of_ids(self, flags: Flags) -> Iterator[str]:
        """The ids of those with a flag."""
        return (self.ids[place] for place in self._by_id.places if flags[place])

    def settle(self) -> None:
        """All that there were are in: from now on they are kept in order."""
        self._place_of = None
        by_id = sorted(
            (place for place in range(self.places) if self.alive[place]), key=self.ids.__getitem__
        )  # and so the others: equal ones stay as they are
        self._by_id.settle(by_id)
        self.by_name.settle(sorted(by_id, key=self.names.__getitem__))
        for times in (self.created, self.active):
            times.order.settle(sorted(by_id, key=times.micros.__getitem__))

    def put(self, card: Card) -> None:
        """A client's card, the first or a later one."""
        place = self.find(card.client_id)
        name = sort_name(card.name, card.emails, card.client_id)
        created, active = card.state.created, card.state.active or NEVER
        moved: list[Order] = []
        if place is None:
            place = self._room(card.client_id)
            moved += self._orders
        else:
            if self.names[place] != name:
                moved.append(self.by_name)
            moved += [t.order for t, at in ((self.created, created), (self.active, active)) if t.micros[place] != at]
            self._leave(place, moved)
        self.names[place], self.created.micros[place], self.active.micros[place] = name, created, active
        if self._place_of is None:
            for order in moved:
                order.add(place)
        self._fill(place, card)

    def _leave(self, place: int, orders: Iterable[Order]) -> None:
        """While the keys are those by which it has its place in them."""
        if self._place_of is None:
            for order in orders:
                order.remove(place)

    def _room(self, client_id: str) -> int:
        place = self._free.pop() if self._free else len(self.ids)
        if place == len(self.ids):
            self.ids.append("")
            self.names.append("")
            self.alive.append(0)
            self.created.micros.append(NEVER)
            self.active.micros.append(NEVER)
        self.ids[place], self.alive[place] = client_id, 1
        if self._place_of is not None:
            self._place_of[client_id] = place
        return place

    def _fill(self, place: int, card: Card) -> None:
        subject = client(card, ended=False)
        self.words.put(place, beginnings(card.name or ""))
        self.addresses.put(place, tuple(card.emails))
        self.numbers.put(place, tuple([number for phone in card.phones if (number := digits(phone))]))
        for read, column in self._reads:
            column.put(place, tuple(read(subject)))
        self.status.put(place, (card.status,))
        self.tags.put(place, tuple([tag.tag for tag in card.tags]))
        self.audiences.put(place, tuple(card.audiences))
        self.upcoming.put(place, (bool(card.upcoming),))
        self.outstanding.put(place, (bool(card.outstanding),))
        self.end_reason.put(place, (card.end_reason,) if card.end_reason else NOTHING)
        for field_id, own in self._own.items():
            value = card.fields.get(field_id)
            if value is None or value == "":
                own.put(place, NOTHING)
            else:
                own.put(place, (value,) if isinstance(own, Texts) else (value.__class__, value))

    def drop(self, client_id: str) -> None:
        """A client is no more."""
        place = self.find(client_id)
        if place is None:
            return
        self._leave(place, self._orders)
        if self._place_of is not None:
            del self._place_of[client_id]
        self.ids[place] = self.names[place] = ""
        self.created.micros[place] = self.active.micros[place] = NEVER
        self.alive[place] = 0
        self._free.append(place)
        found_by = (self.words, self.addresses, self.numbers)
        beside = (self.status, self.tags, self.audiences, self.upcoming, self.outstanding, self.end_reason)
        for column in (*found_by, *beside, *self._read.values(), *self._own.values()):
            column.put(place, NOTHING)
