"""Every exit code of a worker that cannot go on, with a message that says where and what to do."""

import asyncio
import json
import signal
from collections.abc import Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from tests.brokers.apache import ApacheKafka
from tests.brokers.embedded import EmbeddedKafka
from tests.kit.place import Place
from tests.kit.topics import make_anew
from tests.kit.waiting import until
from tests.transport.conftest import BUSINESSES, CLIENTS, Ward, state_of
from topics.registry import PROFILES, SETTINGS
from worker.embedded.child import free_port
from worker.transport.failpoints import VARIABLE
from worker.transport.open_transactions import end_transaction

UNREACHABLE, CRASH, MISMATCH, STUCK = 69, 70, 78, 79


@pytest.mark.apache
def test_no_broker(ward: Ward) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    worker = ward.start(ready=False, KAFKA_BOOTSTRAP_SERVERS=nobody, BROKER_PATIENCE="1")
    assert worker.wait_exit() == UNREACHABLE
    assert nobody in worker.log


@pytest.mark.apache
def test_no_topics(ward: Ward) -> None:
    worker = ward.start(ready=False, TOPIC_PREFIX="elsewhere.")
    assert worker.wait_exit() == MISMATCH
    assert "elsewhere.bookings" in worker.log
    assert "client-status topics create" in worker.log


@pytest.mark.apache
def test_topics_of_different_sizes(ward: Ward) -> None:
    name = f"{ward.place.prefix}payments"

    async def grow() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=ward.place.broker.servers)
        await admin.start()
        await admin.create_partitions({name: NewPartitions(5)})
        await admin.close()

    asyncio.run(grow())
    worker = ward.start(ready=False)
    assert worker.wait_exit() == MISMATCH
    assert f"{name} 5" in worker.log


@pytest.mark.apache
def test_offsets_that_somebody_moved(ward: Ward) -> None:
    ward.say()
    first = ward.start()
    ward.bus.settle()
    first.stop()
    moved = {tp: n for tp, n in ward.bus.committed().items() if n > 0}
    (topic, partition), offset = next(iter(moved.items()))

    async def move() -> None:
        import aiokafka

        consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=ward.place.broker.servers, group_id=ward.place.app_id, enable_auto_commit=False
        )
        await consumer.start()
        tp = TopicPartition(ward.place.prefix + topic, partition)
        consumer.assign([tp])
        await consumer.commit({tp: OffsetAndMetadata(offset - 1, "")})
        await consumer.stop()

    asyncio.run(move())
    worker = ward.start(ready=False, TRANSACTION_TIMEOUT="1")
    assert worker.wait_exit(60) == MISMATCH
    assert f"partition {partition}" in worker.log
    assert "somebody moved the group's offsets" in worker.log


@pytest.mark.apache
def test_a_broker_that_refuses_an_output(ward: Ward) -> None:
    async def shrink() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=ward.place.broker.servers)
        await admin.start()
        name = f"{ward.place.prefix}client-tag-changes"
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "100"})])
        await admin.close()

    asyncio.run(shrink())
    worker = ward.start()
    ward.say()
    assert worker.wait_exit() == CRASH
    assert "a transaction failed before its commit" in worker.log
    assert not ward.bus.read("client-tag-changes")
    assert not ward.bus.read("command-results"), "what was sent with the refused output is not visible either"


@pytest.mark.apache
def test_a_broker_that_stops_answering_in_a_transaction(
    new_apache: Callable[[], ApacheKafka], new_ward: Callable[..., Ward]
) -> None:
    broker = new_apache()
    ward = new_ward(broker)
    limits = {"WATCHDOG_SECONDS": "5", "TRANSACTION_TIMEOUT": "2"}
    worker = ward.start(ready=False, **limits, **{VARIABLE: "freeze@begun:2"})
    ward.say()
    until(lambda: state_of(worker.pid) == "T", "the worker to freeze", 30)
    broker.pause()
    try:
        worker.signal(signal.SIGCONT)
        assert worker.wait_exit(60) == STUCK
    finally:
        broker.resume()
    assert "a transaction does not end" in worker.log
    last = ward.start()
    ward.check()
    last.stop()


@pytest.mark.embedded
def test_a_second_worker_without_transactions(embedded: EmbeddedKafka, new_place: Callable[..., Place]) -> None:
    place = new_place(embedded, "sole")
    first = place.worker()
    try:
        second = place.worker(wait=False)
        assert second.wait_exit() == MISMATCH
        assert "at_least_once" in second.log
        first.stop()
    finally:
        first.kill()


@pytest.mark.apache
def test_settings_that_are_gone(ward: Ward) -> None:
    """C1: clients of a business without its settings would be judged by others."""
    first = ward.start()
    ward.say()
    ward.check()
    first.stop()
    make_anew(ward.place, SETTINGS)
    worker = ward.start(ready=False)
    assert worker.wait_exit(60) == MISMATCH
    assert f"{ward.place.prefix}business-settings has no record of that business" in worker.log


def state_is_made_anew_under_a_worker(ward: Ward) -> None:
    worker = ward.start()
    ward.say()
    ward.check()
    make_anew(ward.place, PROFILES)
    ward.say()
    assert worker.wait_exit(60) == MISMATCH
    assert "was made anew or lost records while this worker ran" in worker.log


@pytest.mark.apache
def test_state_that_is_made_anew_under_a_worker(ward: Ward) -> None:
    state_is_made_anew_under_a_worker(ward)
    again = ward.start(ready=False, TRANSACTION_TIMEOUT="1")
    assert again.wait_exit(60) == MISMATCH
    assert "somebody moved the group's offsets or deleted the topic's records" in again.log


@pytest.mark.embedded
def test_state_that_is_made_anew_under_a_worker_without_transactions(
    embedded: EmbeddedKafka, new_ward: Callable[..., Ward]
) -> None:
    state_is_made_anew_under_a_worker(new_ward(embedded))


@pytest.mark.apache
def test_an_output_that_is_made_anew_under_a_worker(ward: Ward) -> None:
    """Nothing is restored from it: what comes goes into the new one."""
    worker = ward.start()
    ward.say()
    ward.check()
    make_anew(ward.place, "client-tag-changes")
    ward.say()
    results = ward.rounds * BUSINESSES * CLIENTS
    until(lambda: len(ward.bus.read("command-results")) == results, "all commands to be answered")
    anew = ward.place.bus()
    anew.catch_up()
    told = [json.loads(got.value or b"")["data"]["added"] for got in anew.read("client-tag-changes")]
    anew.close()
    assert told == [["round 2"]] * (BUSINESSES * CLIENTS)
    worker.stop()


@pytest.mark.apache
async def test_a_broker_that_knows_of_no_broker_is_asked_again(
    apache: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that was frozen, for a moment; it is nothing that a worker must end for."""
    monkeypatch.setattr(AIOKafkaClient, "get_random_node", lambda _: None)
    with pytest.raises(KafkaError):
        await end_transaction({"bootstrap_servers": apache.servers}, "somebody's", 10_000)
