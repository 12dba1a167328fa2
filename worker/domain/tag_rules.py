"""Tag rules (D6): what a business defined, and the same compiled, by the type of event that each is about."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from topics.registry import BY_NAME
from worker.domain.filters import EventData, Matches, for_events
from worker.domain.tags import clean_all

MAX_TAG_RULES: Final = 100
"""D6."""
MAX_TAGS_PER_RULE: Final = 50
"""That it adds, and that it removes; as many as a command may."""
STATUS_CHANGED: Final = "client.status.changed"
EVENTS: Final = frozenset(
    [
        STATUS_CHANGED,
        *(
            type_
            for name in ("bookings", "invoices", "payments", "clients", "engagement")
            for type_ in BY_NAME[name].types
        ),
    ]
)
"""What a rule can be about."""


class TagRule(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A rule as it was defined; so it stands in ``business-settings``."""

    rule_id: str
    on: str
    where: dict[str, Any] | None = None
    add: list[str] = []
    remove: list[str] = []


class Compiled(NamedTuple):
    """A rule that is ready to be asked. Tags by their identity."""

    rule: TagRule
    matches: Matches[EventData] | None
    add: Mapping[str, str]
    remove: Mapping[str, str]


def compiled(rule: TagRule) -> Compiled:
    """Raises InvalidFilter, InvalidTag."""
    matches = for_events(rule.where) if rule.where is not None else None
    return Compiled(rule, matches, clean_all(rule.add), clean_all(rule.remove))


class TagRules:
    """The rules of a business, in the order in which they were first defined."""

    __slots__ = ("_by_id", "on")

    def __init__(self, rules: Iterable[TagRule] = ()) -> None:
        self._by_id = {rule.rule_id: compiled(rule) for rule in rules}
        self.on: dict[str, list[Compiled]] = {}
        """By the type of event. Empty: there is nothing to ask."""
        self._sort()

    def _sort(self) -> None:
        self.on = {}
        for one in self._by_id.values():
            self.on.setdefault(one.rule.on, []).append(one)

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, rule_id: str) -> TagRule | None:
        """The rule as it was defined."""
        found = self._by_id.get(rule_id)
        return found.rule if found is not None else None

    def defined(self) -> list[TagRule]:
        """All of them."""
        return [one.rule for one in self._by_id.values()]

    def define(self, rule: TagRule) -> None:
        """One more, or one changed. Raises InvalidFilter, InvalidTag."""
        self._by_id[rule.rule_id] = compiled(rule)
        self._sort()

    def remove(self, rule_id: str) -> None:
        """One less."""
        del self._by_id[rule_id]
        self._sort()
