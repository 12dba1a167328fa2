"""Planted bugs: the verifier must fail on each of them, or it proves nothing.

``python -m tests.faults.mutants NAME`` is the worker with that bug; no code of the product knows.
"""

import itertools
import sys
from collections.abc import Callable
from typing import Any

import aiokafka

from worker.pipeline import commit, task
from worker.pipeline.restore import Opener
from worker.transport import reader
from worker.transport.consumer import BatchConsumerThread
from worker.transport.failpoints import reached
from worker.transport.group_offsets import fetch_stable
from worker.transport.group_producer import GroupMetadata, GroupProducer


def trust_changelog() -> None:
    """State and offsets are not compared: a marker on its way is missed."""
    Opener._settled = lambda *_: True


def offsets_apart() -> None:
    """Input offsets are committed a moment after the transaction, by the consumer; they decide where to go on."""

    async def _publish(self: Any, contributions: Any, member: Any) -> None:
        del member
        await self.producer.begin_transaction()
        sends = itertools.chain(
            commit.outputs(contributions, self._wiring), commit.changelogs(contributions, self._wiring)
        )
        await commit.settle(await commit.send(self.producer, sends))
        await self.producer.commit_transaction()
        reached("offsets-sent")
        await THREADS[0].commit_offsets(commit.offsets(contributions, self._wiring))

    _catch_thread()
    trust_changelog()
    _positions_from_offsets()
    commit.Transactions._publish = _publish


def no_seek() -> None:
    """Trust the positions that aiokafka found when it joined, and do not check the chain of positions."""

    async def seek_all(self: Any, positions: Any) -> None:
        """Nowhere."""

    BatchConsumerThread.seek_all = seek_all
    stock = task.Task.submit

    def submit(self: Any, batch: Any, ticket: int) -> int:
        self.fetched[batch.topic] = batch.start
        return stock(self, batch, ticket)

    task.Task.submit = submit


def restore_by_counting() -> None:
    """A restore ends when it has read as many records as there are offsets, or when nothing comes for a moment."""

    lane = reader._Lane
    stock_begin, stock_pieces = lane.begin, lane.pieces

    def begin(self: Any, start: Any, end: Any) -> bool:
        more = stock_begin(self, start, end)
        self.count = {tp: end[tp] - start[tp] for tp in self._left}
        return more

    async def pieces(self: Any) -> list[Any]:
        """One record short, as counting markers makes it."""
        return [piece._replace(records=piece.records[:-1]) for piece in await stock_pieces(self)]

    def took(self: Any, found: Any, end: Any) -> bool:
        del end
        for piece in found:
            self.count[piece.tp] -= piece.end - piece.start
            if self.count[piece.tp] <= 0:
                self._left.discard(piece.tp)
                self.consumer.pause(piece.tp)
        return bool(found) and bool(self._left)

    lane.begin, lane.pieces, lane.took = begin, pieces, took
    trust_changelog()


def dirty_restore() -> None:
    """State is restored with read_uncommitted: aborted writes come back."""
    stock = aiokafka.AIOKafkaConsumer

    def consumer(*args: Any, **options: Any) -> Any:
        if "group_id" not in options:
            options["isolation_level"] = "read_uncommitted"
        return stock(*args, **options)

    aiokafka.AIOKafkaConsumer = consumer
    trust_changelog()


def trust_parked() -> None:
    """A parked state is used again without a look at the offsets."""

    def reused(self: Any, partitions: Any, parked: Any, committed: Any, member: Any) -> Any:
        del self, committed
        return {
            p: task.Task(p, parked[p].engine, parked[p].progress, member.generation, parked[p].horizon)
            for p in partitions
            if p in parked
        }

    Opener._reused = reused


def no_generation() -> None:
    """Offsets are committed without the group's generation, as aiokafka does: the broker checks nothing."""
    stock = GroupProducer.send_offsets

    async def send_offsets(self: Any, offsets: Any, member: GroupMetadata) -> None:
        await stock(self, offsets, member._replace(generation=-1, member_id=""))

    async def evict(*_: Any) -> None:
        """Nobody is fenced by an eviction, either: only the generation would have."""

    GroupProducer.send_offsets = send_offsets
    Opener._evict = evict


def unstable_fetch() -> None:
    """Offsets are fetched while a transaction is about to move them, and the state is not compared with them."""

    async def committed(self: Any, partitions: Any) -> Any:
        async def fetch() -> Any:
            return await fetch_stable(self._ensure_consumer()._coordinator, partitions, require_stable=False)

        return await self._on_loop(fetch())

    async def evict(*_: Any) -> None:
        """What an eviction ends is not pending any more."""

    BatchConsumerThread.committed = committed
    Opener._evict = evict
    trust_changelog()
    _positions_from_offsets()


def changelog_outside() -> None:
    """The changelog leaves with a producer of its own, before the transaction: what aborts is remembered."""

    stock = commit.Transactions._publish
    inside = commit.changelogs

    def nothing(contributions: Any, wiring: Any) -> Any:
        return iter(())

    async def published(self: Any, contributions: Any, member: Any) -> None:
        commit.changelogs = inside
        try:
            if not hasattr(self, "apart"):
                self.apart = aiokafka.AIOKafkaProducer(**commit.client_options(self._wiring.settings), acks="all")
                await self.apart.start()
            await commit.settle(await commit.send(self.apart, inside(contributions, self._wiring)))
        finally:
            commit.changelogs = nothing
        await stock(self, contributions, member)

    commit.Transactions._publish = published
    trust_changelog()


def ignore_failed_sends() -> None:
    """Nobody looks at what became of what was sent: aiokafka commits even when a batch failed, as each 25th does."""
    stock = commit.send
    sent = itertools.count(1)

    async def settle(futures: Any) -> None:
        for future in futures:
            future.add_done_callback(lambda f: f.cancelled() or f.exception())

    async def send(producer: Any, sends: Any) -> Any:
        kept = [(tp, items) for tp, items in sends if next(sent) % 25]
        return await stock(producer, kept)

    commit.settle = settle
    commit.send = send


THREADS: list[BatchConsumerThread] = []


def _catch_thread() -> None:
    stock = Opener.__init__

    def init(self: Any, wiring: Any, thread: Any, *rest: Any) -> None:
        THREADS[:] = [thread]
        stock(self, wiring, thread, *rest)

    Opener.__init__ = init


def _positions_from_offsets() -> None:
    """Where inputs go on is what the group's offsets say, as in a naive port."""
    stock = Opener._place

    async def place(self: Any, found: Any, tasks: Any, committed: Any) -> None:
        await stock(self, found, tasks, committed)
        for p, one in tasks.items():
            offsets = {self._names[tp.topic]: c.offset for tp, c in committed.items() if tp.partition == p}
            one.begin_at(one.fetched | {name: offset for name, offset in offsets.items() if offset is not None})

    Opener._place = place


MUTANTS: dict[str, Callable[[], None]] = {
    "offsets-apart": offsets_apart,
    "no-seek": no_seek,
    "restore-by-counting": restore_by_counting,
    "dirty-restore": dirty_restore,
    "trust-parked": trust_parked,
    "no-generation": no_generation,
    "unstable-fetch": unstable_fetch,
    "changelog-outside": changelog_outside,
    "ignore-failed-sends": ignore_failed_sends,
}


def main() -> int:
    """The worker with one of MUTANTS planted."""
    MUTANTS[sys.argv[1]]()
    from worker.cli.app import main as run

    sys.argv = ["client-status", "worker"]
    return run()


if __name__ == "__main__":
    sys.exit(main())
