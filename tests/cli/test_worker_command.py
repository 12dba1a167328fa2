"""``worker``: why it does not start, in one last line, and an orderly stop."""

import json
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.program import run
from tests.kit.bus import Bus
from tests.kit.place import Place, WorkerProcess
from tests.kit.story import Story
from tests.kit.waiting import until

PROBE_SECONDS = 3.0
"""The least that probes in deploy/ wait."""
STOPS_WITHIN = 15.0
"""A transaction is computed for 5 s; the contract gives 30."""


def test_a_taken_port_is_named(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("worker", environment={**place.settings, "HTTP_PORT": str(port)})
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert f"HTTP_PORT: {port} on 127.0.0.1 is taken" in ended.err


def test_missing_topics_are_named_with_what_to_run(place: Place) -> None:
    environment = {**place.settings, "HTTP_PORT": "0", "TOPIC_PREFIX": "not-made.", "LOG_FORMAT": "json"}
    ended = run("worker", environment=environment)
    assert ended.code == 78
    last = json.loads(ended.err.splitlines()[-1])
    assert last["exit_code"] == 78
    assert "not-made.bookings" in last["event"]
    assert "client-status topics create" in last["event"]
    assert "Started again it would end in the same way" in last["event"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order(start_worker: Callable[..., WorkerProcess], number: int) -> None:
    worker = start_worker(LOG_FORMAT="json")
    until(lambda: "client_status_tasks 4.0" in worker.get("/metrics")[1], "the metric of the tasks it runs")
    worker.signal(number)
    assert worker.wait_exit() == 0
    entries: list[Any] = [json.loads(line) for line in worker.log.splitlines()]
    assert entries[-1]["event"] == "stopped in order"
    assert not [entry for entry in entries if entry["event"].startswith("[^")], "Faust's own news is kept out"


def send_long_commands(bus: Bus, number: int) -> None:
    """Each takes a tenth of a second and more."""
    story, clients = Story(bus, "salon"), [f"c{n}" for n in range(1_000)]
    tags = [[f"t{n % 10}-{m}" for m in range(20)] for n in range(number)]
    story.send(*(story.event("tags.add", f"10:00:00.{n:03}", client_ids=clients, tags=t) for n, t in enumerate(tags)))


def test_it_answers_and_stops_soon_while_long_commands_are_decided(
    bus: Bus, start_worker: Callable[..., WorkerProcess]
) -> None:
    """A supervisor must not take a worker that has much to do for one that hangs."""
    worker = start_worker()
    send_long_commands(bus, 600)
    seen: set[str] = set()

    def goes_on() -> bool:
        asked = time.monotonic()
        status, metrics = worker.get("/metrics")
        assert time.monotonic() - asked < PROBE_SECONDS
        assert status == 200
        seen.update(line for line in metrics.splitlines() if 'type="tags.add"' in line and "_total" in line)
        return len(seen) == 3

    until(goes_on, lambda: f"three transactions, there are {seen}")
    worker.signal(signal.SIGTERM)
    asked = time.monotonic()
    assert worker.wait_exit() == 0
    assert time.monotonic() - asked < STOPS_WITHIN
