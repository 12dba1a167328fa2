"""``topics create`` and ``topics check`` on real brokers."""

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.cli.program import Ran, run
from topics.registry import TOPICS

_numbers = count(1)
NAMES = [topic.name for topic in TOPICS]


class Corner:
    """A prefix on a broker where no topic has been made."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker
        self.prefix = f"corner-{next(_numbers)}."

    def topics(self, *arguments: str) -> Ran:
        return run("topics", *arguments, environment={**self.broker.settings, "TOPIC_PREFIX": self.prefix})

    def make(self, name: str, partitions: int, config: Mapping[str, str]) -> None:
        async def make() -> None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.servers)
            await admin.start()
            await admin.create_topics([NewTopic(self.prefix + name, partitions, 1, topic_configs=dict(config))])
            await admin.close()

        asyncio.run(make())


@pytest.fixture
def corner(broker: Any) -> Corner:
    return Corner(broker)


def states(ended: Ran, prefix: str) -> dict[str, str]:
    """State of each topic, by its name in the contract."""
    rows = [line.split(None, 2) for line in ended.out.splitlines()]
    return {row[0].removeprefix(prefix): row[1] for row in rows}


def test_all_topics_are_made_and_a_repeat_changes_nothing(corner: Corner) -> None:
    before = corner.topics("check")
    assert before.code == 78
    assert states(before, corner.prefix) == dict.fromkeys(NAMES, "missing")
    assert "client-status topics create" in before.err
    made = corner.topics("create", "--partitions", "3")
    assert (made.code, states(made, corner.prefix)) == (0, dict.fromkeys(NAMES, "made"))
    for again in (corner.topics("create", "--partitions", "3"), corner.topics("create"), corner.topics("check")):
        assert (again.code, states(again, corner.prefix)) == (0, dict.fromkeys(NAMES, "ok"))
        assert again.out.count("3 partitions") == 16


def test_topics_have_the_configuration_of_the_contract(corner: Corner) -> None:
    corner.topics("create", "--partitions", "1")

    async def configs() -> dict[str, dict[str, str]]:
        from worker.config import Settings
        from worker.connecting import admin
        from worker.topic_admin import describe

        settings = Settings(kafka_bootstrap_servers=corner.broker.servers, topic_prefix=corner.prefix)
        async with admin(settings) as client:
            return {name: dict(found.configs) for name, found in (await describe(client, settings)).items()}

    found = asyncio.run(configs())
    assert {name for name, c in found.items() if c["cleanup.policy"] == "compact"} == {
        "client-profiles",
        "business-settings",
    }
    assert {name for name, c in found.items() if c.get("retention.ms") == "-1"} == {"control", "dead-letters"}
    for topic in TOPICS:
        if topic.direction == "in":
            assert int(found[topic.name]["max.message.bytes"]) > 1 << 20
    assert int(found["dead-letters"]["max.message.bytes"]) > int(found["bookings"]["max.message.bytes"])


def test_another_number_of_partitions_is_told(corner: Corner) -> None:
    corner.topics("create", "--partitions", "2")
    for command in ("create", "check"):
        ended = corner.topics(command, "--partitions", "4")
        assert ended.code == 78
        assert "has 2 partitions where 4 are wanted" in ended.out
    assert corner.topics("check").code == 0


def test_what_is_added_gets_as_many_partitions_as_the_others(corner: Corner) -> None:
    for topic in TOPICS[1:]:
        corner.make(topic.name, 2, topic.configs)
    check = corner.topics("check")
    assert check.code == 78
    assert states(check, corner.prefix)["bookings"] == "missing"
    assert states(check, corner.prefix)["clients"] == "ok"
    assert corner.topics("create").code == 0
    assert "2 partitions" in corner.topics("check").out.splitlines()[0]


def test_one_topic_that_differs_is_named(corner: Corner) -> None:
    corner.make("invoices", 5, {})
    corner.make("client-profiles", 1, {"cleanup.policy": "delete"})
    corner.make("clients", 1, {"cleanup.policy": "delete", "max.message.bytes": "1000"})
    corner.make("control", 1, {"cleanup.policy": "delete", "max.message.bytes": "2097152", "retention.ms": "1000"})
    ended = corner.topics("create", "--partitions", "1")
    assert ended.code == 78
    told: dict[str, str] = {}
    for line in ended.out.splitlines():
        name = line.split()[0].removeprefix(corner.prefix)
        told[name] = told.get(name, "") + line
    assert "has 5 partitions where 1 are wanted" in told["invoices"]
    assert "has cleanup.policy=delete, must be compact" in told["client-profiles"]
    assert (
        f"--entity-name {corner.prefix}client-profiles --add-config cleanup.policy=compact" in told["client-profiles"]
    )
    assert "has max.message.bytes=1000, must be 2097152 or more" in told["clients"]
    assert "is not kept for ever (retention.ms=1000)" in told["control"]
    assert f"{corner.prefix}control" not in ended.err, "a shorter retention is somebody's choice"
    assert all(f"{corner.prefix}{name}" in ended.err for name in ("invoices", "client-profiles", "clients"))


@pytest.mark.apache
def test_a_broker_that_refuses_is_quoted(apache: Any) -> None:
    ended = Corner(apache).topics("create", "--replication-factor", "3")
    assert ended.code == 1
    assert "does not make the topic" in ended.err
    assert "replication" in ended.err.lower()
