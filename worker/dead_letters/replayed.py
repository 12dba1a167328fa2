"""Which dead letters were replayed before: remembered in a consumer group of its own, so that a repeat skips them.

Per partition, the committed offset says "all before it", and the commit's metadata lists the ranges after it. Brokers
keep 4,096 bytes of metadata (the embedded one keeps none), and drop a group that was not used for a week; what is
forgotten is replayed again, which is harmless, because an event counts once (P3).
"""

import asyncio
import re
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from worker import connecting
from worker.config import Settings
from worker.dead_letters.letters import Place

MAX_METADATA: Final = 4_000
"""Bytes; Kafka's offset.metadata.max.bytes is 4,096 unless set otherwise."""
GROUP_SUFFIX: Final = "-dead-letters-replay"
_RANGE: Final = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


class Ranges:
    """A set of offsets as half-open ranges, ``[start, end)``, in order and apart from each other."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._ranges: list[tuple[int, int]] = []
        self._join(ranges)

    def __contains__(self, offset: int) -> bool:
        place = bisect_right(self._ranges, offset, key=lambda r: r[0])
        return place > 0 and offset < self._ranges[place - 1][1]

    def add(self, offsets: Iterable[int]) -> None:
        """Add offsets."""
        self._join((offset, offset + 1) for offset in offsets)

    def _join(self, more: Iterable[tuple[int, int]]) -> None:
        joined: list[tuple[int, int]] = []
        for start, end in sorted([*self._ranges, *more]):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        self._ranges = joined

    def within(self, begin: int, end: int) -> "Ranges":
        """What of it still lies in the log. Nothing, when it reaches beyond the end: then it is about another log."""
        if self._ranges and self._ranges[-1][1] > end:
            return Ranges()
        return Ranges((max(start, begin), stop) for start, stop in self._ranges if stop > begin)

    def committed(self, begin: int) -> tuple[int, str]:
        """Offset and metadata for the group: the range that starts with the log, and as many others as have room."""
        ranges = list(self._ranges)
        offset = ranges.pop(0)[1] if ranges and ranges[0][0] <= begin else begin
        texts, room = [], MAX_METADATA
        for start, end in ranges:
            text = f"{start}-{end - 1}" if end - start > 1 else f"{start}"
            room -= len(text) + 1
            if room < 0:
                break
            texts.append(text)
        return offset, ",".join(texts)

    @classmethod
    def read(cls, offset: int, metadata: str) -> "Ranges":
        """The inverse of ``committed``. Text that somebody else wrote counts for nothing."""
        ranges = [(0, offset)] if offset > 0 else []
        matches = filter(None, map(_RANGE.fullmatch, metadata.split(",")))
        return cls([*ranges, *((int(match[1]), int(match[2] or match[1]) + 1) for match in matches)])


class Replayed:
    """What was replayed, by partition. ``add`` is remembered on the broker before it returns."""

    def __init__(self, consumer: Any, known: Mapping[TopicPartition, Ranges], begins: Mapping[TopicPartition, int]):
        self._consumer = consumer
        self._known = {tp.partition: (tp, ranges) for tp, ranges in known.items()}
        self._begins = begins

    def __contains__(self, place: Place) -> bool:
        return place.partition in self._known and place.offset in self._known[place.partition][1]

    async def add(self, places: Iterable[Place]) -> None:
        """Remember these as replayed."""
        offsets: dict[int, list[int]] = {}
        for place in places:
            offsets.setdefault(place.partition, []).append(place.offset)
        commit = {}
        for number, added in offsets.items():
            partition, ranges = self._known[number]
            ranges.add(added)
            commit[partition] = OffsetAndMetadata(*ranges.committed(self._begins[partition]))
        if commit:
            await self._consumer.commit(commit)


@asynccontextmanager
async def replayed(settings: Settings, partitions: Iterable[TopicPartition]) -> AsyncIterator[Replayed]:
    """Open the memory of replays of the APP_ID's dead letters."""
    wanted, group = list(partitions), settings.app_id + GROUP_SUFFIX
    async with connecting.admin(settings) as admin:
        committed = await _committed(admin, group, wanted)
    async with connecting.reader(settings, group_id=group) as consumer:
        consumer.assign(wanted)
        begins, ends = await consumer.beginning_offsets(wanted), await consumer.end_offsets(wanted)
        known = {}
        for partition in wanted:
            found = committed.get(partition)
            ranges = Ranges.read(found.offset, found.metadata or "") if found is not None else Ranges()
            known[partition] = ranges.within(begins[partition], ends[partition])
        yield Replayed(consumer, known, begins)


async def _committed(admin: Any, group: str, partitions: list[TopicPartition]) -> Mapping[TopicPartition, Any]:
    """What the group committed. The first group ever on a broker has to wait for the topic that groups live in."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + connecting.CONNECT_SECONDS
    while True:
        try:
            found: Mapping[TopicPartition, Any] = await admin.list_consumer_group_offsets(group, partitions=partitions)
        except KafkaError as exc:
            if not exc.retriable or loop.time() > deadline:
                raise
            await asyncio.sleep(connecting.RETRY_SECONDS)
        else:
            return found
