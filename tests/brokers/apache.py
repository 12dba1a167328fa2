"""A real Apache Kafka on this machine: one KRaft node from Maven's jars, data in a directory of the caller's.

``python -m tests.brokers.apache 19300`` runs one by hand until Ctrl-C.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from worker.embedded.child import HOST, Child, accepts, free_port

POM: Final = Path(__file__).with_name("pom.xml")
VERSION: Final = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text())[1]
JARS: Final = Path.home() / ".cache" / "client-status" / f"kafka-{VERSION}"
HEAP: Final = "512m"
BRIEF: Final = ("-XX:TieredStopAtLevel=1",)
FETCH_WITHIN: Final = 300.0
READY_WITHIN: Final = 60.0
STOP_WITHIN: Final = 20.0
CLUSTER_ID: Final = "Y2xpZW50LXN0YXR1cy0wMA"
PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
"""


class Unavailable(Exception):
    """There is no Java or no Maven here, or Maven cannot fetch; the message says which, in a sentence."""


def jars() -> Path:
    """The directory with Kafka's jars, fetched once, also when several ask at the same time. Raises Unavailable."""
    if shutil.which("java") is None:
        raise Unavailable("a real Apache Kafka needs Java 17 or newer, and there is no `java` here")
    if JARS.is_dir():
        return JARS
    if shutil.which("mvn") is None:
        raise Unavailable(f"Kafka's jars are not in {JARS} and there is no `mvn` (Maven) here to fetch them")
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with JARS.with_name(f"{JARS.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not JARS.is_dir():  # else another run has fetched them meanwhile
            _fetch()
    return JARS


def _fetch() -> None:
    with tempfile.TemporaryDirectory(dir=JARS.parent) as scratch:
        fetched = Path(scratch) / "jars"
        command = ["mvn", "-B", "-q", "-f", POM, "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_WITHIN, check=False, cwd=scratch)
        if done.returncode:
            raise Unavailable(f"Maven could not fetch Kafka {VERSION}: {(done.stdout + done.stderr).strip()[-500:]}")
        fetched.rename(JARS)


class ApacheKafka:
    """One broker. It keeps its port and its data over ``stop``, ``kill`` and ``start``.

    A ``brief`` one lives for minutes: it does without the JVM's second compiler, which takes half the time of its
    processor and does not pay so soon.
    """

    guarantee = "exactly_once"
    transactions = True
    name = "apache"
    replication = 1

    def __init__(self, directory: Path, port: int = 0, *, heap: str = HEAP, brief: bool = True) -> None:
        self._jars = jars()
        self._directory = directory
        self._jvm = [f"-Xmx{heap}", f"-Xms{heap}", *(BRIEF if brief else ())]
        self._child: Child | None = None
        self.port = port or free_port()
        self.log = directory / "server.log"
        self.start()

    @property
    def servers(self) -> str:
        """For KAFKA_BOOTSTRAP_SERVERS."""
        return f"{HOST}:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a worker, or another program of ours, on this broker."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.servers, "PROCESSING_GUARANTEE": self.guarantee}

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        return self._child.pid

    def start(self) -> None:
        """Start it, for the first time or again, and return when clients can connect."""
        self.launch()
        self.wait_ready(READY_WITHIN)

    def launch(self) -> None:
        """Start it and return at once."""
        properties = self._directory / "server.properties"
        if not properties.exists():
            self._format(properties)
        self._child = Child("Apache Kafka", self._java("kafka.Kafka", properties), self.log, env=_java_environment())

    def wait_ready(self, within: float) -> None:
        """Return when clients can connect."""
        self._child.wait_ready(lambda: accepts(self.port), within)

    def _format(self, properties: Path) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        properties.write_text(self._properties(controller=free_port()))
        tool = self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties)
        done = subprocess.run(tool, capture_output=True, text=True, check=False, env=_java_environment())
        if done.returncode:
            properties.unlink()
            raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _properties(self, controller: int) -> str:
        """The server's settings; of one that is named twice the last counts."""
        return PROPERTIES.format(host=HOST, port=self.port, controller=controller, data=self._directory / "data")

    def _java(self, main: str, *arguments: str | Path) -> list[str | Path]:
        return ["java", *self._jvm, "-cp", f"{self._jars}/*", main, *arguments]

    def stop(self) -> None:
        """Shut it down in order."""
        self._child.stop(STOP_WITHIN)

    def kill(self) -> None:
        """SIGKILL: what a crash of the machine does, but for the disk."""
        self._child.kill()

    def end(self) -> None:
        """End it for good."""
        self.kill()

    def restart(self) -> None:
        """Kill it and start it again on the same port with the same data."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT, after ``pause``."""
        os.kill(self.pid, signal.SIGCONT)

    def log_tail(self) -> str:
        """The end of its log, for a failed test."""
        return self._child.log_tail() if self._child else ""


def _java_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA", "CLASSPATH"))}


def _main() -> int:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with tempfile.TemporaryDirectory(prefix="kafka-") as directory:
        broker = ApacheKafka(Path(directory), port)
        print(f"Apache Kafka {VERSION} on {broker.servers}, pid {broker.pid}; Ctrl-C ends it")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            broker.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())
