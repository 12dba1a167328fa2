"""What was told of clients lately, in the lists of their business; and what of it goes when a client is erased (G6)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from topics.moments import Micros
from worker.domain.forgotten import Forgotten, decode, mark
from worker.readmodel.keys import Keys


class Told(NamedTuple):
    """An event for the list of changes; ``review_at``: its time, when it suggests to review a status."""

    business: str
    client: str
    event: bytes
    sequence: int
    review_at: Micros | None


class Gone(NamedTuple):
    """What was told of a business's clients who are erased now: ids in the stream of changes, and suggestions."""

    business: str
    changes: list[bytes]
    reviews: list[bytes]


async def of_erased(
    redis: Any, keys: Keys, businesses: Iterable[str], marks: Mapping[tuple[str, str], Forgotten | None]
) -> list[Gone]:
    """What must go in these businesses. ``marks``: of erasures that are not in Redis yet. Raises RedisError."""
    found = []
    for business in businesses:
        changes = [(id_, fields[b"event"]) for id_, fields in await redis.xrange(keys.of("changes", business))]
        reviews = await redis.zrange(keys.of("reviews", business), 0, -1)
        events = {event: orjson.loads(event)["data"] for event in (*(event for _, event in changes), *reviews)}
        clients = list({data["client_id"]: None for data in events.values()})
        until = await _erased(redis, keys, business, clients, marks)
        gone = {event for event, data in events.items() if data["sequence"] <= until.get(data["client_id"], 0)}
        found.append(
            Gone(business, [id_ for id_, event in changes if event in gone], [one for one in reviews if one in gone])
        )
    return found


async def _erased(
    redis: Any, keys: Keys, business: str, clients: Sequence[str], marks: Mapping[tuple[str, str], Forgotten | None]
) -> dict[str, int]:
    """Of clients who were erased the last number that was told before that."""
    by_client = {client: mark(business, client) for client in clients}
    stored = await redis.hmget(keys.of("erased", business), list(by_client.values())) if clients else []
    found = {}
    for (client, key), value in zip(by_client.items(), stored, strict=True):
        latest = marks.get((business, key), decode(value) if value is not None else None)
        if latest is not None:
            found[client] = latest.sequence
    return found
