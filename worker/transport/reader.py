"""Reads partitions from one position to another, without a group: for restoring, and for the control topic at start.

Always by position, never by counting records or looking at their offsets: transaction markers, aborted records and the
holes that compaction leaves are not records.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiokafka
from aiokafka.structs import TopicPartition

from worker.transport.clients import ClientOptions
from worker.transport.raw import ALL, Piece, take

FETCH_BYTES: Final = 1 << 20
"""Of one partition: larger fetches are slower when a state is restored."""
FETCH_WAIT_MS: Final = 50
POLL_SECONDS: Final = 0.2


class PositionReader:
    """``async with PositionReader(options, partitions) as reader``. Assigned once: a second assign() of aiokafka's
    consumer races with its own coordinator task."""

    def __init__(self, options: ClientOptions, partitions: Collection[TopicPartition]) -> None:
        self._partitions = list(partitions)
        self._consumer: Any = aiokafka.AIOKafkaConsumer(
            **options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        self._consumer.pause(*self._partitions)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def beginnings(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The earliest offset of each partition that is still there."""
        return dict(await self._consumer.beginning_offsets(list(partitions)))

    async def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The last stable offset of each partition: an open transaction may hold it back."""
        return dict(await self._consumer.end_offsets(list(partitions)))

    async def read(
        self, start: Mapping[TopicPartition, int], end: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Piece]:
        """Pieces of the partitions in ``end``, from ``start`` until the position has reached ``end``."""
        consumer = self._consumer
        left = {tp for tp in end if start[tp] < end[tp]}
        for tp in left:
            consumer.seek(tp, start[tp])
        if left:
            consumer.resume(*left)
        while left:
            for piece in await self._pieces(left):
                yield piece
                if piece.end >= end[piece.tp]:
                    left.discard(piece.tp)
                    consumer.pause(piece.tp)

    async def _pieces(self, left: set[TopicPartition]) -> list[Piece]:
        """What is there, or what comes within POLL_SECONDS."""
        fetcher = self._consumer._fetcher
        with self._consumer._subscription.fetch_context():
            pieces = take(self._consumer, left, ALL)
            if not pieces:
                waiter = fetcher._create_fetch_waiter()
                await asyncio.wait([waiter], timeout=POLL_SECONDS)
                if not waiter.done():
                    waiter.cancel()
                    return []
                waiter.result()
                pieces = take(self._consumer, left, ALL)
        return pieces
