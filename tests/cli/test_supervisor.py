"""``--processes N``: real child processes that live, die and stop as told."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.program import Running
from tests.kit.place import Place
from tests.kit.waiting import until, until_async
from worker import supervisor
from worker.config import Settings
from worker.errors import SettingError
from worker.supervisor import Supervisor, environments, worst

CHILD = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: {on_term})
with open(os.path.join({directory!r}, "lives"), "a") as lives:
    lives.write(os.environ["WORKER_SLOT"] + " " + os.environ["HTTP_PORT"] + " " + str(os.getpid()) + chr(10))
{then}
"""
STAY = "time.sleep(600)"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.2)


class Family:
    """A supervisor and what its children did."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def start(
        self, then: str, *, processes: int = 2, on_term: str = "sys.exit(0)", slot: str = "5"
    ) -> asyncio.Task[int]:
        code = CHILD.format(on_term=on_term, directory=str(self.directory), then=then)
        settings = Settings(worker_slot=slot, http_port=18000)
        return asyncio.ensure_future(Supervisor(settings, processes, [sys.executable, "-c", code]).run())

    @property
    def lives(self) -> list[tuple[str, str, int]]:
        """Slot, port and pid of every child that was started."""
        try:
            lines = (self.directory / "lives").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(slot, port, int(pid)) for slot, port, pid in map(str.split, lines)]

    async def born(self, number: int) -> None:
        async def there() -> bool:
            return len(self.lives) >= number

        await until_async(there, f"{number} children")


@pytest.fixture
def family(tmp_path: Path) -> Family:
    return Family(tmp_path)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_each_has_a_slot_and_a_port_and_all_stop_in_order(family: Family) -> None:
    running = family.start(STAY, processes=3)
    await family.born(3)
    assert {life[:2] for life in family.lives} == {("15", "18000"), ("16", "18001"), ("17", "18002")}
    stop()
    assert await running == 0
    assert not any(psutil.pid_exists(pid) for _, _, pid in family.lives)


async def test_what_dies_is_started_again_with_its_slot(family: Family) -> None:
    running = family.start(STAY)
    await family.born(2)
    slot, port, pid = family.lives[0]
    os.kill(pid, signal.SIGKILL)
    await family.born(3)
    assert family.lives[2][:2] == (slot, port)
    stop()
    assert await running == 0


@pytest.mark.parametrize("code", sorted(supervisor.FINAL))
async def test_what_would_only_end_again_stops_all_with_its_code(family: Family, code: int) -> None:
    then = f"sys.exit({code}) if os.environ['WORKER_SLOT'] == '10' else {STAY}"
    assert await family.start(then) == code
    assert len([life for life in family.lives if life[0] == "10"]) == 1


async def test_after_many_deaths_the_parent_gives_up(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "MAX_RESTARTS", 3)
    assert await family.start(f"sys.exit(69) if os.environ['WORKER_SLOT'] == '10' else {STAY}") == 69
    assert len([life for life in family.lives if life[0] == "10"]) == 4


async def test_the_pause_grows_up_to_its_limit() -> None:
    one = supervisor._Worker(0, {})
    pauses = []
    for one.deaths in range(1, 6):
        pauses.append(one.pause)
    assert pauses == [0.05, 0.1, 0.2, 0.2, 0.2]


async def test_a_stop_while_a_worker_waits_for_its_restart_is_in_order(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 60.0)
    running = family.start(f"sys.exit(70) if os.environ['WORKER_SLOT'] == '10' else {STAY}")
    await family.born(2)

    async def dead() -> bool:
        return not psutil.pid_exists(next(life[2] for life in family.lives if life[0] == "10"))

    await until_async(dead, "the first death")
    stop()
    assert await asyncio.wait_for(running, 10) == 0


async def test_what_does_not_stop_is_killed(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    running = family.start(STAY, on_term="None")
    await family.born(2)
    stop()
    assert await asyncio.wait_for(running, 10) == 70
    assert not any(psutil.pid_exists(pid) for _, _, pid in family.lives)


def test_parents_without_a_slot_do_not_share_slots() -> None:
    slots = [env["WORKER_SLOT"] for _ in range(50) for env in environments(Settings(), 2)]
    assert len(set(slots)) == 100


def test_children_have_the_parents_settings() -> None:
    settings = Settings(kafka_bootstrap_servers="h:1", completion_grace=0.5, http_port=0, topic_prefix="a.")
    for environment in environments(settings, 2):
        assert environment["KAFKA_BOOTSTRAP_SERVERS"] == "h:1"
        assert environment["COMPLETION_GRACE"] == "0.5"
        assert environment["TOPIC_PREFIX"] == "a."
        assert environment["HTTP_PORT"] == "0"


@pytest.mark.parametrize(
    ("settings", "processes", "named"),
    [
        (Settings(), 0, "--processes"),
        (Settings(), 257, "--processes"),
        (Settings(processing_guarantee="at_least_once"), 2, "--processes"),
        (Settings(http_port=65535), 2, "HTTP_PORT"),
    ],
)
def test_what_cannot_run_is_refused(settings: Settings, processes: int, named: str) -> None:
    with pytest.raises(SettingError, match=rf"^{named}: "):
        supervisor.check(settings, processes)


def test_the_worst_exit_code() -> None:
    assert [worst(codes) for codes in ([0, 0], [0, 76], [69, 78], [70, 2, 65], [0, 1])] == [0, 76, 78, 2, 1]


@pytest.mark.apache
def test_two_real_workers_survive_a_kill(apache: Any, new_place: Callable[..., Place]) -> None:
    place = new_place(apache, "pair", partitions=4)
    bus = place.bus()
    environment = {**place.settings, "HTTP_PORT": "0", "LOG_FORMAT": "json"}
    try:
        with Running("worker", "--processes", "2", environment=environment) as parent:

            def logged(event: str) -> list[dict[str, Any]]:
                return [entry for entry in map(json.loads, parent.err) if entry["event"] == event]

            first = until(lambda: logged("worker started"), "a worker")[0]["pid"]
            until(lambda: len(logged("worker started")) == 2, "two workers")
            until(lambda: [e for e in map(json.loads, parent.err) if "tasks run" in e["event"]], "tasks that run")
            os.kill(first, signal.SIGKILL)
            until(lambda: logged("starting a worker again"), "a restart")
            until(lambda: len(logged("worker started")) == 3, "a third life")
            from tests.kit.messages import cloud_event, message

            events = [cloud_event("client.created", f"b{i}", {"client_id": "c"}, time="10:00") for i in range(20)]
            bus.send(*map(message, events))
            until(lambda: len(bus.read("client-status-changes")) == 20, "a lead in every business")
            assert parent.end(signal.SIGTERM) == 0
    finally:
        bus.close()
