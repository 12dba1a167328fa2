"""A salon with a life of its own: clients in every status, with bookings, invoices, payments, messages and tags."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.kit.story import Event
from tests.page.stack import Stack

HOSTILE = "<img src=x onerror=\"document.title='broken in'\">"
"""A name that must stay a name."""
LONG = "Wilhelmina Alexandra van den Oudenhoven-Hagedoorn di Castelbuono"
CLIENTS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("anna", "Anna Rossi", "+39 06 5504 1400", ["loves colour", "newsletter"]),
    ("ben", "Ben de Vries", "+31 20 555 0123", ["newsletter"]),
    ("carla", "Carla Weber", "+49 30 5550 199", []),
    ("dmitri", "Dmitri Laine", "+358 9 5550 177", ["new"]),
    ("elif", "Elif Kaya", "+90 212 555 0166", ["wedding"]),
    ("femke", "Femke Bakker", "+31 20 555 0188", ["newsletter", "new"]),
    ("giulia", "Giulia Conti", "+39 02 5550 111", ["loves colour"]),
    ("hugo", "Hugo Martin", "+33 1 5555 0144", []),
    ("ines", "Inés García", "+34 91 555 0132", ["wedding", "newsletter"]),
    ("jonas", LONG, "+49 89 5550 121", ["a tag that is rather long for a small screen", "new", "wedding"]),
    ("mallory", HOSTILE, "+44 20 7946 0958", ["<b>bold</b>"]),
)
ENDED = "giulia"
CUSTOMERS = frozenset({"anna", "ben", "elif", "hugo"})


class Seed:
    """A business of its own, and what is in it."""

    def __init__(self, stack: Stack, business: str) -> None:
        self.stack = stack
        self.business = business
        self.story = stack.story(business)
        self.now = datetime.now(UTC)

    def ago(self, **span: float) -> str:
        """A moment before now, as RFC 3339; negative spans are ahead."""
        return (self.now - timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def event(self, type_: str, client: str | None = None, time: str | None = None, **data: Any) -> Event:
        """An event, now unless said."""
        named = {"client_id": client, **data} if client else data
        return self.story.event(type_, time or self.ago(), **named)

    def tell(self, *events: Event) -> None:
        """Send events, and wait until the worker has dealt with them and all of them are in the read model."""
        self.story.tell_all(*events)

    def clients(self) -> None:
        """Send the clients of this page with their lives, and wait until the read model has them."""
        days = {id_: 40 - 3 * number for number, (id_, *_) in enumerate(CLIENTS)}
        events = [
            self.event("client.created", id_, self.ago(days=days[id_]), name=name, email=f"{id_}@example.org",
                       phone=phone, source=("website_widget", "manual", "business_page")[len(id_) % 3], tags=tags)
            for id_, name, phone, tags in CLIENTS
        ]  # fmt: skip
        self.tell(*events)
        events = [
            self.event("booking.scheduled", "anna", self.ago(days=35), booking_id="b1", kind="appointment",
                       starts_at=self.ago(days=30, hours=2), ends_at=self.ago(days=30, hours=1), service="Cut"),
            self.event("booking.scheduled", "anna", self.ago(days=2), booking_id="b2", kind="appointment",
                       starts_at=self.ago(days=-3), ends_at=self.ago(days=-3, hours=-1), service="Colour and cut"),
            self.event("invoice.issued", "anna", self.ago(days=29), invoice_id="i1", amount="80.00", currency="EUR",
                       number="2026-017", due_on=self.ago(days=10)[:10], booking_id="b1"),
            self.event("client.messaged", "anna", self.ago(days=1), direction="in", channel="whatsapp",
                       preview="Could I come an hour later?"),
            self.event("client.noted", "anna", self.ago(days=5), text="Allergic to ammonia.", author="Mia"),
            self.event("client.reviewed", "anna", self.ago(days=4), score=5, text="Lovely!"),
            self.event("client.card_saved", "anna", self.ago(days=6), brand="visa", last4="4242", expires="2028-04"),
            self.event("payment.received", "ben", self.ago(days=20), payment_id="p1", amount="45.50", currency="EUR"),
            self.event("booking.attended", "elif", self.ago(days=12), booking_id="b3", kind="group_event"),
            self.event("payment.recorded", "hugo", self.ago(days=9), payment_id="p2", amount="120.00", currency="EUR"),
            self.event("payment.refunded", "hugo", self.ago(days=8), payment_id="p2"),
            self.event("booking.scheduled", "femke", self.ago(days=1), booking_id="b4", kind="appointment",
                       starts_at=self.ago(days=-1), ends_at=self.ago(days=-1, hours=-1)),
            self.event("status.set", None, self.ago(days=3), client_ids=["ines"], status="vip", actor="Mia"),
            self.event("status.set", None, self.ago(days=3), client_ids=[ENDED], status="inactive", actor="Mia"),
        ]  # fmt: skip
        self.tell(*events)
        self.stack.shown(self.business, "/clients?ended=include", lambda found: found["total"] == len(CLIENTS))
        self.stack.shown(self.business, f"/clients/{ENDED}", lambda card: card["status"] == "inactive")
        self.stack.shown(self.business, "/clients/anna", lambda card: card["status"] == "customer")
