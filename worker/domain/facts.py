"""Facts: what happened to a client that may make a lead a customer (B4, B5), and which event said so."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import msgspec

from topics.causes import Trigger
from topics.moments import Micros


class Kind(IntEnum):
    """Input events that are remembered on a card, by number: stored, so numbers are never reused."""

    BOOKING_SCHEDULED = 0
    BOOKING_RESCHEDULED = 1
    BOOKING_CANCELLED = 2
    BOOKING_ATTENDED = 3
    BOOKING_NO_SHOW = 4
    INVOICE_ISSUED = 5
    INVOICE_CANCELLED = 6
    PAYMENT_RECEIVED = 7
    PAYMENT_RECORDED = 8
    PAYMENT_REFUNDED = 9
    CLIENT_MESSAGED = 10
    AUTOMATION_SET = 11


TYPE_OF_KIND: Final[Mapping[int, str]] = {
    Kind.BOOKING_SCHEDULED: "booking.scheduled",
    Kind.BOOKING_RESCHEDULED: "booking.rescheduled",
    Kind.BOOKING_CANCELLED: "booking.cancelled",
    Kind.BOOKING_ATTENDED: "booking.attended",
    Kind.BOOKING_NO_SHOW: "booking.no_show",
    Kind.INVOICE_ISSUED: "invoice.issued",
    Kind.INVOICE_CANCELLED: "invoice.cancelled",
    Kind.PAYMENT_RECEIVED: "payment.received",
    Kind.PAYMENT_RECORDED: "payment.recorded",
    Kind.PAYMENT_REFUNDED: "payment.refunded",
    Kind.CLIENT_MESSAGED: "client.messaged",
    Kind.AUTOMATION_SET: "automation.set",
}
KIND_OF_TYPE: Final[Mapping[str, Kind]] = {type_: Kind(kind) for kind, type_ in TYPE_OF_KIND.items()}


class Ref(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The event that said so. ``source`` is an index into the card's list of sources."""

    kind: int
    source: int
    id: str


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One thing that took place at ``time``. It stands until ``withdrawn_at``.

    A fact that was withdrawn later than it happened still made the client a customer (B7, P2).
    """

    trigger: Trigger
    time: Micros
    ref: Ref
    withdrawn_at: Micros | None = None
    withdrawn_by: Ref | None = None
    thing: str = ""
    """The id of the booking, invoice or payment that it is about; empty for a message."""

    @property
    def stands(self) -> bool:
        """Nothing has taken it back."""
        return self.withdrawn_at is None

    def covers(self, time: Micros) -> bool:
        """Had it happened before ``time``, and did it stand then?"""
        return self.time < time and (self.withdrawn_at is None or self.withdrawn_at > time)


def keep_latest(older: dict[Trigger, Micros], trigger: Trigger, time: Micros) -> None:
    """P3: the latest fact of each trigger among those no longer kept one by one."""
    older[trigger] = max(older.get(trigger, 0), time)
