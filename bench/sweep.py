"""How long other events wait while every client of a very large business is re-evaluated (K1, B11)."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import broker, engine, processes
from bench.latency import Latency, Meter
from bench.processes import WrongResult
from bench.workload import Event, rfc3339
from tests.kit.place import Place
from topics.registry import INPUTS, PROFILES, STATE_TOPICS
from worker.pipeline.outbox import Item
from worker.pipeline.task import PROGRESS, Progress, encode_progress
from worker.transport.partitions import partition_of

PARTITIONS: Final = 4
BUSINESS: Final = "a-very-large-business"
SOURCE: Final = "/bench"
CHUNK: Final = 100_000
"""Clients whose events are made at once."""
POLL_MS: Final = 200
GIVE_UP_SECONDS: Final = 900.0


class Sweep(NamedTuple):
    """``seconds`` from the command to its answer; ``waits``: what events of other businesses waited meanwhile."""

    clients: int
    changed: int
    seconds: float
    waits: Latency


def _event(topic: str, type_: str, number: int, at: datetime, data: dict[str, Any], client: str = "") -> Event:
    id_ = f"sweep-{type_}-{number}"
    value = {
        "specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "time": rfc3339(at),
        "businessid": BUSINESS, "data": data,
    }  # fmt: skip
    return Event(topic, BUSINESS, client, type_, id_, orjson.dumps(value))


def _state(clients: int, began: datetime) -> engine.TaskEngine:
    """The business with its automation off and an invoice for each of its clients, all of whom are leads."""
    partition = partition_of(BUSINESS.encode(), PARTITIONS)
    found = engine.new(partition, PARTITIONS)
    engine.feed(found, [_event("control", "automation.set", 0, began, {"enabled": False})])
    for start in range(0, clients, CHUNK):
        numbers = range(start, min(start + CHUNK, clients))
        engine.feed(found, [_invoice(number, began + timedelta(seconds=1)) for number in numbers])
    return found


def _invoice(number: int, at: datetime) -> Event:
    client = f"client-{number:07}"
    money = {"client_id": client, "invoice_id": f"in-{number}", "amount": "120.00", "currency": "EUR"}
    return _event("invoices", "invoice.issued", number, at, money, client)


def _records(place: Place, made: engine.TaskEngine, partition: int) -> dict[TopicPartition, list[Item]]:
    done = Progress(number=1, partitions=PARTITIONS, offsets={topic.name: 0 for topic in INPUTS})
    records = {
        TopicPartition(place.prefix + topic, partition): [
            Item(key, value, None, ()) for key, value in made.stores[topic].items()
        ]
        for topic in STATE_TOPICS
    }
    for p in range(PARTITIONS):
        tp = TopicPartition(place.prefix + PROFILES, p)
        records.setdefault(tp, []).append(Item(PROGRESS, encode_progress(done), None, ()))
    return records


def measure(kafka: Any, name: str, clients: int, directory: Path) -> Sweep:
    """One worker, RATE events a second of other businesses, and the sweep. Raises WrongResult when it misses any."""
    place = Place(kafka, name, directory / name, PARTITIONS)
    place.make_topics()
    began = datetime.now(UTC) - timedelta(hours=1)
    partition = partition_of(BUSINESS.encode(), PARTITIONS)
    made = _state(clients, began)
    asyncio.run(broker.write(kafka.servers, _records(place, made, partition)))
    del made
    worker = place.worker(wait=False)
    try:
        processes.wait_ready(worker)
        sweep = _Command(place, partition)
        waits = asyncio.run(Meter(place).run(GIVE_UP_SECONDS, worker.pid, sweep.run))
    finally:
        worker.stop()
    if sweep.totals.get("changed") != clients:
        raise WrongResult(f"{sweep.totals} of {clients} clients")
    return Sweep(clients, sweep.totals["changed"], sweep.seconds, waits)


class _Command:
    """Turns automation on, asks for the re-evaluation, and waits for its answer."""

    def __init__(self, place: Place, partition: int) -> None:
        self._place = place
        self._partition = partition
        self.totals: dict[str, int] = {}
        self.seconds = 0.0

    async def run(self) -> None:
        """Returns when it is answered."""
        place, now = self._place, datetime.now(UTC)
        asked = (
            _event("control", "automation.set", 1, now, {"enabled": True}),
            _event("client-commands", "clients.reevaluate", 1, now + timedelta(seconds=1), {}),
        )
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=place.broker.servers, isolation_level="read_committed", enable_auto_commit=False
        )
        producer: Any = AIOKafkaProducer(bootstrap_servers=place.broker.servers)
        await consumer.start()
        await producer.start()
        try:
            results = TopicPartition(f"{place.prefix}command-results", self._partition)
            consumer.assign([results])
            await consumer.seek_to_beginning(results)
            for one in asked:
                await producer.send_and_wait(
                    place.prefix + one.topic, one.value, BUSINESS.encode(), partition=self._partition
                )
                await asyncio.sleep(1)
            began = time.perf_counter()
            while not self.totals:
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        answer = orjson.loads(record.value)
                        if answer["data"]["command_id"] == asked[1].id and "totals" in answer["data"]:
                            self.totals = answer["data"]["totals"]
            self.seconds = time.perf_counter() - began
        finally:
            await producer.stop()
            await consumer.stop()
