"""Workers on a real Apache Kafka, some of which die; and the stories that must come out whole all the same."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.brokers.apache import ApacheKafka
from tests.kit.bus import Bus
from tests.kit.messages import message
from tests.kit.place import Place, WorkerProcess
from tests.kit.story import Story

SESSION = {"SESSION_TIMEOUT": "2"}
BUSINESSES = 12
CLIENTS = 5


class Ward:
    """A place with several businesses, whose workers are killed, frozen and stopped."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.bus: Bus = place.bus()
        self.stories = [Story(self.bus, f"shop-{n}") for n in range(BUSINESSES)]
        self.workers: list[WorkerProcess] = []
        self.rounds = 0

    def start(self, *, ready: bool = True, **settings: str) -> WorkerProcess:
        """A worker here; ``settings`` are environment variables."""
        worker = self.place.worker(wait=False, **SESSION, **settings)
        self.workers.append(worker)
        if ready:
            worker.wait_ready()
        return worker

    def say(self) -> None:
        """A new client, then a message of an older tag round, for every client of every business: two outputs each."""
        self.rounds += 1
        sent = []
        for story in self.stories:
            for n in range(CLIENTS):
                client = f"c{n}"
                if self.rounds == 1:
                    sent.append(story.event("client.created", "09:00", client_id=client))
                tag = {"client_ids": [client], "tags": [f"round {self.rounds}"]}
                sent.append(story.event("tags.add", f"10:{self.rounds:02}", **tag))
        self.bus.send(*map(message, sent))

    def check(self) -> None:
        """Everything that was said has been told, once, in order, without gaps; and the state knows all of it."""
        self.bus.settle(60)
        assert not self.bus.read("dead-letters")
        rounds = [f"round {n + 1}" for n in range(self.rounds)]
        for story in self.stories:
            story.check_promises()
            assert len(story.records("command-results")) == CLIENTS * self.rounds
            for n in range(CLIENTS):
                told = story.outputs(f"c{n}")
                added = [tag for event in told for tag in event["data"].get("added", ())]
                assert sorted(added) == sorted(rounds), (story.business, n, added)
                assert [e["data"]["sequence"] for e in told] == list(range(1, len(told) + 1))
                card = story.profile(f"c{n}")
                assert card["sequence"] == len(told)
                assert sorted(tag["tag"] for tag in card["tags"]) == sorted(rounds)

    def close(self) -> None:
        """End what still runs."""
        for worker in self.workers:
            worker.kill()
        self.bus.close()


def state_of(pid: int) -> str:
    """One letter, as ps shows it: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.fixture
def new_ward(new_place: Callable[..., Place], request: pytest.FixtureRequest) -> Iterator[Callable[..., Ward]]:
    """Makes wards on a broker."""
    made: list[Ward] = []

    def make(broker: object, partitions: int = 4) -> Ward:
        made.append(Ward(new_place(broker, request.node.name, partitions)))
        return made[-1]

    yield make
    for ward in made:
        ward.close()


@pytest.fixture
def ward(apache: ApacheKafka, new_ward: Callable[..., Ward]) -> Ward:
    """A ward on the shared Apache Kafka."""
    return new_ward(apache)
