"""The read model follows committed records: restarts, a lost Redis, rebuilds, merges and erasures (G4, G6, H5)."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.brokers.apache import ApacheKafka
from tests.brokers.embedded import EmbeddedKafka
from tests.cli.program import run
from tests.kit.bus import Bus
from tests.kit.messages import Message, message
from tests.kit.place import Place, Program, WorkerProcess
from tests.kit.story import Story
from tests.kit.waiting import until
from worker import connecting
from worker.embedded.valkey import EmbeddedValkey
from worker.readmodel import project as projecting
from worker.readmodel.keys import Keys, namespace
from worker.readmodel.service import FIRST, connect
from worker.readmodel.settings_history import joined
from worker.readmodel.timeline import read
from worker.settings_source import load

BUSINESS = "salon"
NO_REDIS = 69
OTHER_TOPICS = 78


class Model:
    """What is in Redis, read plainly."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = redis.Redis.from_url(url, decode_responses=True)
        self._space = f"client-status:{prefix}"

    @property
    def root(self) -> str:
        """The generation that counts."""
        return f"{self._space}:{self._redis.get(f'{self._space}:current') or 1}:"

    def card(self, client: str) -> Any:
        value = self._redis.hget(f"{self.root}cards:{BUSINESS}", client)
        return json.loads(value) if value is not None else None

    def having(self, what: str, value: str) -> set[str]:
        cards = {c: json.loads(v) for c, v in self._redis.hgetall(f"{self.root}cards:{BUSINESS}").items()}
        return {
            client
            for client, card in cards.items()
            if value in ([card["status"]] if what == "status" else [tag["tag"] for tag in card.get("tags", ())])
        }

    def timeline(self, client: str) -> list[str]:
        """Types of the entries, oldest first."""
        entries = self._redis.zrange(f"{self.root}timeline:{BUSINESS}:{client}", 0, -1)
        return [read(entry.encode())["type"] for entry in entries]

    def told(self, kind: str) -> list[Any]:
        """Events in a list of the business, ``changes`` or ``reviews``."""
        key = f"{self.root}{kind}:{BUSINESS}"
        if kind == "reviews":
            return list(map(json.loads, self._redis.zrange(key, 0, -1)))
        return [json.loads(fields["event"]) for _, fields in self._redis.xrange(key)]

    @property
    def dead(self) -> dict[str, int]:
        """How many dead letters are known, by their key."""
        start = f"{self.root}dead:"
        return {key.removeprefix(start): self._redis.xlen(key) for key in self._redis.scan_iter(match=f"{start}*")}

    def everything(self) -> dict[str, Any]:
        """All keys with what they hold, but for streams, answers, positions; and settings, which follow later."""
        found: dict[str, Any] = {}
        for key in self._redis.scan_iter(match=f"{self.root}*"):
            kind, name = self._redis.type(key), key.removeprefix(self.root)
            if name.startswith(("results:", "settings:")):
                continue
            if kind == "hash" and name != "positions":
                found[name] = self._redis.hgetall(key)
            elif kind == "set":
                found[name] = self._redis.smembers(key)
            elif kind == "zset":
                found[name] = self._redis.zrange(key, 0, -1, withscores=True)
            elif kind == "string":
                found[name] = self._redis.get(key)
        return found

    def settings_history(self) -> list[tuple[str, str | None]]:
        """Ids of control messages, oldest first, and what became of them."""
        entries, answers = (
            [entry.encode() for entry in self._redis.zrange(f"{self.root}{kind}:{BUSINESS}", 0, -1)]
            for kind in ("control", "answered")
        )
        return [(said["id"], said["outcome"]) for said in joined(entries, answers)]

    @property
    def made(self) -> str | None:
        """Another text, once it was made anew."""
        return self._redis.hget(f"{self.root}positions", "made")

    def stand_at(self, position: str, offset: int) -> None:
        """As if so much had been read."""
        self._redis.hset(f"{self.root}positions", mapping={"made": "x", "whole": "x", position: offset})

    def flush(self) -> None:
        self._redis.flushall()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of this test's own."""
    server = EmbeddedValkey(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def project(place: Place, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts projectors."""
    started: list[Program] = []

    def start(*flags: str) -> Program:
        log = tmp_path / f"projector-{len(started)}.log"
        started.append(Program(place, log, "projector", *flags, REDIS_URL=valkey.url))
        return started[-1]

    yield start
    for program in started:
        program.kill()


@pytest.fixture
def story(bus: Bus) -> Story:
    """The business."""
    return Story(bus, BUSINESS)


@pytest.fixture
def model(place: Place, valkey: EmbeddedValkey) -> Model:
    """What is in Redis."""
    return Model(valkey.url, place.prefix)


def tell(story: Story) -> None:
    """A day of the business."""
    story.tell("client.created", "09:00", client_id="c1", name="Zoë Smit", email="zoe@example.org", tags=["gold"])
    story.tell("client.noted", "09:10", client_id="c1", text="prefers mornings")
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="5.00", currency="EUR")
    story.tell("client.messaged", "10:30", client_id="c2", direction="in", preview="hello")
    story.wait_for("c1", ">lead", "+gold", "lead>customer")


def shown(model: Model, messages: int = 2) -> bool:
    """Is all of that day in the read model?"""
    card = model.card("c1")
    return (
        card is not None and card["status"] == "customer" and len(model.timeline("c1")) == 6
        and len(model.timeline("c2")) == messages
    )  # fmt: skip


@pytest.mark.usefixtures("worker")
def test_g4_cards_and_timelines_follow(story: Story, model: Model, project: Callable[..., Program]) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    assert "state" not in model.card("c1")
    assert model.having("status", "customer") == {"c1"}
    assert model.having("status", "lead") == {"c2"}
    assert model.having("tag", "gold") == {"c1"}
    assert model.timeline("c1") == [
        "client.created", "client.status.changed", "client.tags.changed", "client.noted", "payment.received",
        "client.status.changed",
    ]  # fmt: skip
    story.tell("tags.remove", "11:00", client_ids=["c1"], tags=["gold"])
    until(lambda: not model.having("tag", "gold"), "the tag to go")


def test_h5_what_the_worker_has_not_committed_is_not_shown(
    story: Story, model: Model, project: Callable[..., Program], start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker()
    tell(story)
    project()
    until(lambda: shown(model), "the day in the read model")
    worker.kill()
    for client in ("c1", "c9"):
        story.bus.send(message(story.event("client.noted", "12:00", client_id=client, text="not processed")))
    program = project()
    until(lambda: "records behind" in program.get("/readyz")[1], "the second projector to follow")
    assert len(model.timeline("c1")) == 6
    assert model.card("c9") is None
    start_worker()
    until(lambda: len(model.timeline("c1")) == 7, "the note")
    until(lambda: model.card("c9") is not None, "the new client")


def test_h5_c4_settings_messages_stand_once_the_worker_has_committed_them(
    story: Story, model: Model, project: Callable[..., Program], start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker()
    program = project()
    applied = story.event("automation.set", "09:00", enabled=False, actor="Mia")
    refused = story.event("status.remove", "09:30", code="lead")
    for event in (applied, refused):
        story.bus.send(message(event))
    whole = [(applied["id"], "applied"), (refused["id"], "rejected")]
    until(lambda: model.settings_history() == whole, "both in the history")
    worker.kill()
    late = story.event("automation.set", "08:00", enabled=True)
    story.bus.send(message(late))
    program = project()
    until(lambda: "records behind" in program.get("/readyz")[1], "the second projector to follow")
    assert model.settings_history() == whole
    start_worker()
    until(lambda: model.settings_history() == [(late["id"], "applied"), *whole], "the late one, by its time")


@pytest.mark.usefixtures("worker")
def test_h5_killed_and_started_again_and_a_redis_that_came_back_empty(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    first = project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    whole, made = model.everything(), model.made
    first.kill()
    project()
    story.tell("client.noted", "11:00", client_id="c2", text="more")
    until(lambda: len(model.timeline("c2")) == 3, "the note")
    later = model.everything()
    assert later != whole
    assert model.made == made
    model.flush()
    until(lambda: model.everything() == later, "the read model to heal")
    assert model.made not in (made, None)


@pytest.mark.usefixtures("worker")
def test_h5_a_rebuild_takes_the_place_of_the_old_one(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    old = project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    whole, root = model.everything(), model.root
    old.kill()
    project("--rebuild")
    until(lambda: model.root != root, "the new generation")
    assert model.everything() == whole
    until(lambda: not list(model._redis.scan_iter(match=f"{root}*")), "the old one to go")


@pytest.mark.usefixtures("worker")
def test_h5_of_the_old_read_model_nothing_is_left_while_another_projector_runs(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    for number in range(2):
        root = model.root
        project("--rebuild")
        until(lambda root=root: model.root != root, "the new generation")
        story.tell("client.noted", "12:00", client_id="c2", text=str(number))
        until(lambda number=number: shown(model, messages=3 + number), "the note")
        time.sleep(3)  # whoever still follows the old one has looked again
        assert not list(model._redis.scan_iter(match=f"{root}*"))


@pytest.mark.usefixtures("worker")
def test_g6_an_erased_client_is_nowhere(story: Story, model: Model, project: Callable[..., Program]) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    story.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    until(lambda: len(model.told("reviews")) == 1, "somebody to review the status")
    assert {event["data"]["client_id"] for event in model.told("changes")} == {"c1", "c2"}
    story.ask("client.erase", "12:00", client_id="c1")
    until(lambda: model.card("c1") is None, "the card to go")
    until(lambda: {event["data"]["client_id"] for event in model.told("changes")} == {"c2"}, "what was told to go")
    assert model.told("reviews") == []
    story.tell("client.noted", "11:59", client_id="c1", text="late")
    story.tell("client.noted", "11:59", client_id="c2", text="the last word")
    until(lambda: len(model.timeline("c2")) == 3, "the last word")
    left = json.dumps(model.everything(), default=list)
    assert '"c1"' not in left
    assert "c1\\u0000" not in left
    assert "zoe" not in left.lower()
    story.tell("client.noted", "13:00", client_id="c1", text="back")
    until(lambda: model.timeline("c1") == ["client.noted", "client.status.changed"], "a new timeline")
    until(lambda: [event["data"]["client_id"] for event in model.told("changes")][1:] == ["c1"], "a change of its own")


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


def test_without_redis(place: Place) -> None:
    ran = run("projector", environment={**place.settings, "REDIS_URL": "redis://127.0.0.1:1/0", "HTTP_PORT": "0"})
    assert ran.code == NO_REDIS
    assert "REDIS_URL" in ran.err
