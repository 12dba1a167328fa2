"""Sends dead letters back to where they came from, as they were (J3)."""

import asyncio
import collections
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aiokafka.structs import TopicPartition

from topics.registry import INPUTS, KEEP_FOREVER
from worker import clock, connecting, topic_admin
from worker.cli.letters import Letter, Place, read
from worker.cli.output import counted
from worker.cli.replayed import Replayed, replayed
from worker.config import Settings
from worker.transport.clients import contract_name, topic_name
from worker.transport.partitions import partition_of

MAX_BATCH: Final = 500
"""Records sent before their acknowledgements are awaited and they are remembered as replayed."""
MAX_BATCH_BYTES: Final = 16 << 20
SHOWN_REFUSED: Final = 20


class Report:
    """What a replay did."""

    def __init__(self) -> None:
        self.sent: collections.Counter[str] = collections.Counter()
        self.skipped = 0
        self.short_lived = 0
        self.refused: list[str] = []
        self.seen: set[Place] = set()

    def refuse(self, letter: Letter, topic: str) -> None:
        """Count a letter that came from no input topic: whoever wrote its headers, nothing is sent elsewhere."""
        self.refused.append(
            f"{letter.place} cannot be replayed: it came from {topic or 'nowhere'}, which is no input here"
        )

    def lines(self, *, dry_run: bool) -> list[str]:
        """For the person who asked, a line each."""
        codes = ", ".join(f"{n} {code}" for code, n in sorted(self.sent.items()))
        did = "Would replay" if dry_run else "Replayed"
        lines = [f"{did} {counted(self.sent.total(), 'dead letter')}{f' ({codes})' if codes else ''}."]
        if self.skipped:
            lines.append(f"Skipped {self.skipped} that were replayed before (--again sends them once more).")
        if self.short_lived:
            lines.append(
                f"{self.short_lived} of them have timestamps older than their topic keeps records: the broker may "
                "delete them within minutes. Have a worker running while you replay them."
            )
        lines += self.refused[:SHOWN_REFUSED]
        if len(self.refused) > SHOWN_REFUSED:
            lines.append(f"… and {len(self.refused) - SHOWN_REFUSED} more cannot be replayed.")
        return lines


async def replay_letters(
    settings: Settings,
    partitions: list[TopicPartition],
    selected: Callable[[Letter], bool],
    *,
    dry_run: bool,
    again: bool,
) -> Report:
    """Replay what is selected. A crash half-way loses nothing: at most MAX_BATCH are sent again by the next replay."""
    report = Report()
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    inputs = {topic_name(settings, t.name): found[t.name] for t in INPUTS if t.name in found}
    async with replayed(settings, partitions) as done, connecting.producer(settings) as producer:
        batch: list[Letter] = []
        size = 0
        async for letter in read(settings, partitions):
            if not selected(letter):
                continue
            report.seen.add(letter.place)
            if letter.place in done and not again:
                report.skipped += 1
            elif letter.topic not in inputs:
                report.refuse(letter, contract_name(settings, letter.topic))
            else:
                report.sent[letter.code] += 1
                report.short_lived += _expires_at_once(letter, inputs[letter.topic])
                batch.append(letter)
                size += len(letter.value or b"")
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


def _expires_at_once(letter: Letter, topic: topic_admin.Found) -> bool:
    """Is the original's timestamp older than the topic keeps records?"""
    kept = int(topic.configs.get("retention.ms", KEEP_FOREVER))
    return kept >= 0 and letter.timestamp is not None and letter.timestamp < clock.now() // 1000 - kept


def _partition(letter: Letter, partitions: int) -> int:
    """The partition it lay on; where that is not there any more, the one of its key."""
    if letter.partition is not None and letter.partition < partitions:
        return letter.partition
    return partition_of(letter.key or b"", partitions)
