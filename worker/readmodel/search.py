"""H1-H3: finds clients, a page at a time, in an order that survives changes, and counts them.

Few clients are gathered and sorted; many are met by walking through the order that is wanted, from the cursor on,
until the page is full. A filter (F3) is asked of every card that the sets leave.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import orjson

from topics.moments import Micros
from worker.readmodel import cards
from worker.readmodel.asking import Plan, Question, Sort, plan
from worker.readmodel.index import NEVER, sort_name
from worker.readmodel.keys import NUL
from worker.readmodel.matching import matching
from worker.readmodel.reading import InvalidCursor, Reader, decode_cursor, encode_cursor

GATHERED: Final = 1_000
"""So many clients are fetched and sorted; of more, the order is walked through."""
FIRST_STEP: Final = 200
STEP: Final = 2_000
"""Places in an order that are looked at together, at most."""
CARDS_AT_ONCE: Final = 500
IDS_AT_ONCE: Final = 5_000
Key = tuple[str, str] | tuple[float, str]
"""A client's place in an order: its name or seconds, and its id."""


class Page(NamedTuple):
    """Some of the clients that were found: public cards as JSON."""

    cards: list[bytes]
    next_cursor: str | None
    total: int
    ended_hidden: int


class _Found(msgspec.Struct):
    """Those who are shown, if they are known by now; and how many there are."""

    clients: list[str] | None
    total: int
    hidden: int


class _Named(msgspec.Struct):
    """What of a card decides its place by name."""

    client_id: str
    name: str | None = None
    emails: list[str] = []


_named = msgspec.json.Decoder(_Named).decode


async def search(reader: Reader, question: Question, limit: int, cursor: str | None, now: Micros) -> Page:
    """One page. Raises InvalidQuestion, InvalidFilter, InvalidCursor, RedisError."""
    after = None if cursor is None else _after(cursor, question.sort)
    planned = plan(reader, question, now)
    found = await _find(reader, question, planned)
    if found.clients is not None and len(found.clients) <= GATHERED:
        keys = sorted(await _keys(reader, question.sort, found.clients), reverse=question.sort != "name")
        if after is not None:
            keys = [key for key in keys if _is_later(key, after, question.sort)]
        keys = keys[: limit + 1]
    else:
        keys = await _walk(reader, question.sort, planned, found, limit + 1, after)
    more = len(keys) > limit
    keys = keys[:limit]
    values = await reader.cards([key[1] for key in keys])
    return Page(
        [value for value in values if value is not None],
        encode_cursor(question.sort, *_stored(keys[-1])) if more else None,
        found.total,
        found.hidden,
    )


async def find_all(reader: Reader, question: Question, now: Micros) -> list[str]:
    """The ids of all, in order of the ids, for an export."""
    planned = plan(reader, question, now)
    found = await _find(reader, question, planned)
    if found.clients is not None:
        return sorted(found.clients)
    shown, _ = await _sift(reader, planned, await _candidates(reader, planned))
    return sorted(shown)


# -- who is found --------------------------------------------------------------------------------------------------


async def _find(reader: Reader, question: Question, planned: Plan) -> _Found:
    ids: set[str] | None = None
    if question.q.strip():
        ids = await matching(reader, question.q)
    for wanted in planned.ranges:
        key = reader.key("by") + f":{wanted.order}"
        members = await reader.redis.zrange(key, wanted.first, wanted.last, byscore=True)
        within = {member.decode() for member in members}
        ids = within if ids is None else ids & within
    if ids is None and planned.matches is None:
        return await _count(reader, planned)
    if ids is None:
        shown, hidden = await _sift(reader, planned, await _candidates(reader, planned))
    else:
        shown, hidden = await _sift(reader, planned, list(ids))
    if planned.matches is not None:
        shown, hidden = await _filtered(reader, planned, shown), await _filtered(reader, planned, hidden)
    return _Found(shown, len(shown), len(hidden))


async def _count(reader: Reader, planned: Plan) -> _Found:
    """Every client has one status, so the sets of the statuses have nobody in common."""
    base = planned.sets or [reader.key("all")]
    asked = planned.statuses
    counted = sorted(planned.hidden if asked is None else asked)
    pipe = reader.redis.pipeline(transaction=False)
    _cardinality(pipe, base)
    for code in counted:
        _cardinality(pipe, [*planned.sets, reader.having("status", code)])
    everybody, *sizes = await pipe.execute()
    by_status = dict(zip(counted, sizes, strict=True))
    hidden = sum(by_status[code] for code in planned.hidden)
    total = (everybody if asked is None else sum(sizes)) - hidden
    if total > GATHERED:
        return _Found(None, total, hidden)
    shown, _ = await _sift(reader, planned, await _candidates(reader, planned))
    return _Found(shown, total, hidden)


def _cardinality(pipe: Any, keys: Sequence[str]) -> None:
    if len(keys) == 1:
        pipe.scard(keys[0])
    else:
        pipe.sintercard(len(keys), keys)


async def _candidates(reader: Reader, planned: Plan) -> list[str]:
    """All who are in the sets and have a status that is asked for."""
    pipe = reader.redis.pipeline(transaction=False)
    if planned.statuses is None:
        pipe.sinter(planned.sets or [reader.key("all")])
    for code in sorted(planned.statuses or ()):
        pipe.sinter([*planned.sets, reader.having("status", code)])
    return [client.decode() for members in await pipe.execute() for client in members]


async def _sift(reader: Reader, planned: Plan, clients: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of these, those who are shown, and those who are left out because their status is an ended one."""
    shown: list[str] = []
    hidden: list[str] = []
    for start in range(0, len(clients), IDS_AT_ONCE):
        chunk = clients[start : start + IDS_AT_ONCE]
        for client, verdict in zip(chunk, await _verdicts(reader, planned, chunk), strict=True):
            if verdict is not None:
                (hidden if verdict else shown).append(client)
    return shown, hidden


async def _verdicts(reader: Reader, planned: Plan, clients: Sequence[str]) -> list[bool | None]:
    """Of each: None if it is not found, else whether it is left out."""
    if not clients:
        return []
    asked = planned.statuses
    codes = sorted(planned.hidden if asked is None else asked)
    pipe = reader.redis.pipeline(transaction=False)
    for key in (*planned.sets, *(reader.having("status", code) for code in codes)):
        pipe.smismember(key, clients)
    answers = await pipe.execute()
    found = [True] * len(clients)
    for members in answers[: len(planned.sets)]:
        found = [was and bool(is_in) for was, is_in in zip(found, members, strict=True)]
    ended = [False] * len(clients)
    wanted = [asked is None] * len(clients)
    for code, members in zip(codes, answers[len(planned.sets) :], strict=True):
        is_hidden = code in planned.hidden
        for i, member in enumerate(members):
            if member:
                wanted[i], ended[i] = True, is_hidden
    return [ended[i] if found[i] and wanted[i] else None for i in range(len(clients))]


async def _filtered(reader: Reader, planned: Plan, clients: Sequence[str]) -> list[str]:
    matches, known = planned.matches, reader.known
    if matches is None:
        return list(clients)
    found: list[str] = []
    async for values in _in_chunks(reader, clients):
        found += [card.client_id for card in cards.decode_all(values) if matches(known.as_client(card))]
    return found


async def _in_chunks(reader: Reader, clients: Sequence[str]) -> AsyncIterator[list[bytes | None]]:
    for start in range(0, len(clients), CARDS_AT_ONCE):
        yield await reader.cards(clients[start : start + CARDS_AT_ONCE])


# -- in which order ------------------------------------------------------------------------------------------------


async def _keys(reader: Reader, sort: Sort, clients: Sequence[str]) -> list[Any]:
    """The places of clients in an order."""
    if not clients:
        return []
    if sort == "name":
        keys: list[Key] = []
        async for values in _in_chunks(reader, clients):
            named = [_named(value) for value in values if value is not None]
            keys += [(sort_name(msgspec.structs.asdict(card)), card.client_id) for card in named]
        return keys
    scores = await reader.redis.zmscore(_order(reader, sort), clients)
    return [(score, client) for score, client in zip(scores, clients, strict=True) if score is not None]


def _is_later(key: Key, after: Key, sort: Sort) -> bool:
    """Names go up, times go down: the latest comes first."""
    mine: Any = key
    return bool(mine > after if sort == "name" else mine < after)


async def _walk(reader: Reader, sort: Sort, planned: Plan, found: _Found, wanted: int, after: Key | None) -> list[Any]:
    """The next ``wanted`` places of clients who are shown."""
    among = None if found.clients is None else set(found.clients)
    keys: list[Key] = []
    step = FIRST_STEP
    while len(keys) < wanted:
        places = await (_by_name(reader, after, step) if sort == "name" else _by_time(reader, sort, after, step))
        if not places:
            break
        keys += await _shown(reader, planned, among, places)
        after, step = places[-1], min(2 * step, STEP)
    return keys[:wanted]


async def _shown(reader: Reader, planned: Plan, among: set[str] | None, places: Sequence[Key]) -> Iterable[Key]:
    if among is not None:
        return [key for key in places if key[1] in among]
    verdicts = await _verdicts(reader, planned, [key[1] for key in places])
    return [key for key, verdict in zip(places, verdicts, strict=True) if verdict is False]


async def _by_name(reader: Reader, after: Key | None, count: int) -> list[Key]:
    first = "-" if after is None else f"({after[0]}{NUL}{after[1]}"
    members = await reader.redis.zrange(_order(reader, "name"), first, "+", bylex=True, offset=0, num=count)
    return [_place(member.decode()) for member in members]


def _place(member: str) -> Key:
    name, _, client = member.rpartition(NUL)
    return name, client


async def _by_time(reader: Reader, sort: Sort, after: Key | None, count: int) -> list[Key]:
    """Down from a place. Many clients may have the same time, so the place is looked up by its rank."""
    key = _order(reader, sort)
    start = 0
    if after is not None:
        pipe = reader.redis.pipeline(transaction=False)
        pipe.zscore(key, after[1])
        pipe.zrevrank(key, after[1])
        pipe.zcount(key, f"({after[0]}", "+inf")
        score, rank, before = await pipe.execute()
        start = rank + 1 if score == after[0] else before
    while found := await reader.redis.zrange(key, start, start + count - 1, desc=True, withscores=True):
        places: list[Key] = [(score, member.decode()) for member, score in found]
        if later := [place for place in places if after is None or _is_later(place, after, sort)]:
            return later
        start += count
    return []


def _order(reader: Reader, sort: Sort) -> str:
    return f"{reader.key('by')}:{sort}"


# -- cursors -------------------------------------------------------------------------------------------------------


def _stored(key: Key) -> tuple[str | float | None, str]:
    return (None if key[0] == NEVER else key[0]), key[1]


def _after(cursor: str, sort: Sort) -> Key:
    parts = decode_cursor(cursor)
    if len(parts) != 3 or parts[0] != sort or not isinstance(parts[2], str):  # noqa: PLR2004 - order, place, id
        raise InvalidCursor(f"cursor: not one that a search sorted by {sort} gave as next_cursor")
    _, place, client = parts
    if sort == "name" and isinstance(place, str):
        return place, client
    if sort != "name" and (place is None or isinstance(place, int | float)):
        return (NEVER if place is None else float(place)), client
    raise InvalidCursor(f"cursor: not one that a search sorted by {sort} gave as next_cursor")


def row(reader: Reader, value: bytes) -> dict[str, Any]:
    """A client as a row of a list (H3): main address and number, status with label and colour, tags."""
    card = orjson.loads(value)
    status = reader.known.status(card["status"])
    upcoming, score = card.get("upcoming") or [], card.get("score")
    return {
        "client_id": card["client_id"],
        "name": card.get("name"),
        "email": next(iter(card.get("emails") or ()), None),
        "phone": next(iter(card.get("phones") or ()), None),
        "status": status.code,
        "status_label": status.label or status.code,
        "color": status.color,
        "ended": status.ended,
        "status_since": card["status_since"],
        "tags": [tag["tag"] for tag in card.get("tags", ())],
        "source": card.get("source"),
        "staff_id": card.get("staff_id"),
        "created_at": card["created_at"],
        "last_activity_at": card.get("last_activity_at"),
        "next_booking_at": upcoming[0]["starts_at"] if upcoming else None,
        "outstanding": card.get("outstanding") or {},
        "overdue": len(card.get("overdue") or ()),
        "score": score["average"] if score else None,
    }
