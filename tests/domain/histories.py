"""Made-up histories of a business's clients, for properties: few ids, few moments, so that things meet."""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.kit.messages import DAY, cloud_event

THOROUGH = os.environ.get("CLIENT_STATUS_THOROUGH") == "1"
"""A longer run: many more examples."""
settings.register_profile(
    "domain",
    max_examples=2000 if THOROUGH else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
PROFILE = settings.get_profile("domain")
CLIENTS = ("c1", "c2")
MAX_EVENTS = 16
SLOTS = 24
"""Quarter-hours of the day's six from 09:00: events happen at different ones, bookings end at any."""


def slot(number: int) -> str:
    """A moment of the day, RFC 3339."""
    return f"{DAY}T{9 + number // 4:02}:{number % 4 * 15:02}:00Z"


ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "booking.scheduled": {
        "booking_id": "b1",
        "kind": "appointment",
        "starts_at": f"{DAY}T10:00:00Z",
        "ends_at": f"{DAY}T11:00:00Z",
    },
    "booking.rescheduled": {"booking_id": "b1", "starts_at": f"{DAY}T10:00:00Z", "ends_at": f"{DAY}T11:00:00Z"},
    "booking.cancelled": {"booking_id": "b1"},
    "booking.attended": {"booking_id": "b1"},
    "booking.no_show": {"booking_id": "b1"},
    "invoice.issued": {"invoice_id": "i1", "amount": "20.00", "currency": "EUR"},
    "invoice.cancelled": {"invoice_id": "i1"},
    "payment.received": {"payment_id": "p1", "amount": "20.00", "currency": "EUR"},
    "payment.recorded": {"payment_id": "p1", "amount": "20.00", "currency": "EUR"},
    "payment.refunded": {"payment_id": "p1"},
    "client.created": {},
    "client.imported": {},
    "client.updated": {},
    "client.messaged": {"direction": "in"},
    "client.noted": {"text": "x"},
    "client.documented": {"document_id": "d1", "title": "x"},
    "client.reviewed": {"score": 5},
    "client.card_saved": {"brand": "visa", "last4": "4242"},
    "campaign.delivered": {"campaign_id": "x"},
    "campaign.viewed": {"campaign_id": "x"},
    "campaign.clicked": {"campaign_id": "x"},
}
"""Data of an event of every type about a client, beside ``client_id``."""
_slots = st.integers(0, SLOTS - 1)
_amounts = st.sampled_from(["10", "10.00", "20.5", "0.0001", "7.125", "0"])
_currencies = st.sampled_from(["EUR", "EUR", "USD"])
_bookings = st.sampled_from(["b1", "b2"])
_invoices = st.sampled_from(["i1", "i2"])
_payments = st.sampled_from(["p1", "p2"])
_tags = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True)
_statuses = st.sampled_from(["lead", "lead", "customer", "vip"])


@st.composite
def _times(draw: st.DrawFn) -> dict[str, str]:
    starts, ends = sorted((draw(_slots), draw(_slots)))
    return {"starts_at": slot(starts), "ends_at": slot(ends)}


def _of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


_money = {"amount": _amounts, "currency": _currencies}
_due = st.sampled_from([None, DAY, "2024-05-31", "2024-06-01"])
EVENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "booking.scheduled": st.builds(lambda a, b: {**a, **b, "kind": "appointment"}, _of(booking_id=_bookings), _times()),
    "booking.rescheduled": st.builds(lambda a, b: {**a, **b}, _of(booking_id=_bookings), _times()),
    "booking.cancelled": _of(booking_id=_bookings),
    "booking.attended": _of(booking_id=_bookings),
    "booking.no_show": _of(booking_id=_bookings),
    "invoice.issued": _of(invoice_id=_invoices, due_on=_due, **_money),
    "invoice.cancelled": _of(invoice_id=_invoices),
    "payment.received": _of(payment_id=_payments, invoice_id=st.none() | _invoices, **_money),
    "payment.recorded": _of(payment_id=_payments, invoice_id=st.none() | _invoices, **_money),
    "payment.refunded": st.one_of(_of(payment_id=_payments), _of(payment_id=_payments, amount=_amounts)),
    "client.created": st.one_of(_of(tags=_tags), _of(status=_statuses)),
    "client.messaged": _of(direction=st.sampled_from(["in", "out"])),
    "client.documented": _of(document_id=st.sampled_from(["d1", "d2"]), title=st.just("x")),
    "status.set": _of(status=_statuses),
    "tags.add": _of(tags=_tags),
    "tags.remove": _of(tags=_tags),
}
SETTINGS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    _of(enabled=st.booleans()),
    _of(completion=st.sampled_from(["elapsed", "explicit"])),
    _of(triggers=st.dictionaries(
        st.sampled_from(["booking_attended", "invoice_issued", "payment_made", "message_received"]),
        st.booleans(), min_size=1, max_size=2,
    )),
)  # fmt: skip
_COMMANDS = frozenset({"status.set", "tags.add", "tags.remove"})


@st.composite
def histories(draw: st.DrawFn, ties: bool = False) -> list[dict[str, Any]]:
    """Events of a few clients in no order, each at a moment of its own, or (``ties``) many at the same."""
    times = st.lists(st.integers(0, 5), min_size=SLOTS, max_size=SLOTS) if ties else st.permutations(range(SLOTS))
    slots = iter(draw(times))
    sources = st.sampled_from(["t", "s"]) if ties else st.just("t")
    found = [
        cloud_event("automation.set", "salon", draw(SETTINGS), time=slot(next(slots)), id_=f"s{number}", source="t")
        for number in range(draw(st.integers(0, 3)))
    ]
    for number in range(draw(st.integers(1, MAX_EVENTS))):
        type_ = draw(st.sampled_from(sorted(EVENTS)))
        client = draw(st.sampled_from(("c1", "c1", "c2")))
        who = {"client_ids": [client]} if type_ in _COMMANDS else {"client_id": client}
        data = {**who, **{k: v for k, v in draw(EVENTS[type_]).items() if v is not None}}
        found.append(
            cloud_event(
                type_,
                "salon",
                data,
                time=slot(next(slots)),
                id_=f"e{number // 2 if ties else number}",
                source=draw(sources),
            )
        )
    return found
