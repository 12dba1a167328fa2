"""How far something has come: a bar at a terminal, a line now and then elsewhere. On standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from worker.cli.output import note

EVERY: Final = 10_000
"""A line for so many, where there is no terminal."""
Advance = Callable[[int], None]
"""Called with how many are done."""


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """``with progress("rows", 100) as advance: advance(10)``."""
    if not sys.stderr.isatty():
        yield _Lines(what, total).advance
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(what), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


class _Lines:
    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._told = 0

    def advance(self, done: int) -> None:
        if done - self._told >= EVERY:
            self._told = done
            note(f"{done:,} of {self._total:,} {self._what}")
