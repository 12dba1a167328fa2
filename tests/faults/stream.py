"""A seeded stream of everything that the worker handles: lives of clients, shuffled, repeated, and some of it unusable.

Only what P2 makes independent of the order of arrival is left to chance, so that one answer is right. Where the rules
let arrival decide (a cancellation that must come before its booking elapses) the stream keeps the order itself.
"""

import heapq
import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.faults.wide import Wide
from tests.kit.messages import CONTENT_TYPE, Message, binary_message, cloud_event, message

BUSINESSES = tuple(f"shop-{n}" for n in range(10))
QUIET, PAUSED = BUSINESSES[0], BUSINESSES[1]
"""Businesses with settings of their own: no payments as a trigger; automation off for a while."""
LIVES_AT_ONCE = 60
TAGS = ("new", "gold", "newsletter", "regular", "allergy", "Übersee")
STATUSES = ("lead", "customer", "vip", "inactive")
BEGIN = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
DAY_SECONDS = 86_400
AHEAD_SECONDS = (5.0, 8.0)
"""How far ahead bookings end that elapse while the workers run."""
SENDER = "faults"


def rfc3339(moment: datetime) -> str:
    """As systems write it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Stream:
    """Makes messages. ``bad``: the code that each unusable value must get; ``refused``: the code of each command that
    must be rejected; ``prevented``: cancellations that are early only if the broker had them before that moment."""

    def __init__(self, seed: int, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._chance = random.Random(seed)
        self._number = count(1)
        self._lives: list[list[Message]] = []
        self._later: list[tuple[float, int, Message]] = []
        self._known: dict[str, list[str]] = {business: [] for business in BUSINESSES}
        self._wide = Wide(self._chance, self._event, lambda: next(self._number), BEGIN)
        self.bad: dict[bytes, str] = {}
        self.refused: dict[str, str] = {}
        self.prevented: dict[str, tuple[str, float]] = {}

    # -- what is sent ---------------------------------------------------------------------------------------------

    def opening(self) -> list[Message]:
        """Settings that turn something off: they are there before the first worker starts (C3)."""
        off = self._event("automation.set", PAUSED, {"enabled": False}, BEGIN + timedelta(days=1))
        on = self._event("automation.set", PAUSED, {"enabled": True}, BEGIN + timedelta(days=4))
        quiet = self._event("automation.set", QUIET, {"triggers": {"payment_made": False}}, BEGIN)
        return [message(off), message(on), message(quiet), *self._wide.opening()]

    def next(self) -> Iterator[Message]:
        """A few messages: of some lives, and what is due now."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            yield heapq.heappop(self._later)[2]
        while len(self._lives) < LIVES_AT_ONCE:
            self._lives.append(self._life())
        life = self._chance.choice(self._lives)
        yield life.pop()
        if not life:
            self._lives.remove(life)
        odds = self._chance.random()
        if odds < 0.015:
            yield self._unusable()
        elif odds < 0.03:
            yield from self._live_booking()
        elif odds < 0.05:
            yield self._refusable()
        elif odds < 0.055:
            yield self._setting()
        elif odds < 0.2:
            yield self._wide.next()

    @property
    def waiting(self) -> bool:
        """Is there something that must still be sent, each at its moment?"""
        return bool(self._later)

    def due(self) -> Iterator[Message]:
        """What is due now, without anything new."""
        while self._later and self._later[0][0] <= self._clock():
            yield heapq.heappop(self._later)[2]

    # -- events ---------------------------------------------------------------------------------------------------

    def _event(self, type_: str, business: str, data: dict[str, Any], moment: datetime) -> dict[str, Any]:
        return cloud_event(type_, business, data, time=rfc3339(moment), id_=f"e{next(self._number)}", source=SENDER)

    def _as_record(self, event: dict[str, Any], *, plain: bool = False) -> Message:
        odds = self._chance.random()
        record = binary_message(event) if odds < 0.1 and event["data"] else message(event)
        if not plain and 0.1 < odds < 0.12:
            return record._replace(key=self._chance.choice((None, b"somebody", b"shop-99")))
        return record

    def _life(self) -> list[Message]:
        """All that happens to a client, in any order; from the end of the list it is sent."""
        chance = self._chance
        business = chance.choice(BUSINESSES)
        client = f"c{next(self._number)}"
        self._known[business].append(client)
        begin = BEGIN + timedelta(seconds=chance.uniform(0, 7 * DAY_SECONDS), milliseconds=next(self._number) % 1000)
        clock = (begin + timedelta(minutes=n * 37, milliseconds=chance.randrange(1000)) for n in count())
        parts: list[list[Message]] = []

        def say(type_: str, **data: Any) -> None:
            parts.append([self._as_record(self._event(type_, business, {"client_id": client, **data}, next(clock)))])

        if chance.random() < 0.8:
            brought: dict[str, Any] = {"tags": chance.sample(TAGS, 2)} if chance.random() < 0.4 else {}
            if chance.random() < 0.2:
                brought["status"] = chance.choice(STATUSES)
            say(chance.choice(("client.created", "client.imported")), name=f"Client {client}", **brought)
        for _ in range(chance.randint(2, 14)):
            kind = chance.choice(("talk", "money", "money", "booking", "booking", "hand", "tags", "tags"))
            if kind == "talk":
                self._talk(say)
            elif kind == "money":
                self._money(say)
            elif kind == "booking":
                parts.append(self._booking(business, client, clock))
            elif kind == "hand":
                say_to = {"client_ids": self._some(business, client), "status": chance.choice(STATUSES)}
                parts.append([self._command("status.set", business, say_to, next(clock))])
            else:
                verb = chance.choice(("tags.add", "tags.add", "tags.remove"))
                say_to = {"client_ids": self._some(business, client), "tags": chance.sample(TAGS, chance.randint(1, 3))}
                parts.append([self._command(verb, business, say_to, next(clock))])
        parts += [part for part in parts if len(part) == 1 and chance.random() < 0.1]  # sent twice
        chance.shuffle(parts)
        return [record for part in parts for record in reversed(part)]

    def _some(self, business: str, client: str) -> list[str]:
        others = self._known[business][-8:]
        return list(dict.fromkeys([client, *self._chance.sample(others, min(len(others), self._chance.randint(0, 2)))]))

    def _command(self, type_: str, business: str, data: dict[str, Any], moment: datetime) -> Message:
        return self._as_record(self._event(type_, business, data, moment))

    def _talk(self, say: Any) -> None:
        kind = self._chance.randrange(7)
        number = next(self._number)
        if kind < 3:
            say("client.messaged", direction=self._chance.choice(("in", "out")), channel="mail")
        elif kind == 3:
            say("client.noted", text=f"note {number}")
        elif kind == 4:
            say("client.reviewed", score=self._chance.randint(1, 5))
        elif kind == 5:
            say("campaign.clicked", campaign_id="spring")
        else:
            say("client.documented", document_id=f"d{number}", title="A paper")

    def _money(self, say: Any) -> None:
        chance = self._chance
        number, currency = next(self._number), chance.choice(("EUR", "EUR", "USD"))
        amount = f"{chance.randrange(1, 500)}.{chance.randrange(100):02}"
        if chance.random() < 0.5:
            say("invoice.issued", invoice_id=f"i{number}", amount=amount, currency=currency)
            if chance.random() < 0.25:
                say("invoice.cancelled", invoice_id=f"i{number}")
                return
            if chance.random() < 0.5:
                return
        paid = {"payment_id": f"p{number}", "amount": amount, "currency": currency, "invoice_id": f"i{number}"}
        say(chance.choice(("payment.received", "payment.recorded")), **paid)
        if chance.random() < 0.3:
            say("payment.refunded", payment_id=f"p{number}", **({"amount": "0.50"} if chance.random() < 0.5 else {}))

    def _booking(self, business: str, client: str, clock: Iterator[datetime]) -> list[Message]:
        """A booking of long ago. What prevents it is sent before it: else arrival would decide."""
        chance = self._chance
        id_ = {"client_id": client, "booking_id": f"b{next(self._number)}"}
        booked, between, after = next(clock), next(clock), next(clock)
        starts, ends = between + timedelta(seconds=1), between + timedelta(seconds=2)
        plan = {"starts_at": rfc3339(starts), "ends_at": rfc3339(ends)}
        kind = chance.choice(("elapsed", "elapsed", "early", "late", "no_show", "attended", "alone"))

        def record(type_: str, moment: datetime, **data: Any) -> Message:
            return self._as_record(self._event(type_, business, id_ | data, moment), plain=True)

        scheduled = record("booking.scheduled", booked, kind="appointment", **plan)
        if kind == "alone":
            return [record("booking.attended", after)]
        if kind == "early":
            return [record("booking.cancelled", between, by="client"), scheduled]
        then = {"late": "booking.cancelled", "no_show": "booking.no_show", "attended": "booking.attended"}.get(kind)
        both = [scheduled, *([record(then, after)] if then else [])]
        chance.shuffle(both)
        return both

    def _live_booking(self) -> Iterator[Message]:
        """A booking that ends while the workers run; a half of them is cancelled before that."""
        chance, business = self._chance, self._chance.choice(BUSINESSES)
        now = datetime.fromtimestamp(self._clock(), UTC)
        ends = now + timedelta(seconds=chance.uniform(*AHEAD_SECONDS))
        id_ = {"client_id": f"live{next(self._number)}", "booking_id": f"b{next(self._number)}"}
        plan = {"kind": "group_event", "starts_at": rfc3339(now), "ends_at": rfc3339(ends)}
        yield message(self._event("booking.scheduled", business, id_ | plan, now))
        if chance.random() < 0.5:
            soon = now + timedelta(seconds=1)
            event = self._event("booking.cancelled", business, id_, soon)
            self.prevented[event["id"]] = (id_["client_id"], ends.timestamp())
            heapq.heappush(self._later, (soon.timestamp(), next(self._number), message(event)))

    def _setting(self) -> Message:
        """A control message that turns something on, or changes how a status looks: it may arrive at any time."""
        business, moment = self._chance.choice(BUSINESSES), BEGIN + timedelta(milliseconds=next(self._number))
        data: dict[str, Any] = {"triggers": {"message_received": True}}
        if self._chance.random() < 0.6:
            return message(self._event("status.define", business, {"code": "vip", "order": next(self._number)}, moment))
        return message(self._event("automation.set", business, data, moment + timedelta(days=3)))

    def _refusable(self) -> Message:
        """A command that is answered with a code and changes nothing."""
        business, moment = self._chance.choice(BUSINESSES), BEGIN + timedelta(milliseconds=next(self._number))
        all_off = dict.fromkeys(("booking_attended", "invoice_issued", "payment_made", "message_received"), False)
        type_, data, code = self._chance.choice(
            (
                ("status.set", {"client_ids": ["nobody"], "status": "nowhere"}, "unknown_status"),
                ("tags.add", {"client_ids": ["nobody"], "tags": ["a,b"]}, "invalid_tag"),
                ("tags.remove", {"client_ids": [], "tags": ["a"]}, "invalid_data"),
                ("automation.set", {"triggers": all_off}, "no_trigger_enabled"),
                ("status.remove", {"code": "lead"}, "status_has_role"),
                ("status.remove", {"code": "nowhere"}, "unknown_status"),
            )
        )
        event = self._event(type_, business, data, moment)
        self.refused[event["id"]] = code
        return message(event)

    def _unusable(self) -> Message:
        """A record for the dead letters, and the code it must get there."""
        number, business = next(self._number), self._chance.choice(BUSINESSES)
        paid = {"client_id": "nobody", "payment_id": f"p{number}", "amount": "1.00", "currency": "EUR"}
        good = self._event("payment.received", business, paid, BEGIN)
        changed: dict[str, dict[str, Any]] = {
            "not_cloudevents": {"specversion": "0.3"},
            "unknown_type": {"type": "payment.dreamt"},
            "wrong_topic": {"type": "client.noted", "data": {"client_id": "nobody", "text": "x"}},
            "time_in_future": {"time": "2099-01-01T00:00:00Z"},
            "invalid_data": {"data": paid | {"amount": "much"}},
        }
        code = self._chance.choice(("not_json", "too_large", "unknown_status", *changed))
        topic, value = "payments", json.dumps(good | changed.get(code, {})).encode()
        if code == "not_json":
            value = b'{"number": %d, ' % number
        elif code == "too_large":
            value = b"[" * 70 + b"%d" % number + b"]" * 70
        elif code == "unknown_status":
            topic = "clients"
            event = self._event("client.created", business, {"client_id": "nobody", "status": "nowhere"}, BEGIN)
            value = json.dumps(event).encode()
        self.bad[value] = code
        key = business.encode() if self._chance.random() < 0.8 or code == "unknown_status" else b"somebody"
        return Message(topic, key, value, (CONTENT_TYPE,))
