"""A place of one's own on a shared broker: topics under a prefix, a consumer group, and programs that work there."""

import asyncio
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kit.bus import Bus
from tests.kit.waiting import until_async
from topics.registry import TOPICS
from worker.embedded.child import HOST, Child, free_port

ROOT = Path(__file__).parents[2]
READY_WITHIN = 60.0
EXIT_WITHIN = 40.0
"""Seconds; the contract gives a worker 30 to stop in order."""


def clean_environment() -> dict[str, str]:
    """This process's environment without anything that a program of ours would take for a setting."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONPATH": str(ROOT)}


class Place:
    """Names of its own (``prefix``, ``app_id``) on ``broker``, and the settings for programs that work there."""

    def __init__(self, broker: Any, name: str, directory: Path, partitions: int = 4) -> None:
        self.broker = broker
        self.name = name
        self.prefix = f"{name}."
        self.app_id = f"{name}-worker"
        self.partitions = partitions
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a program of ours at this place."""
        return {
            **self.broker.settings,
            "TOPIC_PREFIX": self.prefix,
            "APP_ID": self.app_id,
            "PARTITIONS": str(self.partitions),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment: a clean one and ``settings``."""
        return {**clean_environment(), **self.settings}

    def make_topics(self) -> None:
        """Make all topics of the contract, as its registry says."""
        asyncio.run(self._make_topics())

    async def _make_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.servers)
        await admin.start()
        try:
            topics = [
                NewTopic(self.prefix + t.name, self.partitions, self.broker.replication, topic_configs=t.configs)
                for t in TOPICS
            ]
            response = await admin.create_topics(topics)
            failed = [error for error in response.topic_errors if error[1] != 0]
            assert not failed, failed
            wanted = {topic.name for topic in topics}

            async def known() -> bool:
                there = await admin.describe_topics()
                return wanted <= {t["topic"] for t in there if len(t["partitions"]) == self.partitions}

            await until_async(known, f"the topics {sorted(wanted)}")
        finally:
            await admin.close()

    def bus(self) -> Bus:
        """A bus on this place's topics. Close it."""
        return Bus(self.broker.servers, self.prefix, self.app_id, self.partitions)

    def worker(self, *, wait: bool = True, **settings: str) -> "WorkerProcess":
        """Start the real program here; ``settings`` are environment variables. ``wait`` for it to be ready."""
        worker = WorkerProcess(self, settings)
        if wait:
            worker.wait_ready()
        return worker


class Program(Child):
    """``client-status COMMAND`` as a process, with its settings in the environment: one that serves HTTP."""

    def __init__(self, place: Place, log: Path, *command: str, **settings: str) -> None:
        self.port = free_port()
        settings = {**place.environment, "HTTP_PORT": str(self.port), **settings}
        super().__init__(f"the {command[0]}", [sys.executable, "-m", "worker", *command], log, settings)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of an HTTP GET; status 0 when nothing listens yet."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as exc:
            return exc.code, exc.read().decode()
        except OSError:
            return 0, ""

    @property
    def ready(self) -> bool:
        """Does ``/readyz`` say so?"""
        return self.get("/readyz")[0] == 200


class WorkerProcess:
    """A worker as a process: it must end as the contract says."""

    def __init__(self, place: Place, settings: dict[str, str]) -> None:
        number = len(list(place.directory.glob("worker-*.log"))) + 1
        self._program = Program(place, place.directory / f"worker-{number}.log", "worker", **settings)
        self.http_port = self._program.port
        self.get = self._program.get

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._program.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when one ended it."""
        return self._program.exit_code

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._program.log.read_text(errors="replace")

    @property
    def ready(self) -> bool:
        """Does ``/readyz`` say so?"""
        return self._program.ready

    def wait_ready(self, within: float = READY_WITHIN) -> None:
        """Return when it is ready. Fails with the end of its log."""
        self._program.wait_ready(lambda: self.ready, within)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def wait_exit(self, within: float = EXIT_WITHIN) -> int:
        """Its exit code, once it ends by itself."""
        return self._program.wait(within)

    def stop(self) -> None:
        """SIGTERM: it must stop in order within the contract's time, with exit code 0."""
        code = self.exit_code
        if code is None:
            code = self._program.stop(EXIT_WITHIN)
        assert code == 0, f"the worker ended with exit code {code}:\n{self.log[-4000:]}"

    def kill(self) -> None:
        """SIGKILL. Safe to repeat."""
        if self.exit_code is None:
            self._program.kill()
