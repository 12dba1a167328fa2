"""A transactional producer whose offset commits the broker checks against the group's generation and member (KIP-447).

aiokafka 0.14 commits offsets without them, so a process that the group has expelled could still commit.
"""

import collections
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiokafka
from aiokafka.client import CoordinationType
from aiokafka.errors import KafkaError, ProducerFenced
from aiokafka.producer import sender as aiokafka_sender
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from worker.transport.messages import TxnOffsetCommit

NO_ERROR: Final = 0
_COORDINATOR_MOVED: Final = frozenset({7, 15, 16})  # request timed out, coordinator not available, not coordinator
_LOADING: Final = frozenset({3, 14})  # unknown topic (metadata on its way), coordinator loading
_LEFT_BEHIND: Final = frozenset({22, 25, 27, 82})  # illegal generation, unknown member, rebalance, fenced instance
_PRODUCER_FENCED: Final = frozenset({47, 48, 90})  # invalid producer epoch, invalid transaction state, fenced

CONCURRENT_TRANSACTIONS_PAUSE: Final = 0.005
"""Seconds between two tries while the markers of the previous transaction are being written. aiokafka waits 20 ms,
which is most of an event's latency; less than this costs processor time on the broker."""


class GroupFenced(KafkaError):  # type: ignore[misc]  # aiokafka ships no types that hold
    """The group has moved on without this member: what the transaction holds belongs to somebody else now."""


class GroupMetadata(NamedTuple):
    """Who commits. Taken once, when the assignment arrives, and never read from the coordinator later: aiokafka resets
    it to (-1, "") when a heartbeat fails, and the broker takes -1 for "no group" and checks nothing."""

    group_id: str
    generation: int
    member_id: str
    instance_id: str | None = None


class _CommitHandler(aiokafka_sender.TxnOffsetCommitHandler):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Sends the offsets with generation and member id, and tells the three kinds of refusal apart."""

    def create_request(self) -> TxnOffsetCommit:
        transaction, member = self._sender._txn_manager, self._sender.member
        topics: dict[str, list[tuple[int, int, int, str, dict[int, bytes]]]] = collections.defaultdict(list)
        for tp, offset in sorted(self._offsets.items()):
            topics[tp.topic].append((tp.partition, offset.offset, -1, offset.metadata, {}))
        request: TxnOffsetCommit = TxnOffsetCommit(
            transaction.transactional_id,
            self._group_id,
            transaction.producer_id,
            transaction.producer_epoch,
            member.generation,
            member.member_id,
            member.instance_id,
            [(topic, partitions, {}) for topic, partitions in topics.items()],
        )
        return request

    def handle_response(self, response: Any) -> float | None:
        transaction = self._sender._txn_manager
        for topic, partitions, _ in response.errors:
            for partition, code, _ in partitions:
                tp = TopicPartition(topic, partition)
                if code == NO_ERROR:
                    transaction.offset_committed(tp, self._offsets[tp].offset, self._group_id)
                elif code in _COORDINATOR_MOVED:
                    self._sender._coordinator_dead(CoordinationType.GROUP)
                    return float(self._default_backoff)
                elif code in _LOADING:
                    return float(self._default_backoff)
                elif code in _LEFT_BEHIND:
                    # Not error_transaction(): that forgets the transaction's partitions, after which aiokafka 0.14
                    # aborts without telling the broker, and the partitions stay blocked until the time-out.
                    _, _, future = transaction._pending_txn_offsets.popleft()
                    future.set_exception(GroupFenced(f"error {code} for {topic}-{partition}, {self._sender.member}"))
                    return None
                elif code in _PRODUCER_FENCED:
                    raise ProducerFenced(f"TxnOffsetCommit: error {code}")
                else:
                    raise KafkaError(f"TxnOffsetCommit for {topic}-{partition}: error {code}")
        return None


class _GroupSender(aiokafka_sender.Sender):  # type: ignore[misc]  # aiokafka ships no types that hold
    member: GroupMetadata

    async def _do_txn_offset_commit(self, offsets: Any, group_id: str) -> None:
        if offsets:
            node_id = await self._find_coordinator(CoordinationType.GROUP, group_id)
            await _CommitHandler(self, offsets, group_id).do(node_id)


class GroupProducer(aiokafka.AIOKafkaProducer):  # type: ignore[misc]  # aiokafka ships no types that hold
    """AIOKafkaProducer with ``send_offsets``. After a failed transaction throw it away: aiokafka 0.14 may not tell the
    broker of an abort, and the next transaction of the same producer would commit the aborted records."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        aiokafka_sender.BACKOFF_OVERRIDE = CONCURRENT_TRANSACTIONS_PAUSE
        stock: Any = vars(self)["_sender"]
        self._sender: Any = _GroupSender(
            self.client,
            acks=stock._acks,
            txn_manager=stock._txn_manager,
            message_accumulator=stock._message_accumulator,
            retry_backoff_ms=int(stock._retry_backoff * 1000),
            request_timeout_ms=stock._request_timeout_ms,
        )

    @property
    def producer_id(self) -> int:
        """The id that the broker knows this producer by."""
        return int(self._txn_manager.producer_id)

    async def send_offsets(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], member: GroupMetadata) -> None:
        """Add offsets to the open transaction. Raises GroupFenced when the group has moved on, ProducerFenced when
        another process has taken over the transactional id."""
        self._sender.member = member
        await self.send_offsets_to_transaction(dict(offsets), member.group_id)
