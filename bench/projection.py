"""How long a projector takes to make the read model of a large state, and how much memory a client takes in it."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import redis

from bench import broker, processes, restore
from tests.kit.place import Place, Program
from topics.registry import PROFILES
from worker.embedded.valkey import EmbeddedValkey

PARTITIONS: Final = 4
POLL_SECONDS: Final = 0.25
GIVE_UP_SECONDS: Final = 900.0


class Projection(NamedTuple):
    """``seconds`` from the start of the process until the last card is there; ``memory``: bytes a client in Valkey."""

    cards: int
    seconds: float
    cpu: float
    memory: float


def measure(kafka: Any, name: str, cards: int, directory: Path) -> Projection:
    """An empty Valkey, and a projector that fills it."""
    place = Place(kafka, name, directory / name, PARTITIONS)
    place.make_topics()
    records, _ = restore.changelog(place, cards)
    wanted = {
        f"{PROFILES}/{tp.partition}": len(items) for tp, items in records.items() if tp.topic == place.prefix + PROFILES
    }
    asyncio.run(broker.write(kafka.servers, records))
    del records
    valkey = EmbeddedValkey(directory / name)
    store = redis.Redis.from_url(valkey.url, decode_responses=True)
    root, empty = f"client-status:{place.prefix}:1:", store.info("memory")["used_memory"]
    began = time.time()
    projector = Program(place, directory / f"{name}.log", "projector", REDIS_URL=valkey.url)
    try:
        while any(int(store.hget(f"{root}positions", field) or 0) < end for field, end in wanted.items()):
            if projector.exit_code is not None or time.time() - began > GIVE_UP_SECONDS:
                raise RuntimeError(f"the projector did not come to the end:\n{projector.log_tail()}")
            time.sleep(POLL_SECONDS)
        seconds, cpu = time.time() - began, processes.cpu_seconds(projector.pid)
        found = sum(store.hlen(key) for key in store.scan_iter(f"{root}cards:*", count=1_000))
        return Projection(found, seconds, cpu, (store.info("memory")["used_memory"] - empty) / found)
    finally:
        projector.kill()
        valkey.kill()
