"""Header names that are not UTF-8. The protocol forbids them, brokers take them, and aiokafka cannot read a batch that
has one: what is no text in a name is then written as ``\\xff``.
"""

from struct import Struct
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_BATCH: Final = Struct(">qi")
"""How a record batch begins: its first offset, and how many bytes follow."""


class KeptRecords(MemoryRecords):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Record batches as they were fetched, and the bytes that they are read from."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


def keep_what_is_fetched() -> None:
    """From now on consumers of this process have fetched ``KeptRecords``."""
    fetcher.MemoryRecords = KeptRecords


class _Names(bytearray):
    """Bytes of which every part becomes a text."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Names(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")


def records_of(raw: bytes, base_offset: int) -> list[Any]:
    """The records of the batch that begins with this offset. Raises CorruptRecordException."""
    at = 0
    while True:
        first, length = _BATCH.unpack_from(raw, at)
        end = at + _BATCH.size + length
        if first == base_offset:
            break
        at = end
    batch = _DefaultRecordBatchPy(raw[at:end])
    batch._maybe_uncompress()
    batch._buffer = _Names(batch._buffer)
    return list(batch)
