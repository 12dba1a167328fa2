"""Record batches that are compressed, from producers that compress nothing else."""

from typing import Any, Final

from aiokafka.producer.message_accumulator import BatchBuilder

ZSTD: Final = 4
"""The protocol's number of the codec; it makes small what any of the others has made small."""


def compressed_batch(producer: Any, size: int) -> Any:
    """An empty batch, as ``producer.create_batch`` gives it, that is compressed when it is sent."""
    transactions = producer._txn_manager
    is_transactional = transactions is not None and transactions.transactional_id is not None
    return BatchBuilder(size, ZSTD, is_transactional=is_transactional)
