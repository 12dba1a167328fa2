"""H1-H3: a page of the clients that were found, in an order that survives changes.

A cursor is the place of the last client that was shown: its name or time, and its id. So nobody who stays in place is
shown twice or passed over, whatever happens to others, and whichever console is asked.
"""

from collections.abc import Callable
from itertools import compress
from typing import Any, Final, NamedTuple

import orjson

from topics.moments import Micros
from worker.readmodel.asking import Meant, Question, Sort, meant
from worker.readmodel.columns import Mask, flags_of
from worker.readmodel.matching import may_be_an_id
from worker.readmodel.reading import InvalidCursor, Reader, decode_cursor, encode_cursor
from worker.readmodel.table import Table
from worker.readmodel.times import NEVER, Order
from worker.spreadsheets.known import Known

FEW: Final = 2_000
"""Clients who are gathered and sorted; of more, the order is walked through."""
FIRST_STEP: Final = 256
"""Places in an order that are looked at together; then twice as many, and so on."""
Place = tuple[str, str] | tuple[Micros, str]
"""A client's key in an order: its name or time, and its id."""


class Page(NamedTuple):
    """Some of the clients that were found: public cards as JSON."""

    cards: list[bytes]
    next_cursor: str | None
    total: int
    ended_hidden: int


async def search(reader: Reader, table: Table, question: Question, limit: int, cursor: str | None, now: Micros) -> Page:
    """One page. Raises InvalidQuestion, InvalidFilter, InvalidCursor, RedisError."""
    after = None if cursor is None else _after(cursor, question.sort)
    found = await _meant(reader, table, question, now)
    places = next_places(table, question.sort, found.shown, limit + 1, after)
    next_cursor = None
    if len(places) > limit:
        del places[limit:]
        next_cursor = encode_cursor(question.sort, *_stored(_order(table, question.sort).key(places[-1])))
    counted = found.shown.bit_count(), found.hidden.bit_count()
    values = await reader.cards([table.ids[place] for place in places])
    return Page([value for value in values if value is not None], next_cursor, *counted)


async def find_all(reader: Reader, table: Table, question: Question, now: Micros) -> list[str]:
    """The ids of all, in order of the ids, for an export."""
    found = await _meant(reader, table, question, now)
    return list(table.in_order_of_ids(flags_of(found.shown, table.places)))


async def _meant(reader: Reader, table: Table, question: Question, now: Micros) -> Meant:
    primary = None
    if may_be_an_id(question.q) and table.find(question.q.strip()) is None:
        alias = await reader.redis.hget(reader.key("aliases"), question.q.strip())
        primary = alias.decode() if alias is not None else None
    return meant(table, reader.known, question, now, primary)


# -- in which order ------------------------------------------------------------------------------------------------


def _order(table: Table, sort: Sort) -> Order:
    if sort == "name":
        return table.by_name
    return (table.created if sort == "created_at" else table.active).order


def next_places(table: Table, sort: Sort, mask: Mask, wanted: int, after: Place | None) -> list[int]:
    """The next ``wanted`` of those in the mask. Names go up, times go down: the latest comes first."""
    flags, order, down = flags_of(mask, table.places), _order(table, sort), sort != "name"
    if mask.bit_count() <= FEW:
        return _gathered(flags, order.key, wanted, after, down=down)
    if down:
        start = 0 if after is None else len(order.places) - order.at(after)
    else:
        start = 0 if after is None else order.past(after)
    shown: list[int] = []
    step = FIRST_STEP
    while len(shown) < wanted and start < len(order.places):
        if down:
            end = len(order.places) - start
            some = order.places[max(0, end - step) : end][::-1]
        else:
            some = order.places[start : start + step]
        shown += compress(some, map(flags.__getitem__, some))
        start, step = start + step, 2 * step
    return shown[:wanted]


def _gathered(flags: bytes, key: Callable[[int], Any], wanted: int, after: Place | None, *, down: bool) -> list[int]:
    keyed = []
    place = flags.find(1)
    while place >= 0:
        its = key(place)
        if after is None or (its < after if down else its > after):
            keyed.append((its, place))
        place = flags.find(1, place + 1)
    keyed.sort(reverse=down)
    return [place for _, place in keyed[:wanted]]


# -- cursors -------------------------------------------------------------------------------------------------------


def _stored(key: Place) -> tuple[str | int | None, str]:
    return (None if key[0] == NEVER else key[0]), key[1]


def _after(cursor: str, sort: Sort) -> Place:
    parts = decode_cursor(cursor)
    if len(parts) != 3 or parts[0] != sort or not isinstance(parts[2], str):  # noqa: PLR2004 - order, place, id
        raise InvalidCursor(f"cursor: not one that a search sorted by {sort} gave as next_cursor")
    _, place, client = parts
    if sort == "name" and isinstance(place, str):
        return place, client
    if sort != "name" and (place is None or (isinstance(place, int) and not isinstance(place, bool))):
        return (NEVER if place is None else place), client
    raise InvalidCursor(f"cursor: not one that a search sorted by {sort} gave as next_cursor")


def row(known: Known, value: bytes) -> dict[str, Any]:
    """A client as a row of a list (H3): main address and number, status with label and colour, tags."""
    card = orjson.loads(value)
    status = known.status(card["status"])
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
