"""Second step: does the record lie where its business belongs? Else it is re-sent under the right key, once.

A record under the right key on a wrong partition is re-sent as well: all about one business must meet in one task. What
was re-sent lies on the right partition, so it cannot go round in circles.
"""

from functools import lru_cache
from typing import Final

from worker.pipeline.outbox import Item
from worker.pipeline.ports import Record
from worker.transport.partitions import partition_of

REKEYED: Final = "rekeyed"
MAX_CACHED_KEYS: Final = 65_536


class Router:
    """Knows the partition of every business."""

    __slots__ = ("_partition", "_partition_of")

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition = partition
        self._partition_of = lru_cache(MAX_CACHED_KEYS)(lambda business: partition_of(business.encode(), partitions))

    def elsewhere(self, business: str, record: Record) -> int | None:
        """The partition to which the record must be re-sent under its business's key; None when it lies right."""
        right = self._partition_of(business)
        if right != self._partition:
            return right
        if record.key == business.encode() or any(name == REKEYED for name, _ in record.headers):
            return None
        return right


def resent(business: str, record: Record) -> Item:
    """The record under the right key: value, timestamp and headers as they were."""
    return Item(business.encode(), record.value, record.timestamp, [*record.headers, (REKEYED, b"1")])
