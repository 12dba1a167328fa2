"""The state of one business as others read it: the latest committed value of each key, up to the end of a topic."""

from collections.abc import Callable
from typing import Final

from aiokafka.structs import TopicPartition

from worker import connecting, topic_admin
from worker.config import Settings
from worker.errors import StateMismatch
from worker.transport.clients import topic_name
from worker.transport.partitions import partition_of

POLL_MS: Final = 500


async def partition_for(settings: Settings, topic: str, business: str) -> TopicPartition:
    """Where a business's records are. Raises StateMismatch when the topic is not there."""
    real = topic_name(settings, topic)
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    if topic not in found:
        raise StateMismatch(f"the topic {real} is missing: run client-status topics create")
    return TopicPartition(real, partition_of(business.encode(), found[topic].partitions))


async def read_latest(
    settings: Settings, topic: str, business: str, wanted: Callable[[bytes], bool]
) -> dict[bytes, bytes]:
    """The latest value of every key that is ``wanted``; what was deleted is left out.

    Reads until the position reaches the end: records are not counted, because markers and compacted ones are none.
    """
    partition = await partition_for(settings, topic, business)
    latest: dict[bytes, bytes] = {}
    async with connecting.reader(settings) as reader:
        reader.assign([partition])
        end = (await reader.end_offsets([partition]))[partition]
        reader.seek(partition, (await reader.beginning_offsets([partition]))[partition])
        while await reader.position(partition) < end:
            for records in (await reader.getmany(partition, timeout_ms=POLL_MS)).values():
                for record in records:
                    if record.key is None or not wanted(record.key):
                        continue
                    if record.value is None:
                        latest.pop(record.key, None)
                    else:
                        latest[record.key] = record.value
    return latest
