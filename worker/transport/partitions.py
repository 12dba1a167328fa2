"""Which partition a key belongs to: Kafka's default partitioner (murmur2), the same for every language's client."""

from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

_REMEMBERED: Final = 1 << 16
"""Keys whose partition is remembered: hashing in Python costs microseconds, and a business's key comes again."""
_POSITIVE: Final = 0x7FFFFFFF


@lru_cache(maxsize=_REMEMBERED)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition, of so many, that Kafka's default partitioner gives to a key."""
    return int(murmur2(key) & _POSITIVE) % partitions
