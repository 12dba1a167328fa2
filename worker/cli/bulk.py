"""Sends many events of one business: in large batches, several on their way, each acknowledged before the end."""

import asyncio
import collections
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.structs import TopicPartition

from worker import connecting
from worker.config import Settings

BATCH_BYTES: Final = 256 << 10
ON_THE_WAY: Final = 4
"""Batches that are sent and not acknowledged yet."""


class Sender:
    """``await add(value)`` for each, ``await flush()`` at the end. Raises KafkaError."""

    def __init__(self, producer: Any, partition: TopicPartition, key: bytes, headers: list[tuple[str, bytes]]) -> None:
        self._producer = producer
        self._partition = partition
        self._key = key
        self._headers = headers
        self._batch: Any = producer.create_batch()
        self._on_the_way: collections.deque[tuple[asyncio.Future[Any], int]] = collections.deque()
        self.first = -1
        """The offset of the first event."""
        self.end = 0
        """The offset after the last one that is acknowledged; 0: there is none."""

    async def add(self, value: bytes) -> None:
        """Put an event into the batch, and send the batch when it is full."""
        if not self._append(value):
            await self._send()
            self._append(value)  # the first of a batch always fits

    async def flush(self) -> None:
        """Return when everything is acknowledged."""
        await self._send()
        while self._on_the_way:
            await self._acknowledged()

    async def _acknowledged(self) -> None:
        sent, count = self._on_the_way.popleft()
        offset = (await sent).offset
        self.first = offset if self.first < 0 else self.first
        self.end = max(self.end, offset + count)

    def _append(self, value: bytes) -> bool:
        return self._batch.append(key=self._key, value=value, timestamp=None, headers=self._headers) is not None

    async def _send(self) -> None:
        if not self._batch.record_count():
            return
        while len(self._on_the_way) >= ON_THE_WAY:
            await self._acknowledged()
        sent = await self._producer.send_batch(self._batch, self._partition.topic, partition=self._partition.partition)
        self._on_the_way.append((sent, self._batch.record_count()))
        self._batch = self._producer.create_batch()


@asynccontextmanager
async def sender(
    settings: Settings, partition: TopicPartition, key: bytes, headers: list[tuple[str, bytes]]
) -> AsyncIterator[Sender]:
    """A sender, which is flushed in the end."""
    async with connecting.producer(settings, max_batch_size=BATCH_BYTES) as producer:
        bulk = Sender(producer, partition, key, headers)
        yield bulk
        await bulk.flush()
