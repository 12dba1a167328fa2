"""The Kafka that is measured on, and what the measurements ask of it: records written, ends, the group's offsets."""

import asyncio
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from bench.workload import Event
from tests.brokers.apache import ApacheKafka
from worker.pipeline.commit import BATCH_BYTES, send, settle
from worker.pipeline.outbox import Item
from worker.transport.partitions import partition_of

MAX_REQUEST: Final = 8 << 20
POLL_SECONDS: Final = 0.02
HEADERS: Final = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


@contextlib.contextmanager
def alone(port: int = 0) -> Iterator[tuple[ApacheKafka, Path]]:
    """A broker that nobody else uses, on that port (0: any free one), and a directory that goes with it. Raises
    Unavailable."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        kafka = ApacheKafka(Path(scratch) / "kafka", port, brief=False)
        try:
            yield kafka, Path(scratch)
        finally:
            kafka.stop()


async def write(servers: str, records: Mapping[TopicPartition, list[Item]]) -> None:
    """Write records, in order, as record batches."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", max_batch_size=BATCH_BYTES, max_request_size=MAX_REQUEST
    )
    await producer.start()
    try:
        await settle(await send(producer, records.items()))
    finally:
        await producer.stop()


async def preload(servers: str, prefix: str, partitions: int, events: Iterable[Event]) -> None:
    """Write events to the input topics of a place, each to the partition of its business."""
    records: dict[TopicPartition, list[Item]] = defaultdict(list)
    for one in events:
        key = one.business.encode()
        place = TopicPartition(prefix + one.topic, partition_of(key, partitions))
        records[place].append(Item(key, one.value, None, HEADERS))
    await write(servers, records)


async def ends(servers: str, topics: Iterable[str], partitions: int) -> dict[TopicPartition, int]:
    """The end of every partition of the topics."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(t, p) for t in topics for p in range(partitions)])
    finally:
        await consumer.stop()
    return dict(found)


async def wait_committed(servers: str, group: str, wanted: Mapping[TopicPartition, int], child: Any) -> None:
    """Return when the group's offsets have reached ``wanted``. Raises RuntimeError when the ``child`` ends first."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        while True:
            offsets = await admin.list_consumer_group_offsets(group, partitions=list(wanted))
            if all(offsets[tp].offset >= end for tp, end in wanted.items()):
                return
            if child.exit_code is not None:
                raise RuntimeError(f"the measured program ended with exit code {child.exit_code}")
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await admin.close()
