"""A client as the rules say that it ends: all that was said of it and of its duplicates, folded by event time."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from tests.domain.reference import Booking, Invoice, Payment, Settings, by_thing, outstanding, totals, when
from tests.model.quiet import Span
from tests.model.told import Entry, Event, Fact, Rename, Word

BOOKINGS = "booking_attended"
INVOICES = "invoice_issued"
PAYMENTS = "payment_made"
MESSAGES = "message_received"


class Things(NamedTuple):
    """Bookings, invoices, payments and messages of a client, folded."""

    bookings: Mapping[str, Booking]
    invoices: Mapping[str, Invoice]
    payments: Mapping[str, Payment]
    facts: Sequence[Fact]
    counts: Mapping[str, int]
    spans: Sequence[Span]
    """When the client was active (B10)."""

    def money(self, now: datetime) -> tuple[dict[str, dict[str, str]], dict[str, str], set[str]]:
        """Totals, what is outstanding, and which invoices are overdue (G1)."""
        return totals(self.invoices, self.payments), *outstanding(self.invoices, self.payments, now)


def things_of(entries: Iterable[Entry], settings: Settings, decided: Callable[[str, datetime], bool]) -> Things:
    """Fold them; ``decided``: was this booking's end decided, which counts at this time (B6)?"""
    ordered = sorted(entries, key=lambda e: e.order)
    events = [e.event for e in ordered]
    from_ = {
        e.event["data"].get(f"{kind}_id"): e.named
        for e in ordered
        for kind in ("booking", "invoice", "payment")
        if e.event["type"].startswith(f"{kind}.")
    }
    booked = by_thing(events, "booking_id", "booking.")
    bookings = {i: Booking(its, settings, partial(decided, i)) for i, its in booked.items()}
    invoices = {i: Invoice(its) for i, its in by_thing(events, "invoice_id", "invoice.").items()}
    payments = {i: Payment(its) for i, its in by_thing(events, "payment_id", "payment.").items()}
    facts = [Fact((from_[i], BOOKINGS, i), *f) for i, b in bookings.items() for f in b.facts]
    for trigger, some in ((INVOICES, invoices), (PAYMENTS, payments)):
        facts += [Fact((from_[i], trigger, i), *t.fact) for i, t in some.items() if t.fact]
    wrote = [e for e in ordered if e.event["type"] == "client.messaged" and e.event["data"]["direction"] == "in"]
    facts += [Fact((e.named, MESSAGES, e.event["id"]), MESSAGES, when(e.event), stands=True) for e in wrote]
    states = [b.state for b in bookings.values()]
    counts = {
        "attended": states.count("attended"),
        "cancelled": states.count("cancelled"),
        "no_shows": states.count("no_show"),
        "invoices": sum(i.issued for i in invoices.values()),
        "payments": sum(p.fact is not None for p in payments.values()),
        "messages_in": len(wrote),
        "messages_out": sum(e["type"] == "client.messaged" for e in events) - len(wrote),
        "documents": len({e["data"]["document_id"] for e in events if e["type"] == "client.documented"}),
    }
    spans = [Span(when(e), when(e)) for e in events if e["type"] == "client.messaged"]
    spans += [Span(t.fact.time, t.fact.time) for some in (invoices, payments) for t in some.values() if t.fact]
    spans += [span for id_, its in booked.items() for span in _spans(bookings[id_], its)]
    return Things(bookings, invoices, payments, facts, counts, spans)


def _spans(booking: Booking, events: Sequence[Event]) -> list[Span]:
    """Attended or still ahead; one that was cancelled, or missed, is as if it had never been."""
    plans = [e for e in events if e["type"] in ("booking.scheduled", "booking.rescheduled")]
    made = when(plans[0]) if plans else datetime.max.replace(tzinfo=UTC)
    if booking.state == "attended":
        return [Span(min(made, booking.facts[-1].time), booking.facts[-1].time)]
    return [Span(made, max(when(plans[-1]["data"], "ends_at"), when(plans[-1])))] if booking.state == "open" else []


def tag_key(tag: str) -> str:
    """D1: what is equal."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", " ".join(tag.split())).casefold())


def tag_list(tags: Any) -> list[str]:
    """D5: a list, or one string with commas."""
    parts = tags.split(",") if isinstance(tags, str) else tags or ()
    return [key for key in map(tag_key, parts) if key]


def words_of(entries: Iterable[Entry]) -> list[Word]:
    """What inputs themselves say of tags."""
    return [
        Word(e.named, e.order[0], tag, e.event["type"] != "tags.remove")
        for e in entries
        for tag in tag_list(e.event["data"].get("tags"))
    ]


def fold_tags(words: Iterable[Word], renames: Iterable[Rename]) -> dict[str, set[datetime]]:
    """D3, D7: the tags that are there, each with the times at which somebody said so."""
    there: dict[str, set[datetime]] = {}
    steps: list[tuple[datetime, int, Word | Rename]] = [(w.time, 1 if w.there else 0, w) for w in words]
    steps += [(r.time, 2 if r.to else 0, r) for r in renames]
    for time, _, step in sorted(steps, key=lambda s: s[:2]):
        if isinstance(step, Rename):
            if step.from_ != step.to and (since := there.pop(step.from_, None)) and step.to is not None:
                there.setdefault(step.to, set()).update(since)
        elif step.there:
            there.setdefault(step.tag, set()).add(time)
        else:
            there.pop(step.tag, None)
    return there


def by_hand(entries: Iterable[Entry]) -> list[Entry]:
    """What set the status by hand, in the order that counts (B8)."""
    return sorted((e for e in entries if e.event["data"].get("status")), key=lambda e: e.order)


def created_at(events: Iterable[Event]) -> datetime:
    """B2: the earliest time of anything that named the client."""
    return min(when(e) for e in events)
