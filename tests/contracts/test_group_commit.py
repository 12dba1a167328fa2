"""What the commit protocol takes for granted of Apache Kafka and of the pinned aiokafka. When one of these fails, the
protocol is no longer safe, whatever the other tests say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import aiokafka
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.consumer.group_coordinator import LeaveGroupRequest
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from tests.brokers.apache import ApacheKafka
from tests.kit.waiting import until_async
from worker.transport.group_offsets import Committed, fetch_stable
from worker.transport.group_producer import GroupFenced, GroupMetadata, GroupProducer
from worker.transport.open_transactions import end_transaction, open_transactions, transactional_ids
from worker.transport.pinned import check_pinned

pytestmark = pytest.mark.apache
_names = count(1)


class Group:
    """A topic with one partition, and a group with one member that reads it."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.name = f"contract-{next(_names)}"
        self.tp = TopicPartition(self.name, 0)
        self.consumer: Any = None

    async def open(self, listener: Any = None) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        await admin.create_topics([NewTopic(self.name, 1, 1)])

        async def known() -> bool:
            return any(t["topic"] == self.name and t["partitions"] for t in await admin.describe_topics())

        await until_async(known, "the topic")
        await admin.close()
        self.consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=self.servers, group_id=self.name, enable_auto_commit=False, heartbeat_interval_ms=300
        )
        self.consumer.subscribe([self.name], listener=listener)
        await self.consumer.start()

        async def assigned() -> bool:
            return bool(self.consumer.assignment())

        await until_async(assigned, "an assignment")

    @property
    def member(self) -> GroupMetadata:
        coordinator = self.consumer._coordinator
        return GroupMetadata(self.name, coordinator.generation, coordinator.member_id)

    async def producer(self, slot: str = "0") -> GroupProducer:
        producer = GroupProducer(
            bootstrap_servers=self.servers, transactional_id=f"{self.name}-{slot}", transaction_timeout_ms=10_000
        )
        await producer.start()
        return producer

    async def committed(self) -> Committed:
        """The group's offset, once no transaction is about to move it."""

        async def settled() -> Committed | None:
            answer = await fetch_stable(self.consumer._coordinator, [self.tp])
            return None if answer.pending else answer.committed[self.tp]

        return await until_async(settled, "a settled offset")

    async def visible(self) -> list[bytes]:
        """What a reader of committed records sees up to the end."""
        reader = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=self.servers, isolation_level="read_committed", enable_auto_commit=False
        )
        await reader.start()
        try:
            reader.assign([self.tp])
            reader.seek(self.tp, 0)
            end = (await reader.end_offsets([self.tp]))[self.tp]
            found: list[bytes] = []
            while await reader.position(self.tp) < end:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    found += [record.value for record in records]
            return found
        finally:
            await reader.stop()


@pytest.fixture
async def group(apache: ApacheKafka) -> AsyncIterator[Group]:
    group = Group(apache.servers)
    await group.open()
    yield group
    await group.consumer.stop()


async def commit(group: Group, member: GroupMetadata, offset: int = 7, slot: str = "0") -> None:
    """A transaction with one record and one offset, as ``member``. An abort follows what fails."""
    producer = await group.producer(slot)
    try:
        await producer.begin_transaction()
        await (await producer.send(group.name, b"said", partition=0))
        try:
            await producer.send_offsets({group.tp: OffsetAndMetadata(offset, "1")}, member)
            await producer.commit_transaction()
        except GroupFenced:
            await producer.abort_transaction()
            raise
    finally:
        await producer.stop()


def test_the_private_parts_that_are_used_are_there() -> None:
    check_pinned()


Change = Callable[[GroupMetadata], GroupMetadata]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda member: member._replace(generation=member.generation - 1), "error 22"),
        (lambda member: member._replace(member_id="nobody"), "error 25"),
    ],
    ids=["old-generation", "unknown-member"],
)
async def test_a_member_that_was_left_behind_cannot_commit(group: Group, change: Change, code: str) -> None:
    with pytest.raises(GroupFenced, match=code):
        await commit(group, change(group.member))
    assert await group.committed() == Committed(None, "")
    assert await group.visible() == []


async def test_the_member_of_the_generation_commits(group: Group) -> None:
    await commit(group, group.member)
    assert await group.committed() == Committed(7, "1")

    async def said() -> bool:
        return await group.visible() == [b"said"]

    await until_async(said, "the record")


async def test_minus_one_is_checked_by_nobody(group: Group) -> None:
    """Why generation and member are taken when the assignment arrives: this is what a late reading would send."""
    await commit(group, GroupMetadata(group.name, -1, ""))
    assert await group.committed() == Committed(7, "1")


async def test_offsets_are_pending_while_their_transaction_is_open(group: Group) -> None:
    producer = await group.producer()
    await producer.begin_transaction()
    await (await producer.send(group.name, b"said", partition=0))
    await producer.send_offsets({group.tp: OffsetAndMetadata(7, "1")}, group.member)
    answer = await fetch_stable(group.consumer._coordinator, [group.tp])
    assert answer.pending == {group.tp}
    unstable = await fetch_stable(group.consumer._coordinator, [group.tp], require_stable=False)
    assert unstable.committed == {group.tp: Committed(None, "")}
    await producer.commit_transaction()
    await producer.stop()
    assert await group.committed() == Committed(7, "1")


async def test_an_open_transaction_is_found_and_ended_by_its_name(group: Group) -> None:
    dead = await group.producer("dead")
    await dead.begin_transaction()
    await (await dead.send(group.name, b"left open", partition=0))
    looker = await group.producer("looker")
    (found,) = await open_transactions(looker.client, [group.tp])
    assert (found.tp, found.producer_id) == (group.tp, dead.producer_id)
    assert await transactional_ids(looker.client, [found.producer_id], "another-app-") == set()
    names = await transactional_ids(looker.client, [found.producer_id], f"{group.name}-")
    assert names == {f"{group.name}-dead"}
    await end_transaction({"bootstrap_servers": group.servers}, names.pop(), 10_000)

    async def gone() -> bool:
        return not await open_transactions(looker.client, [group.tp])

    await until_async(gone, "the end of the transaction")
    assert await group.visible() == []
    await looker.stop()
    await asyncio.wait([asyncio.create_task(dead.stop())], timeout=5)


async def test_after_an_expulsion_aiokafka_forgets_who_it_was(apache: ApacheKafka) -> None:
    """The generation is read late here, as in on_partitions_revoked: it must be the one that nobody checks."""
    group = Group(apache.servers)
    seen: list[GroupMetadata] = []
    revoked = asyncio.Event()

    class Listener(aiokafka.ConsumerRebalanceListener):
        async def on_partitions_revoked(self, _: Any) -> None:
            if group.consumer is not None:
                seen.append(group.member)
                revoked.set()

        async def on_partitions_assigned(self, _: Any) -> None: ...

    await group.open(Listener())
    seen.clear()
    revoked.clear()
    member = group.member
    assert member.generation > 0
    # As if the session had run out.
    await group.consumer._coordinator._send_req(LeaveGroupRequest(group.name, member.member_id))
    await asyncio.wait_for(revoked.wait(), 20)
    await group.consumer.stop()
    assert (seen[0].generation, seen[0].member_id) == (-1, "")


async def test_a_producer_whose_abort_was_not_told_commits_what_was_aborted(group: Group) -> None:
    """Why a producer is thrown away after a failed transaction. When this fails, aiokafka has mended it."""
    producer = await group.producer()
    await producer.begin_transaction()
    await (await producer.send(group.name, b"aborted", partition=0))
    producer._txn_manager.error_transaction(GroupAuthorizationFailedError(group.name))
    await producer.abort_transaction()
    await producer.begin_transaction()
    await (await producer.send(group.name, b"second", partition=0))
    await producer.commit_transaction()
    await producer.stop()

    async def both() -> bool:
        return await group.visible() == [b"aborted", b"second"]

    await until_async(both, "both records")
