"""The events that everything here is measured with: seeded, mixed, 282 bytes on average.

Fifty thousand clients of two hundred businesses by default, about ten events for each; bookings lie far ahead, so that
no timer falls due while the clock runs.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import orjson

CLIENT_SHARE: Final = 10
"""Events of a client, on average."""
BUSINESSES: Final = 200
SECONDS_APART: Final = 2
AHEAD: Final = timedelta(days=400)
SEED: Final = 7
CONVERTING: Final = frozenset({"booking.attended", "invoice.issued", "payment.received"})
"""Types whose first event makes a lead a customer."""
_MIX: Final = {
    "booking.scheduled": 30, "booking.attended": 10, "invoice.issued": 18, "payment.received": 18,
    "client.messaged": 9, "client.noted": 1, "client.created": 6, "campaign.viewed": 5, "tags.add": 2, "status.set": 1,
}  # fmt: skip
"""Shares in per cent."""
_TOPICS: Final = {
    "booking": "bookings", "invoice": "invoices", "payment": "payments", "client": "clients",
    "campaign": "engagement", "tags": "client-commands", "status": "client-commands",
}  # fmt: skip
TOPICS: Final = tuple(dict.fromkeys(_TOPICS.values()))


class Event(NamedTuple):
    """One input record to be. ``topic`` is the contract's name."""

    topic: str
    business: str
    client: str
    type: str
    id: str
    value: bytes


def rfc3339(moment: datetime) -> str:
    """As the contract has times."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(rnd: random.Random, number: int, client: int, at: datetime, type_: str | None = None) -> Event:
    """One event about client ``client``; of a random type when none is given."""
    business, client_id = f"biz-00-{client % BUSINESSES:03}", f"client-{client:06}"
    type_ = type_ or rnd.choices(list(_MIX), list(_MIX.values()))[0]
    id_ = f"ev-{number:08}"
    value = {
        "specversion": "1.0", "id": id_, "source": "/bookings/system", "type": type_, "time": rfc3339(at),
        "businessid": business, "data": _data(type_, client_id, client, number, at),
    }  # fmt: skip
    return Event(_TOPICS[type_.partition(".")[0]], business, client_id, type_, id_, orjson.dumps(value))


def _data(type_: str, client_id: str, client: int, number: int, at: datetime) -> dict[str, object]:
    hour = timedelta(hours=1)
    about: dict[str, object] = {"client_id": client_id}
    match type_:
        case "booking.scheduled":
            times = {"starts_at": rfc3339(at + AHEAD), "ends_at": rfc3339(at + AHEAD + hour)}
            return about | times | {"booking_id": f"bk-{number}", "kind": "appointment", "service": "haircut"}
        case "booking.attended":
            times = {"starts_at": rfc3339(at - hour), "ends_at": rfc3339(at)}
            return about | times | {"booking_id": f"bk-{number}", "kind": "appointment"}
        case "invoice.issued":
            money = {"amount": "120.00", "currency": "EUR", "due_on": (at + AHEAD).date().isoformat()}
            return about | money | {"invoice_id": f"in-{number}", "number": f"2026-{number}"}
        case "payment.received":
            return about | {"payment_id": f"pm-{number}", "amount": "80.00", "currency": "EUR", "method": "card"}
        case "client.messaged":
            return about | {"direction": "in", "channel": "mail", "preview": "hello there, can I come tomorrow"}
        case "client.noted":
            return about | {"text": "prefers mornings", "author": "front desk"}
        case "client.created":
            contact = {"email": f"client{client}@example.org", "phone": f"+3161{client:07}"}
            return about | contact | {"name": f"Client Number {client}", "source": "website_widget"}
        case "campaign.viewed":
            return about | {"campaign_id": "spring", "title": "Spring offer"}
        case "tags.add":
            return {"client_ids": [client_id], "tags": ["regular" if number % 2 else "newsletter"]}
        case "status.set":
            return {"client_ids": [client_id], "status": "vip"}
    raise ValueError(type_)


def mixed(count: int, clients: int, seed: int = SEED) -> Iterator[Event]:
    """``count`` events of random clients, in the order in which they happened; the last one happened just now."""
    rnd = random.Random(seed)
    began = datetime.now(UTC) - timedelta(seconds=SECONDS_APART * count)
    for number in range(count):
        yield event(rnd, number, rnd.randrange(clients), began + timedelta(seconds=SECONDS_APART * number))
