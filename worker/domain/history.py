"""Automation settings by time (B5, C1-C3): patches in the order of their own time, resolved into versions.

A fact is judged by the version in force at the fact's time, whatever order control messages arrive in (P2).
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

import msgspec

from topics.causes import Trigger
from topics.control import AutomationSet, Completion
from topics.moments import Micros
from worker.domain.labels import canonical

MAX_VERSIONS: Final = 100
"""C3: older versions are folded into the first one kept."""
Order = tuple[Micros, str, str]
"""The place of a message among the others: its time, then source, then id (B9)."""


NEVER: Final[Micros] = 1 << 62
"""Later than every moment."""


class Triggers(msgspec.Struct, frozen=True, gc=False):
    """B5: all are on by default but the message."""

    booking_attended: bool = True
    invoice_issued: bool = True
    payment_made: bool = True
    message_received: bool = False

    @property
    def any_on(self) -> bool:
        """C2: at least one must stay on."""
        return self.booking_attended or self.invoice_issued or self.payment_made or self.message_received

    def on(self, trigger: Trigger) -> bool:
        """Is this trigger on?"""
        value: bool = getattr(self, trigger)
        return value


class Automation(msgspec.Struct, frozen=True, gc=False, omit_defaults=False):
    """The toggles in force during one version, as they stand in ``business-settings``."""

    enabled: bool = True
    triggers: Triggers = Triggers()
    completion: Completion = "elapsed"
    inactive_after_days: int | None = None
    require_end_reason: bool = False
    locale: str = "en"

    @property
    def quiet_after(self) -> int | None:
        """B10: after how many days a client goes quiet; with the automation off nobody does."""
        return self.inactive_after_days if self.enabled and self.triggers.any_on else None

    def automates(self, trigger: Trigger) -> bool:
        """B4: would a fact of this trigger convert now? Without any trigger the version counts as off (C2)."""
        return self.enabled and self.triggers.on(trigger)


class Patch(msgspec.Struct, array_like=True, frozen=True, gc=False, omit_defaults=False):
    """What one ``automation.set`` names, with the key that orders it: time, then source, then id (B9)."""

    time: Micros
    source: str
    id: str
    enabled: bool | None = None
    triggers: dict[str, bool] | None = None
    completion: Completion | None = None
    inactive_after_days: int | None = None
    inactive_named: bool = False
    require_end_reason: bool | None = None
    locale: str | None = None

    @property
    def order(self) -> Order:
        """The place of this patch among the others."""
        return (self.time, self.source, self.id)


def patch_of(message: AutomationSet, time: Micros, source: str, id_: str) -> Patch:
    """What the message names and nothing else (C1)."""
    unset = msgspec.UNSET
    triggers = None if message.triggers is unset else _named(message.triggers)
    days = message.inactive_after_days
    return Patch(
        time=time,
        source=source,
        id=id_,
        enabled=None if message.enabled is unset else message.enabled,
        triggers=triggers,
        completion=None if message.completion is unset else message.completion,
        inactive_after_days=None if days is unset else days,
        inactive_named=days is not unset,
        require_end_reason=None if message.require_end_reason is unset else message.require_end_reason,
        locale=None if message.locale is unset else canonical(message.locale),
    )


def _named(triggers: msgspec.Struct | msgspec.UnsetType) -> dict[str, bool]:
    named = msgspec.to_builtins(triggers)
    return {str(name): bool(value) for name, value in named.items()}


def _apply(before: Automation, patch: Patch) -> Automation:
    triggers = before.triggers
    if patch.triggers:
        triggers = msgspec.structs.replace(triggers, **patch.triggers)
    return Automation(
        enabled=before.enabled if patch.enabled is None else patch.enabled,
        triggers=triggers,
        completion=patch.completion or before.completion,
        inactive_after_days=patch.inactive_after_days if patch.inactive_named else before.inactive_after_days,
        require_end_reason=(
            before.require_end_reason if patch.require_end_reason is None else patch.require_end_reason
        ),
        locale=patch.locale or before.locale,
    )


NOTHING: Final[Mapping[str, Order]] = {}


def _what_counts(patch: Patch, named: dict[str, Order]) -> Patch:
    """The patch without what later ones have said that are folded already; ``named``: their places, by what they
    named, to which this one is added."""

    def counts(name: str) -> bool:
        later = named.get(name)
        if later is not None and later > patch.order:
            return False
        named[name] = patch.order
        return True

    whole = {
        name: value
        for name in ("enabled", "completion", "require_end_reason", "locale")
        if (value := getattr(patch, name)) is not None and counts(name)
    }
    triggers = {name: on for name, on in (patch.triggers or {}).items() if counts(f"triggers.{name}")}
    inactive = patch.inactive_named and counts("inactive_after_days")
    days = patch.inactive_after_days if inactive else None
    return Patch(*patch.order, triggers=triggers or None, inactive_after_days=days, inactive_named=inactive, **whole)


class History:
    """The patches of a business and the versions they make. Immutable: ``insert`` returns the next one."""

    __slots__ = ("_times", "base", "named", "patches", "quiet_after", "versions")

    def __init__(self, base: Automation, patches: tuple[Patch, ...], named: Mapping[str, Order] = NOTHING) -> None:
        self.base = base
        self.patches = patches
        self.named = named
        """The places of the latest patches in ``base``, by what they named: an older one may come yet (P2)."""
        versions = [base]
        for patch in patches:
            versions.append(_apply(versions[-1], patch))
        self.versions = tuple(versions)
        self._times = [patch.time for patch in patches]
        self.quiet_after = self._quiet_after()
        """B10: after how many days clients go quiet, from when until when; empty: they never did."""

    def _quiet_after(self) -> tuple[tuple[int, Micros, Micros], ...]:
        if all(version.quiet_after is None for version in self.versions):
            return ()
        runs: list[tuple[int, Micros, Micros]] = []
        days, begins = self.base.quiet_after, 0
        for version, time in zip(self.versions[1:], self._times, strict=True):
            if version.quiet_after != days:
                if days is not None:
                    runs.append((days, begins, time))
                days, begins = version.quiet_after, time
        if days is not None:
            runs.append((days, begins, NEVER))
        return tuple(runs)

    def at(self, time: Micros) -> Automation:
        """The version in force at a moment: a message is in force from its own time on (C3)."""
        return self.versions[bisect_right(self._times, time)]

    @property
    def latest(self) -> Automation:
        """The last version by time."""
        return self.versions[-1]

    def version_made_by(self, patch: Patch) -> Automation:
        """The version that this patch would begin: what a late message is judged by (C2)."""
        place = bisect_right([p.order for p in self.patches], patch.order)
        return _apply(self.versions[place], patch)

    def insert(self, patch: Patch) -> "History":
        """With one more patch, at its own place in time; at most MAX_VERSIONS are kept apart."""
        patches = sorted((*self.patches, patch), key=lambda p: p.order)
        base, named = self.base, dict(self.named)
        while len(patches) > MAX_VERSIONS:
            base = _apply(base, _what_counts(patches.pop(0), named))
        return History(base, tuple(patches), named)
