"""What is asked of a search, turned into what the read model keeps: sets, ranges of times, a filter (H1-H3)."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

import msgspec

from topics.moments import DAY, MILLISECOND, Micros, moment
from worker.domain.filter_kinds import as_day, as_moment
from worker.domain.filters import Client, Matches, for_clients
from worker.domain.tags import identity
from worker.readmodel.reading import Reader, tag_key

Sort = Literal["name", "created_at", "last_activity_at"]
QUIET_DAYS: Final = 90
MAX_LIMIT: Final = 200
"""Clients on one page."""
DEFAULT_LIMIT: Final = 50
PRESETS: Final[Mapping[str, str]] = {
    "all": "every client",
    "status:<code>": "those who have the status; an ended one is shown, too",
    "status_group:<code>": "those whose status is in the group; ended ones are shown, too",
    "tag:<tag>": "those who carry the tag",
    "new_this_month": "those created since the first of this month, UTC",
    "upcoming": "those with a booking that is still ahead",
    "outstanding": "those who owe something",
    "quiet_90_days": f"those without any activity for {QUIET_DAYS} days, and not created since",
}
"""H2: one at a time."""
_SECOND: Final = 1_000
_ASKING: Final = frozenset({"eq", "in", "has_any", "has_all", "contains"})


class InvalidQuestion(ValueError):
    """Something that was asked for is not there or not written so; ``name`` is the parameter."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a search can be asked."""

    q: str = ""
    preset: str = "all"
    status: str | None = None
    status_group: str | None = None
    tag: str | None = None
    source: str | None = None
    audience: str | None = None
    created_from: str | None = None
    created_to: str | None = None
    filter: object = None
    ended: bool = False
    """Are ended clients shown, too?"""
    sort: Sort = "name"


class Range(NamedTuple):
    """Of the clients in an order by time: from, to, in seconds, both included."""

    order: str
    first: float
    last: float


class Plan(msgspec.Struct, kw_only=True):
    """How it is answered. A client is found when it is in all ``sets`` and ``ranges``, has a status of ``statuses``
    (None: any) and passes ``matches``; of those found, the ones of a status in ``hidden`` are left out and counted."""

    sets: list[str]
    statuses: set[str] | None
    hidden: set[str]
    ranges: list[Range]
    matches: Matches[Client] | None


def plan(reader: Reader, question: Question, now: Micros) -> Plan:
    """Raises InvalidQuestion, or InvalidFilter."""
    return _Planner(reader, question, now).plan()


class _Planner:
    def __init__(self, reader: Reader, question: Question, now: Micros) -> None:
        self._reader = reader
        self._question = question
        self._now = now
        self._sets: dict[str, None] = {}
        self._statuses: set[str] | None = None
        self._ranges: list[Range] = []
        self._ended_asked = question.ended

    def plan(self) -> Plan:
        question, known = self._question, self._reader.known
        self._preset(question.preset)
        if question.status is not None:
            self._status(question.status, "status")
        if question.status_group is not None:
            self._group(question.status_group, "status_group")
        for what, value in (("tag", question.tag), ("source", question.source), ("audience", question.audience)):
            if value is not None:
                self._having(what, value)
        self._created()
        matches = None
        if question.filter is not None:
            matches = for_clients(question.filter, known.field_types, where="filter")
            self._narrow(question.filter)
        ended = {status.code for status in known.statuses if status.ended}
        hidden = set() if self._ended_asked else ended
        if self._statuses is not None:
            hidden &= self._statuses
        return Plan(sets=list(self._sets), statuses=self._statuses, hidden=hidden, ranges=self._ranges, matches=matches)

    def _preset(self, preset: str) -> None:
        name, colon, value = preset.partition(":")
        if name == "status" and colon:
            self._status(value, "preset")
        elif name == "status_group" and colon:
            self._group(value, "preset")
        elif name == "tag" and colon:
            self._having("tag", value)
        elif preset in ("upcoming", "outstanding"):
            self._having("has", preset)
        elif preset == "new_this_month":
            month = moment(self._now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            self._ranges.append(Range("created_at", month.timestamp(), float("inf")))
        elif preset == "quiet_90_days":
            before = (self._now - QUIET_DAYS * DAY) / (MILLISECOND * _SECOND)
            self._ranges += [Range(order, float("-inf"), before) for order in ("last_activity_at", "created_at")]
        elif preset != "all":
            raise InvalidQuestion("preset", f"there is no {preset!r}; there are: {', '.join(PRESETS)}")

    def _status(self, code: str, name: str) -> None:
        known = {status.code: status for status in self._reader.known.statuses}
        if code not in known:
            raise InvalidQuestion(name, f"the business has no status {code!r}; it has {', '.join(known)}")
        self._ended_asked |= known[code].ended
        self._only({code})

    def _group(self, code: str, name: str) -> None:
        groups = {group.code: group for group in self._reader.known.status_groups}
        if code not in groups:
            raise InvalidQuestion(
                name, f"the business has no status group {code!r}; it has {', '.join(groups) or 'none'}"
            )
        self._ended_asked = True
        self._only(set(groups[code].statuses))

    def _only(self, codes: set[str]) -> None:
        self._statuses = codes if self._statuses is None else self._statuses & codes

    def _having(self, what: str, value: str) -> None:
        key = tag_key(value) if what == "tag" else identity(value) if what == "source" else value
        self._sets[self._reader.having(what, key)] = None

    def _created(self) -> None:
        first, last = self._question.created_from, self._question.created_to
        if first is None and last is None:
            return
        begins, ends = float("-inf"), float("inf")
        if first is not None:
            begins = _moment("created_from", first) / _SECOND
        if last is not None:
            day = as_day(last)
            until = day + DAY // MILLISECOND - 1 if day is not None else _moment("created_to", last)
            ends = until / _SECOND
        self._ranges.append(Range("created_at", begins, ends))

    def _narrow(self, filter_: object) -> None:
        """What the filter certainly demands is looked up in sets; the filter itself is asked all the same."""
        ended = {status.code for status in self._reader.known.statuses if status.ended}
        for field, op, value in _leaves(filter_):
            values = value if isinstance(value, list) else [value]
            asks = op in _ASKING and (field == "status_group" or (field == "status" and not ended.isdisjoint(values)))
            self._ended_asked |= asks or field == "ended"
        for field, op, value in _demands(filter_):
            if field == "tags" and op in ("eq", "contains", "has_all"):
                for tag in value if isinstance(value, list) else [value]:
                    self._having("tag", str(tag))
            elif field == "source" and op == "eq":
                self._having("source", str(value))
            elif field == "status" and op in ("eq", "in"):
                self._only(set(value) if isinstance(value, list) else {str(value)})


def _moment(name: str, text: str) -> int:
    found = as_moment(text)
    if found is None:
        raise InvalidQuestion(
            name, f"{text!r} is neither a day such as 2026-01-31 nor a time such as 2026-01-31T10:00:00Z"
        )
    return found


Leaf = tuple[object, object, object]


def _leaves(filter_: object) -> Iterator[Leaf]:
    """Field, operator and value of everything in a filter."""
    if isinstance(filter_, dict):
        if "field" in filter_:
            yield filter_["field"], filter_["op"], filter_.get("value")
        for inner in (*filter_.get("all", ()), *filter_.get("any", ()), filter_.get("not")):
            yield from _leaves(inner)


def _demands(filter_: object) -> Iterator[Leaf]:
    """Those of which every one must hold."""
    if isinstance(filter_, dict):
        if "field" in filter_:
            yield filter_["field"], filter_["op"], filter_.get("value")
        for inner in filter_.get("all", ()):
            yield from _demands(inner)
