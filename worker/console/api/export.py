"""Whatever a search finds, as CSV (H6): the same columns as ``client-status export``."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from topics.fields import ClientId
from worker import clock
from worker.console.api.asked import At, Business
from worker.console.api.clients import refusing
from worker.domain.card import Card
from worker.readmodel import cards
from worker.readmodel.asking import Question
from worker.readmodel.reading import Reader
from worker.readmodel.search import find_all
from worker.spreadsheets.cards import table

CARDS_AT_ONCE: Final = 1_000
LINES_AT_ONCE: Final = 500
MAX_NAMED: Final = 10_000
"""Clients that can be named in one request."""
BOM: Final = "\ufeff"
"""By which Excel knows that it is UTF-8."""


@get("/export.csv", summary="Export what is found", tags=["clients"])
async def export(
    business: Business,
    desk: At,
    question: NamedDependency[Question],
    excel: Annotated[
        Literal["true", "false"], QueryParameter(description="Separated by semicolons, for Excel with decimal commas.")
    ] = "false",
) -> Stream:
    """The whole card of every client that is found, in order of the ids. ``sort`` counts for nothing here."""
    reader, found_in = await desk.table(business)
    with refusing():
        found = await find_all(reader, found_in, question, clock.now())
    return _stream(reader, found, excel=excel == "true")


class Named(msgspec.Struct, kw_only=True):
    """The clients to export, and how."""

    client_ids: Annotated[list[ClientId], msgspec.Meta(min_length=1, max_length=MAX_NAMED)]
    excel: bool = False


@post("/export.csv", status_code=200, summary="Export those who are named", tags=["clients"])
async def export_named(business: Business, desk: At, data: JSONBody[Named]) -> Stream:
    """The whole card of every client that is named, each once, in order of the ids. An id that was merged away means
    the primary; one that is not there is left out. Changes nothing."""
    reader = await desk.reader(business)
    return _stream(reader, sorted(await _primaries(reader, data.client_ids)), excel=data.excel)


def _stream(reader: Reader, clients: list[str], *, excel: bool) -> Stream:
    return Stream(
        _lines(reader, clients, excel=excel),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{reader.business}-clients.csv"'},
    )


class _Record(msgspec.Struct):
    client_id: str
    merged_into: str | None = None


_record = msgspec.json.Decoder(_Record).decode


async def _primaries(reader: Reader, clients: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(clients), CARDS_AT_ONCE):
        chunk = await reader.records(clients[start : start + CARDS_AT_ONCE])
        records = [_record(value) for value in chunk if value is not None]
        found |= {record.merged_into or record.client_id for record in records}
    return found


async def _lines(reader: Reader, clients: list[str], *, excel: bool) -> AsyncIterator[str]:
    """Text, some lines at a time. What takes long is done in a thread, beside the answers to others."""
    values: list[bytes] = []
    for start in range(0, len(clients), CARDS_AT_ONCE):
        chunk = await reader.cards(clients[start : start + CARDS_AT_ONCE])
        values += [value for value in chunk if value is not None]
    lines = table(_cards(values), reader.known, ";" if excel else ",")
    if excel:
        yield BOM
    while text := await asyncio.to_thread(_some, lines):
        yield text


def _some(lines: Iterator[str]) -> str:
    return "".join(itertools.islice(lines, LINES_AT_ONCE))


def _cards(values: list[bytes]) -> Iterator[Card]:
    """Encoded ones are let go on the way."""
    values.reverse()
    while values:
        yield cards.decode(values.pop())
