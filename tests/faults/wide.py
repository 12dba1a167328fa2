"""The rest of the rule book under faults: merges, erasures, tag rules and sweeps, in businesses of their own.

Between topics there is no order, so whether a command finds its client is for chance to say: its answer tells, and what
must be true in the end follows from that.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.kit.bus import Got
from tests.kit.messages import Message, message

BUSINESSES = ("wide-0", "wide-1", "wide-2")
LIVES_AT_ONCE = 20
RULE_TAG = "wrote"
AUDIENCE = "customers"
REFUSALS = {"clients.merge": {"unknown_client"}, "tag.rename": {"unknown_tag"}, "client.erase": set()}
Event = dict[str, Any]
Make = Callable[[str, str, Event, datetime], Event]


class Wide:
    """``make(type, business, data, time)`` makes an event; ``number`` the next number."""

    def __init__(self, chance: random.Random, make: Make, number: Callable[[], int], begin: datetime) -> None:
        self._chance, self._make, self._number, self._begin = chance, make, number, begin
        self._lives: list[list[Message]] = []

    def opening(self) -> Iterable[Message]:
        """Definitions that are there before the first worker starts."""
        where = {"field": "direction", "op": "eq", "value": "in"}
        rule = {"rule_id": "wrote", "on": "client.messaged", "where": where, "add": [RULE_TAG]}
        customers = {"field": "status", "op": "eq", "value": "customer"}
        audience = {"audience_id": AUDIENCE, "name": "Customers", "filter": customers}
        for business in BUSINESSES:
            yield message(self._make("tag_rule.define", business, rule, self._begin))
            yield message(self._make("audience.define", business, audience, self._begin))

    def next(self) -> Message:
        """The next message of some life."""
        while len(self._lives) < LIVES_AT_ONCE:
            self._lives.append(self._life()[::-1])
        life = self._chance.choice(self._lives)
        one = life.pop()
        if not life:
            self._lives.remove(life)
        return one

    def _life(self) -> list[Message]:
        business = self._chance.choice(BUSINESSES)
        kind = self._chance.choice((self._merge, self._erase, self._rename))
        events = kind(business, self._begin + timedelta(minutes=self._number()))
        again = [event for event in events if self._chance.random() < 0.1]
        return [message(event) for event in [*events, *again]]

    def _client(self, business: str, client: str, at: datetime) -> list[Event]:
        """A client that exists, wrote and paid, in any order."""
        number = self._number()
        paid = {"payment_id": f"p{number}", "amount": "5.00", "currency": "EUR"}
        events = [
            self._make(type_, business, {"client_id": client, **data}, at + timedelta(seconds=after))
            for after, (type_, data) in enumerate(
                (
                    ("client.created", {"name": f"Client {client}", "tags": [f"of {client}"]}),
                    ("client.messaged", {"direction": "in", "channel": "mail"}),
                    ("payment.received", paid),
                )
            )
        ]
        self._chance.shuffle(events)
        return events

    def _merge(self, business: str, at: datetime) -> list[Event]:
        primary, other = f"m{self._number()}", f"m{self._number()}"
        events = [*self._client(business, primary, at), *self._client(business, other, at)]
        data = {"primary_id": primary, "duplicate_ids": [other]}
        late = self._client(business, other, at + timedelta(hours=2))[:1]
        return [*events, self._make("clients.merge", business, data, at + timedelta(hours=1)), *late]

    def _erase(self, business: str, at: datetime) -> list[Event]:
        client = f"x{self._number()}"
        events = self._client(business, client, at)
        erasure = self._make("client.erase", business, {"client_id": client}, at + timedelta(hours=1))
        events.insert(self._chance.randrange(1, len(events) + 1), erasure)
        return events

    def _rename(self, business: str, at: datetime) -> list[Event]:
        client, number = f"r{self._number()}", self._number()
        tagged = self._make("tags.add", business, {"client_ids": [client], "tags": [f"from {number}"]}, at)
        data = {"from": f"from {number}", "to": f"to {number}"}
        return [tagged, self._make("tag.rename", business, data, at + timedelta(hours=1))]


def is_wide(event: Mapping[str, Any]) -> bool:
    """Is it about one of these businesses?"""
    return event["businessid"] in BUSINESSES


def wrong_answer(command: Event, answer: Event) -> bool:
    """Is this no answer that the command can get?"""
    codes = {error["code"] for error in answer["data"]["errors"]}
    if command["type"] in REFUSALS:
        return not codes <= REFUSALS[command["type"]]
    return not codes <= {"unknown_client"}  # tagged later than erased; nothing else


def check(
    events: Iterable[Event],
    answers: Iterable[Event],
    told: Mapping[tuple[str, str], list[Event]],
    cards: Mapping[str, Any],
) -> Iterable[str]:
    """What is wrong, in words. ``cards``: the last record of each client by ``business/client``."""
    applied = {a["data"]["command_id"] for a in answers if a["type"] == "command.applied"}
    by_type: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        if is_wide(event):
            by_type[event["type"]][event["id"]] = event
    gone = {(e["businessid"], e["data"]["client_id"]) for e in by_type["client.erase"].values()}
    merged = {
        (e["businessid"], e["data"]["duplicate_ids"][0]): e["data"]["primary_id"]
        for e in by_type["clients.merge"].values()
        if e["id"] in applied
    }
    yield from _erased(gone, told, cards)
    yield from _merged(merged, told, cards)
    yield from _renamed(by_type, applied, cards)
    yield from _entered(told, cards)
    payments: Counter[str] = Counter()
    for type_ in ("client.messaged", "payment.received"):
        for event in by_type[type_].values():
            place = (event["businessid"], event["data"]["client_id"])
            if place in gone:
                continue
            key = f"{place[0]}/{merged.get(place, place[1])}"
            card = cards.get(key, {})
            if type_ == "payment.received":
                payments[key] += 1
                if card.get("status") != "customer":
                    yield f"{key} has paid and is {card.get('status')}"
            elif RULE_TAG not in _tags(card):
                yield f"{key} wrote, and has the tags {_tags(card)}"
    for key, number in payments.items():
        counted = cards.get(key, {}).get("counts", {}).get("payments")
        if counted != number:
            yield f"{key} has {counted} payments instead of {number}"


def _tags(card: Mapping[str, Any]) -> set[str]:
    return {tag["tag"] for tag in card.get("tags", ())}


def _erased(
    gone: Iterable[tuple[str, str]], told: Mapping[tuple[str, str], list[Event]], cards: Mapping[str, Any]
) -> Iterable[str]:
    for business, client in gone:
        erasures = sum(e["type"] == "client.erased" for e in told.get((business, client), ()))
        if erasures != 1 or f"{business}/{client}" in cards:
            yield f"{client} of {business}: erased {erasures} times, card {cards.get(f'{business}/{client}')}"


def _merged(
    merged: Mapping[tuple[str, str], str], told: Mapping[tuple[str, str], list[Event]], cards: Mapping[str, Any]
) -> Iterable[str]:
    for (business, other), primary in merged.items():
        alias = {"v": 1, "businessid": business, "client_id": other, "merged_into": primary}
        found = [e["data"]["merged_ids"] for e in told.get((business, primary), ()) if e["type"] == "client.merged"]
        if found != [[other]] or cards.get(f"{business}/{other}") != alias:
            yield f"{other} merged into {primary} of {business}: told {found}, alias {cards.get(f'{business}/{other}')}"


def _entered(told: Mapping[tuple[str, str], list[Event]], cards: Mapping[str, Any]) -> Iterable[str]:
    """F1: who is a customer is in the audience, and was told of last as having entered it."""
    for key, card in cards.items():
        if "merged_into" in card:
            continue
        business, _, client = key.partition("/")
        moves = [e["type"] for e in told.get((business, client), ()) if e["type"].startswith("audience.")]
        found = (AUDIENCE in card.get("audiences", ()), moves[-1:] == ["audience.entered"])
        if found != (card["status"] == "customer",) * 2:
            yield f"{key} is {card['status']}, in {card.get('audiences')}, told {moves}"


def _renamed(by_type: Mapping[str, Mapping[str, Event]], applied: set[str], cards: Mapping[str, Any]) -> Iterable[str]:
    renamed = {(e["businessid"], e["data"]["from"]): e for e in by_type["tag.rename"].values() if e["id"] in applied}
    for event in by_type["tags.add"].values():
        (tag,), (client,) = event["data"]["tags"], event["data"]["client_ids"]
        rename = renamed.get((event["businessid"], tag))
        wanted = rename["data"]["to"] if rename is not None else tag
        if _tags(cards.get(f"{event['businessid']}/{client}", {})) != {wanted}:
            yield f"{client} of {event['businessid']} has not the tag {wanted!r} alone: {cards.get(client)}"


def last(records: Iterable[Got]) -> dict[str, Any]:
    """The last record of each client of these businesses; none for those that are no more."""
    found = {got.key.decode(): got for got in records if got.key is not None and not got.key.startswith(b"\0")}
    return {
        key: got.json for key, got in found.items() if got.value is not None and key.partition("/")[0] in BUSINESSES
    }
