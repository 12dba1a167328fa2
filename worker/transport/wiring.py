"""What the composition root gives to the transport and the tasks: settings, the topics' size, and where to report."""

import dataclasses
import uuid

from aiokafka.structs import TopicPartition

from worker.config import Settings
from worker.observability.metrics import Metrics
from worker.observability.state import WorkerState
from worker.pipeline.ports import NewEngine
from worker.transport.clients import topic_name


@dataclasses.dataclass(frozen=True)
class Wiring:
    """One per process. ``partitions``: how many every topic has."""

    settings: Settings
    partitions: int
    metrics: Metrics
    state: WorkerState
    new_engine: NewEngine
    slot: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex[:12])
    """The part of the transactional id that tells this process from others."""

    @property
    def transactional(self) -> bool:
        """Exactly once, by transactions of the broker?"""
        return self.settings.processing_guarantee == "exactly_once"

    @property
    def transactional_id(self) -> str:
        """A stable slot lets a restarted process end its own leftovers at once; others are found and ended."""
        return f"{self.settings.app_id}-{self.settings.worker_slot or self.slot}"

    def topic(self, name: str) -> str:
        """The name on the broker of a topic of the contract."""
        return topic_name(self.settings, name)

    def tp(self, name: str, partition: int) -> TopicPartition:
        """A partition of a topic of the contract, as aiokafka calls it."""
        return TopicPartition(topic_name(self.settings, name), partition)
