"""How long questions to a console take, over HTTP, at a steady rate, while cards change: ``python -m bench.finding``.

One business is large, the others share what is left. Most questions are about the large one.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp
import orjson
import redis

from bench import broker, processes
from bench.processes import WrongResult
from bench.questions import AUDIENCES, FIRST_NAMES, LAST_NAMES, STATUSES, TAGS, questions
from tests.console.shelf import card
from tests.console.who import secret, write
from tests.kit.place import Place, Program
from topics.moments import DAY, micros, moment, rfc3339
from topics.registry import PROFILES
from worker.config import SETTINGS
from worker.embedded.child import HOST
from worker.embedded.valkey import EmbeddedValkey
from worker.pipeline.route import Router
from worker.readmodel.fold import Fold
from worker.readmodel.keys import MADE, WHOLE, Keys
from worker.readmodel.order import Record

BUSINESSES: Final = 200
LARGE: Final = "large"
SHARE: Final = 10
"""The large business has one client in so many."""
RATE: Final = 50
"""Questions a second; they come at random, as people do."""
CHANGES: Final = 20
"""Cards a second of the large business that change meanwhile."""
OTHERS: Final = 0.2
"""Part of the questions that are about other businesses."""
AT_ONCE: Final = 5_000
WITHIN: Final = 120.0


class Waited(NamedTuple):
    """Milliseconds, by kind of question: 50, 95 and 99 of 100 took no longer."""

    kind: str
    asked: int
    p50: float
    p95: float
    p99: float


class Finding(NamedTuple):
    """``first``: seconds until the console's first answer about the large business; ``memory``: bytes a client that the
    console took for all businesses; ``cpu``: milliseconds of its processor time for an answer, changes included;
    ``waits``: by kind, of all together first."""

    clients: int
    large: int
    first: float
    memory: float
    cpu: float
    waits: list[Waited]


def client(business: str, number: int, dice: random.Random, now: int) -> dict[str, Any]:
    """A card as full as they are."""
    created = now - dice.randrange(720) * DAY - dice.randrange(DAY)
    status = dice.choices(STATUSES, (40, 40, 5, 15))[0]
    made = card(
        business, f"client-{number}", name=f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)} {number}",
        emails=[f"client{number}@example.org"], phones=[f"+31 6 {number:08d}"],
        tags=dice.sample(TAGS, dice.choice((0, 1, 1, 2, 3))), status=status, created_at=rfc3339(created),
        last_activity_at=rfc3339(dice.randrange(created, now)), source=dice.choice(("web", "walk-in", "campaign")),
        staff_id=f"staff-{dice.randrange(12)}",
        fields={"size": dice.randrange(100), "motto": f"word {dice.randrange(5000)}"},
        counts={**card("b", "c")["counts"], "payments": dice.randrange(12), "attended": dice.randrange(40)},
        totals={"EUR": {"invoiced": "120.00", "paid": "80.00", "refunded": "0.00"}},
        audiences=[f"aud{n}" for n in range(AUDIENCES) if dice.randrange(4) == 0],
        **({"score": {"average": dice.randrange(10, 51) / 10, "count": 3}} if dice.randrange(4) == 0 else {}),
        **({"outstanding": {"EUR": "40.00"}} if dice.randrange(20) == 0 else {}),
    )  # fmt: skip
    return {**made, "state": made.pop("state")}


class Fill:
    """Writes cards and settings into a Valkey as the projector does."""

    def __init__(self, url: str, space: str) -> None:
        self._redis = redis.Redis.from_url(url)
        self._keys = Keys(space, 1)
        self._dice = random.Random(1)
        self._now = micros(moment(int(time.time() * 1e6)))
        self._redis.hset(self._keys.positions, mapping={MADE: "made", WHOLE: "made"})

    def business(self, business: str, clients: int) -> None:
        """All its clients."""
        settings = {
            "v": 1, "businessid": business, "revision": 1, "locale": "en", "automation": {},
            "statuses": [{"code": s, "label": s, "color": "#111111", "ended": s == "inactive"} for s in STATUSES],
            "fields": [{"field_id": "size", "type": "number"}, {"field_id": "motto", "type": "text"}],
            "audiences": [{"audience_id": f"aud{n}", "name": f"Audience {n}"} for n in range(AUDIENCES)],
        }  # fmt: skip
        self._redis.set(self._keys.of("settings", business), orjson.dumps(settings))
        for first in range(0, clients, AT_ONCE):
            self.put(business, *range(first, min(first + AT_ONCE, clients)))

    def put(self, business: str, *numbers: int) -> None:
        """These clients, new or changed."""
        fold = Fold(self._keys, [Router(0, 1)], SETTINGS["timeline_entries"].default)
        for number in numbers:
            value = orjson.dumps(client(business, number, self._dice, self._now))
            fold.take(Record(PROFILES, 0, number, f"{business}/client-{number}".encode(), value, ()))
        with self._redis.pipeline() as pipe:
            fold.changes({}, {}).write(pipe)
            pipe.execute()


class Load:
    """Asks a console, and notes how long each answer took."""

    def __init__(self, http: aiohttp.ClientSession, root: str, sizes: dict[str, int]) -> None:
        self._http = http
        self._root = f"{root}/api/v1/businesses"
        self._sizes = sizes
        self._dice = random.Random(2)
        self.took: dict[str, list[float]] = defaultdict(list)

    async def ask(self, kind: str, business: str) -> float:
        """One question; milliseconds."""
        asked = questions(self._dice, self._sizes[business])[kind]
        path = asked.pop("path", "/clients")
        began = time.perf_counter()
        async with self._http.get(f"{self._root}/{business}{path}", params=asked) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise WrongResult(f"{path} {asked}: {answer.status} {body[:300]!r}")
        return (time.perf_counter() - began) * 1e3

    async def run(self, seconds: float) -> None:
        """At RATE for so long, at random moments, of every kind as often."""
        others = [business for business in self._sizes if business != LARGE]
        running: set[asyncio.Task[None]] = set()
        at = time.perf_counter()
        for kind in self._kinds(seconds):
            at += self._dice.expovariate(RATE)
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            business = self._dice.choice(others) if self._dice.random() < OTHERS else LARGE
            task = asyncio.create_task(self._note(kind, business))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)

    def _kinds(self, seconds: float) -> Iterator[str]:
        kinds: list[str] = []
        for _ in range(int(seconds * RATE)):
            if not kinds:
                kinds = list(questions(self._dice, 1))
                self._dice.shuffle(kinds)
            yield kinds.pop()

    async def _note(self, kind: str, business: str) -> None:
        took = await self.ask(kind, business)
        self.took[kind if business == LARGE else "of another business"].append(took)

    def waited(self) -> list[Waited]:
        """All together, then by kind."""
        everything = {"all together": [one for each in self.took.values() for one in each], **self.took}
        return [_waited(kind, took) for kind, took in everything.items()]


def _waited(kind: str, took: list[float]) -> Waited:
    if len(took) < 2:
        return Waited(kind, len(took), *([*took, 0.0][0],) * 3)
    parts = statistics.quantiles(took, n=100, method="inclusive")
    return Waited(kind, len(took), parts[49], parts[94], parts[98])


def measure(kafka: Any, name: str, clients: int, seconds: float, directory: Path) -> Finding:
    """A console over so many clients."""
    place = Place(kafka, name, directory / name, 4)
    place.make_topics()
    valkey = EmbeddedValkey(directory / name)
    large = clients // SHARE
    small = (clients - large) // (BUSINESSES - 1)
    sizes = {LARGE: large, **{f"business-{n}": small for n in range(BUSINESSES - 1)}}
    try:
        fill = Fill(valkey.url, f"client-status:{place.prefix}")
        for business, size in sizes.items():
            fill.business(business, size)
        tokens = directory / name / "tokens.json"
        write(tokens, ("bench", "viewer", "*"))
        settings = {"REDIS_URL": valkey.url, "CONSOLE_TOKENS_FILE": str(tokens)}
        console = Program(place, directory / name / "console.log", "console", **settings)
        try:
            return asyncio.run(_load(console, fill, sizes, seconds))
        finally:
            console.kill()
    finally:
        valkey.kill()


async def _load(console: Program, fill: Fill, sizes: dict[str, int], seconds: float) -> Finding:
    headers = {"Authorization": f"Bearer {secret('bench')}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        load = Load(http, f"http://{HOST}:{console.port}", sizes)
        await asyncio.to_thread(console.wait_ready, lambda: console.ready, WITHIN)
        empty = processes.rss_bytes(console.pid)
        first = await load.ask("all, by name", LARGE) / 1e3
        for business in sizes:
            await load.ask("all, by name", business)
        memory = (processes.rss_bytes(console.pid) - empty) / sum(sizes.values())
        before = processes.cpu_seconds(console.pid)
        changing = asyncio.create_task(_change(fill, sizes[LARGE]))
        try:
            await load.run(seconds)
        finally:
            changing.cancel()
        waits = load.waited()
        cpu = (processes.cpu_seconds(console.pid) - before) * 1e3 / waits[0].asked
        return Finding(sum(sizes.values()), sizes[LARGE], first, memory, cpu, waits)


async def _change(fill: Fill, clients: int) -> None:
    dice = random.Random(3)
    while True:
        await asyncio.to_thread(fill.put, LARGE, dice.randrange(clients))
        await asyncio.sleep(1 / CHANGES)


def main() -> None:
    """Measure on a broker of its own, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.finding", description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=120.0)
    options = parser.parse_args()
    with broker.alone() as (kafka, scratch):
        found = measure(kafka, "finding", options.clients, options.seconds, scratch)
    print(
        f"{found.clients:,} clients, {found.large:,} of them in one business, {found.memory:.0f} bytes each in memory"
    )
    print(
        f"the first answer about that business took {found.first:.1f} s; one took {found.cpu:.1f} ms of processor time"
    )
    for kind, asked, p50, p95, p99 in found.waits:
        print(f"{kind:32} {asked:6} asked   p50 {p50:6.1f}   p95 {p95:6.1f}   p99 {p99:6.1f} ms")


if __name__ == "__main__":
    main()
