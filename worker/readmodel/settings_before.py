"""What the settings were before each message of their history: a fold of what was applied, by time (C1, C3).

Only what a message names is told. Where nothing is known of it, because it is new or older messages are not kept any
more, nothing is told.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from worker.domain.business import Business
from worker.domain.business_record import encode

Json = dict[str, Any]
Place = tuple[Any, ...]
_NAMED_BY: Final[dict[str, tuple[str, ...]]] = {
    "automation": (),
    "status": ("code",),
    "status_group": ("code",),
    "classification": ("kind", "code"),
    "field": ("field_id",),
    "tag_rule": ("rule_id",),
    "audience": ("audience_id",),
}
"""What messages are about, and the names in their data that say which one."""
_DONE_ONCE: Final = frozenset({"catch_up", "move_to"})
"""What a message asks for and no setting keeps."""


def explained(entries: Iterable[Json], whole: bool) -> list[Json]:
    """The same entries, each with ``before``: what of its data was in force until it. From the oldest to the newest.

    ``whole``: nothing older was there, so it begins with what every business begins with.
    """
    things = _beginning() if whole else {}
    return [{**entry, "before": _step(things, entry)} for entry in entries]


def _beginning() -> dict[Place, Json]:
    settings = orjson.loads(encode(Business("-")))
    automation = {**settings["automation"], "locale": settings["locale"]}
    automation.setdefault("inactive_after_days", None)
    statuses = {("status", one["code"]): {**one, "label": one["labels"]} for one in settings["statuses"]}
    return {("automation",): automation, **statuses}


def _step(things: dict[Place, Json], entry: Json) -> Json:
    """What the data of an entry were before it; what has them after it."""
    kind, _, verb = entry["type"].partition(".")
    data = entry["data"]
    names = _NAMED_BY[kind]
    if not all(isinstance(data.get(name), str) for name in names):
        return {}
    place = (kind, *(data[name] for name in names))
    said = {name: value for name, value in data.items() if name not in names and name not in _DONE_ONCE}
    known = things.get(place, {})
    before = {name: _part(known[name], value) for name, value in said.items() if name in known}
    if entry["outcome"] == "applied":
        if verb == "remove" or entry["data_left_out"]:
            things.pop(place, None)
        else:
            things[place] = {**known, **{name: _united(known.get(name), value) for name, value in said.items()}}
            if kind == "status" and said.get("role"):
                _moved(things, place, said["role"])
    return before


def _moved(things: dict[Place, Json], place: Place, role: Any) -> None:
    """A3: a role sits on one status."""
    for other, known in things.items():
        if other != place and known.get("role") == role:
            del known["role"]


def _part(known: Any, said: Any) -> Any:
    """Of something with parts, the ones that a message names."""
    if isinstance(known, dict) and isinstance(said, dict) and not _is_filter(known):
        return {name: known[name] for name in said if name in known}
    return known


def _united(known: Any, said: Any) -> Any:
    if isinstance(known, dict) and isinstance(said, dict) and not _is_filter(said):
        return {**known, **said}
    return said


def _is_filter(value: Json) -> bool:
    """A filter is taken as one, unlike triggers and names by language."""
    return not {"all", "any", "not", "field"}.isdisjoint(value)
