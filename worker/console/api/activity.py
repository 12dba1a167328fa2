"""What has happened lately, and what somebody has to decide or mend: changes, reviews, refusals, dead letters (J3)."""

from typing import Annotated, Any

import msgspec
from aiokafka.errors import KafkaError
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from worker.console.access import operators_only
from worker.console.api.asked import At, Business, Limit
from worker.console.api.clients import refusing
from worker.console.problems import Refused
from worker.console.sending import told
from worker.dead_letters.letters import Place
from worker.errors import StateMismatch, Unreachable
from worker.readmodel import activity
from worker.readmodel.asking import DEFAULT_LIMIT
from worker.readmodel.search import row

MAX_REPLAYED: int = 100
"""Dead letters in one request."""
Before = Annotated[str | None, QueryParameter(max_length=100, description="next_before of the answer before.")]


class Latest(msgspec.Struct, kw_only=True):
    """Newest first; ``next_before`` goes on from them."""

    items: list[dict[str, Any]]
    next_before: str | None


class Reviews(msgspec.Struct, kw_only=True):
    """Clients whose status somebody should look at, each with ``review``: when it was suggested, and why."""

    items: list[dict[str, Any]]


class Letters(msgspec.Struct, kw_only=True):
    """Which dead letters to replay: ``PARTITION:OFFSET``, as they are listed."""

    letters: Annotated[
        list[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}:[0-9]{1,18}$")]],
        msgspec.Meta(min_length=1, max_length=MAX_REPLAYED),
    ]


class NotReplayed(msgspec.Struct, kw_only=True):
    """A dead letter that stays where it is, and why."""

    letter: str
    code: str
    message: str


class Replayed(msgspec.Struct, kw_only=True):
    """How many went back to where they came from; ``skipped`` went before; ``refused`` cannot."""

    replayed: int
    skipped: list[str]
    refused: list[NotReplayed]


@get("/changes/latest", summary="The latest changes", tags=["activity"])
async def latest(business: Business, desk: At, limit: Limit = DEFAULT_LIMIT, before: Before = None) -> Latest:
    """Status and tag changes and suggestions to review, as they are on their topics, newest first; each with the
    client's name as it is now (``client_name``), if it has one.
    """
    reader = await desk.reader(business)
    with refusing():
        items, following = await activity.events(reader, "changes", before or None, limit)
    names = await activity.names(reader, [event["data"]["client_id"] for event in items])
    return Latest(
        items=[{**event, "client_name": names.get(event["data"]["client_id"])} for event in items],
        next_before=following,
    )


@get("/reviews", summary="Statuses to review", tags=["activity"])
async def reviews(business: Business, desk: At) -> Reviews:
    """Clients with a suggestion that nobody has decided yet (B7), the latest first."""
    reader = await desk.reader(business)
    return Reviews(
        items=[
            {**row(reader.known, card), "review": {"time": event["time"], "cause": event["data"]["cause"]}}
            for event, card in await activity.reviews(reader)
        ]
    )


@get("/refusals", summary="Commands that were refused", tags=["activity"])
async def refusals(business: Business, desk: At, limit: Limit = DEFAULT_LIMIT, before: Before = None) -> Latest:
    """Answers that refuse a command or control message, wholly or in part, newest first (C4)."""
    with refusing():
        items, following = await activity.events(await desk.reader(business), "refused", before or None, limit)
    return Latest(items=[told(event) for event in items], next_before=following)


@get("/dead-letters", summary="Records that could not be processed", tags=["activity"])
async def dead_letters(business: Business, desk: At, limit: Limit = DEFAULT_LIMIT, before: Before = None) -> Latest:
    """Those whose key is the business, newest first: where from, when, and why; not what they contain (J1)."""
    with refusing():
        items, following = await activity.letters(await desk.reader(business), before or None, limit)
    return Latest(items=items, next_before=following)


@post("/dead-letters/replay", guards=[operators_only], status_code=200, summary="Replay", tags=["activity"])
async def replay(business: Business, desk: At, data: JSONBody[Letters]) -> Replayed:
    """Sends dead letters back to where they came from, as they were; what was replayed before is skipped (J3)."""
    places = [Place(*map(int, letter.split(":"))) for letter in dict.fromkeys(data.letters)]
    try:
        report = await desk.replay(business, places)
    except (KafkaError, Unreachable, StateMismatch) as exc:
        raise Refused(503, f"the dead letters could not be replayed: {exc}; try again") from exc
    refused = {str(place): ("not_replayable", why) for place, why in report.refused.items()}
    for place in places:
        if place not in report.seen:
            refused[str(place)] = (
                "unknown_letter",
                "the business has no such dead letter that can be replayed (any more)",
            )
    return Replayed(
        replayed=report.sent.total(),
        skipped=[str(place) for place in report.skipped],
        refused=[NotReplayed(letter=where, code=code, message=why) for where, (code, why) in refused.items()],
    )
