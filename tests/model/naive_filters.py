"""What a filter means (F3), for the few fields and operators that made-up histories use, over plain JSON."""

from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]


def matches(filter_: Json, value_of: Callable[[str], Any]) -> bool:
    """Does what ``value_of`` tells of the fields match?"""
    if "all" in filter_:
        return all(matches(part, value_of) for part in filter_["all"])
    if "any" in filter_:
        return any(matches(part, value_of) for part in filter_["any"])
    if "not" in filter_:
        return not matches(filter_["not"], value_of)
    value, wanted = value_of(filter_["field"]), filter_.get("value")
    return bool(_OPS[filter_["op"]](value, wanted))


def _keys(tags: Any) -> set[str]:
    return {tag.casefold() for tag in tags or ()}


_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "in": lambda value, wanted: value in wanted,
    "not_in": lambda value, wanted: value not in wanted,
    "gte": lambda value, wanted: value is not None and value >= wanted,
    "lt": lambda value, wanted: value is not None and value < wanted,
    "exists": lambda value, wanted: (value is not None) == (wanted in (None, True)),
    "has_any": lambda value, wanted: bool(_keys(value) & _keys(wanted)),
    "has_all": lambda value, wanted: _keys(wanted) <= _keys(value),
    "has_none": lambda value, wanted: not _keys(value) & _keys(wanted),
}


def of_event(data: Json) -> Callable[[str], Any]:
    """Fields of an event's data; dots reach into objects (D6)."""

    def value_of(path: str) -> Any:
        found: Any = data
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return value_of


def of_card(card: Json, settings: Json) -> Callable[[str], Any]:
    """Fields of a client's public card, with what the business's settings say of its status."""

    def value_of(name: str) -> Any:
        if name == "tags":
            return [tag["tag"] for tag in card.get("tags", ())]
        if name == "ended":
            return next(s["ended"] for s in settings["statuses"] if s["code"] == card["status"])
        if name == "status_group":
            return [g["code"] for g in settings.get("status_groups", ()) if card["status"] in g["statuses"]]
        if name.startswith("counts."):
            return card["counts"].get(name.removeprefix("counts."), 0)
        if name.startswith("fields."):
            return card.get("fields", {}).get(name.removeprefix("fields."))
        return card.get(name)

    return value_of
