"""How long a worker takes to have its state back, and how much memory a client takes.

The state is what the engine itself writes for a first set of businesses, written again under other businesses' names.
"""

import asyncio
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition

from bench import broker, engine, processes
from bench.processes import WrongResult
from bench.workload import BUSINESSES, mixed
from tests.kit.place import Place
from topics.registry import INPUTS, PROFILES, STATE_TOPICS
from worker.pipeline.outbox import Item
from worker.pipeline.task import PROGRESS, Progress, encode_progress
from worker.transport.partitions import partition_of

PARTITIONS: Final = 4
COPIES: Final = 20
EVENTS_A_CLIENT: Final = 4
FIRST: Final = b"biz-00-"
"""How the ids of the businesses begin that the engine writes; a copy has its number there."""


class Restore(NamedTuple):
    """``seconds`` from the assignment to ready, ``started`` from the start of the process; ``memory`` bytes a client,
    beyond those of an empty worker."""

    cards: int
    card_bytes: float
    seconds: float
    started: float
    cpu: float
    memory: float


def changelog(place: Place, cards: int) -> tuple[dict[TopicPartition, list[Item]], float]:
    """Records of both changelogs for about so many cards, and the mean size of a card with what belongs to it."""
    clients = cards // COPIES
    speed, engines = engine.run(list(mixed(clients * EVENTS_A_CLIENT, clients)), PARTITIONS)
    records: dict[TopicPartition, list[Item]] = defaultdict(list)
    for topic in STATE_TOPICS:
        stored = [pair for one in engines for pair in one.stores[topic].items()]
        for copy in range(COPIES):
            name = f"biz-{copy:02}-".encode()
            partitions = [partition_of(b"%b%03d" % (name, n), PARTITIONS) for n in range(BUSINESSES)]
            for key, value in stored:
                start = key.index(FIRST) + len(FIRST)
                place_of = TopicPartition(place.prefix + topic, partitions[int(key[start : start + 3])])
                records[place_of].append(Item(key.replace(FIRST, name), value.replace(FIRST, name), None, ()))
    return complete(place, records), speed.card_bytes


def complete(place: Place, records: dict[TopicPartition, list[Item]]) -> dict[TopicPartition, list[Item]]:
    """With what makes records of changelogs a state that a worker can go on from: no input has been read yet."""
    done = Progress(number=1, partitions=place.partitions, offsets={topic.name: 0 for topic in INPUTS})
    for partition in range(place.partitions):
        changelog_of = TopicPartition(place.prefix + PROFILES, partition)
        records.setdefault(changelog_of, []).append(Item(PROGRESS, encode_progress(done), None, ()))
    return records


def measure(kafka: Any, name: str, cards: int, directory: Path) -> Restore:
    """A worker on a full changelog beside one on an empty one. Raises WrongResult when cards are missing."""
    empty, full = (
        Place(kafka, f"{name}-{kind}", directory / f"{name}-{kind}", PARTITIONS) for kind in ("empty", "full")
    )
    empty.make_topics()
    base = _ready(empty)
    full.make_topics()
    records, size = changelog(full, cards)
    asyncio.run(broker.write(kafka.servers, records))
    del records
    found = _ready(full)
    if found.cards < 0.9 * cards:
        raise WrongResult(f"{found.cards} cards of about {cards}")
    return Restore(
        found.cards,
        size,
        found.seconds,
        found.started,
        found.cpu - base.cpu,
        (found.memory - base.memory) / found.cards,
    )


def _ready(place: Place) -> Restore:
    began = time.time()
    worker = place.worker(wait=False)
    try:
        started = processes.wait_ready(worker) - began
        cpu, rss = processes.cpu_seconds(worker.pid), processes.rss_bytes(worker.pid)
        processes.until(lambda: processes.metric(worker, "client_status_tasks") == PARTITIONS)  # set once a second
        cards = int(processes.metric(worker, "client_status_cards"))
        return Restore(cards, 0.0, processes.metric(worker, "client_status_restore_seconds"), started, cpu, rss)
    finally:
        worker.stop()
