"""Sends dead letters back to where they came from, as they were (J3)."""

import asyncio
import collections
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from aiokafka.structs import TopicPartition

from topics.dead_letters import MASKED
from topics.registry import INPUT_TOPIC_BYTES, INPUTS, KEEP_FOREVER
from worker import clock, connecting, topic_admin
from worker.config import Settings
from worker.dead_letters.letters import Letter, Place, read
from worker.dead_letters.replayed import Replayed, replayed
from worker.transport.clients import contract_name, topic_name
from worker.transport.partitions import partition_of

MAX_BATCH: Final = 500
"""Records sent before their acknowledgements are awaited and they are remembered as replayed."""
MAX_BATCH_BYTES: Final = 16 << 20
LARGEST: Final = INPUT_TOPIC_BYTES - (64 << 10)
"""Of value and headers; what was larger came compressed, and is too large to be processed."""


class Report:
    """What a replay did."""

    def __init__(self) -> None:
        self.sent: collections.Counter[str] = collections.Counter()
        self.skipped: list[Place] = []
        self.short_lived = 0
        self.refused: dict[Place, str] = {}
        self.seen: set[Place] = set()

    def refuse(self, letter: Letter, topic: str) -> None:
        """Count a letter that came from no input topic: whoever wrote its headers, nothing is sent elsewhere."""
        self.refused[letter.place] = f"it came from {topic or 'nowhere'}, which is no input here"


async def replay_letters(
    settings: Settings,
    partitions: list[TopicPartition],
    selected: Callable[[Letter], bool],
    *,
    places: Collection[Place] = (),
    dry_run: bool,
    again: bool,
) -> Report:
    """Replay what is selected, of ``places`` if there are any.

    A crash half-way loses nothing: at most MAX_BATCH are sent again by the next replay.
    """
    report = Report()
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    inputs = {topic_name(settings, t.name): found[t.name] for t in INPUTS if t.name in found}
    async with replayed(settings, partitions) as done, connecting.producer(settings) as producer:
        batch: list[Letter] = []
        size = 0
        async for letter in read(settings, partitions, places):
            if not selected(letter):
                continue
            report.seen.add(letter.place)
            if letter.place in done and not again:
                report.skipped.append(letter.place)
            elif letter.code == MASKED:
                report.refused[letter.place] = "the card number in it is masked; have its sender send it again without"
            elif letter.topic not in inputs:
                report.refuse(letter, contract_name(settings, letter.topic))
            elif (size_of_one := _size(letter)) > LARGEST:
                report.refused[letter.place] = f"its topic does not take {size_of_one} bytes; it came compressed"
            else:
                report.sent[letter.code] += 1
                report.short_lived += _expires_at_once(letter, inputs[letter.topic])
                batch.append(letter)
                size += size_of_one
            if len(batch) >= MAX_BATCH or size >= MAX_BATCH_BYTES:
                await _send(producer, done, batch, inputs, dry_run=dry_run)
                batch, size = [], 0
        await _send(producer, done, batch, inputs, dry_run=dry_run)
    return report


async def _send(
    producer: Any, done: Replayed, batch: Iterable[Letter], inputs: Mapping[str, topic_admin.Found], *, dry_run: bool
) -> None:
    """Send, wait until every record is acknowledged, then remember them."""
    letters = list(batch)
    if dry_run or not letters:
        return
    acknowledged = [
        await _send_one(producer, letter, _partition(letter, inputs[letter.topic].partitions)) for letter in letters
    ]
    await asyncio.gather(*acknowledged)
    await done.add(letter.place for letter in letters)


async def _send_one(producer: Any, letter: Letter, partition: int) -> Any:
    """Returns the future of its acknowledgement."""
    original = {"key": letter.key, "value": letter.value, "headers": list(letter.headers)}
    if letter.key is None and letter.value is None:  # aiokafka sends those in batches only
        batch = producer.create_batch()
        batch.append(timestamp=letter.timestamp, **original)
        batch.close()
        return await producer.send_batch(batch, letter.topic, partition=partition)
    return await producer.send(letter.topic, partition=partition, timestamp_ms=letter.timestamp, **original)


def _size(letter: Letter) -> int:
    headers = sum(len(name.encode()) + len(content or b"") for name, content in letter.headers)
    return len(letter.value or b"") + headers


def _expires_at_once(letter: Letter, topic: topic_admin.Found) -> bool:
    """Is the original's timestamp older than the topic keeps records?"""
    kept = int(topic.configs.get("retention.ms", KEEP_FOREVER))
    return kept >= 0 and letter.timestamp is not None and letter.timestamp < clock.now() // 1000 - kept


def _partition(letter: Letter, partitions: int) -> int:
    """The partition it lay on; where that is not there any more, the one of its key."""
    if letter.partition is not None and letter.partition < partitions:
        return letter.partition
    return partition_of(letter.key or b"", partitions)
