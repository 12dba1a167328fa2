"""Fills a read model as the projector does, without Kafka: cards, settings and events, folded into Valkey."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

import orjson
import redis

from topics.registry import PROFILES, SETTINGS, TOPIC_OF_TYPE
from worker.pipeline.route import Router
from worker.readmodel.fold import Fold
from worker.readmodel.keys import MADE, WHOLE, Keys
from worker.readmodel.order import Record

COUNTS = dict.fromkeys(
    ("attended", "no_shows", "cancelled", "invoices", "payments", "messages_in", "messages_out", "documents"), 0
)
CAUSE = {"type": "created"}
SINCE = "2026-01-01T10:00:00Z"
_offsets = itertools.count()


def card(business: str, client: str, **more: Any) -> dict[str, Any]:
    """A public card with what every one has; ``tags`` as texts."""
    tags = [{"tag": tag, "since": SINCE, "cause": CAUSE} for tag in more.pop("tags", ())]
    return {
        "v": 1, "businessid": business, "client_id": client, "created_at": SINCE, "status": "lead",
        "status_since": SINCE, "status_cause": CAUSE, "counts": COUNTS, "sequence": 1,
        **({"tags": tags} if tags else {}), **more, "state": ["the worker's own"],
    }  # fmt: skip


class Shelf:
    """A generation of a read model at ``url``."""

    def __init__(self, url: str, space: str, generation: int = 1) -> None:
        self.url = url
        self.redis = redis.Redis.from_url(url)
        self.keys = Keys(space, generation)
        self.timeline_entries = 10_000

    def complete(self) -> None:
        """Nothing is missing, as a projector says that has read everything."""
        self.redis.hset(self.keys.positions, mapping={MADE: "made", WHOLE: "made"})

    def put(self, *cards: dict[str, Any]) -> None:
        """Cards, new or in the place of older ones."""
        self._fold(*(self._profile(c["businessid"], c["client_id"], c) for c in cards))

    def drop(self, business: str, client: str) -> None:
        """Erased."""
        self._fold(self._profile(business, client, None))

    def merge(self, business: str, duplicate: str, primary: str) -> None:
        """The duplicate means the primary from now on."""
        alias = {"v": 1, "businessid": business, "client_id": duplicate, "merged_into": primary}
        self._fold(self._profile(business, duplicate, alias))

    def settle(self, business: str, **settings: Any) -> None:
        """The settings record of a business."""
        record = {"v": 1, "businessid": business, "revision": 3, "locale": "en", "automation": {}, **settings}
        self._fold(Record(SETTINGS, 0, next(_offsets), business.encode(), json.dumps(record).encode(), ()))

    def happen(self, business: str, type_: str, time: str, id_: str, **data: Any) -> None:
        """An event of any topic."""
        self.happen_all([(business, type_, time, id_, data)])

    def happen_all(self, events: Iterable[tuple[str, str, str, str, dict[str, Any]]]) -> None:
        """Many at once: business, type, time, id and data of each."""
        records = []
        for business, type_, time, id_, data in events:
            event = {
                "specversion": "1.0", "id": id_, "source": "tests", "type": type_, "time": time, "businessid": business,
                "data": data,
            }  # fmt: skip
            value = json.dumps(event).encode()
            records.append(Record(TOPIC_OF_TYPE[type_], 0, next(_offsets), business.encode(), value, ()))
        self._fold(*records)

    def _profile(self, business: str, client: str, value: dict[str, Any] | None) -> Record:
        encoded = None if value is None else orjson.dumps(value)
        return Record(PROFILES, 0, next(_offsets), f"{business}/{client}".encode(), encoded, ())

    def _fold(self, *records: Record) -> None:
        fold = Fold(self.keys, [Router(0, 1)], self.timeline_entries)
        for record in records:
            fold.take(record)
        known = {}
        for business, clients in fold.clients.items():
            for client in clients:
                there = self.redis.hexists(self.keys.of("cards", business), client)
                alias = self.redis.hget(self.keys.of("aliases", business), client)
                meant = fold.meaning((business, client), client if there else None, alias.decode() if alias else None)
                if meant is not None:
                    known[business, client] = meant
        with self.redis.pipeline() as pipe:
            fold.changes(known, {}).write(pipe)
            pipe.execute()
