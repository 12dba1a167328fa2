"""How long searches take in a business of 100,000 clients: ``python -m bench.search``."""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from tests.console.shelf import Shelf, card
from topics.moments import DAY, micros, moment, rfc3339
from worker.embedded.valkey import EmbeddedValkey
from worker.readmodel.asking import Question
from worker.readmodel.reading import reader
from worker.readmodel.search import row, search

CLIENTS: Final = 100_000
AT_ONCE: Final = 5_000
TIMES: Final = 40
BUSINESS: Final = "salon"
SPACE: Final = "client-status:bench."
_FIRST: Final = ("Anna", "Émile", "Zoë", "Jan", "Piet", "Sofia", "Marco", "Aino", "Lena", "Luc", "Marta", "Tim")
_LAST: Final = ("Smit", "Zola", "de Vries", "Rossi", "Virtanen", "Müller", "Martin", "García", "Jansen", "Bakker")
QUESTIONS: Final[dict[str, dict[str, Any]]] = {
    "all, by name": {},
    "all, latest activity first": {"sort": "last_activity_at"},
    "a status": {"status": "customer"},
    "a tag of 1 in 100": {"tag": "rare"},
    "a tag of 1 in 2": {"tag": "common"},
    "a status and a tag": {"status": "vip", "tag": "common", "sort": "created_at"},
    "part of a name": {"q": "zoe vir"},
    "one letter": {"q": "z"},
    "an e-mail address": {"q": "client77777@example.org"},
    "a phone number": {"q": "06 00077777"},
    "new this month": {"preset": "new_this_month"},
    "outstanding": {"preset": "outstanding"},
    "quiet for 90 days": {"preset": "quiet_90_days"},
    "a filter over a tag": {"filter": {"all": [
        {"field": "tags", "op": "has_all", "value": ["rare"]}, {"field": "counts.payments", "op": "gte", "value": 0},
    ]}},
    "a filter over all cards": {"filter": {"field": "name", "op": "contains", "value": "anna"}},
}  # fmt: skip


def _client(number: int, dice: random.Random, now: int) -> dict[str, Any]:
    created = now - dice.randrange(720) * DAY - dice.randrange(DAY)
    active = dice.randrange(created, now)
    tags = [tag for tag, part in (("common", 2), ("rare", 100)) if dice.randrange(part) == 0]
    return card(
        BUSINESS, f"client-{number}", name=f"{dice.choice(_FIRST)} {dice.choice(_LAST)} {number}",
        emails=[f"client{number}@example.org"], phones=[f"+31 6 {number:08d}"], tags=tags,
        status=dice.choices(("lead", "customer", "vip", "inactive"), (40, 40, 5, 15))[0], created_at=rfc3339(created),
        last_activity_at=rfc3339(active), source=dice.choice(("web", "walk-in", "campaign")),
        **({"outstanding": {"EUR": "12.00"}} if dice.randrange(20) == 0 else {}),
    )  # fmt: skip


async def _measure(url: str, now: int) -> None:
    async with Redis.from_url(url) as redis:
        for name, question in QUESTIONS.items():
            took, total = [], 0
            for _ in range(TIMES if "all cards" not in name else 5):
                begun = time.perf_counter()
                view = await reader(redis, SPACE, BUSINESS)
                page = await search(view, Question(**question), 50, None, now)
                [row(view, value) for value in page.cards]
                took.append((time.perf_counter() - begun) * 1e3)
                total = page.total
            p95 = statistics.quantiles(took, n=20)[-1]
            sys.stdout.write(
                f"{name:28} {total:7} found  median {statistics.median(took):7.1f} ms  p95 {p95:7.1f} ms\n"
            )


def main() -> None:
    """Fill a Valkey and measure."""
    now, dice = micros(moment(int(time.time() * 1e6))), random.Random(1)
    with tempfile.TemporaryDirectory() as directory, EmbeddedValkey(Path(directory)) as valkey:
        shelf = Shelf(valkey.url, SPACE)
        for first in range(0, CLIENTS, AT_ONCE):
            shelf.put(*(_client(number, dice, now) for number in range(first, first + AT_ONCE)))
        asyncio.run(_measure(valkey.url, now))


if __name__ == "__main__":
    main()
