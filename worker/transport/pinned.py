"""Checks, before anything starts, that the parts of aiokafka and Faust that are not public are as they are known to be.

Both versions are pinned; this tells plainly when somebody has installed others."""

import inspect
from importlib.metadata import version
from typing import Any, Final

import aiokafka
import faust
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer import sender as aiokafka_sender
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.default_records import _DefaultRecordBatchPy
from faust.app.base import BootStrategy
from faust.tables import TableManager
from faust.transport.drivers import aiokafka as driver

from worker.errors import Crash

PINNED: Final = {"aiokafka": "0.14.0", "faust-streaming": "0.15.3"}

USED: Final[dict[Any, tuple[str, ...]]] = {
    Fetcher: ("_create_fetch_waiter", "_notify", "_fetch_requests_routine"),
    FetchResult: ("has_more", "check_assignment", "_update_position"),
    PartitionRecords: ("_consume_aborted_up_to", "_contains_abort_marker", "_unpack_records"),
    GroupCoordinator: ("_send_req", "ensure_coordinator_known", "coordinator_dead"),
    aiokafka_sender: ("BACKOFF_OVERRIDE",),
    aiokafka_sender.Sender: ("_do_txn_offset_commit", "_find_coordinator", "_coordinator_dead"),
    aiokafka_sender.TxnOffsetCommitHandler: ("create_request", "handle_response"),
    TransactionManager: ("offset_committed", "is_in_transaction"),
    fetcher: ("MemoryRecords",),
    _DefaultRecordBatchPy: ("_maybe_uncompress", "_read_msg"),
    BatchBuilder: ("append", "size", "record_count"),
    aiokafka.AIOKafkaProducer: ("create_batch", "send_batch", "send_offsets_to_transaction"),
    driver.Consumer: ("_new_consumer_thread", "_drain_messages", "verify_all_partitions_active", "on_buffer_full"),
    driver.AIOKafkaConsumerThread: ("_create_worker_consumer", "_ensure_consumer", "on_partitions_assigned"),
    TableManager: ("on_rebalance", "on_rebalance_start", "on_partitions_revoked", "wait_until_recovery_completed"),
    BootStrategy: ("kafka_consumer",),
    faust.App: ("_new_transport", "_on_partitions_revoked", "_on_rebalance_when_stopped", "_create_directories"),
}
"""What is overridden or called, by its owner."""
SENDER_ARGUMENTS: Final = frozenset(
    {"acks", "txn_manager", "message_accumulator", "retry_backoff_ms", "request_timeout_ms"}
)


def check_pinned() -> None:
    """Raises Crash with what differs."""
    found = {name: version(name) for name in PINNED}
    missing = [
        f"{getattr(owner, '__name__', owner)}.{name}"
        for owner, names in USED.items()
        for name in names
        if not hasattr(owner, name)
    ]
    if SENDER_ARGUMENTS - inspect.signature(aiokafka_sender.Sender.__init__).parameters.keys():
        missing.append("the arguments of aiokafka's Sender")
    if found != PINNED or missing:
        wanted = ", ".join(f"{name}=={number}" for name, number in PINNED.items())
        installed = ", ".join(f"{name} {number}" for name, number in found.items())
        absent = f"; missing: {', '.join(missing)}" if missing else ""
        raise Crash(
            f"the worker uses parts of aiokafka and Faust that are not public, so it runs with {wanted} only; "
            f"installed are {installed}{absent}. Install it again with its own requirements"
        )
