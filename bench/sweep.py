"""How long other events wait while work over every client of a very large business goes on (K1).

python -m bench.sweep [--kind clients.reevaluate|status.remove|tag.rename] [--clients 1000000]
"""

import argparse
import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import broker, engine, processes, restore
from bench.latency import Latency, Meter
from bench.processes import WrongResult
from bench.workload import Event, rfc3339
from tests.kit.place import Place
from topics.registry import STATE_TOPICS
from worker.pipeline.outbox import Item
from worker.transport.partitions import partition_of

PARTITIONS: Final = 4
BUSINESS: Final = "a-very-large-business"
SOURCE: Final = "/bench"
CHUNK: Final = 100_000
"""Clients whose events are made at once."""
POLL_MS: Final = 200
GIVE_UP_SECONDS: Final = 900.0


KINDS: Final[dict[str, tuple[tuple[str, str, dict[str, Any]], ...]]] = {
    "clients.reevaluate": (
        ("control", "automation.set", {"enabled": True}),
        ("client-commands", "clients.reevaluate", {}),
    ),
    "status.remove": (
        ("control", "status.define", {"code": "prospect", "label": "Prospect", "role": "initial"}),
        ("control", "status.remove", {"code": "lead", "move_to": "customer"}),
    ),
    "tag.rename": (("client-commands", "tag.rename", {"from": "regular", "to": "friend"}),),
}
"""What a business is sent all of whose clients are leads with an invoice and a tag; the last one begins the sweep."""
REEVALUATION: Final = "clients.reevaluate"


class Sweep(NamedTuple):
    """``seconds`` from the command to its answer; ``waits``: what events of other businesses waited meanwhile."""

    clients: int
    changed: int
    seconds: float
    waits: Latency

    @property
    def rate(self) -> float:
        """Clients a second."""
        return self.clients / self.seconds


def _event(topic: str, type_: str, number: int, at: datetime, data: dict[str, Any], client: str = "") -> Event:
    id_ = f"sweep-{type_}-{number}"
    value = {
        "specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "time": rfc3339(at),
        "businessid": BUSINESS, "data": data,
    }  # fmt: skip
    return Event(topic, BUSINESS, client, type_, id_, orjson.dumps(value))


def _state(clients: int, began: datetime) -> engine.TaskEngine:
    """The business with its automation off, and its clients, all of whom are leads with an invoice and a tag."""
    partition = partition_of(BUSINESS.encode(), PARTITIONS)
    found = engine.new(partition, PARTITIONS)
    engine.feed(found, [_event("control", "automation.set", 0, began, {"enabled": False})])
    for start in range(0, clients, CHUNK):
        numbers = range(start, min(start + CHUNK, clients))
        engine.feed(found, [_imported(number, began + timedelta(seconds=1)) for number in numbers])
        engine.feed(found, [_invoice(number, began + timedelta(seconds=2)) for number in numbers])
    return found


def _imported(number: int, at: datetime) -> Event:
    client = f"client-{number:07}"
    return _event("clients", "client.imported", number, at, {"client_id": client, "tags": ["regular"]}, client)


def _invoice(number: int, at: datetime) -> Event:
    client = f"client-{number:07}"
    money = {"client_id": client, "invoice_id": f"in-{number}", "amount": "120.00", "currency": "EUR"}
    return _event("invoices", "invoice.issued", number, at, money, client)


def _records(place: Place, made: engine.TaskEngine, partition: int) -> dict[TopicPartition, list[Item]]:
    records = {
        TopicPartition(place.prefix + topic, partition): [
            Item(key, value, None, ()) for key, value in made.stores[topic].items()
        ]
        for topic in STATE_TOPICS
    }
    return restore.complete(place, records)


def measure(kafka: Any, name: str, clients: int, directory: Path, kind: str = REEVALUATION) -> Sweep:
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
        sweep = _Command(place, partition, kind)
        waits = asyncio.run(Meter(place).run(GIVE_UP_SECONDS, worker.pid, sweep.run))
    finally:
        worker.stop()
    if sweep.totals.get("changed") != clients:
        raise WrongResult(f"{sweep.totals} of {clients} clients")
    return Sweep(clients, sweep.totals["changed"], sweep.seconds, waits)


class _Command:
    """Sends what makes the business sweep, and waits for the answer."""

    def __init__(self, place: Place, partition: int, kind: str) -> None:
        self._place = place
        self._kind = kind
        self._partition = partition
        self.totals: dict[str, int] = {}
        self.seconds = 0.0

    async def run(self) -> None:
        """Returns when it is answered."""
        place, now = self._place, datetime.now(UTC)
        asked = [
            _event(topic, type_, 1, now + timedelta(seconds=number), data)
            for number, (topic, type_, data) in enumerate(KINDS[self._kind])
        ]
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
                        if answer["data"]["command_id"] == asked[-1].id and "totals" in answer["data"]:
                            self.totals = answer["data"]["totals"]
            self.seconds = time.perf_counter() - began
        finally:
            await producer.stop()
            await consumer.stop()


def main() -> None:
    """One measurement by itself."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweep", description=__doc__)
    parser.add_argument("--kind", choices=KINDS, default=REEVALUATION)
    parser.add_argument("--clients", type=int, default=1_000_000)
    options = parser.parse_args()
    with broker.alone() as (kafka, scratch):
        found = measure(kafka, "sweep", options.clients, scratch, options.kind)
    waits = found.waits
    print(
        f"{options.kind} of {found.clients:,} clients: {found.seconds:.0f} s, {found.rate:,.0f} clients/s; other "
        f"events waited, ms: p50 {waits.p50:.0f}, p90 {waits.p90:.0f}, p99 {waits.p99:.0f}, missing {waits.missing}"
    )


if __name__ == "__main__":
    main()
