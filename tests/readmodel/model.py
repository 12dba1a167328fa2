"""What is in Redis, read plainly; and a day of a business that is in it."""

import json
from typing import Any

import redis

from tests.kit.story import Story
from worker.readmodel.settings_history import joined
from worker.readmodel.timeline import read

BUSINESS = "salon"


class Model:
    """What is in Redis, read plainly."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = redis.Redis.from_url(url, decode_responses=True)
        self._space = f"client-status:{prefix}"

    @property
    def root(self) -> str:
        """The generation that counts."""
        return f"{self._space}:{self._redis.get(f'{self._space}:current') or 1}:"

    def card(self, client: str) -> Any:
        value = self._redis.hget(f"{self.root}cards:{BUSINESS}", client)
        return json.loads(value) if value is not None else None

    def having(self, what: str, value: str) -> set[str]:
        cards = {c: json.loads(v) for c, v in self._redis.hgetall(f"{self.root}cards:{BUSINESS}").items()}
        return {
            client
            for client, card in cards.items()
            if value in ([card["status"]] if what == "status" else [tag["tag"] for tag in card.get("tags", ())])
        }

    def timeline(self, client: str) -> list[str]:
        """Types of the entries, oldest first."""
        entries = self._redis.zrange(f"{self.root}timeline:{BUSINESS}:{client}", 0, -1)
        return [read(entry.encode())["type"] for entry in entries]

    def told(self, kind: str) -> list[Any]:
        """Events in a list of the business, ``changes`` or ``reviews``."""
        key = f"{self.root}{kind}:{BUSINESS}"
        if kind == "reviews":
            return list(map(json.loads, self._redis.zrange(key, 0, -1)))
        return [json.loads(fields["event"]) for _, fields in self._redis.xrange(key)]

    @property
    def dead(self) -> dict[str, int]:
        """How many dead letters are known, by their key."""
        start = f"{self.root}dead:"
        return {key.removeprefix(start): self._redis.xlen(key) for key in self._redis.scan_iter(match=f"{start}*")}

    def everything(self) -> dict[str, Any]:
        """All keys with what they hold, but for streams, answers, positions; and settings, which follow later."""
        found: dict[str, Any] = {}
        for key in self._redis.scan_iter(match=f"{self.root}*"):
            kind, name = self._redis.type(key), key.removeprefix(self.root)
            if name.startswith(("results:", "settings:")):
                continue
            if kind == "hash" and name != "positions":
                found[name] = self._redis.hgetall(key)
            elif kind == "set":
                found[name] = self._redis.smembers(key)
            elif kind == "zset":
                found[name] = self._redis.zrange(key, 0, -1, withscores=True)
            elif kind == "string":
                found[name] = self._redis.get(key)
        return found

    def settings_history(self) -> list[tuple[str, str | None]]:
        """Ids of control messages, oldest first, and what became of them."""
        entries, answers = (
            [entry.encode() for entry in self._redis.zrange(f"{self.root}{kind}:{BUSINESS}", 0, -1)]
            for kind in ("control", "answered")
        )
        return [(said["id"], said["outcome"]) for said in joined(entries, answers)]

    @property
    def made(self) -> str | None:
        """Another text, once it was made anew."""
        return self._redis.hget(f"{self.root}positions", "made")

    def stand_at(self, position: str, offset: int) -> None:
        """As if so much had been read."""
        self._redis.hset(f"{self.root}positions", mapping={"made": "x", "whole": "x", position: offset})

    def flush(self) -> None:
        self._redis.flushall()


def tell(story: Story) -> None:
    """A day of the business."""
    story.tell("client.created", "09:00", client_id="c1", name="Zoë Smit", email="zoe@example.org", tags=["gold"])
    story.tell("client.noted", "09:10", client_id="c1", text="prefers mornings")
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="5.00", currency="EUR")
    story.tell("client.messaged", "10:30", client_id="c2", direction="in", preview="hello")
    story.wait_for("c1", ">lead", "+gold", "lead>customer")


def shown(model: Model, messages: int = 2) -> bool:
    """Is all of that day in the read model?"""
    card = model.card("c1")
    return (
        card is not None and card["status"] == "customer" and len(model.timeline("c1")) == 6
        and len(model.timeline("c2")) == messages
    )  # fmt: skip
