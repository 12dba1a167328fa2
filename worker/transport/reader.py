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

from worker.transport.clients import ClientOptions, stopped
from worker.transport.raw import ALL, Piece, take

FETCH_BYTES: Final = 1 << 19
"""Of one partition: larger fetches are slower when a state is restored."""
FETCH_WAIT_MS: Final = 50
POLL_SECONDS: Final = 0.2
LANES: Final = 2
"""Connections: a client asks a broker one thing at a time, so while one waits for records, another's are taken."""


class PositionReader:
    """``async with PositionReader(options, partitions) as reader``."""

    def __init__(self, options: ClientOptions, partitions: Collection[TopicPartition]) -> None:
        lanes: dict[int, list[TopicPartition]] = {}
        for tp in partitions:
            lanes.setdefault(tp.partition % LANES, []).append(tp)
        self._lanes = [_Lane(options, tps) for tps in lanes.values()]

    async def __aenter__(self) -> Self:
        try:
            for lane in self._lanes:
                await lane.start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        for lane in self._lanes:
            await stopped(lane.consumer)

    async def beginnings(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The earliest offset of each partition that is still there."""
        return dict(await self._lanes[0].consumer.beginning_offsets(list(partitions)))

    async def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The last stable offset of each partition: an open transaction may hold it back."""
        return dict(await self._lanes[0].consumer.end_offsets(list(partitions)))

    async def read(
        self, start: Mapping[TopicPartition, int], end: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Piece]:
        """Pieces of the partitions in ``end``, from ``start`` until the position has reached ``end``."""
        reading: dict[asyncio.Task[list[Piece]], _Lane] = {}
        for lane in self._lanes:
            if lane.begin(start, end):
                reading[asyncio.create_task(lane.pieces())] = lane
        try:
            while reading:
                done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    lane = reading.pop(task)
                    pieces = task.result()
                    if lane.took(pieces, end):
                        reading[asyncio.create_task(lane.pieces())] = lane
                    for piece in pieces:
                        yield piece
        finally:
            for task in reading:
                task.cancel()
            if reading:
                await asyncio.wait(reading)


class _Lane:
    """One consumer. Assigned once: a second assign() of aiokafka's races with its own coordinator task."""

    def __init__(self, options: ClientOptions, partitions: list[TopicPartition]) -> None:
        self._partitions = partitions
        self._left: set[TopicPartition] = set()
        self.consumer: Any = aiokafka.AIOKafkaConsumer(
            **options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
        )

    async def start(self) -> None:
        await self.consumer.start()
        self.consumer.assign(self._partitions)
        self.consumer.pause(*self._partitions)

    def begin(self, start: Mapping[TopicPartition, int], end: Mapping[TopicPartition, int]) -> bool:
        """Is there something to read?"""
        self._left = {tp for tp in self._partitions if tp in end and start[tp] < end[tp]}
        for tp in self._left:
            self.consumer.seek(tp, start[tp])
        if self._left:
            self.consumer.resume(*self._left)
        return bool(self._left)

    def took(self, pieces: Iterable[Piece], end: Mapping[TopicPartition, int]) -> bool:
        """Is there more to read?"""
        for piece in pieces:
            if piece.end >= end[piece.tp]:
                self._left.discard(piece.tp)
                self.consumer.pause(piece.tp)
        return bool(self._left)

    async def pieces(self) -> list[Piece]:
        """What is there, or what comes within POLL_SECONDS."""
        fetcher = self.consumer._fetcher
        with self.consumer._subscription.fetch_context():
            pieces = take(self.consumer, self._left, ALL)
            if not pieces:
                waiter = fetcher._create_fetch_waiter()
                await asyncio.wait([waiter], timeout=POLL_SECONDS)
                if not waiter.done():
                    waiter.cancel()
                    return []
                waiter.result()
                pieces = take(self.consumer, self._left, ALL)
        return pieces
