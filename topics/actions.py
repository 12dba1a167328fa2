"""Topic ``client-actions``: reminders, invoices and invitations asked for from a client card."""

import msgspec

from topics.causes import Cause


class OverdueInvoice(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """``outstanding`` is what is left to be paid of it: a decimal string."""

    invoice_id: str
    number: str | None = None
    outstanding: str
    currency: str
    due_on: str


class AttendedBooking(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """A booking that took place: when it was to start and end, where that is known, and when it counts as attended."""

    booking_id: str
    kind: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    attended_at: str | None = None


class ActionContext(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """What a mailer needs and nothing else: whom to write to, in which language, and what about (G5).

    ``invoices`` and ``totals`` (what is outstanding of them, per currency) come with ``payment_reminder``, ``booking``
    with ``invoice_booking``.
    """

    locale: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    invoices: list[OverdueInvoice] | msgspec.UnsetType = msgspec.UNSET
    totals: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    booking: AttendedBooking | msgspec.UnsetType = msgspec.UNSET


class ActionRequested(msgspec.Struct, gc=False, kw_only=True):
    client_id: str
    action: str
    context: ActionContext
    cause: Cause
    sequence: int
