"""A projector whose Redis, broker or topics are not what they were: it says so, loses nothing, and ends in order."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
import redis
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition

from tests.brokers.apache import ApacheKafka
from tests.brokers.embedded import EmbeddedKafka
from tests.cli.program import run
from tests.kit.bus import Bus
from tests.kit.messages import Message
from tests.kit.place import Place, Program
from tests.kit.story import Story
from tests.kit.topics import make_anew
from tests.kit.waiting import until
from tests.readmodel.model import BUSINESS, Model, shown, tell
from worker import connecting
from worker.embedded.valkey import EmbeddedValkey
from worker.readmodel import project as projecting
from worker.readmodel.connection import connect
from worker.readmodel.keys import Keys, namespace
from worker.readmodel.service import FIRST
from worker.settings_source import load

NO_REDIS = 69
OTHER_TOPICS = 78


@pytest.mark.usefixtures("worker")
def test_a_redis_that_takes_nothing_more_is_not_ready(
    story: Story, model: Model, project: Callable[..., Program], valkey: EmbeddedValkey
) -> None:
    projector = project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    until(lambda: projector.get("/readyz")[0] == 200, "it is ready")
    with redis.Redis.from_url(valkey.url) as server:
        server.config_set("maxmemory", 1)
        story.tell("client.noted", "11:00", client_id="c2", text="more")
        until(lambda: projector.get("/readyz") == (503, "Redis cannot be used: OutOfMemoryError\n"), "it says so")
        assert projector.get("/livez")[0] == 200
        server.config_set("maxmemory", 0)
    until(lambda: len(model.timeline("c2")) == 3, "the note")
    until(lambda: projector.get("/readyz")[0] == 200, "it is ready again")


@pytest.mark.usefixtures("bus")
def test_it_stops_in_order_when_redis_has_gone_first(project: Callable[..., Program], valkey: EmbeddedValkey) -> None:
    projector = project()
    until(lambda: projector.get("/readyz")[0] == 200, "it is ready")
    valkey.kill()
    until(lambda: projector.get("/readyz")[0] == 503, "it says that Redis has gone")
    assert projector.stop(30) == 0, projector.log_tail()


@pytest.mark.embedded
def test_it_stops_in_order_when_the_broker_has_gone_first(
    new_place: Callable[..., Place], valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    broker = EmbeddedKafka(tmp_path)
    projector = Program(new_place(broker), tmp_path / "projector.log", "projector", REDIS_URL=valkey.url)
    try:
        until(lambda: projector.ready, "it is ready")
        broker.stop()
        until(lambda: "the broker cannot be used" in projector.get("/readyz")[1], "it says that the broker has gone")
        assert projector.stop(30) == 0, projector.log_tail()
    finally:
        projector.kill()
        broker.stop()


@pytest.mark.usefixtures("worker")
def test_j4_what_waits_is_bounded_and_holds_up_nothing(
    story: Story, bus: Bus, place: Place, model: Model, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inputs wait for the state, and dead letters for their inputs; what others wait for is read in any case."""
    tell(story)
    for number in range(3):
        bus.send(Message("clients", BUSINESS.encode(), b"{"), Message("clients", b"\xff no business", b"{"))
        story.tell("client.messaged", "11:00", client_id="c2", direction="in", preview=str(number))
    bus.settle()
    monkeypatch.setattr(projecting, "HELD_BYTES", 1)
    monkeypatch.setattr(projecting, "MAX_RECORDS", 1)
    settings = load(environ={**place.settings, "REDIS_URL": valkey.url}).settings

    async def follow() -> None:
        async with (
            connecting.reader(settings) as consumer,
            connecting.reader(settings, isolation_level="read_uncommitted") as ends,
            connect(settings) as redis_,
        ):
            keys = Keys(namespace(settings), FIRST)
            projector = projecting.Projector(settings, redis_, keys, consumer, ends, place.partitions)
            await projector.begin()
            async with asyncio.timeout(30):
                while not shown(model, messages=5) or any(projector.behind(await projector.ends()).values()):
                    await projector.turn()

    asyncio.run(follow())
    assert model.dead == {BUSINESS: 3}


@pytest.mark.apache
def test_what_is_left_of_a_topic_is_read_when_retention_was_faster(
    apache: ApacheKafka, new_place: Callable[..., Place], valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    place = new_place(apache)
    model, bus = Model(valkey.url, place.prefix), place.bus()
    projector = Program(place, tmp_path / "projector.log", "projector", REDIS_URL=valkey.url)
    try:
        until(lambda: projector.ready, "it is ready")
        os.kill(projector.pid, SIGSTOP)
        story = Story(bus, BUSINESS)
        notes = [story.event("client.noted", f"10:0{n}", client_id="c1", text=str(n)) for n in range(6)]
        sent = story.send(*notes)
        asyncio.run(_delete_before(apache.servers, f"{place.prefix}clients", sent[3].partition, sent[3].offset))
        os.kill(projector.pid, SIGCONT)
        worker = place.worker()
        left = 3
        until(lambda: model.timeline("c1").count("client.noted") >= left, "the notes that are left")
        worker.stop()
    finally:
        projector.kill()
        bus.close()


async def _delete_before(servers: str, topic: str, partition: int, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()


@pytest.mark.apache
def test_topics_that_were_made_anew_are_not_taken_for_the_old_ones(
    apache: ApacheKafka, new_place: Callable[..., Place], valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    """Else all that is in them up to where the old ones were read would be passed over, and nobody told."""
    place = new_place(apache)
    model = Model(valkey.url, place.prefix)
    model.stand_at("clients/0", 5_000)
    program = Program(place, tmp_path / "projector.log", "projector", REDIS_URL=valkey.url)
    assert program.wait(30) == OTHER_TOPICS
    assert "clients, partition 0: the read model holds what was before offset 5000" in program.log_tail()
    assert "client-status projector --rebuild" in program.log_tail()
    rebuilding = Program(place, tmp_path / "rebuilding.log", "projector", "--rebuild", REDIS_URL=valkey.url)
    try:
        until(lambda: rebuilding.ready, "the read model of the new topics")
    finally:
        rebuilding.kill()


@pytest.mark.apache
def test_a_topic_that_is_made_anew_under_it_is_not_taken_for_the_old_one(
    apache: ApacheKafka, new_place: Callable[..., Place], valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    place = new_place(apache)
    model, bus = Model(valkey.url, place.prefix), place.bus()
    projector = Program(place, tmp_path / "projector.log", "projector", REDIS_URL=valkey.url)
    try:
        worker = place.worker()
        tell(Story(bus, BUSINESS))
        until(lambda: shown(model), "the day in the read model")
        worker.stop()
        make_anew(place, "clients")
        assert projector.wait(60) == OTHER_TOPICS, projector.log_tail()
        assert "it was made anew or lost records" in projector.log_tail()
    finally:
        projector.kill()
        bus.close()


def test_without_redis(place: Place) -> None:
    ran = run("projector", environment={**place.settings, "REDIS_URL": "redis://127.0.0.1:1/0", "HTTP_PORT": "0"})
    assert ran.code == NO_REDIS
    assert "REDIS_URL" in ran.err
