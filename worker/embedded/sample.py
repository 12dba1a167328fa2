"""Two businesses for the demo, whose clients keep coming: a salon with the defaults, a consultancy with its own ways.

Everything follows from a seed. A client has a *life*: a row of happenings with pauses between them, at a human pace.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple

Data = dict[str, Any]
NAMES: Final = (
    "Anna Rossi", "Ben de Vries", "Carla Weber", "Dmitri Laine", "Elif Kaya", "Femke Bakker", "Giulia Conti",
    "Hugo Martin", "Ines Garcia", "Jonas Keller", "Katri Virtanen", "Luca Moretti", "Mila Novak", "Noah Dubois",
    "Olga Petrova", "Pablo Ruiz",
)  # fmt: skip
FIRST_CLIENT: Final = "anna"
"""The first client of each business: there from the beginning, so that examples can name her."""
SECOND_CARD: Final = "anna-rossi"
"""Of the salon's first client, made by mistake."""
ARRIVALS: Final = (9.0, 14.0)
"""Seconds between one new client of a business and the next."""
HOUR: Final = timedelta(hours=1)
BROKEN: Final = b'{"specversion":"1.0","type":"payment.received","data":{"amount":12,'
"""What a cash register sends whose network cable has come loose."""
OFTEN: Final = 0.5
SOMETIMES: Final = 0.3
RARELY: Final = 0.15
"""How likely things are in a client's life."""
BROKEN_AFTER: Final = 3
"""The client of the salon with whom that happens, once."""


class Happening(NamedTuple):
    """An event to be. ``at``: seconds since the business opened. ``ends_in``: a booking ends so many seconds later.
    ``raw`` instead of ``data``: bytes that are no event. ``said``: what it is, for those who watch."""

    at: float
    type: str
    data: Data
    ends_in: float | None = None
    raw: bytes | None = None
    said: str = ""

    def data_at(self, now: datetime) -> Data:
        """The event's data when it happens now."""
        if self.ends_in is None:
            return self.data
        ends = now + timedelta(seconds=self.ends_in)
        return {**self.data, "starts_at": _text(ends - HOUR), "ends_at": _text(ends)}


class Step(NamedTuple):
    """What comes next in a client's life, after a pause in seconds."""

    pause: float
    type: str
    data: Data
    ends_in: float | None = None
    raw: bytes | None = None
    said: str = ""


Life = Callable[[random.Random, str, str, int], Iterator[Step]]


class Sample(NamedTuple):
    """A business: its id, the control messages with which it sets itself up, how its clients live, and what staff do
    once, in the first two minutes."""

    business: str
    about: str
    setup: tuple[tuple[str, Data], ...]
    life: Life
    story: tuple[Step, ...] = ()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _created(client: str, name: str, source: str, **more: Any) -> Data:
    number = sum(map(ord, client))
    contact = {"email": f"{client}@example.org", "phone": f"+39 06 55 {number:04}"}
    return {"client_id": client, "name": name, "source": source, **contact, **more}


def _money(client: str, number: int, cents: int) -> tuple[Data, Data]:
    """An invoice and its payment."""
    both = {"client_id": client, "amount": f"{cents // 100}.{cents % 100:02}", "currency": "EUR"}
    invoice_id = f"i-{number}"
    return {**both, "invoice_id": invoice_id}, {**both, "invoice_id": invoice_id, "payment_id": f"p-{number}"}


def _salon(rng: random.Random, client: str, name: str, number: int) -> Iterator[Step]:
    """A lead from the website's widget; an appointment that ends soon and makes a customer of most; money; tags."""
    booking: Data = {"client_id": client, "booking_id": f"b-{number}"}
    goes_well = client == FIRST_CLIENT
    yield Step(0, "client.created", _created(client, name, "website_widget", tags=["website"]))
    if not goes_well and rng.random() < OFTEN:
        yield Step(2, "client.messaged", {"client_id": client, "direction": "in", "channel": "chat"})
    service = rng.choice(("haircut", "colour", "manicure"))
    yield Step(2, "booking.scheduled", {**booking, "kind": "appointment", "service": service}, ends_in=5)
    if not goes_well and rng.random() < RARELY:
        yield Step(3, "booking.cancelled", {**booking, "by": "client"})
        return
    if not goes_well and rng.random() < RARELY:
        yield Step(9, "booking.no_show", booking)
        return
    if number == BROKEN_AFTER:
        yield Step(4, "payment.received", {}, raw=BROKEN)
    issued, paid = _money(client, number, rng.randrange(2500, 12000, 50))
    yield Step(9, "invoice.issued", issued)
    yield Step(3, "payment.recorded" if rng.random() < OFTEN else "payment.received", paid)
    if rng.random() < RARELY:
        yield Step(5, "payment.refunded", {"client_id": client, "payment_id": paid["payment_id"]})
    if rng.random() < OFTEN:
        tag = rng.choice(("loves colour", "mornings", "student"))
        yield Step(4, "tags.add", {"client_ids": [client], "tags": [tag], "actor": "Mia"})
    if rng.random() < SOMETIMES:
        yield Step(4, "status.set", {"client_ids": [client], "status": "vip", "actor": "Mia"})


def _consultancy(rng: random.Random, client: str, name: str, number: int) -> Iterator[Step]:
    """A prospect from the business's page; a workshop that staff tick off; an invoice that alone converts nobody."""
    booking: Data = {"client_id": client, "booking_id": f"w-{number}"}
    yield Step(0, "client.created", _created(client, name, "business_page"))
    yield Step(2, "client.noted", {"client_id": client, "text": "Called, wants an offer", "author": "Jon"})
    yield Step(2, "booking.scheduled", {**booking, "kind": "group_event", "service": "workshop"}, ends_in=4)
    if rng.random() < OFTEN:
        yield Step(7, "booking.attended", booking)
    issued, paid = _money(client, number, rng.randrange(50_000, 400_000, 1000))
    yield Step(4, "invoice.issued", issued)
    if rng.random() < RARELY:
        yield Step(5, "invoice.cancelled", {"client_id": client, "invoice_id": issued["invoice_id"]})
        return
    yield Step(5, "payment.received", paid)
    if rng.random() < SOMETIMES:
        yield Step(4, "status.set", {"client_ids": [client], "status": "partner", "actor": "Jon"})
    if rng.random() < OFTEN:
        yield Step(3, "tags.add", {"client_ids": [client], "tags": ["newsletter"], "actor": "Jon"})


def _story() -> tuple[Step, ...]:
    """A mailing that a tag rule waits for, two cards of one person, and the switch."""
    twice = {"client_id": SECOND_CARD, "name": "Anna Rossi", "email": "a.rossi@example.org", "source": "manual"}
    paid = {"client_id": SECOND_CARD, "payment_id": "p-gift", "amount": "40.00", "currency": "EUR", "method": "card"}
    spring = {"client_id": FIRST_CLIENT, "campaign_id": "spring", "title": "Spring offers", "channel": "email"}
    on = {"enabled": True, "catch_up": True}
    merge = {"primary_id": FIRST_CLIENT, "duplicate_ids": [SECOND_CARD], "actor": "Mia"}
    return (
        Step(22, "campaign.delivered", spring, said="The salon mails its spring offers to Anna."),
        Step(5, "campaign.clicked", spring, said="Anna clicks one: a tag rule has been waiting for that."),
        Step(9, "client.created", twice, said="At the till somebody makes a second card for Anna."),
        Step(2, "payment.recorded", paid),
        Step(9, "clients.merge", merge, said="Mia sees that they are one person, and merges the two cards."),
        Step(13, "automation.set", {"enabled": False}, said="Mia turns the automation off."),
        Step(32, "automation.set", on, said="She turns it on again, to catch up with what happened meanwhile."),
    )  # fmt: skip


SALON: Final = Sample(
    "salon",
    "a salon with the settings that every business starts with, and a tag rule",
    (
        ("tag_rule.define", {
            "rule_id": "spring", "on": "campaign.clicked", "add": ["interested in discounts"],
            "where": {"field": "campaign_id", "op": "eq", "value": "spring"},
        }),
        ("audience.define", {
            "audience_id": "regulars", "name": "Regulars",
            "filter": {"field": "status", "op": "in", "value": ["customer", "vip"]},
        }),
        ("classification.define", {"kind": "end_reason", "code": "moved", "label": "Moved away"}),
        ("field.define", {"field_id": "allergies", "label": "Allergies", "type": "text"}),
    ),
    _salon,
    _story(),
)  # fmt: skip
CONSULTANCY: Final = Sample(
    "consultancy",
    "a consultancy with a status of its own, German labels, and no conversion by invoices alone",
    (
        ("automation.set", {"locale": "de", "completion": "explicit", "triggers": {"invoice_issued": False}}),
        ("status.define", {"code": "prospect", "label": {"en": "Prospect", "de": "Interessent"}, "role": "initial"}),
        ("status.define", {"code": "customer", "label": {"en": "Client", "de": "Mandant"}}),
        ("status.define", {"code": "partner", "label": "Partner", "color": "#7B5BD9", "supplier_allowed": False}),
        ("status.remove", {"code": "lead"}),
    ),
    _consultancy,
)
SAMPLES: Final = (SALON, CONSULTANCY)


def happenings(sample: Sample, seed: int) -> Iterator[Happening]:
    """What happens in the business, endlessly, in the order of time. The same seed gives the same."""
    rng = random.Random(f"{seed}/{sample.business}")
    order = count()
    arrival = 0.0
    waiting: list[tuple[float, int, Step, Iterator[Step]]] = []
    if sample.story:
        story = iter(sample.story)
        first = next(story)
        heapq.heappush(waiting, (first.pause, next(order), first, story))
    for number in count(1):
        life = _life_of(sample, rng, number)
        first = next(life)
        heapq.heappush(waiting, (arrival + first.pause, next(order), first, life))
        arrival += rng.uniform(*ARRIVALS)
        while waiting and waiting[0][0] < arrival:
            at, _, step, rest = heapq.heappop(waiting)
            yield Happening(at, step.type, step.data, step.ends_in, step.raw, step.said)
            following = next(rest, None)
            if following is not None:
                heapq.heappush(waiting, (at + following.pause, next(order), following, rest))


def _life_of(sample: Sample, rng: random.Random, number: int) -> Iterator[Step]:
    name = NAMES[(number - 1) % len(NAMES)]
    again = (number - 1) // len(NAMES)
    client = name.split()[0].lower() + (f"-{again + 1}" if again else "")
    return sample.life(random.Random(rng.random()), client, name, number)
