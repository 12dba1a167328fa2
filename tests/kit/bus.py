"""Sends records and reads back everything on all topics, committed records only, from a thread of its own.

Tests stay plain functions: ``send`` returns when the broker has it, ``settle`` when the worker has dealt with it.
"""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine
from typing import Any, NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.kit.messages import Message
from tests.kit.waiting import PATIENCE, POLL, until, until_async
from topics.registry import INPUTS, TOPICS

T = TypeVar("T")
MAX_RECORD = 8 << 20
CALL_WITHIN = 90.0


class Got(NamedTuple):
    """A record that was read. ``topic`` is the contract's name."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int

    @property
    def json(self) -> Any:
        """Its value, parsed; None of a tombstone."""
        return None if self.value is None else json.loads(self.value)

    def header(self, name: str) -> str | None:
        """The last header of this name, as text."""
        return next((value.decode() for key, value in reversed(self.headers) if key == name), None)


class Sent(NamedTuple):
    """Where a record went."""

    topic: str
    partition: int
    offset: int


class Bus:
    """All topics of one prefix on one broker, which must have been made before: so many partitions, or these."""

    def __init__(self, servers: str, prefix: str, app_id: str, partitions: int | Collection[int]) -> None:
        self._servers = servers
        self._prefix = prefix
        self._app_id = app_id
        self._partitions = [
            TopicPartition(prefix + topic.name, partition)
            for topic in TOPICS
            for partition in (range(partitions) if isinstance(partitions, int) else partitions)
        ]
        self._inputs = {prefix + topic.name for topic in INPUTS}
        self._read: dict[str, list[Got]] = defaultdict(list)
        self._last: dict[TopicPartition, int] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus", daemon=True)
        self._thread.start()
        self._call(self._open())

    # -- for tests ------------------------------------------------------------------------------------------------

    def send(self, *messages: Message) -> list[Sent]:
        """Send in this order; returns when the broker has them all."""
        return self._call(self._send(messages))

    def send_compressed(self, one: Message) -> Sent:
        """The same of one record, of any size: brokers look at the size of what was compressed."""
        return self._call(self._send_compressed(one))

    def read(self, topic: str) -> list[Got]:
        """What has been read of a topic so far, per partition in order."""
        return list(self._read[topic])

    def wait_for(self, topic: str, wanted: Callable[[Got], bool], within: float = PATIENCE) -> Got:
        """The first record of the topic that is ``wanted``, now or soon."""
        return until(
            lambda: next((got for got in self.read(topic) if wanted(got)), None),
            lambda: f"a wanted record on {topic}; there are {len(self.read(topic))}: {self.read(topic)[-3:]}",
            within,
        )

    def settle(self, within: float = PATIENCE) -> None:
        """Return when the worker has committed every input record, and all its outputs have been read here.

        Timers may fire later: wait for what they bring with ``wait_for``.
        """
        asyncio.run_coroutine_threadsafe(self._settle(within), self._loop).result(within + CALL_WITHIN)

    def catch_up(self) -> None:
        """Return when everything that is on the broker now has been read here."""
        self._call(self._caught_up())

    def committed(self) -> dict[tuple[str, int], int]:
        """The group's committed offsets by (topic, partition)."""
        return {(tp.topic.removeprefix(self._prefix), tp.partition): n for tp, n in self._call(self._offsets()).items()}

    def close(self) -> None:
        """Close its clients and its thread."""
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # -- in its thread --------------------------------------------------------------------------------------------

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(CALL_WITHIN)

    async def _open(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._servers, acks="all", max_request_size=MAX_RECORD, enable_idempotence=False
        )
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            max_partition_fetch_bytes=MAX_RECORD,
        )
        self._ends = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        for client in (self._producer, self._consumer, self._ends, self._admin):
            await client.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning()
        self._reading = asyncio.create_task(self._read_on())

    async def _read_on(self) -> None:
        while True:
            for partition, records in (await self._consumer.getmany(timeout_ms=100)).items():
                topic = partition.topic.removeprefix(self._prefix)
                self._last[partition] = records[-1].offset
                self._read[topic].extend(
                    Got(topic, r.partition, r.offset, r.key, r.value, tuple(r.headers), r.timestamp) for r in records
                )

    async def _send(self, messages: tuple[Message, ...]) -> list[Sent]:
        futures = [
            await self._producer.send(
                self._prefix + m.topic, m.value, m.key, m.partition, m.timestamp, headers=list(m.headers)
            )
            for m in messages
        ]
        sent = await asyncio.gather(*futures)
        return [Sent(m.topic, s.partition, s.offset) for m, s in zip(messages, sent, strict=True)]

    async def _send_compressed(self, m: Message) -> Sent:
        async with AIOKafkaProducer(
            bootstrap_servers=self._servers, max_request_size=1 << 30, compression_type="zstd", enable_idempotence=False
        ) as producer:
            sent = await producer.send_and_wait(
                self._prefix + m.topic, m.value, m.key, m.partition, m.timestamp, headers=list(m.headers)
            )
        return Sent(m.topic, sent.partition, sent.offset)

    async def _settle(self, within: float) -> None:
        async def dealt_with() -> bool:
            offsets = await self._offsets()
            await self._caught_up()  # after the offsets: a record that was sent again before them is seen now
            return all(
                offsets.get(partition, 0) > last for partition, last in self._last.items()
                if partition.topic in self._inputs
            )  # fmt: skip

        await self._caught_up()
        await until_async(dealt_with, "every input record committed by the worker", within)
        await self._caught_up()

    async def _caught_up(self) -> None:
        """Read everything that is on the broker now, open transactions included once they end."""
        ends = await self._ends.end_offsets(self._partitions)
        for partition, end in ends.items():
            while await self._consumer.position(partition) < end:
                if self._reading.done():
                    self._reading.result()
                await asyncio.sleep(POLL)

    async def _offsets(self) -> dict[TopicPartition, int]:
        async def fetch() -> tuple[dict[TopicPartition, Any]] | None:
            try:
                return (await self._admin.list_consumer_group_offsets(self._app_id, partitions=self._partitions),)
            except KafkaError as exc:
                if not exc.retriable:  # the coordinator may only just be starting
                    raise
                return None

        (offsets,) = await until_async(fetch, "the committed offsets of the group")
        return {partition: found.offset for partition, found in offsets.items() if found.offset >= 0}

    async def _close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        for client in (self._producer, self._consumer, self._ends):
            await client.stop()
        await self._admin.close()
