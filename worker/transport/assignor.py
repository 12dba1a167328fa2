"""Assigns tasks to workers: partition p of every input topic goes to the same member of the group."""

from collections.abc import Iterable
from typing import Any, ClassVar

from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from worker import clock


class TaskAssignor(AbstractPartitionAssignor):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Partition number by partition number. Faust's round robin breaks co-partitioning when counts are odd.

    Topics with different numbers of partitions are assigned to nobody; the worker checks them before it joins.
    """

    name = "client-status-tasks"
    version = 0

    @classmethod
    def assign(cls, cluster: Any, members: Any) -> dict[str, Any]:
        topics = sorted({topic for member in members.values() for topic in member.subscription})
        sizes = {len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
        partitions = range(sizes.pop()) if len(sizes) == 1 else range(0)
        shares = cls.shares(members, partitions)
        return {
            name: ConsumerProtocolMemberAssignment(
                cls.version, [(topic, shares[name]) for topic in topics if shares[name]], b""
            )
            for name in members
        }

    @classmethod
    def shares(cls, members: Any, partitions: range) -> dict[str, list[int]]:
        """The partition numbers of each member."""
        names = sorted(members)
        return {name: [p for p in partitions if p % len(names) == i] for i, name in enumerate(names)}

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> Any:
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), b"")

    @classmethod
    def on_assignment(cls, assignment: Any) -> None:
        """Nothing is remembered: state follows the offsets, not the assignment."""


class SoleAssignor(TaskAssignor):
    """Everything to the worker that has run longest. For brokers without transactions, where nothing fences a second
    worker: it gets nothing, sees that, and stops."""

    name = "client-status-sole"
    started: ClassVar[bytes] = b"%020d" % clock.now()

    @classmethod
    def shares(cls, members: Any, partitions: range) -> dict[str, list[int]]:
        """All partitions to the earliest start; the member id decides between equals."""
        first = min(members, key=lambda name: (bytes(members[name].user_data or b""), name))
        return {name: list(partitions) if name == first else [] for name in members}

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> Any:
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), cls.started)
