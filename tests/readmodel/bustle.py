"""A seeded stream of everything that businesses send, in no good order; whatever comes of it, the read model shows."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.kit.messages import CONTENT_TYPE, Message, binary_message, cloud_event, message

BUSINESSES = ("salon", "gym", "practice")
CLIENTS = 45
"""Ids of a business; some are merged, some erased and used again."""
TAGS = ("gold", "new", "regular", "allergy", "Übersee", "two words")
SOURCES = ("website_widget", "Widget", "widget", "manual")
NAMES = ("Zoë", "Ann-Marie", "O'Brien", "Smit", "Müller", "Ångström", "van den Berg", "李", "Straße")
NUMBERS = ("+31 6 1234 567{}", "0031612345{}0", "(06) 55 66 77 {}", "020-111 22 3{}", "+1 (555) 010-99{}")
STATUSES = ("lead", "customer", "vip", "inactive", "partner")
BEGIN = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
EARLY = BEGIN - timedelta(days=30)
"""When definitions are from, whenever they come: what is done because of one is then older than any erasure."""
LATE_SECONDS = 7_200
ERASING_AHEAD = timedelta(hours=3)
"""An erasure is later than all that was sent about its client before."""
Data = dict[str, Any]


def rfc3339(moment: datetime) -> str:
    """As systems write it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Bustle:
    """``next()`` makes some messages. Of a client that is being erased nothing more is sent until ``answered`` has the
    id of the command: whether something later came before the erasure or after it, topics do not tell."""

    def __init__(self, seed: int, answered: Callable[[str], bool]) -> None:
        self._chance = random.Random(seed)
        self._answered = answered
        self._number = 0
        self._kin: dict[tuple[str, str], set[str]] = {}
        self._floor: dict[tuple[str, str], datetime] = {}
        self._erasing: dict[tuple[str, str], str] = {}
        self._things: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._clock = BEGIN
        self.sent = 0

    # -- what is sent ---------------------------------------------------------------------------------------------

    def opening(self) -> list[Message]:
        """Definitions that are there from the beginning."""
        found = []
        for business in BUSINESSES:
            for type_, data in (
                ("status.define", {"code": "partner", "label": {"en": "Partner", "nl": "Relatie"}, "color": "#123456"}),
                ("status_group.define", {"code": "close", "name": "Close", "statuses": ["customer", "vip"]}),
                ("classification.define", {"kind": "client_type", "code": "A"}),
                ("classification.define", {"kind": "end_reason", "code": "moved"}),
                ("field.define", {"field_id": "size", "label": "Size", "type": "number"}),
                ("field.define", {"field_id": "since", "label": "Since", "type": "date"}),
            ):
                found.append(message(self._event(type_, business, data, EARLY)))
            found += [self._control(business) for _ in range(3)]
        return found

    def next(self) -> Iterable[Message]:
        """One message or a few."""
        chance, business = self._chance, self._chance.choice(BUSINESSES)
        odds = chance.random()
        if odds < 0.72:
            yield from self._about(business)
        elif odds < 0.93:
            yield from self._command(business)
        elif odds < 0.97:
            yield self._control(business)
        else:
            yield self._unusable(business)

    # -- parts ----------------------------------------------------------------------------------------------------

    def _event(self, type_: str, business: str, data: Data, at: datetime) -> dict[str, Any]:
        self._number += 1
        self.sent += 1
        return cloud_event(type_, business, data, time=rfc3339(at), id_=f"n{self._number}", source="bustle")

    def _record(self, event: dict[str, Any]) -> Message:
        odds = self._chance.random()
        record = binary_message(event) if odds < 0.05 else message(event)
        return record._replace(key=b"somebody else") if 0.05 < odds < 0.08 else record

    def _client(self, business: str) -> str | None:
        """Some client of whom something may be said now."""
        client = f"c{self._chance.randrange(CLIENTS)}"
        kin = self._kin.get((business, client), {client})
        for one in kin:
            command = self._erasing.get((business, one))
            if command is not None and not self._answered(command):
                return None
            self._erasing.pop((business, one), None)
        return client

    def _moment(self, business: str, *clients: str) -> datetime:
        """Some time about now, but later than any erasure of these."""
        self._clock += timedelta(seconds=1, milliseconds=self._chance.choice((0, 137)))
        at = self._clock - timedelta(seconds=self._chance.choice((0, 0, self._chance.randrange(LATE_SECONDS))))
        floors = [self._floor[business, c] for c in clients if (business, c) in self._floor]
        return max([at, *(floor + timedelta(seconds=self._number) for floor in floors)])

    def _about(self, business: str) -> Iterable[Message]:
        client = self._client(business)
        if client is None:
            return
        at = self._moment(business, client)
        if (business, client) in self._floor and self._chance.random() < 0.2:
            at = BEGIN  # of before an erasure: it brings nobody back
        type_, data = self._facts(business, client)
        event = self._event(type_, business, {"client_id": client, **data}, at)
        yield self._record(event)
        if self._chance.random() < 0.05:
            yield self._record(event)

    def _facts(self, business: str, client: str) -> tuple[str, Data]:
        make = self._chance.choice((self._card, self._card, self._talk, self._booking, self._booking, self._money))
        return make(business, client)

    def _card(self, _business: str, _client: str) -> tuple[str, Data]:
        chance = self._chance
        all_of_it: Data = {
            "name": " ".join(chance.sample(NAMES, chance.randint(1, 3))),
            "email": f"{chance.choice(('Ann', 'zoë', 'b.smit'))}{chance.randrange(9)}@example.org",
            "phone": chance.choice(NUMBERS).format(chance.randrange(10)),
            "source": chance.choice(SOURCES),
            "client_type": chance.choice(("A", "A", "B")),
            "fields": chance.choice(({"size": chance.randrange(50)}, {"since": "2024-02-29"}, {"size": "large"}, {})),
            "linked_systems": chance.choice(([], [], ["ledger"])),
        }
        data = {name: all_of_it[name] for name in chance.sample(list(all_of_it), chance.randint(1, 4))}
        if chance.random() < 0.4:
            for name in ("name", "email", "phone", "source"):
                if chance.random() < 0.2:
                    data[name] = None
            return "client.updated", data
        if chance.random() < 0.5:
            data["tags"] = chance.sample(TAGS, 2)
        if chance.random() < 0.2:
            data["status"] = chance.choice((*STATUSES, "nowhere"))
        return chance.choice(("client.created", "client.imported")), data

    def _talk(self, _business: str, _client: str) -> tuple[str, Data]:
        chance = self._chance
        return chance.choice((
            ("client.messaged", {"direction": chance.choice(("in", "out")), "preview": "Hello"}),
            ("client.noted", {"text": chance.choice(("short", "long " * 500)), "author": "Ann"}),
            ("client.documented", {"document_id": f"d{chance.randrange(200)}", "title": "A paper"}),
            ("client.reviewed", {"score": chance.randint(1, 5)}),
            ("client.card_saved", {"brand": chance.choice(("visa", "4111111111111111")), "last4": "1111"}),
            ("campaign.clicked", {"campaign_id": chance.choice(("spring", "autumn"))}),
        ))  # fmt: skip

    def _booking(self, business: str, client: str) -> tuple[str, Data]:
        chance, known = self._chance, self._things[business, f"booking {client}"]
        starts = datetime.now(UTC) + timedelta(days=chance.choice((-40, -3, 5, 9, 30)), minutes=chance.randrange(600))
        plan = {"starts_at": rfc3339(starts), "ends_at": rfc3339(starts + timedelta(hours=1))}
        if not known or chance.random() < 0.5:
            self._number += 1
            known.append(f"b{self._number}")
            return "booking.scheduled", {"booking_id": known[-1], "kind": "appointment", **plan}
        id_ = {"booking_id": chance.choice(known)}
        type_ = chance.choice(("rescheduled", "cancelled", "attended", "no_show"))
        return f"booking.{type_}", {**id_, **(plan if type_ == "rescheduled" else {})}

    def _money(self, business: str, client: str) -> tuple[str, Data]:
        chance, known = self._chance, self._things[business, f"invoice {client}"]
        money = {"amount": f"{chance.randrange(1, 300)}.{chance.randrange(100):02}", "currency": "EUR"}
        if not known or chance.random() < 0.4:
            self._number += 1
            known.append(f"i{self._number}")
            return "invoice.issued", {
                "invoice_id": known[-1],
                **money,
                "due_on": chance.choice(("2025-04-01", "2099-01-01")),
            }
        invoice = chance.choice(known)
        return chance.choice((
            ("invoice.cancelled", {"invoice_id": invoice}),
            ("payment.received", {"payment_id": f"p{invoice}", "invoice_id": invoice, **money}),
            ("payment.recorded", {"payment_id": f"q{self._number}", **money}),
            ("payment.refunded", {"payment_id": f"p{invoice}"}),
        ))  # fmt: skip

    def _command(self, business: str) -> Iterable[Message]:
        chance = self._chance
        clients = list(dict.fromkeys(c for _ in range(chance.randint(1, 3)) if (c := self._client(business))))
        if not clients:
            return
        kind = chance.choice(("hand", "tags", "tags", "tags", "merge", "erase", "edit", "action"))
        at = self._moment(business, *clients)
        if kind == "hand":
            data: Data = {"client_ids": clients, "status": chance.choice(STATUSES), "actor": "Ann"}
            type_ = "status.set"
        elif kind == "tags":
            type_ = chance.choice(("tags.add", "tags.add", "tags.remove"))
            data = {"client_ids": clients, "tags": chance.sample(TAGS, chance.randint(1, 3))}
        elif kind == "merge" and len(clients) > 1:
            type_, data = "clients.merge", {"primary_id": clients[0], "duplicate_ids": clients[1:]}
            if chance.random() < 0.1:
                data["dry_run"] = True
            self._unite(business, clients)
        elif kind == "erase" and chance.random() < 0.6:
            yield self._erase(business, clients[0])
            return
        elif kind == "edit":
            type_, data = self._edit()
            at = EARLY + timedelta(seconds=self._number)
        else:
            type_, data = "action.request", {"client_id": clients[0], "action": "payment_reminder"}
        event = self._event(type_, business, data, at)
        yield self._record(event)
        if chance.random() < 0.05:
            yield self._record(event)

    def _unite(self, business: str, clients: list[str]) -> None:
        kin = set().union(*(self._kin.get((business, c), {c}) for c in clients))
        floors = [self._floor[business, c] for c in kin if (business, c) in self._floor]
        for client in kin:
            self._kin[business, client] = kin
            if floors:
                self._floor[business, client] = max(floors)

    def _erase(self, business: str, client: str) -> Message:
        kin = self._kin.get((business, client), {client})
        at = self._clock = self._clock + ERASING_AHEAD
        at = max([at, *(f + ERASING_AHEAD for c in kin if (f := self._floor.get((business, c))))])
        event = self._event("client.erase", business, {"client_id": client}, at)
        for one in kin:
            self._floor[business, one], self._erasing[business, one] = at, event["id"]
        return message(event)

    def _edit(self) -> tuple[str, Data]:
        old, new = self._chance.sample((*TAGS, "GOLD", "renamed"), 2)
        return self._chance.choice((
            ("tag.rename", {"from": old, "to": new}), ("tag.rename", {"from": old, "to": new}),
            ("tag.delete", {"tag": old}), ("clients.reevaluate", {}),
        ))  # fmt: skip

    def _control(self, business: str) -> Message:
        chance = self._chance
        wrote = {"field": "direction", "op": "eq", "value": "in"}
        customers = {"field": "status", "op": "eq", "value": chance.choice(STATUSES)}
        tagged = {"any": [{"field": "tags", "op": "has_any", "value": ["gold"]}, customers]}
        busy = {"all": [{"field": "counts.payments", "op": "gte", "value": 1}, {"not": customers}]}
        type_, data = chance.choice((
            ("tag_rule.define", {"rule_id": "wrote", "on": "client.messaged", "where": wrote, "add": ["wrote"]}),
            ("tag_rule.define", {"rule_id": "vip", "on": "client.status.changed", "add": [chance.choice(TAGS)]}),
            ("tag_rule.remove", {"rule_id": "wrote"}),
            ("audience.define", {"audience_id": "one", "name": "One", "filter": tagged}),
            ("audience.define", {"audience_id": "two", "name": "Two", "filter": busy}),
            ("audience.define", {"audience_id": "one", "name": "One", "filter": customers}),
            ("audience.remove", {"audience_id": "two"}),
            ("automation.set", {"triggers": {"message_received": chance.random() < 0.5}, "catch_up": True}),
            ("automation.set", {"inactive_after_days": chance.choice((None, 200))}),
            ("status.define", {"code": "partner", "order": self._number}),
            ("status.remove", {"code": "partner", "move_to": "vip"}),
            ("status_group.define", {"code": "close", "name": "Close", "statuses": chance.sample(STATUSES, 2)}),
            ("field.define", {"field_id": "size", "label": "Size", "type": "number"}),
            ("field.remove", {"field_id": "size"}),
        ))  # fmt: skip
        return message(self._event(type_, business, data, EARLY + timedelta(seconds=self._number)))

    def _unusable(self, business: str) -> Message:
        event = self._event("client.noted", business, {"client_id": f"c{self._chance.randrange(CLIENTS)}"}, BEGIN)
        if self._chance.random() < 0.5:
            return message(event)  # a note without a text
        return Message("clients", business.encode(), json.dumps(event)[:-1].encode(), (CONTENT_TYPE,))
