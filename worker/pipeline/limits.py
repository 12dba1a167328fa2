"""Every bound of what a worker holds at once, and the back pressure that keeps to it."""

from collections.abc import Callable, Iterable
from typing import Final

from topics.registry import INPUTS
from worker.pipeline.task import Task

TRANSACTION_BYTES: Final = 16 << 20
"""Values of input records in one transaction, about: what is bounded is memory, and how long a commit takes."""
BACKLOG_TRANSACTIONS: Final = 2
"""A task fetches no more while it has records for so many full transactions waiting."""
BACKLOG_BYTES: Final = 64 << 20
"""Values of input records waiting in all tasks, about."""

Flow = Callable[[str, int], None]
"""Pause or resume a partition of an input topic (the contract's name)."""


class Backlog:
    """Counts what waits in the inboxes; pauses a task's partitions when that is too much, resumes them at the half."""

    def __init__(self, transaction_records: int, pause: Flow, resume: Flow) -> None:
        self._records_limit = BACKLOG_TRANSACTIONS * transaction_records
        self._pause = pause
        self._resume = resume
        self._paused: set[int] = set()
        self.bytes = 0

    def added(self, task: Task, size: int) -> None:
        """A batch of so many bytes was put into the task's inbox."""
        self.bytes += size
        if task.partition not in self._paused and (task.backlog > self._records_limit or self.bytes > BACKLOG_BYTES):
            self._paused.add(task.partition)
            self._each_input(self._pause, task)

    def taken(self, tasks: Iterable[Task], size: int) -> None:
        """Batches of so many bytes were taken out of inboxes. ``tasks``: all there are."""
        self.bytes -= size
        if not self._paused or self.bytes > BACKLOG_BYTES // 2:
            return
        for task in tasks:
            if task.partition in self._paused and task.backlog <= self._records_limit // 2:
                self._paused.discard(task.partition)
                self._each_input(self._resume, task)

    def clear(self) -> None:
        """All tasks are closed; the transport forgets what was paused."""
        self.bytes = 0
        self._paused.clear()

    @staticmethod
    def _each_input(change: Flow, task: Task) -> None:
        for topic in INPUTS:
            change(topic.name, task.partition)
