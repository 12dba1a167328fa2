"""The client card (G1): its public fields as they stand in ``client-profiles``, and the worker's own state beside them.

One struct is decoded from and encoded to the record value; the two halves never live apart.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from topics.bookings import Kind as BookingKind
from topics.causes import Cause, Trigger
from topics.clients import FieldValue
from topics.moments import Micros, rfc3339
from worker.domain.bookings import BOOKINGS, Booking
from worker.domain.facts import Ref
from worker.domain.field_words import FieldWord
from worker.domain.merged import Merged
from worker.domain.money import INVOICES, PAYMENTS, Invoice, Payment, Totals, Turnover
from worker.domain.tags import TagOnCard, Word
from worker.domain.things import EMPTY, Things

MAX_THINGS: Final = 1_000
"""P3: bookings, invoices, payments and documents known by their id, of each kind."""
MAX_OPEN_BOOKINGS: Final = 10_000
"""J4."""
MAX_MESSAGES: Final = 100
"""P3: messages whose times are known."""
MAX_UPCOMING: Final = 10
MAX_PAYMENT_CARDS: Final = 20
MAX_ADDRESSES: Final = 200
"""E-mail addresses, and phone numbers, that merges add up to; an update may bring as many."""
MAX_CARD_BYTES: Final = 7 << 20
"""J4: of a card's record; its topic takes a little more."""


class Score(msgspec.Struct, gc=False):
    """Review score: the average with at most two decimals, and of how many."""

    average: float
    count: int


class PaymentCard(msgspec.Struct, gc=False, omit_defaults=True):
    """A card on file: never more than the last four digits."""

    brand: str
    last4: str
    expires: str | None = None

    @property
    def of(self) -> str:
        """Which card it is; in ``State.field_times``, when its data were said. No field's name has a space."""
        return f"{self.last4} {self.brand}"


class Upcoming(msgspec.Struct, gc=False, omit_defaults=True):
    """A booking that is still ahead."""

    booking_id: str
    starts_at: str
    ends_at: str
    kind: BookingKind | None = None


class Counts(msgspec.Struct, gc=False):
    """G1: things by their present state."""

    attended: int = 0
    no_shows: int = 0
    cancelled: int = 0
    invoices: int = 0
    payments: int = 0
    messages_in: int = 0
    messages_out: int = 0
    documents: int = 0


class Manual(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The last time the status was set by hand (B8): when, by which event, and to what. Fields are only ever added at
    the end."""

    time: Micros
    source: str
    id: str
    status: str
    moved: Micros = 0
    """When the client was moved on, since that status was removed (A5); 0: it was not."""

    @property
    def since(self) -> Micros:
        """Facts that are not later had their say while the client had another status (B4)."""
        return max(self.time, self.moved)

    @property
    def order(self) -> tuple[Micros, str, str]:
        """B9: the later one wins; at the same time the greater source, then id."""
        return (self.time, self.source, self.id)


class Conversion(msgspec.Struct, array_like=True, gc=False):
    """A conversion that was told (B4), and whether a review of it was suggested (B7)."""

    time: Micros
    """Of the fact; of a re-evaluation (B11) the latest of the facts that it found."""
    trigger: Trigger
    reviewed: bool = False
    thing: str = ""
    """The id of the booking, invoice or payment whose fact it was; empty for a message."""
    caught_up: Micros = 0
    """The time of the re-evaluation that converted the client (B11); 0: none did."""
    caught_up_by: list[Trigger] = []
    """The triggers that were on when it did."""
    retold: bool = False
    """The client had the status from ``time`` on, although it was told with another one: that of the fact before it
    turned out to be earlier (P2)."""


class Undone(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a re-evaluation did (B11), until a manual change that is older than it and arrived later undid it."""

    told: Conversion
    cause: Cause


class Quiet(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """B10: the client went quiet at ``time``, after ``days`` without activity."""

    time: Micros
    days: int


class Message(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A message that the client wrote."""

    time: Micros
    ref: Ref


NOT_READ: Final[Any] = None
"""Instead of things, while a card is decoded or encoded."""


class State(msgspec.Struct, array_like=True, gc=False):
    """The worker's own part of a card. Fields are only ever added before the last three, so older records still decode.

    Those three are not decoded and encoded with the rest; in a record they stand behind it, each on a line.
    """

    due: Micros = 0
    """The end of the next booking to be decided (B6); 0: none. First, for a restore to read without decoding."""
    overdue_next: Micros = 0
    """When the next invoice becomes overdue, or the client may go quiet (B10); 0: never. It may be too early."""
    created: Micros = 0
    seen: bytes = b""
    sources: list[str] = []
    manual: Manual | None = None
    conversion: Conversion | None = None
    documents: list[str] = []
    messages: list[Message] = []
    words: dict[str, Word] = {}
    older: dict[str, Turnover] = {}
    older_facts: dict[Trigger, Micros] = {}
    field_times: dict[str, Micros] = {}
    score_sum: int = 0
    noted: Micros = 0
    active: Micros = 0
    swept: int = 0
    """The number of the business's last sweep that has visited this card (K1)."""
    waiting: bool = False
    """A conversion or a review waits for a booking that is still to be decided (B6)."""
    field_words: dict[str, FieldWord] = {}
    """What was said of own fields (G2), by their ids."""
    latest: Micros = 0
    """The time of the latest event or command that named the client."""
    merged: dict[str, Merged] = {}
    """The cards that were merged into this one (E5), by their ids."""
    quiet: Quiet | None = None
    """The client has its status since it went quiet (B10)."""
    quiet_next: Micros = 0
    """When to look whether it has gone quiet; 0: no need."""
    sent: list[Micros] = []
    """When messages were sent to the client."""
    undone: Undone | None = None
    """For further manual changes that are older than the re-evaluation."""
    traces: dict[str, dict[str, str]] = {}
    """Of bookings that are still to be decided: the ``traceparent`` of the events that planned them, by their ids."""
    bookings: Things[Booking] = NOT_READ
    invoices: Things[Invoice] = NOT_READ
    payments: Things[Payment] = NOT_READ


def new_state(created: Micros, swept: int) -> State:
    """The state of a card that is new."""
    state = State(created=created, latest=created, swept=swept)
    _read_things(state, EMPTY, EMPTY, EMPTY)
    return state


def _read_things(state: State, bookings: bytes, invoices: bytes, payments: bytes) -> None:
    state.bookings = Things(bookings, BOOKINGS)
    state.invoices = Things(invoices, INVOICES)
    state.payments = Things(payments, PAYMENTS)


_NO_TAGS: Final[Any] = list
STORED: Final[Mapping[str, Any]] = {"stored_tags": list[TagOnCard]}
"""What is in the fields of a card that are not decoded with the rest."""
_tags_of = msgspec.json.Decoder(list[TagOnCard]).decode


class _Name(msgspec.Struct, gc=False):
    """Of a tag just its name."""

    tag: str


_names_of = msgspec.json.Decoder(list[_Name]).decode


def names_of(stored: msgspec.Raw) -> tuple[str, ...]:
    """The names of ``Card.stored_tags``."""
    return tuple([one.tag for one in _names_of(stored)])


class Card(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """The value of ``client-profiles``. Fields without a value are left out."""

    v: int
    businessid: str
    client_id: str
    name: str | None = None
    emails: list[str] = []
    phones: list[str] = []
    source: str | None = None
    staff_id: str | None = None
    created_at: str
    last_activity_at: str | None = None
    status: str
    status_since: str
    status_cause: Cause
    status_set_at: str | None = None
    end_reason: str | None = None
    stored_tags: msgspec.Raw = msgspec.field(default_factory=_NO_TAGS, name="tags")
    fields: dict[str, FieldValue] = {}
    client_type: str | None = None
    industry: str | None = None
    headcount: str | None = None
    linked_systems: list[str] = []
    score: Score | None = None
    latest_note: str | None = None
    cards: list[PaymentCard] = []
    upcoming: list[Upcoming] = []
    outstanding: dict[str, str] = {}
    overdue: list[str] = []
    counts: Counts
    totals: dict[str, Totals] = {}
    merged_ids: list[str] = []
    audiences: list[str] = []
    sequence: int
    state: State

    @property
    def tags(self) -> list[TagOnCard]:
        """D4. May be changed in place. They stay as they are stored until they are asked for: most events do not, and
        a tag has many words."""
        stored: Any = self.stored_tags
        if stored.__class__ is msgspec.Raw:
            stored = _tags_of(stored)
            self.stored_tags = stored
        tags: list[TagOnCard] = stored
        return tags


class CardTooLarge(Exception):
    """What an input adds to the card would make its record larger than MAX_CARD_BYTES."""


VERSION: Final = 1
LINE: Final = b"\n"
"""Ends the part of a record that is decoded at once. In JSON as msgspec writes it there is no line end."""
_THINGS: Final = LINE + b","
_NOT_READ: Final = b",null,null,null]}"
_END: Final = b"]}"
_encode_into = msgspec.json.Encoder().encode_into
_buffer = bytearray()
_decode = msgspec.json.Decoder(Card).decode


def encode(card: Card) -> bytes:
    """The record value of a card; what follows from its state alone is filled in first."""
    state = card.state
    if active := state.active:
        card.last_activity_at = rfc3339(active)
    bookings, invoices, payments = state.bookings, state.invoices, state.payments
    state.bookings = state.invoices = state.payments = NOT_READ
    _encode_into(card, _buffer)  # into one buffer that has grown to the largest card: a fifth of the time saved
    state.bookings, state.invoices, state.payments = bookings, invoices, payments
    del _buffer[-len(_NOT_READ) :]
    return _THINGS.join((_buffer, bookings.encoded(), invoices.encoded(), payments.encoded() + _END))


def decode(value: bytes) -> Card:
    """The card in a record value. Raises ValueError or msgspec.ValidationError."""
    head, bookings, invoices, payments = value.rsplit(LINE, 3)
    card = _decode(head + _END)
    _read_things(card.state, bookings[1:], invoices[1:], payments[1 : -len(_END)])
    return card


class Alias(msgspec.Struct, gc=False, kw_only=True):
    """E5: the record of a card that was merged into another one."""

    v: int = VERSION
    businessid: str
    client_id: str
    merged_into: str


_alias_of = msgspec.json.Decoder(Alias).decode
_ENDS_A_TEXT: Final = ord('"')


def is_alias(value: bytes) -> bool:
    """Is the record that of an alias? It ends in a text, the record of a card in its state."""
    return value[-2] == _ENDS_A_TEXT


def encode_alias(alias: Alias) -> bytes:
    """The record value of an alias."""
    return msgspec.json.encode(alias)


def decode_alias(value: bytes) -> Alias:
    """The alias in a record value. Raises msgspec.ValidationError."""
    return _alias_of(value)


def public(card: Card) -> dict[str, Any]:
    """What everybody may read of a card."""
    shown: dict[str, Any] = msgspec.json.decode(encode(card))
    del shown["state"]
    return shown


def clone(card: Card) -> Card:
    """A card that can be changed apart from this one."""
    return decode(encode(card))
