"""What comes in by other ways than one plain record after the other."""

import asyncio

import aiokafka
import pytest

from tests.kit.messages import Message, message
from tests.kit.waiting import until
from tests.transport.conftest import Ward

pytestmark = pytest.mark.apache
BIG = 900_000


def test_records_of_a_transaction_and_its_markers(ward: Ward) -> None:
    """Aborted records are never seen, and the group's offsets reach the end of every topic, markers included."""
    worker = ward.start()
    story = ward.stories[0]
    kept, dropped = (message(story.event("client.created", "09:00", client_id=c)) for c in ("kept", "dropped"))

    async def send() -> None:
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=ward.place.broker.servers, transactional_id=f"{ward.place.name}-upstream"
        )
        await producer.start()
        for record, commits in ((dropped, False), (kept, True), (dropped, False)):
            await producer.begin_transaction()
            topic = ward.place.prefix + record.topic
            await producer.send_and_wait(topic, record.value, key=record.key, headers=list(record.headers))
            await (producer.commit_transaction() if commits else producer.abort_transaction())
        await producer.stop()

    asyncio.run(send())
    story.wait_for("kept", ">lead")
    until(lambda: sum(ward.bus.committed().values()) == 2 * 3, "the offsets behind the last marker")
    assert story.outputs("dropped") == []
    assert story.profile("dropped") is None
    worker.stop()
    ward.start().stop()


def test_records_of_nearly_a_mebibyte(ward: Ward) -> None:
    """Each is larger than a record batch of ours: good ones are processed, bad ones dead-lettered whole."""
    worker = ward.start(MAX_DEAD_LETTERS="0")
    story = ward.stories[0]
    good = [story.event("client.noted", "09:00", client_id=f"c{n}", text="x" * 1000, author="y" * 10) for n in range(3)]
    for event in good:
        event["data"]["unknown"] = "z" * BIG
    bad = [Message("clients", story.business.encode(), b'{"broken":' + b"%d" % n * BIG) for n in range(3)]
    ward.bus.send(*(record for pair in zip(map(message, good), bad, strict=True) for record in pair))
    ward.bus.settle()
    assert [letter.value for letter in story.dead_letters()] == [record.value for record in bad]
    assert all(story.short(f"c{n}") == [">lead"] for n in range(3))
    worker.stop()


def test_records_under_a_wrong_key_reach_the_worker_of_their_business(ward: Ward) -> None:
    """Two workers: what one re-sends in its transaction the other processes after it."""
    workers = [ward.start(), ward.start()]
    events = [story.event("client.created", "09:00", client_id="c") for story in ward.stories]
    records = [message(event)._replace(key=b"somebody else") for event in events]
    ward.bus.send(*records)
    for story in ward.stories:
        story.wait_for("c", ">lead", within=60)
    ward.bus.settle()
    assert len(ward.bus.read("client-status-changes")) == len(events)
    for worker in workers:
        worker.stop()
