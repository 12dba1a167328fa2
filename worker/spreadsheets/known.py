"""What a business has defined, as its record in ``business-settings`` tells everyone: statuses, groups, own fields."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from topics.control import FieldType
from worker.domain.card import Card
from worker.domain.catalogue import OwnField
from worker.domain.filters import Client, client
from worker.domain.status import starting_statuses


class ShownStatus(msgspec.Struct, frozen=True):
    """A status (A2)."""

    code: str
    label: str = ""
    labels: dict[str, str] = {}
    ended: bool = False
    color: str = ""


class ShownGroup(msgspec.Struct, frozen=True):
    """A group of statuses (A7)."""

    code: str
    statuses: list[str] = []


class Known(msgspec.Struct, frozen=True, dict=True):
    """The public part of the record that tables need. Labels of statuses and own fields are in its locale."""

    statuses: list[ShownStatus] = []
    status_groups: list[ShownGroup] = []
    fields: list[OwnField] = []

    @cached_property
    def own_fields(self) -> Mapping[str, OwnField]:
        """Own fields by their id (G2)."""
        return {field.field_id: field for field in self.fields}

    @property
    def field_types(self) -> Mapping[str, FieldType]:
        """What filters ask about own fields."""
        return {field.field_id: field.type for field in self.fields}

    @cached_property
    def _by_code(self) -> Mapping[str, ShownStatus]:
        return {status.code: status for status in self.statuses}

    @cached_property
    def _groups_of(self) -> Mapping[str, frozenset[str]]:
        return {
            status.code: frozenset(group.code for group in self.status_groups if status.code in group.statuses)
            for status in self.statuses
        }

    @cached_property
    def _named(self) -> Mapping[str, str]:
        named: dict[str, str] = {}
        for names in (self._codes, self._labels):
            for name, code in names():
                named.setdefault(name.strip().casefold(), code)
        return named

    def _codes(self) -> Iterator[tuple[str, str]]:
        for status in self.statuses:
            yield status.code, status.code

    def _labels(self) -> Iterator[tuple[str, str]]:
        for status in self.statuses:
            for label in (status.label, *status.labels.values()):
                yield label, status.code

    def status_named(self, name: str) -> str | None:
        """The code of the status with this code, or else with this label in any language."""
        return name if name in self._by_code else self._named.get(name.strip().casefold())

    def status(self, code: str) -> ShownStatus:
        """The status with this code; one that has gone meanwhile has no label."""
        return self._by_code.get(code) or ShownStatus(code)

    def groups_of(self, code: str) -> frozenset[str]:
        """The groups that a status is in (A7)."""
        return self._groups_of.get(code, frozenset())

    def as_client(self, card: Card) -> Client:
        """The card as filters see it (F3)."""
        return client(
            card,
            ended=self.status(card.status).ended,
            status_groups=self.groups_of(card.status),
        )


_decode = msgspec.json.Decoder(Known).decode


def known_from(record: bytes | None) -> Known:
    """What a settings record tells; without one, what every business begins with (A1)."""
    if record is not None:
        return _decode(record)
    return Known(
        statuses=[
            ShownStatus(status.code, status.label_in("en"), status.labels, status.ended, status.color)
            for status in starting_statuses()
        ]
    )
