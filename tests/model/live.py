"""The histories of ``test_whole_histories`` told to real workers, over a real Kafka: what they commit is what counts.

``python -m tests.model.live ...`` tells some, one after the other, on a partition of its own (see ``live_run``).
"""

import argparse
import itertools
import json
import os
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
from hypothesis import Phase, settings
from hypothesis.errors import HypothesisDeprecationWarning, UnsatisfiedAssumption
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.driver import Driver, Record
from tests.kit.bus import Bus
from tests.kit.messages import Message
from tests.kit.shapes import check_card, check_event
from tests.model.hands import ANY, Hands
from tests.model.test_whole_histories import START, STEP, TestWholeHistory, WholeHistory, wire
from topics.moments import SECOND
from topics.registry import DEAD_LETTERS, OUTPUTS, PROFILES, STATE_TOPICS
from worker import clock
from worker.pipeline.outbox import Item
from worker.pipeline.process import TaskEngine
from worker.pipeline.task import PROGRESS
from worker.transport.partitions import partition_of

WITHIN = 120.0
"""Seconds for one thing to be done, however many workers die meanwhile."""
LOOK_SECONDS = 0.02
AGAIN_SECONDS = 5.0
"""After so long without a trace of it a step is asked for again: the worker that was to do it may have died."""
STEPS = 40
"""Of a history."""
TOLD = (*(t.name for t in OUTPUTS if t.name not in STATE_TOPICS), *STATE_TOPICS)


class Line:
    """One partition: what is committed of it, and the hands of its clock."""

    def __init__(self, bus: Bus, partition: int, partitions: int, directory: Path) -> None:
        self.bus = bus
        self.partition = partition
        self.partitions = partitions
        self.state: dict[str, dict[bytes, bytes]] = {topic: {} for topic in STATE_TOPICS}
        """What the changelogs say."""
        self.steps = 0
        """Single steps that were asked for."""
        self._file = directory / str(partition)
        self._taken: dict[str, int] = {}

    def set(self, hands: Hands) -> None:
        """From now on the worker's time is this."""
        hands.set(self._file)

    def new(self) -> Iterator[Any]:
        """The records of the worker's topics that have been read since the last call."""
        for topic in TOLD:
            found = self.bus.read(topic)[self._taken.get(topic, 0) :]
            self._taken[topic] = self._taken.get(topic, 0) + len(found)
            yield from found


class LiveDriver(Driver):
    """Has workers do what a ``Driver`` does by itself; ``engine`` is what another worker would find committed."""

    def __init__(self, line: Line, business: str) -> None:
        super().__init__(wire(START), business, sweep_step=STEP)
        self._line = line
        line.set(Hands(self.now))
        self._take_over()
        self._caught_up()

    def feed_messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Send them; the next topic's when those before are dealt with, since only within a topic there is an order."""
        outputs: list[dict[str, Any]] = []
        for _, run in itertools.groupby(messages, lambda m: m.topic):
            self._line.bus.send(*run)
            self._line.bus.settle(WITHIN)
            outputs += self._take()
        return outputs

    def fire(self) -> list[dict[str, Any]]:
        """Let timers fire until none is due."""
        self._line.set(Hands(self.now, fires_since=clock.now()))
        outputs = self._until(lambda: not self.is_due, "every timer that is due has fired")
        self._line.set(Hands(self.now))
        return outputs

    def step(self) -> list[dict[str, Any]]:
        """Have one step done."""
        before, outputs = self._state, []
        for tries in itertools.count(1):
            self._line.steps += 1
            self._line.set(Hands(self.now, steps=self._line.steps))
            outputs += self._until(
                lambda: self._state != before, "a step is done", AGAIN_SECONDS, fails=tries > WITHIN / AGAIN_SECONDS
            )
            if self._state != before:
                break
        self._line.set(Hands(self.now))
        return outputs

    def settle(self) -> list[dict[str, Any]]:
        """Let timers fire and steps be done until nothing is left."""
        outputs: list[dict[str, Any]] = []
        while self.is_due or self.wants_step:
            outputs += self.fire()
            self._line.set(Hands(self.now, steps=ANY))
            outputs += self._until(lambda: not self.wants_step, "every sweep is done")
            self._line.set(Hands(self.now))
        return outputs

    def restart(self) -> None:
        """Workers are killed all the time."""

    @property
    def wants_step(self) -> bool:
        """Is there a step to be done, or a number to be written again?"""
        return self.engine.wants_step(self.now + SECOND)

    @property
    def _state(self) -> dict[str, dict[bytes, bytes]]:
        return {t: {k: v for k, v in s.items() if k != PROGRESS} for t, s in self._line.state.items()}

    def _until(self, is_so: Any, what: str, within: float = WITHIN, *, fails: bool = True) -> list[dict[str, Any]]:
        outputs, deadline = self._take(), time.monotonic() + within
        while not is_so():
            if time.monotonic() > deadline:
                assert not fails, f"not within {within:.0f} s: {what}"
                break
            time.sleep(LOOK_SECONDS)
            outputs += self._caught_up()
        return outputs + self._caught_up()  # of a transaction of which one topic was read, the others as well

    def _caught_up(self) -> list[dict[str, Any]]:
        self._line.bus.catch_up()
        return self._take()

    def _take_over(self) -> None:
        self.engine = TaskEngine(self._line.partition, self._line.partitions, self._limits)
        for topic, state in self._line.state.items():
            self.engine.restore(topic, [Record(n, None, k, v, ()) for n, (k, v) in enumerate(state.items())])
        self.engine.restored()

    def _take(self) -> list[dict[str, Any]]:
        """Read what is committed: outputs of this history are returned, and the state is that of a new worker."""
        before, mine, moved = len(self.sent), self.business.encode(), False
        for got in self._line.new():
            if got.topic in STATE_TOPICS:
                moved = True
                state = self._line.state[got.topic]
                if got.value is None:
                    state.pop(got.key, None)
                else:
                    state[got.key] = got.value
                    if got.topic == PROFILES and not got.key.startswith(b"\0"):
                        check_card(got.key, got.json)
            elif got.key == mine:
                self.sent.append((got.topic, Item(got.key, got.value, got.timestamp, got.headers)))
                if got.topic != DEAD_LETTERS:
                    check_event(got.topic, got.json)
        if moved:
            self._take_over()
        return self._decoded(self.sent[before:])


def businesses(partition: int, partitions: int) -> Iterator[str]:
    """Names of businesses that lie on this partition."""
    return (name for n in itertools.count() if partition_of((name := f"salon-{n}").encode(), partitions) == partition)


def fail(wrong: Exception, history: WholeHistory) -> NoReturn:
    """End this process with what is wrong, and what came before it."""
    traceback.print_exception(wrong)
    for event in history.inputs:
        print(json.dumps(event))
    print("outputs:")
    for output in history.driver.outputs:
        print(json.dumps(output))
    sys.stdout.flush()
    os._exit(1)


def tell(line: Line, histories: int, seed: int) -> Counter[str]:
    """Tell so many histories, one after the other; how many inputs of each type they had. What does not agree ends the
    process."""
    names = businesses(line.partition, line.partitions)
    told: Counter[str] = Counter()

    class LiveHistory(WholeHistory):
        """Told to a worker."""

        restart = None

        def new_driver(self) -> Driver:
            """The next business of the line."""
            return LiveDriver(line, next(names))

        def teardown(self) -> None:
            """What was committed is what the model says. A failure is shown at once: it would not come again."""
            told.update(event["type"] for event in self.inputs)
            if isinstance(wrong := sys.exception(), Exception) and not isinstance(wrong, UnsatisfiedAssumption):
                fail(wrong, self)
            try:
                self.settle()
            except Exception as wrong:  # noqa: BLE001  # whatever it is
                fail(wrong, self)

    run_state_machine_as_test(
        hypothesis.seed(seed)(LiveHistory),
        settings=settings(
            TestWholeHistory.settings,
            max_examples=histories,
            stateful_step_count=STEPS,
            derandomize=False,
            database=None,
            phases=[Phase.generate],
        ),
    )
    return told


def main() -> int:
    """Tell the histories of a line, and say how many inputs of each type they had."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.live", description=main.__doc__)
    for name in ("servers", "prefix", "app_id"):
        parser.add_argument(name)
    for name in ("partition", "partitions"):
        parser.add_argument(name, type=int)
    parser.add_argument("directory", type=Path)
    for name in ("histories", "seed"):
        parser.add_argument(name, type=int)
    asked = parser.parse_args()
    warnings.simplefilter("ignore", HypothesisDeprecationWarning)  # clients of Kafka draw random numbers of their own
    bus = Bus(asked.servers, asked.prefix, asked.app_id, [asked.partition])
    try:
        told = tell(Line(bus, asked.partition, asked.partitions, asked.directory), asked.histories, asked.seed)
    finally:
        bus.close()
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
