"""Second step: does the record lie where its business belongs? Else it is re-sent under the right key, once.

A record under the right key on a wrong partition is re-sent as well: all about one business must meet in one task. What
was re-sent lies on the right partition, so it cannot go round in circles.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, Protocol

from topics.envelope import Unusable
from topics.registry import INPUT_TOPIC_BYTES
from worker.pipeline.outbox import Item
from worker.pipeline.ports import Record
from worker.transport.partitions import partition_of

REKEYED: Final = "rekeyed"
MAX_CACHED_KEYS: Final = 65_536
MAX_RESENT_BYTES: Final = INPUT_TOPIC_BYTES - (64 << 10)
"""Of value and headers: a record that came compressed may be larger than its topic takes."""


class Lying(Protocol):
    """What of a record says whether it lies right."""

    @property
    def key(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Router:
    """Knows the partition of every business."""

    __slots__ = ("_key_of", "_partition", "partition_of")

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition = partition

        @lru_cache(MAX_CACHED_KEYS)
        def right(business: str) -> int:
            return partition_of(business.encode(), partitions)

        @lru_cache(MAX_CACHED_KEYS)
        def key_here(business: str) -> bytes | None:
            return business.encode() if right(business) == partition else None

        self.partition_of: Callable[[str], int] = right
        """The partition that the records of a business belong to."""
        self._key_of = key_here

    def lies_right(self, business: str, record: Lying) -> bool:
        """Is the record where its business belongs, or has it been re-sent already?"""
        key = self._key_of(business)
        if key is not None and key == record.key:
            return True
        return key is not None and any(name == REKEYED for name, _ in record.headers)


def check_size(record: Record) -> None:
    """Raises Unusable when the record is too large to be sent again."""
    headers = sum(len(name.encode()) + len(content or b"") for name, content in record.headers)
    size = len(record.value or b"") + headers
    if size > MAX_RESENT_BYTES:
        raise Unusable(
            "too_large",
            f"the record has {size} bytes with its headers, and another key than its businessid: at most "
            f"{MAX_RESENT_BYTES} can be sent again",
        )


def resent(business: str, record: Record) -> Item:
    """The record under the right key: value, timestamp and headers as they were."""
    return Item(business.encode(), record.value, record.timestamp, [*record.headers, (REKEYED, b"1")])
