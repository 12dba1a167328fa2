"""A spreadsheet of clients over HTTP (H6): read as ``client-status import`` reads it, sent with its progress."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import orjson
from aiokafka.errors import KafkaError
from litestar import post
from litestar.params import JSONBody
from litestar.response import Stream

from topics.fields import Moment
from topics.moments import MIN_YEAR, micros
from worker import clock
from worker.console.access import operators_only
from worker.console.api.asked import At, Business
from worker.console.desk import Desk
from worker.console.limits import MAX_IMPORTS
from worker.console.problems import Refused
from worker.pipeline.decode import MAX_AHEAD
from worker.spreadsheets import files
from worker.spreadsheets.columns import Names, Plan, Unmappable, plan
from worker.spreadsheets.refusals import Refusals
from worker.spreadsheets.rows import TOPIC, Ready, Rows
from worker.spreadsheets.rows import Refused as RowRefused
from worker.spreadsheets.tables import Bounds, Row, Table, Unreadable

MAX_FILE_BYTES: Final = 8 << 20
"""Of a file; larger ones are for ``client-status import``."""
MAX_BODY_BYTES: Final = 12 << 20
"""Of a request: base64 takes a third more than the file."""
ROWS_AT_ONCE: Final = 200
"""Rows that are checked and sent together, between two lines of progress."""
MAX_SHOWN: Final = 100
"""Refused rows whose reasons are told; all of them stand in ``rejected``."""
MAX_MAPPED: Final = 1_000
BOUNDS: Final = Bounds(rows=200_000, cells=5_000_000, unpacked=128 << 20)
"""Of what is in a file."""
MEDIA_TYPE: Final = "application/x-ndjson"


class Sheet(msgspec.Struct, kw_only=True):
    """The file. ``content``: its bytes in base64. ``map``: what columns hold, each ``Column=field``. ``dates``: what
    comes first in dates with slashes. ``sheet``: of a workbook; else the first one. ``time``: when its rows were true,
    such as when the file was last changed; now unless given. With ``dry_run`` nothing is sent."""

    content: Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_FILE_BYTES)]
    name: Annotated[str, msgspec.Meta(max_length=300)] = ""
    map: Annotated[list[Annotated[str, msgspec.Meta(max_length=1_000)]], msgspec.Meta(max_length=MAX_MAPPED)] = []
    dates: Literal["dmy", "mdy"] | None = None
    sheet: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    time: Moment | None = None
    dry_run: bool = False


@post(
    "/import", guards=[operators_only], status_code=200, request_max_body_size=MAX_BODY_BYTES,
    summary="Import clients from a spreadsheet", tags=["clients"],
)  # fmt: skip
async def import_(business: Business, desk: At, data: JSONBody[Sheet]) -> Stream:
    """A CSV or XLSX file, a client in each row, as ``client-status import`` takes it: every row is checked as the
    worker will check it, and sent as ``client.imported``. Importing a file twice changes nothing the second time.

    The answer is lines of JSON: ``{"done", "total"}`` on the way, and at the end ``{"report": ..}``, or
    ``{"error": ..}`` when Kafka does not take the rows: what was sent until then is sent.
    """
    latest = clock.now() + MAX_AHEAD
    at = data.time or datetime.now(UTC)
    if at.year < MIN_YEAR:
        raise Refused(422, f"time: the year must not be before {MIN_YEAR}", "invalid_data")
    if micros(at) > latest:
        raise Refused(422, f"time: {at.isoformat()} is more than 24 hours ahead", "time_in_future")
    known = (await desk.reader(business)).known
    if desk.imports >= MAX_IMPORTS:
        raise Refused(429, "too many files are being imported; try again in a moment", headers={"Retry-After": "10"})
    with desk.importing():
        async with desk.reading_a_file:  # one at a time: a workbook takes much more memory than its file
            table, columns = await asyncio.to_thread(_read, data, Names(known.own_fields))
    rows = Rows(business, columns.used, len(table.columns), known, at.astimezone(UTC), latest, data.dates)
    return Stream(_lines(desk, business, table, columns, rows, send=not data.dry_run), media_type=MEDIA_TYPE)


def _read(sheet: Sheet, names: Names) -> tuple[Table, Plan]:
    try:
        table = files.table_in(sheet.content, Path(sheet.name).suffix, names.recognises, sheet.sheet, BOUNDS)
        return table, plan(table.columns, names, sheet.map)
    except Unreadable as exc:
        raise Refused(422, f"{sheet.name or 'the file'} {_here(exc)}", "unreadable_file") from exc
    except Unmappable as exc:
        raise Refused(422, f"map: {exc}", "invalid_data") from exc


def _here(said: object) -> str:
    """What the command calls a flag is a name in the body here."""
    return str(said).replace("--map", "map").replace("--sheet", "sheet")


async def _lines(
    desk: Desk, business: str, table: Table, columns: Plan, rows: Rows, *, send: bool
) -> AsyncIterator[bytes]:
    with desk.importing(), tempfile.TemporaryDirectory(prefix="client-status-import-") as folder:
        file = Path(folder) / "rejected.csv"
        with Refusals(file, table) as refusals:
            work = _Work(rows, refusals)
            total = len(table.rows)
            for start in range(0, total, ROWS_AT_ONCE):
                ready = await asyncio.to_thread(work.check, table.rows[start : start + ROWS_AT_ONCE])
                if send:
                    try:
                        await asyncio.gather(*(desk.send(TOPIC, business, one.value) for one in ready))
                    except KafkaError as exc:
                        detail = (
                            f"Kafka has not taken the rows from {start + 1} on ({type(exc).__name__}); import again"
                        )
                        yield _line({"error": {"code": "unavailable", "detail": detail}})
                        return
                yield _line({"done": min(start + ROWS_AT_ONCE, total), "total": total})
        rejected = await asyncio.to_thread(file.read_text, "utf-8-sig") if refusals.count else ""
    yield _line({"report": {
        "rows": total, "imported": total - refusals.count, "refused": refusals.count, "reasons": work.reasons,
        "rejected": rejected, "columns": [{"column": one.name, "holds": one.holds} for one in columns.used],
        "unused": columns.unused, "note": _here(table.note), "dry_run": not send,
    }})  # fmt: skip


class _Work:
    """The rows that have been checked. ``reasons``: of the first that were refused."""

    def __init__(self, rows: Rows, refusals: Refusals) -> None:
        self._rows = rows
        self._refusals = refusals
        self.reasons: list[dict[str, Any]] = []

    def check(self, rows: Sequence[Row]) -> list[Ready]:
        """Those of them that can be sent."""
        ready = []
        for row in rows:
            try:
                ready.append(self._rows.event(row))
            except RowRefused as exc:
                self._refusals.add(row, str(exc))
                if len(self.reasons) < MAX_SHOWN:
                    self.reasons.append({"row": row.number, "reason": str(exc)})
        return ready


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)
