"""A real Apache Kafka of three brokers on this machine: every topic on all of them, one of which may fail at a time.

``kill`` and ``stop`` end the next broker in turn, as a crash or a rolling upgrade does; ``start`` brings it back.
"""

import itertools
from pathlib import Path
from typing import Final

from tests.brokers.apache import ApacheKafka
from worker.embedded.child import HOST, free_port

NODES: Final = 3
READY_WITHIN: Final = 180.0
REPLICATED: Final = """\
controller.quorum.voters={voters}
node.id={node}
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
default.replication.factor=3
min.insync.replicas=2
broker.heartbeat.interval.ms=300
broker.session.timeout.ms=3000
unclean.leader.election.enable=false
"""


class _Node(ApacheKafka):
    """One broker, and one controller, of the cluster."""

    def __init__(self, directory: Path, number: int, controllers: list[int]) -> None:
        self._number = number
        self._controllers = controllers
        super().__init__(directory)

    def _properties(self, controller: int) -> str:
        del controller  # its own is among those of all
        voters = ",".join(f"{n}@{HOST}:{port}" for n, port in enumerate(self._controllers, 1))
        own = super()._properties(self._controllers[self._number - 1])
        return own + REPLICATED.format(voters=voters, node=self._number)

    def start(self) -> None:
        """Start it and return at once: alone it is never ready."""
        self.launch()


class ApacheCluster:
    """As ApacheKafka, for tests that take a broker."""

    guarantee = "exactly_once"
    transactions = True
    name = "cluster"
    replication = NODES

    def __init__(self, directory: Path) -> None:
        controllers = [free_port() for _ in range(NODES)]
        self._nodes = [_Node(directory / f"node{n}", n, controllers) for n in range(1, NODES + 1)]
        self._turn = itertools.cycle(self._nodes)
        self._down: _Node | None = None
        for node in self._nodes:
            node.wait_ready(READY_WITHIN)

    @property
    def servers(self) -> str:
        """For KAFKA_BOOTSTRAP_SERVERS."""
        return ",".join(node.servers for node in self._nodes)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a worker, or another program of ours, on this cluster."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.servers, "PROCESSING_GUARANTEE": self.guarantee}

    def kill(self) -> None:
        """SIGKILL for the next broker in turn: others lead its partitions once its session has ended."""
        self._down = next(self._turn)
        self._down.kill()

    def stop(self) -> None:
        """The next broker in turn hands over what it leads, and ends."""
        self._down = next(self._turn)
        self._down.stop()

    def start(self) -> None:
        """Bring back the broker that was ended, and return when clients can connect to it."""
        if self._down is not None:
            self._down.start()
            self._down.wait_ready(READY_WITHIN)
            self._down = None

    def end(self) -> None:
        """End all of them for good."""
        for node in self._nodes:
            node.kill()
