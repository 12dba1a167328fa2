"""How long after an input is sent a subscriber reads the status change that it causes, at a steady rate."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import processes
from bench.workload import event
from tests.kit.place import Place
from worker.transport.partitions import partition_of

RATE: Final = 2_000
"""Events a second, evenly."""
WARM_SECONDS: Final = 15.0
"""A broker that has only just made a thousand partitions takes seconds over the first transactions over them."""
EVENTS_A_CLIENT: Final = 4
CONVERTED: Final = "customer"
TICK: Final = 0.002
DRAIN_SECONDS: Final = 30.0
"""How long the last changes are waited for."""


class Latency(NamedTuple):
    """Milliseconds; ``changes`` were measured, ``missing`` were not read in time; the worker used ``cpu`` of a core."""

    partitions: int
    changes: int
    missing: int
    p50: float
    p90: float
    p99: float
    cpu: float


class Meter:
    """Sends events and reads changes; knows when each event was sent."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sent: dict[str, float] = {}
        self._seen: dict[str | None, float] = {}
        self._told: set[str] = set()
        self._awaited: set[str] = set()
        self._all_read = asyncio.Event()

    async def run(self, seconds: float, pid: int, during: Callable[[], Awaitable[None]] | None = None) -> Latency:
        """Measure for so many seconds, after WARM_SECONDS; or for as long as ``during`` takes, if that is shorter."""
        place = self._place
        producer: Any = AIOKafkaProducer(bootstrap_servers=place.broker.servers, acks="all", linger_ms=0)
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=place.broker.servers, isolation_level="read_committed", enable_auto_commit=False,
            auto_offset_reset="earliest", fetch_max_wait_ms=100,
        )  # fmt: skip
        await producer.start()
        await consumer.start()
        consumer.assign([TopicPartition(f"{place.prefix}client-status-changes", p) for p in range(place.partitions)])
        reading = asyncio.create_task(self._read(consumer))
        try:
            converting, measured_from, cpu = await self._send(producer, seconds, pid, during)
            await producer.flush()
            self._awaited = converting - self._told
            self._all_read.clear()
            if self._awaited:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._all_read.wait(), DRAIN_SECONDS)
            if reading.done():
                reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await producer.stop()
            await consumer.stop()
        waits = sorted(
            seen - self._sent[id_]
            for id_, seen in self._seen.items()
            if id_ in self._sent and self._sent[id_] >= measured_from
        )
        missing = len(converting - self._told)
        return Latency(
            place.partitions, len(waits), missing, _of(waits, 0.5), _of(waits, 0.9), _of(waits, 0.99), cpu
        )  # fmt: skip

    async def _send(
        self, producer: Any, seconds: float, pid: int, during: Callable[[], Awaitable[None]] | None
    ) -> tuple[set[str], float, float]:
        """Returns the clients that must be told of as converted, since when is measured, and the share of a core.

        Which of a client's first events converts it is for the order of the topics to say: there is none.
        """
        place, rnd, number = self._place, random.Random(1), 0
        began = time.perf_counter()
        measured_from, cpu = began + WARM_SECONDS, 0.0
        converting: set[str] = set()
        known: set[int] = set()
        meanwhile: asyncio.Future[None] | None = None
        while (now := time.perf_counter()) < measured_from + seconds:
            if not cpu and now >= measured_from:
                cpu = processes.cpu_seconds(pid)
                meanwhile = asyncio.ensure_future(during()) if during is not None else None
            if meanwhile is not None and meanwhile.done():
                meanwhile.result()
                break
            while number < (now - began) * RATE:
                client = number // EVENTS_A_CLIENT + rnd.randrange(50)
                type_ = rnd.choice(("booking.scheduled", "booking.attended", "invoice.issued", "payment.received"))
                one = event(rnd, number, client, datetime.now(UTC), type_)
                key = one.business.encode()
                self._sent[one.id] = time.perf_counter()
                await producer.send(
                    place.prefix + one.topic, one.value, key, partition=partition_of(key, place.partitions)
                )
                if type_ != "booking.scheduled" and client not in known:
                    known.add(client)
                    if now >= measured_from:
                        converting.add(one.client)
                number += 1
            await asyncio.sleep(TICK)
        took = time.perf_counter() - measured_from
        return converting, measured_from, (processes.cpu_seconds(pid) - cpu) / took

    async def _read(self, consumer: Any) -> None:
        while True:
            got = await consumer.getmany(timeout_ms=100)
            now = time.perf_counter()
            for records in got.values():
                for record in records:
                    data = orjson.loads(record.value)["data"]
                    self._seen.setdefault(data["cause"].get("event_id"), now)
                    if data["to"] == CONVERTED:
                        self._told.add(data["client_id"])
                        self._awaited.discard(data["client_id"])
            if not self._awaited:
                self._all_read.set()


def _of(waits: list[float], quantile: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * quantile))] * 1000 if waits else float("nan")


def measure(kafka: Any, name: str, partitions: int, seconds: float, directory: Path) -> Latency:
    """One worker with so many partitions under RATE events a second."""
    place = Place(kafka, name, directory / name, partitions)
    place.make_topics()
    worker = place.worker(wait=False)
    try:
        processes.wait_ready(worker)
        return asyncio.run(Meter(place).run(seconds, worker.pid))
    finally:
        worker.stop()
