"""The console as a process, beside a real worker and projector: from a record on Kafka to an answer over HTTP."""

import itertools
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.cli.program import run
from tests.console.running import BUSINESS, Running
from tests.console.who import WHO, write
from tests.kit.bus import Bus
from tests.kit.place import Place
from tests.kit.story import Story
from tests.kit.waiting import until
from worker.embedded.valkey import EmbeddedValkey

STOPS_WITHIN = 30.0


@pytest.fixture
def programs(place: Place, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts projectors and consoles, ready when they come."""
    started: list[Running] = []
    write(tmp_path / "tokens.json", *WHO)
    tokens = str(tmp_path / "tokens.json")

    def start(command: str) -> Running:
        log = tmp_path / f"{command}-{len(started)}.log"
        started.append(Running(place, valkey, log, command, CONSOLE_TOKENS_FILE=tokens))
        started[-1].wait_ready(lambda: started[-1].ask("/readyz")[0] == 200, 60.0)
        return started[-1]

    yield start
    for program in started:
        program.kill()


@pytest.mark.usefixtures("worker")
def test_from_a_record_to_an_answer(bus: Bus, programs: Callable[..., Running]) -> None:
    programs("projector")
    console = programs("console")
    story = Story(bus, BUSINESS)
    story.tell("client.created", "09:00", client_id="c1", name="Zoë Smit", phone="+31 6 12345678", tags=["gold"])
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="5.00", currency="EUR")
    until(lambda: console.of("/clients?status=customer&tag=GOLD&q=zoe")["total"] == 1, "the customer")
    (row,) = console.of("/clients?q=0612345678")["items"]
    assert (row["status_label"], row["tags"]) == ("Customer", ["gold"])
    until(lambda: len(console.of("/clients/c1/timeline")["items"]) == 5, "the timeline")
    assert console.of("/clients/c1")["totals"] == {"EUR": {"invoiced": "0", "paid": "5.00", "refunded": "0"}}
    until(lambda: console.of("/counts")["statuses"][1]["clients"] == 1, "the count")
    status, result = console.ask(f"/api/v1/businesses/{BUSINESS}/commands", body={
        "type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["by hand"]}, "wait": 30,
    })  # fmt: skip
    assert (status, result["type"], result["applied"]) == (200, "command.applied", ["c1"])
    until(lambda: "by hand" in console.of("/clients?tag=by+hand&limit=1")["items"][0]["tags"], "the tag")
    refused = {"type": "status.set", "data": {"client_ids": ["c1"], "status": "nope"}, "wait": 30}
    status, result = console.ask(f"/api/v1/businesses/{BUSINESS}/commands", body=refused)
    assert (status, result["type"], result["errors"][0]["code"]) == (200, "command.rejected", "unknown_status")
    assert console.of("/export.csv?status=customer").splitlines()[1].startswith("c1,Zoë Smit,")
    (actor,) = {e["data"]["cause"].get("actor") for e in console.of("/clients/c1/timeline?limit=1")["items"]}
    assert actor == "anna"
    assert console.ask("/livez")[0] == 200
    assert "client_status_console_requests_total" in console.ask("/metrics")[1]
    assert console.stop(STOPS_WITHIN) == 0
    assert "cs_anna" not in console.log.read_text()


@pytest.mark.usefixtures("worker")
def test_changes_come_over_http_and_do_not_hold_up_the_end(bus: Bus, programs: Callable[..., Running]) -> None:
    programs("projector")
    console = programs("console")
    story = Story(bus, BUSINESS)
    with console.listen("/changes") as lines:
        assert next(lines).startswith("retry:")
        story.tell("client.created", "09:00", client_id="c1", tags=["gold"])
        told = itertools.islice((line for line in lines if line.startswith("event:")), 2)
        assert {line.removeprefix("event: ") for line in told} == {"client.status.changed", "client.tags.changed"}
        os.kill(console.pid, signal.SIGTERM)
        assert console.wait(STOPS_WITHIN) == 0
    assert "[error" not in console.log.read_text(), "nothing was cut off"


@pytest.mark.usefixtures("worker")
def test_h5_nobody_is_told_that_clients_are_not_there_before_all_are_read(
    bus: Bus, valkey: EmbeddedValkey, programs: Callable[..., Running]
) -> None:
    projector, console = programs("projector"), programs("console")
    Story(bus, BUSINESS).tell("client.created", "09:00", client_id="c1", tags=["gold"])
    until(lambda: console.of("/clients")["total"] == 1, "the client")
    projector.kill()
    Redis.from_url(valkey.url).flushall()
    until(lambda: console.ask("/readyz")[0] == 503, "the console sees it")
    paths = ("clients", "clients/c1", "counts", "settings", "export.csv", "audiences", "changes/latest")
    for path in paths:
        status, problem = console.ask(f"/api/v1/businesses/{BUSINESS}/{path}")
        assert (status, problem["code"]) == (503, "unavailable"), path
        assert "the projector is still filling the read model" in problem["detail"]
    command = {"type": "tags.add", "data": {"client_ids": ["c1"], "tags": ["silver"]}}
    assert console.ask(f"/api/v1/businesses/{BUSINESS}/commands", body=command)[0] == 202, "commands are sent"
    programs("projector")
    until(lambda: console.ask("/readyz")[0] == 200, "the read model is whole")
    until(lambda: console.of("/clients?tag=silver")["total"] == 1, "what was sent meanwhile")


@pytest.mark.usefixtures("worker")
def test_ctrl_c_ends_it_in_order(programs: Callable[..., Running]) -> None:
    programs("projector")
    console = programs("console")
    os.kill(console.pid, signal.SIGINT)
    assert console.wait(STOPS_WITHIN) == 0


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, 69, "REDIS_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0?no_option=1"}, 2, "REDIS_URL: behind the ?"),
        ({"CONSOLE_TOKENS_FILE": "none.json"}, 2, "CONSOLE_TOKENS_FILE"),
        ({"TOPIC_PREFIX": "nowhere."}, 78, "topics create"),
        ({"HTTP_HOST": "256.0.0.1"}, 2, "HTTP_HOST"),
    ],
)
def test_it_says_why_it_cannot_start(
    place: Place, valkey: EmbeddedValkey, settings: dict[str, str], code: int, said: str
) -> None:
    environment = {**place.settings, "REDIS_URL": valkey.url, "HTTP_PORT": "0", **settings}
    ran = run("console", environment=environment)
    assert ran.code == code, ran.err
    assert said in ran.err


def test_a_token_is_made_on_the_command_line() -> None:
    ran = run("console", "token", "--role", "viewer", "--business", BUSINESS, "--name", "Ann")
    secret, line = ran.out.strip().splitlines()
    assert secret.startswith("cs_")
    assert secret not in line
    assert json.loads(line)["businesses"] == [BUSINESS]
    assert run("console", "token", "--role", "owner", "--business", BUSINESS).code == 2


@pytest.mark.usefixtures("worker")
def test_a_dead_letter_goes_back_once_its_cause_is_mended(bus: Bus, programs: Callable[..., Running]) -> None:
    programs("projector")
    console = programs("console")
    story, other = Story(bus, BUSINESS), Story(bus, "other")
    for told in (story, other):
        told.tell("client.created", "09:00", client_id="c1", status="gold")
    (letter,) = until(lambda: console.of("/dead-letters")["items"], "the dead letter")
    assert (letter["code"], letter["topic"], letter["replayable"]) == ("unknown_status", "clients", True)
    (foreign,) = until(
        lambda: console.ask("/api/v1/businesses/other/dead-letters", "otto")[1]["items"], "the other one"
    )
    story.tell("status.define", "09:30", code="gold")
    replay, both = f"/api/v1/businesses/{BUSINESS}/dead-letters/replay", [letter["letter"], foreign["letter"]]
    status, report = console.ask(replay, body={"letters": both})
    assert (status, report["replayed"], report["skipped"]) == (200, 1, [])
    assert [(each["letter"], each["code"]) for each in report["refused"]] == [(foreign["letter"], "unknown_letter")]
    until(lambda: console.of("/clients?status=gold")["total"] == 1, "the client")
    _, again = console.ask(replay, body={"letters": both[:1]})
    assert again["replayed"] + len(again["skipped"]) == 1
    assert console.of("/clients?status=gold")["total"] == 1
