"""The offsets that a group has committed, read only when no transaction that would move them is pending."""

import asyncio
import collections
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from worker.transport.messages import StableOffsetFetch

_LOADING: Final = 14
_COORDINATOR_MOVED: Final = frozenset({15, 16})
_UNSTABLE: Final = 88
_RETRY_SECONDS: Final = 0.1


class Committed(NamedTuple):
    """What the group says of one partition: next offset (None: nothing, or expired) and the commit's metadata."""

    offset: int | None
    metadata: str


class StableOffsets(NamedTuple):
    """One answer: the offsets, and the partitions whose offsets a pending transaction is about to move."""

    committed: dict[TopicPartition, Committed]
    pending: set[TopicPartition]


async def fetch_stable(
    coordinator: Any, partitions: Iterable[TopicPartition], *, require_stable: bool = True
) -> StableOffsets:
    """One OffsetFetch v7 by way of an aiokafka group coordinator. Raises KafkaError that a retry does not cure."""
    topics: dict[str, list[int]] = collections.defaultdict(list)
    for tp in partitions:
        topics[tp.topic].append(tp.partition)
    request = StableOffsetFetch(coordinator.group_id, [(t, ps, {}) for t, ps in topics.items()], require_stable)
    while True:
        await coordinator.ensure_coordinator_known()
        try:
            response = await coordinator._send_req(request)
        except KafkaError as exc:
            if not exc.retriable:
                raise
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        codes = {response.error_code} | {p[4] for _, ps, _ in response.topics for p in ps}
        if codes & _COORDINATOR_MOVED:
            coordinator.coordinator_dead()
        elif _LOADING not in codes:
            return _parse(response, codes)
        await asyncio.sleep(_RETRY_SECONDS)


def _parse(response: Any, codes: set[int]) -> StableOffsets:
    if unexpected := codes - {0, _UNSTABLE}:
        raise KafkaError(f"OffsetFetch: errors {sorted(unexpected)}")
    answer = StableOffsets({}, set())
    for topic, partitions, _ in response.topics:
        for partition, offset, _, metadata, code, _ in partitions:
            tp = TopicPartition(topic, partition)
            if code == _UNSTABLE:
                answer.pending.add(tp)
            else:
                answer.committed[tp] = Committed(offset if offset >= 0 else None, metadata or "")
    return answer
