"""Dead letters as records: read from their topic up to its end, with what their headers say of the original (J1)."""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
import orjson
from aiokafka.structs import TopicPartition

from topics import dead_letters as letters
from topics.registry import DEAD_LETTERS
from worker import connecting, topic_admin
from worker.config import Settings
from worker.errors import SettingError, StateMismatch
from worker.transport.clients import topic_name

POLL_MS: Final = 500
UNKNOWN: Final = "?"
_PLACE: Final = re.compile(r"([0-9]{1,9}):([0-9]{1,18})", re.ASCII)
"""No number here is larger than Kafka's."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a dead letter lies: ``PARTITION:OFFSET`` on the command line."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter. ``headers`` are the original's; ``topic`` is the real name, with the prefix."""

    place: Place
    key: bytes | None
    value: bytes | None
    timestamp: int | None
    headers: Sequence[tuple[str, bytes | None]]
    code: str
    message: str
    topic: str
    partition: int | None
    offset: int | None
    at: str

    @property
    def came_from(self) -> str:
        """Topic, partition and offset of the original."""
        place = (self.topic, self.partition, self.offset)
        return ":".join(UNKNOWN if part is None or part == "" else str(part) for part in place)

    @property
    def business(self) -> str | None:
        """The business it names: in its value, else in CloudEvents' header, else as its key."""
        try:
            event = orjson.loads(self.value or b"")
        except orjson.JSONDecodeError:
            event = None
        named = event.get("businessid") if isinstance(event, dict) else None
        headers = dict(self.headers)
        said = headers.get("ce_businessid") or self.key or b""
        found = named if isinstance(named, str) else said.decode(errors="replace")
        return found or None


def place(text: str) -> Place:
    """Parse ``PARTITION:OFFSET``. Raises SettingError."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise SettingError(f"{text!r} is not PARTITION:OFFSET, as client-status dead-letters list shows them")
    return Place(int(found[1]), int(found[2]))


def letter(record: Any) -> Letter:
    """The dead letter in a record of the topic. What a foreign record lacks is left empty."""
    added = {
        name: (content or b"").decode(errors="replace") for name, content in record.headers if name in letters.ADDED
    }
    return Letter(
        place=Place(record.partition, record.offset),
        key=record.key,
        value=record.value,
        timestamp=record.timestamp if record.timestamp is not None and record.timestamp >= 0 else None,
        headers=_original(record.headers),
        code=added.get(letters.EXCEPTION, UNKNOWN),
        message=added.get(letters.MESSAGE, ""),
        topic=added.get(letters.TOPIC, ""),
        partition=_number(added.get(letters.PARTITION)),
        offset=_number(added.get(letters.OFFSET)),
        at=added.get(letters.AT, UNKNOWN),
    )


def _original(headers: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, bytes | None]]:
    """Without what was added: the last of each name, for a replayed record may itself have brought such headers."""
    kept = list(headers)
    for name in letters.ADDED:
        last = next((i for i in reversed(range(len(kept))) if kept[i][0] == name), None)
        if last is not None:
            del kept[last]
    return kept


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


async def partitions(settings: Settings) -> list[TopicPartition]:
    """The partitions of the topic. Raises StateMismatch when it is not there."""
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    real = topic_name(settings, DEAD_LETTERS)
    if DEAD_LETTERS not in found:
        raise StateMismatch(f"the topic {real} is missing: run client-status topics create")
    return [TopicPartition(real, partition) for partition in range(found[DEAD_LETTERS].partitions)]


async def read(
    settings: Settings, these: Iterable[TopicPartition], places: Collection[Place] = ()
) -> AsyncIterator[Letter]:
    """Every committed dead letter up to the ends as they are now, partition by partition in order; with ``places``,
    no more of each partition than from the first to the last of them."""
    wanted = list(these)
    async with connecting.reader(settings) as reader:
        reader.assign(wanted)
        ends = await reader.end_offsets(wanted)
        begins = await reader.beginning_offsets(wanted)
        for partition in wanted:
            offsets = [place.offset for place in places if place.partition == partition.partition]
            first = min([*offsets, ends[partition] - 1]) if offsets else 0  # there is more after a too early end
            reader.seek(partition, max(begins[partition], first))
            if offsets:
                ends[partition] = min(ends[partition], max(offsets) + 1)
        for partition in wanted:
            reader.pause(*(p for p in wanted if p != partition))
            reader.resume(partition)
            while await reader.position(partition) < ends[partition]:
                for record in (await reader.getmany(partition, timeout_ms=POLL_MS)).get(partition, ()):
                    yield letter(record)  # all of the last batch: the embedded broker names too early an end


async def read_one(settings: Settings, where: Place) -> Letter | None:
    """The dead letter at a place; None when there is none (any more)."""
    topic = topic_name(settings, DEAD_LETTERS)
    known = await partitions(settings)
    partition = TopicPartition(topic, where.partition)
    if partition not in known:
        return None
    async with connecting.reader(settings) as reader:
        reader.assign([partition])
        reader.seek(partition, where.offset)  # an offset that is not there makes the reader go to the end
        while True:
            high = reader.highwater(partition)  # as the fetch tells it: the embedded broker names too early an end else
            for record in (await reader.getmany(partition, timeout_ms=POLL_MS, max_records=1)).get(partition, ()):
                return letter(record) if record.offset == where.offset else None
            if await reader.position(partition) > where.offset or (high is not None and high <= where.offset):
                return None
