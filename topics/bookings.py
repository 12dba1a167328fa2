"""Topic ``bookings``: appointments and group events, one event per attendee."""

from typing import Literal

from topics.fields import ClientId, Message, Moment, ThingId

Kind = Literal["appointment", "group_event"]


class BookingScheduled(Message):
    client_id: ClientId
    booking_id: ThingId
    kind: Kind
    starts_at: Moment
    ends_at: Moment
    service: str | None = None
    staff_id: str | None = None


class BookingRescheduled(Message):
    client_id: ClientId
    booking_id: ThingId
    starts_at: Moment
    ends_at: Moment


class BookingCancelled(Message):
    client_id: ClientId
    booking_id: ThingId
    by: Literal["client", "business"] | None = None


class BookingAttended(Message):
    """It took place; may come without a ``booking.scheduled``."""

    client_id: ClientId
    booking_id: ThingId
    kind: Kind | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class BookingNoShow(Message):
    client_id: ClientId
    booking_id: ThingId
