"""The rules once more, as naively as they can be written: all events of a client are there, sorted by time.

Nothing is shared with the product but the wire names. Slow, without state, without order of arrival: what the engine
comes to, event by event in any order, must be this.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

Event = Mapping[str, Any]


class Evidence(NamedTuple):
    """A fact: its trigger, its time, whether it still stands, and else since when not."""

    trigger: str
    time: datetime
    stands: bool
    withdrawn_at: datetime | None = None


class Client(NamedTuple):
    """What is known of a client in the end."""

    status: str
    tags: set[str]
    counts: dict[str, int]
    totals: dict[str, dict[str, str]]
    outstanding: dict[str, str]
    overdue: set[str]
    review_is_due: bool


def when(event: Event, name: str = "time") -> datetime:
    """A moment of an event."""
    return datetime.fromisoformat(event[name])


class Settings:
    """The automation's settings by time (C3)."""

    def __init__(self, control: Iterable[Event]) -> None:
        self._messages = sorted(control, key=lambda e: (when(e), e["source"], e["id"]))

    def at(self, time: datetime) -> dict[str, Any]:
        triggers = {"booking_attended": True, "invoice_issued": True, "payment_made": True, "message_received": False}
        found: dict[str, Any] = {"enabled": True, "completion": "elapsed", "triggers": triggers}
        for message in self._messages:
            if when(message) <= time:
                data = message["data"]
                triggers |= data.get("triggers", {})
                found |= {name: data[name] for name in ("enabled", "completion") if name in data}
        return found

    def automates(self, fact: Evidence) -> bool:
        found = self.at(fact.time)
        return bool(found["enabled"] and found["triggers"][fact.trigger])


class _Life:
    """The events of one client in order, and the things that they are about."""

    def __init__(self, client_id: str, history: Iterable[Event]) -> None:
        distinct = {(e["source"], e["id"]): e for e in history}.values()
        self.settings = Settings(e for e in distinct if e["type"] == "automation.set")
        events = sorted((e for e in distinct if _names(e, client_id)), key=lambda e: (when(e), e["source"], e["id"]))
        self.events = events
        bookings = by_thing(events, "booking_id", "booking.").items()
        self.bookings = {id_: Booking(its, self.settings) for id_, its in bookings}
        self.invoices = {id_: Invoice(its) for id_, its in by_thing(events, "invoice_id", "invoice.").items()}
        self.payments = {id_: Payment(its) for id_, its in by_thing(events, "payment_id", "payment.").items()}
        self.wrote = [e for e in events if e["type"] == "client.messaged" and e["data"]["direction"] == "in"]

    def evidence(self) -> list[Evidence]:
        """Facts whose trigger was on."""
        facts = [fact for booking in self.bookings.values() for fact in booking.facts]
        things = (*self.invoices.values(), *self.payments.values())
        facts += [thing.fact for thing in things if thing.fact is not None]
        facts += [Evidence("message_received", when(e), stands=True) for e in self.wrote]
        return [fact for fact in facts if self.settings.automates(fact)]


def evidence_of(client_id: str, history: Iterable[Event]) -> list[Evidence]:
    """What may make a client a customer, but for changes by hand."""
    return _Life(client_id, history).evidence()


def set_by_hand_at(client_id: str, history: Iterable[Event]) -> datetime | None:
    """When the status was last set by hand."""
    return max((when(e) for e in _Life(client_id, history).events if e["data"].get("status")), default=None)


def client_of(client_id: str, history: Iterable[Event], now: datetime) -> Client:
    """The client after the whole history, every event known, at ``now`` (long after)."""
    life = _Life(client_id, history)
    events, bookings, invoices, payments, wrote = life.events, life.bookings, life.invoices, life.payments, life.wrote
    by_hand = [e for e in events if e["data"].get("status")]
    set_at = when(by_hand[-1]) if by_hand else None
    qualifying = [f for f in life.evidence() if set_at is None or f.time > set_at]
    status = by_hand[-1]["data"]["status"] if by_hand else "lead"
    converted = status == "lead" and bool(qualifying)
    open_, overdue = outstanding(invoices, payments, now)
    return Client(
        status="customer" if converted else status,
        tags=_tags(events),
        counts={
            **{state: sum(b.state == state for b in bookings.values()) for state in ("attended", "cancelled")},
            "no_shows": sum(b.state == "no_show" for b in bookings.values()),
            "invoices": sum(i.issued for i in invoices.values()),
            "payments": sum(p.fact is not None for p in payments.values()),
            "messages_in": len(wrote),
            "messages_out": sum(e["type"] == "client.messaged" for e in events) - len(wrote),
            "documents": len({e["data"]["document_id"] for e in events if e["type"] == "client.documented"}),
        },
        totals=totals(invoices, payments),
        outstanding=open_,
        overdue=overdue,
        review_is_due=converted and not any(f.stands for f in qualifying),
    )


def _names(event: Event, client_id: str) -> bool:
    data = event["data"]
    return data.get("client_id") == client_id or client_id in data.get("client_ids", ())


def by_thing(events: Iterable[Event], name: str, prefix: str) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        if event["type"].startswith(prefix):
            found.setdefault(event["data"][name], []).append(event)
    return found


def _tags(events: Iterable[Event]) -> set[str]:
    present = {}
    for event in events:
        for tag in event["data"].get("tags", ()):
            present[tag] = event["type"] != "tags.remove"
    return {tag for tag, there in present.items() if there}


class Booking:
    """B6, B7: the events one after the other; between two of them the plan may come to its end.

    ``decided``: was the end of the last plan decided, which counts at this time?
    """

    def __init__(
        self, events: list[Event], settings: Settings, decided: Callable[[datetime], bool] = lambda _: True
    ) -> None:
        self._decided = decided
        self.state = "none"
        self.facts: list[Evidence] = []
        self._settings = settings
        self._plan: tuple[datetime, datetime] | None = None
        for event in events:
            self._pass(when(event))
            getattr(self, "_" + event["type"].removeprefix("booking."))(event)
        self._pass(None)

    def _pass(self, until: datetime | None) -> None:
        if self.state == "open" and self._plan is not None:
            ends, counts_at = self._plan
            if until is None and not self._decided(counts_at):
                return
            if until is None or counts_at < until:
                self._plan = None
                if self._settings.at(ends)["completion"] == "elapsed":
                    self._took_place(counts_at)

    def _took_place(self, time: datetime) -> None:
        if self.state != "attended":
            self.facts.append(Evidence("booking_attended", time, stands=True))
        self.state = "attended"

    def _withdraw(self, state: str, event: Event) -> None:
        if self.state == "attended":
            self.facts[-1] = self.facts[-1]._replace(stands=False, withdrawn_at=when(event))
        self.state = state

    def _scheduled(self, event: Event) -> None:
        ends = when(event["data"], "ends_at")
        if self.state == "attended" and ends <= when(event):
            return  # a correction of what took place
        self._withdraw("open", event)
        self._plan = ends, max(ends, when(event))

    _rescheduled = _scheduled

    def _attended(self, event: Event) -> None:
        self._took_place(when(event))

    def _cancelled(self, event: Event) -> None:
        self._withdraw("cancelled", event)

    def _no_show(self, event: Event) -> None:
        self._withdraw("no_show", event)


class Invoice:
    def __init__(self, events: list[Event]) -> None:
        versions = [e for e in events if e["type"] == "invoice.issued"]
        self.data: Mapping[str, Any] = versions[-1]["data"] if versions else {}
        cancelled = [when(e) for e in events if e["type"] == "invoice.cancelled"]
        self.issued = bool(versions) and (not cancelled or max(cancelled) < when(versions[-1]))
        since = None if self.issued or not cancelled else max(cancelled)
        self.fact = Evidence("invoice_issued", when(versions[0]), self.issued, since) if versions else None


class Payment:
    def __init__(self, events: list[Event]) -> None:
        versions = [e for e in events if e["type"] != "payment.refunded"]
        self.data: Mapping[str, Any] = versions[-1]["data"] if versions else {}
        amount = Decimal(self.data.get("amount", "0"))
        self.refunded = Decimal(0)
        for refund in (e["data"] for e in events if e["type"] == "payment.refunded"):
            if "amount" in refund:  # as many decimals as the more precise
                part = Decimal(refund["amount"])
                fits = min(part, amount - self.refunded)
                self.refunded += fits + (part - part)
            else:
                self.refunded += amount - self.refunded
        whole = any("amount" not in e["data"] for e in events if e["type"] == "payment.refunded")
        stands = not whole and (self.refunded < amount or not any(e["type"] == "payment.refunded" for e in events))
        refunds = [when(e) for e in events if e["type"] == "payment.refunded"]
        since = None if stands or not refunds else max(refunds)
        self.fact = Evidence("payment_made", when(versions[0]), stands, since) if versions else None


def totals(invoices: Mapping[str, Invoice], payments: Mapping[str, Payment]) -> dict[str, dict[str, str]]:
    sums: dict[str, dict[str, Decimal]] = {}
    nothing = {"invoiced": Decimal(0), "paid": Decimal(0), "refunded": Decimal(0)}
    for invoice in invoices.values():
        if invoice.issued:
            sums.setdefault(invoice.data["currency"], dict(nothing))["invoiced"] += Decimal(invoice.data["amount"])
    for payment in payments.values():
        if payment.fact is not None:
            sum_ = sums.setdefault(payment.data["currency"], dict(nothing))
            sum_["paid"] += Decimal(payment.data["amount"])
            sum_["refunded"] += payment.refunded
    return {c: {name: f"{amount:f}" for name, amount in s.items()} for c, s in sums.items()}


def outstanding(
    invoices: Mapping[str, Invoice], payments: Mapping[str, Payment], now: datetime
) -> tuple[dict[str, str], set[str]]:
    open_: dict[str, Decimal] = {}
    overdue = set()
    for id_, invoice in invoices.items():
        if not invoice.issued:
            continue
        currency, left = invoice.data["currency"], Decimal(invoice.data["amount"])
        for payment in payments.values():
            on_it = payment.fact is not None and payment.data.get("invoice_id") == id_
            if on_it and payment.data["currency"] == currency:
                left -= Decimal(payment.data["amount"]) - payment.refunded
        if left > 0:
            open_[currency] = open_.get(currency, Decimal(0)) + left
            due_on = invoice.data.get("due_on")
            if due_on is not None and date.fromisoformat(due_on) + timedelta(days=1) <= now.date():
                overdue.add(id_)
    return {c: f"{amount:f}" for c, amount in open_.items()}, overdue
