"""What a status is: code, labels, colour, order, role and switches (A1-A4); those that every business starts with."""

from collections.abc import Mapping
from typing import Final

import msgspec

from topics.control import Role
from topics.moments import Micros
from worker.domain.labels import label_in

MAX_STATUSES: Final = 100
"""A4."""
PALETTE: Final = (
    "#4C7BD9", "#2E9E5B", "#C99A2E", "#8A8F98", "#B0539F", "#D9644C", "#2E9AA6", "#7B5BD9",
    "#6F9E2E", "#D94C7B", "#4C9ED9", "#A6672E", "#5B8A6F", "#9E2E2E", "#2E4C9E", "#9E7B8F",
)  # fmt: skip
"""A2: a new status gets the first of these that no other has, then they begin again."""


class Status(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """A2: a status. ``label`` holds for every locale that ``labels`` does not name."""

    code: str
    label: str | None = None
    labels: dict[str, str] = {}
    color: str
    order: int
    role: Role | None = None
    project_allowed: bool
    supplier_allowed: bool
    ended: bool
    leaving: int = 0
    """The number of the sweep that takes it from everybody (A5); from its beginning on it cannot be given."""

    def label_in(self, locale: str) -> str:
        """A2: the label in the locale, or what stands for it."""
        return label_in(locale, self.label, self.labels, self.code)


class StatusMove(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A5: a status was removed, and who had it was moved. Fields are only ever added at the end."""

    number: int
    """Counts up: a removal applies to what earlier ones led to."""
    time: Micros
    code: str
    to: str


_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "lead": {
        "en": "Lead", "nl": "Lead", "it": "Potenziale cliente", "fi": "Potentiaalinen asiakas", "de": "Lead",
        "fr": "Prospect", "es": "Cliente potencial",
    },
    "customer": {
        "en": "Customer", "nl": "Klant", "it": "Cliente", "fi": "Asiakas", "de": "Kunde", "fr": "Client",
        "es": "Cliente",
    },
    "vip": dict.fromkeys(("en", "nl", "it", "fi", "de", "fr", "es"), "VIP"),
    "inactive": {
        "en": "Inactive", "nl": "Inactief", "it": "Inattivo", "fi": "Entinen asiakas", "de": "Inaktiv",
        "fr": "Inactif", "es": "Inactivo",
    },
}  # fmt: skip
_ROLE_AT_START: Final[Mapping[str, Role]] = {"lead": "initial", "customer": "converted", "inactive": "dormant"}


def starting_statuses() -> list[Status]:
    """A1: the four statuses every business starts with."""
    return [
        Status(
            code=code,
            labels=dict(labels),
            color=PALETTE[order],
            order=order + 1,
            role=_ROLE_AT_START.get(code),
            project_allowed=True,
            supplier_allowed=True,
            ended=code == "inactive",
        )
        for order, (code, labels) in enumerate(_LABELS.items())
    ]
