"""What is asked of a search, and whom it means (H1-H3): masks over the table of a business."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from topics.moments import DAY, Micros, moment
from worker.domain.compared_texts import tag_key
from worker.domain.filter_kinds import MOMENT, Unfit, Values
from worker.domain.filters import for_clients, question
from worker.readmodel.columns import Asked, Mask, everybody
from worker.readmodel.matching import matching
from worker.readmodel.table import Table
from worker.spreadsheets.known import Known

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
    "quiet_90_days": f"no activity for {QUIET_DAYS} days, no booking ahead (B10), and not created since",
}
"""H2: one at a time. The code of a status or a group alone means it, too."""
SPELLINGS: Final[Mapping[str, str]] = {
    "upcoming_booking": "upcoming",
    "outstanding_payment": "outstanding",
    "quiet_for_90_days": "quiet_90_days",
}
"""Longer names of presets."""
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


class Meant(NamedTuple):
    """Whom a question means; of them, the ``hidden`` ones have an ended status, and are only counted (H3)."""

    shown: Mask
    hidden: Mask


def meant(table: Table, known: Known, asked: Question, now: Micros, primary: str | None = None) -> Meant:
    """``primary``: the client that the text means if it is the id of one that was merged away (E5).

    Raises InvalidQuestion, or InvalidFilter.
    """
    asking = _Asking(table, known, now)
    asking.ask(asked, primary)
    if asking.ended_asked:
        return Meant(asking.mask, 0)
    hidden = asking.mask & asking.leaf("ended", "eq", value=True)
    return Meant(asking.mask ^ hidden, hidden)


class _Asking:
    def __init__(self, table: Table, known: Known, now: Micros) -> None:
        self._table = table
        self._known = known
        self._now = now
        self.mask = table.everybody
        self.ended_asked = False

    def ask(self, asked: Question, primary: str | None) -> None:
        """Everything, one part after the other."""
        self.ended_asked = asked.ended
        self._preset(asked.preset)
        if asked.status is not None:
            self._status(asked.status, "status")
        if asked.status_group is not None:
            self._group(asked.status_group, "status_group")
        if asked.tag is not None:
            self._tag(asked.tag)
        if asked.source is not None:
            self._that(self.leaf("source", "eq", asked.source))
        if asked.audience is not None:
            self._that(self._table.audiences.having(asked.audience))
        self._created(asked)
        if asked.filter is not None:
            self._filter(asked.filter)
        if asked.q.strip():
            self._that(matching(self._table, asked.q, primary))

    def _that(self, mask: Mask) -> None:
        self.mask &= mask

    # -- parameters -----------------------------------------------------------------------------------------------

    def _preset(self, preset: str) -> None:
        preset = SPELLINGS.get(preset, preset)
        name, colon, value = preset.partition(":")
        if name == "status" and colon:
            self._status(value, "preset")
        elif name == "status_group" and colon:
            self._group(value, "preset")
        elif name == "tag" and colon:
            self._tag(value)
        elif preset == "upcoming":
            self._that(self._table.upcoming.where(_true))
        elif preset == "outstanding":
            self._that(self._table.outstanding.where(_true))
        elif preset == "new_this_month":
            month = moment(self._now).replace(day=1)
            self._that(self.leaf("created_at", "gte", month.date().isoformat()))
        elif preset == "quiet_90_days":
            before = self._now - QUIET_DAYS * DAY
            for times in (self._table.active, self._table.created):
                self.mask &= ~times.after(before)
            self.mask &= ~self._table.upcoming.where(_true)
        elif preset in {status.code for status in self._known.statuses}:
            self._status(preset, "preset")
        elif preset in {group.code for group in self._known.status_groups}:
            self._group(preset, "preset")
        elif preset != "all":
            raise InvalidQuestion("preset", f"there is no {preset!r}; there are: {', '.join(PRESETS)}")

    def _status(self, code: str, name: str) -> None:
        known = {status.code: status for status in self._known.statuses}
        if code not in known:
            raise InvalidQuestion(name, f"the business has no status {code!r}; it has {', '.join(known)}")
        self.ended_asked |= known[code].ended
        self._that(self.leaf("status", "eq", code))

    def _group(self, code: str, name: str) -> None:
        groups = [group.code for group in self._known.status_groups]
        if code not in groups:
            raise InvalidQuestion(
                name, f"the business has no status group {code!r}; it has {', '.join(groups) or 'none'}"
            )
        self.ended_asked = True
        self._that(self.leaf("status_group", "eq", code))

    def _tag(self, tag: str) -> None:
        self._that(self._table.tags.having(tag_key(tag)))

    def _created(self, asked: Question) -> None:
        wanted = []
        for name, operator, value in (
            ("created_from", "gte", asked.created_from),
            ("created_to", "lte", asked.created_to),
        ):
            if value is not None:
                try:
                    asks = question("created_at", operator, value, {}, stored=False)
                except Unfit as exc:
                    raise InvalidQuestion(
                        name, f"{value!r} is neither a day such as 2026-01-31 nor a time such as 2026-01-31T10:00:00Z"
                    ) from exc
                wanted.append(Asked(MOMENT, operator, value, asks.test))
        if wanted:
            self._that(self._table.created.mask(*wanted))

    # -- filters --------------------------------------------------------------------------------------------------

    def _filter(self, filter_: object) -> None:
        for_clients(filter_, self._known.field_types, where="filter")  # refuses what is none
        ended = {status.code for status in self._known.statuses if status.ended}
        for field, op, value in _leaves(filter_):
            values = value if isinstance(value, list) else [value]
            asks = op in _ASKING and (field == "status_group" or (field == "status" and not ended.isdisjoint(values)))
            self.ended_asked |= asks or field == "ended"
        self._that(self._node(filter_))

    def _node(self, node: Any) -> Mask:
        if "field" in node:
            return self.leaf(node["field"], node["op"], node.get("value"))
        everyone = everybody(self._table.places)
        if "not" in node:
            return everyone ^ self._node(node["not"])
        if "all" in node:
            for part in node["all"]:
                everyone &= self._node(part)
            return everyone
        found = 0
        for part in node["any"]:
            found |= self._node(part)
        return found

    def leaf(self, field: str, operator: str, value: object) -> Mask:
        """Whom one comparison of a filter means. Raises Unfit."""
        known = self._known
        asks = question(field, operator, value, known.field_types, stored=False)
        if field == "ended":
            return self._by_status(lambda code: asks.test((known.status(code).ended,)))
        if field == "status_group":
            return self._by_status(lambda code: asks.test(known.groups_of(code)))
        if asks.kind is None:
            raise Unfit("the field is gone")
        return self._table.column(field).mask(Asked(asks.kind, operator, value, asks.test))

    def _by_status(self, test: Callable[[str], bool]) -> Mask:
        return self._table.status.where(lambda values: any(test(str(code)) for code in values))


def _true(values: Values) -> bool:
    return True in values


Leaf = tuple[object, object, object]


def _leaves(filter_: object) -> Iterator[Leaf]:
    """Field, operator and value of everything in a filter."""
    if isinstance(filter_, dict):
        if "field" in filter_:
            yield filter_["field"], filter_["op"], filter_.get("value")
        for inner in (*filter_.get("all", ()), *filter_.get("any", ()), filter_.get("not")):
            yield from _leaves(inner)
