"""Clients: found, shown, and what happened to them (H1-H3, G1, G4)."""

from typing import Annotated, Any

import msgspec
import orjson
import xxhash
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from topics.fields import Moment
from topics.moments import MILLISECOND, micros
from worker import clock
from worker.console.api.asked import At, Business, ClientId, Cursor, Limit
from worker.console.problems import Refused
from worker.console.requests import has_already
from worker.domain.compared_numbers import as_day
from worker.domain.filters import InvalidFilter
from worker.readmodel.asking import DEFAULT_LIMIT, InvalidQuestion, Question
from worker.readmodel.reading import MAX_TIMELINE, InvalidCursor, Reader
from worker.readmodel.search import row, search
from worker.readmodel.table import Table
from worker.readmodel.timeline import Tab

Asked = Request[Any, Any, State]
Before = Annotated[str | None, QueryParameter(max_length=100, description="A time, or next_before.")]


class Clients(msgspec.Struct, kw_only=True):
    """A page of clients. ``total`` are found, and ``ended_hidden`` more would be with ``ended=include``."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    total: int
    ended_hidden: int


class Timeline(msgspec.Struct, kw_only=True):
    """Entries, newest first; ``next_before`` goes on from them."""

    items: list[dict[str, Any]]
    next_before: str | None


async def page(reader: Reader, table: Table, question: Question, limit: int, cursor: str | None) -> Clients:
    """A page of a search. Raises Refused."""
    with refusing():
        found = await search(reader, table, question, limit, cursor or None, clock.now())
    return Clients(
        items=[row(reader.known, value) for value in found.cards],
        next_cursor=found.next_cursor,
        total=found.total,
        ended_hidden=found.ended_hidden,
    )


class refusing:  # noqa: N801 - reads as a statement
    """Within it, what a search refuses is a refusal of the request."""

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, exc: BaseException | None, __: object) -> None:
        if isinstance(exc, InvalidFilter):
            raise Refused(400, str(exc), "invalid_filter") from exc
        if isinstance(exc, InvalidCursor):
            raise Refused(400, str(exc), "invalid_cursor") from exc
        if isinstance(exc, InvalidQuestion):
            raise Refused(400, str(exc), "invalid_parameter") from exc


@get("/clients", summary="Find clients", tags=["clients"])
async def find(
    business: Business,
    desk: At,
    question: NamedDependency[Question],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Clients:
    """Clients that match all that is asked, a page at a time; ended ones only when they are asked for (H3)."""
    return await page(*await desk.table(business), question, limit, cursor)


@get("/clients/{client_id:str}", summary="One client's card", tags=["clients"])
async def card(request: Asked, business: Business, client_id: ClientId, desk: At) -> Response[Any]:
    """The card as it stands in client-profiles, with what its status means; 308 to the primary for a merged-away id."""
    reader = await desk.reader(business)
    found, moved = await look(reader, client_id)
    if moved is not None:
        return moved
    status = reader.known.status(found["status"])
    shown = {**found, "status_label": status.label or status.code, "color": status.color, "ended": status.ended}
    body = orjson.dumps(shown)
    tag = f'"{xxhash.xxh3_64_hexdigest(body)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if has_already(request, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@get("/clients/{client_id:str}/timeline", summary="What happened to a client", tags=["clients"])
async def timeline(
    request: Asked,
    business: Business,
    client_id: ClientId,
    desk: At,
    before: Before = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_TIMELINE)] = DEFAULT_LIMIT,
    tab: Annotated[Tab | None, QueryParameter(description="Entries of one kind only.")] = None,
) -> Response[Any]:
    """Everything that happened, newest first: bookings, invoices, payments, messages, notes, changes, merges (G4)."""
    reader = await desk.reader(business)
    query = request.url.query
    _, moved = await look(reader, client_id, f"/timeline?{query}" if query else "/timeline")
    if moved is not None:
        return moved
    with refusing():
        items, next_before = await reader.timeline(client_id, place(before), limit, tab)
    return Response(Timeline(items=items, next_before=next_before))


class Reasons(msgspec.Struct, kw_only=True):
    """The events that the causes of a card name: of its status (also the revision of the settings that made it), and of
    each of its tags. What is not known any more is null."""

    status: dict[str, Any]
    tags: list[dict[str, Any]]


@get("/clients/{client_id:str}/reasons", summary="Why a client has its status and tags", tags=["clients"])
async def reasons(business: Business, client_id: ClientId, desk: At) -> Response[Any]:
    """What happened that the causes on the card name (G4): ``because`` with type, time and data of the event."""
    reader = await desk.reader(business)
    found, moved = await look(reader, client_id, "/reasons")
    if moved is not None:
        return moved
    return Response(Reasons(**(await reader.story(client_id)).reasons(found)))


async def look(reader: Reader, client_id: str, below: str = "") -> tuple[dict[str, Any], Response[Any] | None]:
    """The card; or the way to the primary's. Raises Refused when there is none."""
    found = await reader.card(client_id)
    if found is None:
        raise Refused(404, f"there is no client {client_id}", "unknown_client")
    primary = found.get("merged_into")
    if primary is None:
        return found, None
    path = f"/api/v1/businesses/{reader.business}/clients/{primary}{below}"
    return found, Response({"merged_into": primary}, status_code=308, headers={"Location": path})


def place(before: str | None) -> str | None:
    """A time, or a day, as the place in a timeline that it is; what is neither may be a place already."""
    if not before:
        return None
    try:
        return str(micros(msgspec.convert(before, Moment)))
    except msgspec.ValidationError:
        day = as_day(before)
    return before if day is None else str(day * MILLISECOND)
