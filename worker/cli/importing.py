"""One import at work: rows become events that are sent, or refusals that are written down and told."""

import asyncio
import collections
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from aiokafka.structs import TopicPartition

from topics.registry import DEAD_LETTERS
from worker import connecting
from worker.cli.latest import partition_for
from worker.cli.output import counted, note
from worker.cli.progress import progress
from worker.config import Settings
from worker.dead_letters.letters import letter
from worker.errors import CommandFailed
from worker.spreadsheets.refusals import Refusals
from worker.spreadsheets.rows import SOURCE, Ready, Refused, Rows
from worker.spreadsheets.tables import Row, Table

SHOWN_REFUSALS: Final = 20
SHOWN_MEETINGS: Final = 10
STEP: Final = 500
"""Rows between two looks at the progress."""
POLL_SECONDS: Final = 0.2
POLL_MS: Final = 500
Send = Callable[[bytes], Awaitable[None]]


class Import:
    """The rows of a table on their way. ``sent``: by the id of its event each row that was sent."""

    def __init__(self, table: Table, rows: Rows, refusals: Refusals) -> None:
        self._table = table
        self._rows = rows
        self._refusals = refusals
        self._meetings = _Meetings()
        self._told = 0
        self.sent: dict[str, Row] = {}

    async def run(self, send: Send | None) -> None:
        """Check every row and send it; without ``send`` only check."""
        refused: list[tuple[Row, str]] = []
        rows = self._table.rows
        with progress("rows", len(rows)) as advance:
            for done, row in enumerate(rows, 1):
                try:
                    ready = self._rows.event(row)
                except Refused as exc:
                    self._refusals.add(row, str(exc))
                    if len(refused) < SHOWN_REFUSALS:
                        refused.append((row, str(exc)))
                else:
                    self.sent[ready.id] = row
                    self._meetings.note(row.number, ready)
                    if send is not None:
                        await send(ready.value)
                if done % STEP == 0:
                    advance(done)
            advance(len(rows))
        for row, reason in refused:
            self._tell(row, reason)

    def refuse(self, row: Row, reason: str) -> None:
        """The worker refused a row that was sent."""
        self._refusals.add(row, reason)
        self._tell(row, reason)

    def close(self) -> None:
        """Tell what remains to be told."""
        if self._refusals.count > self._told:
            note(f"… and {counted(self._refusals.count - self._told, 'more row')} refused.")
        self._meetings.tell()

    def _tell(self, row: Row, reason: str) -> None:
        if self._told < SHOWN_REFUSALS:
            self._told += 1
            note(f"Row {row.number}: {reason}")


class Follower:
    """Waits until the worker has processed what was sent, and finds what it refused all the same (J1)."""

    def __init__(self, settings: Settings, clients: TopicPartition, letters: TopicPartition, begins: int) -> None:
        self._settings = settings
        self._clients = clients
        self._letters = letters
        self._begins = begins

    @classmethod
    async def begin(cls, settings: Settings, business: str, clients: TopicPartition) -> "Follower":
        """Before anything is sent: dead letters that are there already are of other records."""
        letters = await partition_for(settings, DEAD_LETTERS, business)
        async with connecting.reader(settings) as reader:
            reader.assign([letters])
            return cls(settings, clients, letters, (await reader.end_offsets([letters]))[letters])

    async def refused(self, first: int, end: int, sent: dict[str, Row], seconds: float) -> list[tuple[Row, str]]:
        """The rows among those at the offsets from ``first`` to ``end`` that became dead letters, with the reasons.

        Raises CommandFailed when not all were processed within so many ``seconds``.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._processed(end)
        except TimeoutError:
            raise CommandFailed(
                f"timed out: the rows are sent, and not all were processed within {seconds:g} s: is a worker running? "
                "Importing the file again is safe"
            ) from None
        return [found async for found in self._dead(first, sent)]

    async def _processed(self, end: int) -> None:
        async with connecting.admin(self._settings) as admin:
            while True:
                found = await admin.list_consumer_group_offsets(self._settings.app_id, partitions=[self._clients])
                if self._clients in found and found[self._clients].offset >= end:
                    return
                await asyncio.sleep(POLL_SECONDS)

    async def _dead(self, first: int, sent: dict[str, Row]) -> Any:
        async with connecting.reader(self._settings) as reader:
            reader.assign([self._letters])
            end = (await reader.end_offsets([self._letters]))[self._letters]
            reader.seek(self._letters, self._begins)
            while await reader.position(self._letters) < end:
                for record in (await reader.getmany(self._letters, timeout_ms=POLL_MS)).get(self._letters, ()):
                    dead = letter(record)
                    if dead.topic != self._clients.topic or dead.offset is None or dead.offset < first:
                        continue
                    if (id_ := _id_of_ours(record.value)) in sent:
                        yield sent[id_], f"{dead.message} ({dead.code})"


def _id_of_ours(value: bytes | None) -> str:
    """The id of an event of an import; empty for what others have sent meanwhile, whatever it is."""
    try:
        event = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return ""
    ours = isinstance(event, dict) and event.get("source") == SOURCE and isinstance(event.get("id"), str)
    return event["id"] if ours else ""


class _Meetings:
    """Rows without an id of their own that are the same client as an earlier row, and say something else."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str]] = {}
        self._met: collections.Counter[str] = collections.Counter()
        self._shown: list[str] = []

    def note(self, number: int, ready: Ready) -> None:
        if not ready.derived:
            return
        first, id_ = self._first.setdefault(ready.client_id, (number, ready.id))
        if id_ != ready.id:
            self._met[ready.derived] += 1
            if len(self._shown) < SHOWN_MEETINGS:
                self._shown.append(f"{number} (as {first})")

    def tell(self) -> None:
        if total := self._met.total():
            more = ", …" if total > len(self._shown) else ""
            note(
                f"Note: {counted(total, 'row')} without an id have the {' or '.join(sorted(self._met))} of an earlier "
                f"row, and go to the same client: {', '.join(self._shown)}{more}. "
                "Is that one person? Else give them ids."
            )
