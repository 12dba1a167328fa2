"""A business: its settings, how many clients it has of what, its audiences (H4, F1)."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import QueryParameter

from worker.console.access import token_of
from worker.console.api.asked import At, AudienceId, Business, Cursor, Limit, Order
from worker.console.api.clients import Before, Clients, page, place, refusing
from worker.console.problems import Refused
from worker.console.tokens import ALL
from worker.readmodel import counting
from worker.readmodel.asking import DEFAULT_LIMIT, Question
from worker.readmodel.reading import MAX_TIMELINE, businesses


class Audiences(msgspec.Struct):
    """All of a business's."""

    items: list[dict[str, Any]]


@get("/settings", summary="The settings in force", tags=["business"])
async def settings(business: Business, desk: At) -> dict[str, Any]:
    """The public part of business-settings; of a business that has none yet, what every one begins with."""
    return (await desk.reader(business)).settings


class SettingsHistory(msgspec.Struct, kw_only=True):
    """Control messages, newest first; ``next_before`` goes on from them."""

    items: list[dict[str, Any]]
    next_before: str | None


@get("/settings/history", summary="How the settings came about", tags=["business"])
async def settings_history(
    business: Business,
    desk: At,
    before: Before = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_TIMELINE)] = DEFAULT_LIMIT,
) -> SettingsHistory:
    """The control messages that the worker has dealt with, by their time: who sent what, and what became of it (C4)."""
    reader = await desk.reader(business)
    with refusing():
        items, next_before = await reader.settings_history(place(before), limit)
    return SettingsHistory(items=items, next_before=next_before)


@get("/counts", summary="How many clients", tags=["business"])
async def counts(business: Business, desk: At) -> dict[str, Any]:
    """Clients per status, per group, per tag, per classification, and per source and audience (H4)."""
    reader, table = await desk.table(business)
    return counting.counts(reader.settings, table)


@get("/audiences", summary="Saved filters", tags=["audiences"])
async def audiences(business: Business, desk: At) -> Audiences:
    """The audiences, each with its filter and the number of its members."""
    reader, table = await desk.table(business)
    return Audiences(counting.audiences(reader.settings, table))


@get("/audiences/{audience_id:str}/members", summary="Members of an audience", tags=["audiences"])
async def members(
    business: Business,
    audience_id: AudienceId,
    desk: At,
    sort: Order = "name",
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Clients:
    """Those who are in it now, whatever their status."""
    reader, table = await desk.table(business)
    if all(audience["audience_id"] != audience_id for audience in reader.settings.get("audiences") or ()):
        raise Refused(404, f"the business has no audience {audience_id}", "unknown_audience")
    return await page(reader, table, Question(audience=audience_id, ended=True, sort=sort), limit, cursor)


class Me(msgspec.Struct):
    """What the token with which is asked allows; its businesses, or of one for all those that are known."""

    name: str
    role: str
    all_businesses: bool
    businesses: list[str]


@get("/me", summary="What this token allows", tags=["tokens"])
async def me(request: Request[Any, Any, State], desk: At) -> Me:
    """The name, the role and the businesses of the token."""
    token = token_of(request)
    if token.businesses != ALL:
        return Me(token.name, token.role, all_businesses=False, businesses=sorted(token.businesses))
    return Me(token.name, token.role, all_businesses=True, businesses=await businesses(desk.redis, desk.space))
