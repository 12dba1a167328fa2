"""Finds and ends the transactions that dead, frozen or expelled processes of this app have left open.

Without it their partitions stay blocked for readers of committed records until the transaction's time-out passes.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import aiokafka
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    LeaderNotAvailableError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.structs import TopicPartition

from worker.transport.clients import ClientOptions
from worker.transport.messages import DescribeProducers, ListTransactions

log = logging.getLogger(__name__)

_END_SECONDS: Final = 30.0
"""How long ending one transaction may take; InitProducerId is retried while the coordinator is busy."""


FORBIDDEN: Final = TopicAuthorizationFailedError.errno
NOBODY: Final = -1
"""In the cluster's metadata: no broker leads this partition now."""


class OpenTransaction(NamedTuple):
    """A transaction with records in a partition that are neither committed nor aborted."""

    tp: TopicPartition
    producer_id: int
    start_offset: int


async def open_transactions(client: Any, partitions: Iterable[TopicPartition]) -> set[OpenTransaction]:
    """What is open over these partitions. ``client`` is an AIOKafkaClient. Raises KafkaError; then it is worth asking
    again, since the client has learnt meanwhile who leads them now."""
    async with _looking_again(client):
        return await _open_transactions(client, partitions)


@asynccontextmanager
async def _looking_again(client: Any) -> AsyncIterator[None]:
    """What goes wrong may be that brokers are gone, or lead other partitions than the client knows of."""
    try:
        yield
    except KafkaError:
        await client.force_metadata_update()
        raise


async def _open_transactions(client: Any, partitions: Iterable[TopicPartition]) -> set[OpenTransaction]:
    leaders: dict[int, dict[str, list[int]]] = {}
    for tp in partitions:
        await client._wait_on_metadata(tp.topic)
        leader = client.cluster.leader_for_partition(tp)
        if leader is None or leader == NOBODY:
            raise LeaderNotAvailableError(f"nobody leads {tp.topic}, partition {tp.partition}, at the moment")
        leaders.setdefault(leader, {}).setdefault(tp.topic, []).append(tp.partition)
    found: set[OpenTransaction] = set()
    for node, topics in leaders.items():
        response = await client.send(node, DescribeProducers([(t, ps, {}) for t, ps in topics.items()]))
        for topic, described, _ in response.topics:
            for partition, code, message, producers, _ in described:
                if code:
                    needs = "; who looks for open transactions needs Read" if code == FORBIDDEN else ""
                    raise for_code(code)(f"{topic}, partition {partition}: {message or code}{needs}")
                tp = TopicPartition(topic, partition)
                found.update(OpenTransaction(tp, p[0], p[5]) for p in producers if p[5] >= 0)
    return found


async def transactional_ids(client: Any, producer_ids: Iterable[int], prefix: str) -> set[str]:
    """The transactional ids, among those that begin with ``prefix``, of these producers. Raises KafkaError."""
    wanted = sorted(producer_ids)
    names: set[str] = set()
    if not wanted:
        return names
    async with _looking_again(client):
        for broker in client.cluster.brokers():
            response = await client.send(broker.nodeId, ListTransactions([], wanted))
            if response.error_code:
                raise KafkaError(f"ListTransactions: error {response.error_code}")
            names.update(name for name, *_ in response.transactions if name.startswith(prefix))
    return names


async def end_transaction(options: ClientOptions, transactional_id: str, timeout_ms: int) -> None:
    """Abort whatever this id has open, and fence its process: InitProducerId raises the epoch. Raises KafkaError."""
    log.warning("ending the transaction that %s left open", transactional_id)
    producer = aiokafka.AIOKafkaProducer(
        **options, transactional_id=transactional_id, transaction_timeout_ms=timeout_ms
    )
    try:
        await asyncio.wait_for(producer.start(), _END_SECONDS)
    except AssertionError as exc:  # aiokafka's: a broker that has only just woken up tells of no broker
        raise KafkaConnectionError(f"the broker knows of none that could end {transactional_id}: {exc}") from exc
    finally:
        await producer.stop()
