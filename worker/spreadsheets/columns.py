"""What each column of a table holds: known by its name, or said with ``--map`` (H6)."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from worker.domain.catalogue import OwnField
from worker.spreadsheets.column_names import NAMES, REASON
from worker.spreadsheets.tables import Unreadable, shown

OWN: Final = "fields."
"""Before the id of an own field: ``fields.birthday``."""
IDENTIFYING: Final = ("client_id", "email", "phone", "name", "first_name", "last_name")
"""A row says with one of these who the client is."""


class Unmappable(ValueError):
    """A ``--map`` that makes no sense; the message says why."""


class Column(msgspec.Struct, frozen=True):
    """A column that is used: where it stands, its name in the file, and what it holds."""

    at: int
    name: str
    holds: str


class Plan(msgspec.Struct, frozen=True):
    """The columns that are used, and the names of those that are not."""

    used: list[Column]
    unused: list[str]


def plain(name: str) -> str:
    """The name without what does not matter: case, accents, spaces, punctuation."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed.casefold() if c.isalnum()) or name.strip()


_CONTRACT: Final[Mapping[str, str]] = {plain(names[0]): field for field, names in NAMES.items()}
_KNOWN: Final[Mapping[str, str]] = {plain(name): field for field, names in NAMES.items() for name in names}


class Names(msgspec.Struct, frozen=True, dict=True):
    """The names that mean something for one business. Those of the contract first, then its own fields."""

    own_fields: Mapping[str, OwnField]

    @cached_property
    def _own(self) -> Mapping[str, str]:
        known: dict[str, str] = {}
        fields = self.own_fields.values()
        ids = [(field.field_id, field.field_id) for field in fields]
        exact = [(OWN + field.field_id, field.field_id) for field in fields]
        for name, field_id in [*exact, *ids, *((label, f.field_id) for f in fields for label in _labels(f))]:
            known.setdefault(plain(name), OWN + field_id)
        return known

    def holds(self, name: str) -> str | None:
        """What a column of this name holds; None when nobody knows. The field of a ``fields.<id>`` may not exist."""
        if name.startswith(OWN) and name.removeprefix(OWN) in self.own_fields:
            return name
        key = plain(name)
        known = _CONTRACT.get(key) or self._own.get(key) or _KNOWN.get(key)
        return known or (name if name.startswith(OWN) else None)

    def recognises(self, name: str) -> bool:
        """Is there something that a column of this name holds?"""
        return self.holds(name) is not None

    def field(self, name: str) -> str:
        """What ``--map`` names at its right. Raises Unmappable."""
        found = self.holds(name)
        if found is None or (found.startswith(OWN) and found.removeprefix(OWN) not in self.own_fields):
            own = ", ".join(OWN + field_id for field_id in self.own_fields)
            raise Unmappable(f"there is no field {shown(name)}; there are {', '.join(NAMES)}{own and f', {own}'}")
        return found


def _labels(field: OwnField) -> Iterable[str]:
    return [*([field.label] if field.label else []), *field.labels.values()]


def plan(columns: Sequence[str], names: Names, mapped: Sequence[str]) -> Plan:
    """Which columns are used. ``mapped``: ``Column=field``; without a field the column is left out.

    Raises Unmappable for ``mapped``, Unreadable when two columns hold the same, or none says who the client is.
    """
    said = _said(columns, names, mapped)
    explicit = {name for name in columns if name.startswith(OWN)}
    used, unused = [], []
    for at, name in enumerate(columns):
        key = plain(name)
        holds = said[key] if key in said else names.holds(name)
        if key not in said and name != holds and holds in explicit:
            holds = None  # it has the label of an own field, and another column has its id
        if holds:
            used.append(Column(at, name, holds))
        elif name and key not in said and not (at == len(columns) - 1 and key == REASON):
            unused.append(name)
    _check_once(used)
    if not {column.holds for column in used} & set(IDENTIFYING):
        raise Unreadable(
            f"has no column that says who a client is (id, e-mail, phone or name); its columns are: "
            f'{", ".join(map(shown, columns[:20]))}. Say which is which, such as --map "Column=email"'
        )
    return Plan(used, unused)


def _said(columns: Sequence[str], names: Names, mapped: Sequence[str]) -> dict[str, str]:
    there = {plain(name) for name in columns}
    said: dict[str, str] = {}
    for text in mapped:
        column, equals, field = text.rpartition("=")
        if not equals or not column.strip():
            raise Unmappable(f"{shown(text)} is not Column=field")
        key = plain(column)
        if key not in there:
            raise Unmappable(f"the file has no column {shown(column)}; it has: {', '.join(map(shown, columns[:20]))}")
        if key in said:
            raise Unmappable(f"the column {shown(column)} is named twice")
        said[key] = names.field(field) if field.strip() else ""
    return said


def _check_once(used: Sequence[Column]) -> None:
    first: dict[str, str] = {}
    for column in used:
        if column.holds in first:
            before = first[column.holds]
            do = f'leave one out with --map "{column.name}="'
            if plain(before) == plain(column.name):
                do = "they have the same name, so give one of them another name in the file"
            raise Unreadable(
                f"the columns {shown(before)} and {shown(column.name)} both hold the {column.holds}, and a client is "
                f"imported with one: {do}"
            )
        first[column.holds] = column.name
