"""``watch``: changes as they come, of one business, committed ones only; and how they are told."""

import asyncio
import json
import signal
from typing import Any, get_args

import pytest
from aiokafka import AIOKafkaProducer

from tests.cli.program import Running, at
from tests.kit.bus import Bus, Got
from tests.kit.messages import Message, cloud_event, message
from tests.kit.place import Place, WorkerProcess
from topics.causes import CauseType, Trigger
from worker.cli import wording
from worker.cli.watch import in_order
from worker.transport.partitions import partition_of

CAUSE = {
    "type": "manual", "event_source": "crm", "event_id": "e1", "event_type": "status.set", "actor": "Ann",
    "reason": "pays",
}  # fmt: skip


def changed(client: str, business: str = "salon", **data: Any) -> Message:
    shown = {"client_id": client, "from": "lead", "to": "customer", "cause": CAUSE, "sequence": 2, **data}
    event = cloud_event("client.status.changed", business, shown, time="10:00")
    return message(event)._replace(topic="client-status-changes")


def test_changes_of_the_business_as_they_come(place: Place, bus: Bus) -> None:
    bus.send(changed("before"))
    with Running("watch", "--business", "salon", environment=place.settings) as watch:
        watch.until_told("Watching salon")
        bus.send(changed("c1"), changed("c2", business="other"), changed("c3"))
        watch.until_told("c3")
        assert watch.out == [
            f"2024-05-06T10:00:00Z  {client}  lead → customer: set by hand by Ann, “pays” (status.set e1 of crm)"
            for client in ("c1", "c3")
        ]
        assert watch.end() == 0
    assert watch.err == ["Watching salon; Ctrl-C ends it."]


def test_what_comes_together_from_both_topics_is_shown_in_each_clients_sequence() -> None:
    def record(client: str, sequence: int, timestamp: int) -> Got:
        value = json.dumps({"data": {"client_id": client, "sequence": sequence}}).encode()
        return Got("client-tag-changes", 0, 0, b"salon", value, (), timestamp)

    tags, statuses = (
        [record("c1", 3, 7), record("c2", 2, 8)],
        [record("c1", 2, 7), record("c0", 1, 8), record("c2", 1, 8)],
    )
    shown = [(event["data"]["client_id"], event["data"]["sequence"]) for event, _ in in_order([*tags, *statuses])]
    assert shown == [("c1", 2), ("c1", 3), ("c0", 1), ("c2", 1), ("c2", 2)]


def test_from_the_beginning_several_businesses_as_json(place: Place, bus: Bus) -> None:
    bus.send(changed("c1"), changed("c2", business="shop"), changed("c3", business="other"))
    command = ("watch", "--business", "salon", "--business", "shop", "--from-beginning", "--json")
    with Running(*command, environment=place.settings) as watch:
        watch.until_told('"c1"')
        watch.until_told('"c2"')
        bus.send(changed("c4"))
        watch.until_told('"c4"')
        assert {json.loads(line)["data"]["client_id"] for line in watch.out} == {"c1", "c2", "c4"}
        assert watch.end(signal.SIGTERM) == 0


def test_a_worker_and_its_reasons(place: Place, worker: WorkerProcess) -> None:
    with Running("watch", "--business", "salon", environment=place.settings) as watch:
        watch.until_told("Watching")
        paid = '{"client_id":"c1","payment_id":"p1","amount":"5","currency":"EUR"}'
        at(place, "send", "payment.received", "--business", "salon", "--data", paid, "--id", "p", "--source", "shop")
        at(place, "send", "tags.add", "--business", "salon", "--data", '{"client_ids":["c1"],"tags":["VIP"]}')
        assert "c1  is lead: the client is new (payment.received p of shop)" in watch.until_told("is lead")
        assert "lead → customer: a payment was made (payment.received p of shop)" in watch.until_told("→")
        assert "c1  tags +'VIP': set by hand" in watch.until_told("tags")
        assert watch.end() == 0


@pytest.mark.apache
def test_what_is_not_committed_is_not_shown(apache: Any, new_place: Any) -> None:
    place = new_place(apache, "watched", partitions=1)

    async def send(client: str, *, commit: bool) -> None:
        sent = changed(client)
        topic = place.prefix + sent.topic
        async with AIOKafkaProducer(bootstrap_servers=apache.servers, transactional_id=f"{place.name}-t") as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(topic, sent.value, sent.key, partition_of(b"salon", 1))
            await (producer.commit_transaction() if commit else producer.abort_transaction())

    with Running("watch", "--business", "salon", environment=place.settings) as watch:
        watch.until_told("Watching")
        asyncio.run(send("aborted", commit=False))
        asyncio.run(send("committed", commit=True))
        watch.until_told("committed")
        assert not any("aborted" in line for line in watch.out)


def test_every_cause_and_trigger_has_words() -> None:
    assert set(get_args(CauseType)) == set(wording.CAUSES)
    assert set(get_args(Trigger)) == set(wording.TRIGGERS)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ({"type": "created"}, "the client is new"),
        ({"type": "automation", "trigger": "payment_made", "event_type": "payment.received", "event_id": "p"},
         "a payment was made (payment.received p)"),
        ({"type": "backfill", "trigger": "payment_made"},
         "today's settings were applied to what had happened before: a payment was made"),
        ({"type": "rule", "rule_id": "spring"}, "by a tag rule spring"),
        ({"type": "something.new"}, "something.new"),
    ],
)  # fmt: skip
def test_reasons(cause: dict[str, str], words: str) -> None:
    assert wording.reason(cause) == words


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [
        ("client.status.changed", {"from": None, "to": "lead"}, "c1  is lead: the client is new"),
        ("client.status.changed", {"from": "vip", "to": "inactive", "end_reason": "moved"},
         "c1  vip → inactive (moved): the client is new"),
        ("client.status.review_suggested", {"status": "customer"},
         "c1  please review: is customer, and nothing that made it so stands any more: the client is new"),
        ("client.tags.changed", {"added": ["a b"], "removed": ["c"]}, "c1  tags +'a b' -'c': the client is new"),
        ("client.something", {}, "c1  client.something: the client is new"),
    ],
)  # fmt: skip
def test_changes(type_: str, data: dict[str, Any], words: str) -> None:
    event = {"type": type_, "data": {"client_id": "c1", "cause": {"type": "created"}, **data}}
    assert wording.change(event) == words
