"""What a business keeps beside its statuses: status groups (A7), classifications (G3), fields of its own (G2)."""

from collections.abc import Container, Mapping
from typing import Any, Final, get_args

import msgspec

from topics.control import ClassificationKind, FieldType
from worker.domain.labels import label_in

MAX_GROUPS: Final = 100
"""A7."""
MAX_VALUES: Final = 500
"""G3: of one classification."""
KINDS: Final[tuple[ClassificationKind, ...]] = get_args(ClassificationKind)


class StatusGroup(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A7: statuses bundled under a name; a status may be in several."""

    code: str
    name: str
    order: int
    statuses: tuple[str, ...]


class Classification(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """G3: one value of a classification. ``label`` holds for every locale that ``labels`` does not name."""

    code: str
    label: str | None = None
    labels: dict[str, str] = {}
    order: int


class OwnField(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """G2: a field that the business defined. ``label`` holds for every locale that ``labels`` does not name."""

    field_id: str
    label: str | None = None
    labels: dict[str, str] = {}
    type: FieldType
    choices: tuple[str, ...] = ()
    required: bool = False
    forms: tuple[str, ...] = ()


class Catalogue(msgspec.Struct, array_like=True, gc=False):
    """By their codes, the fields in the order in which they were defined. Struct fields are only ever added at the
    end."""

    groups: dict[str, StatusGroup] = {}
    classifications: dict[ClassificationKind, dict[str, Classification]] = {}
    fields: dict[str, OwnField] = {}

    def values(self, kind: ClassificationKind) -> Mapping[str, Classification]:
        """The values of a classification."""
        return self.classifications.get(kind, {})

    @property
    def field_types(self) -> dict[str, FieldType]:
        """The types of own fields, by their ids."""
        return {field.field_id: field.type for field in self.fields.values()}

    def keep_statuses(self, codes: Container[str]) -> None:
        """A7: a status that is gone is in no group any more."""
        for code, group in self.groups.items():
            if any(status not in codes for status in group.statuses):
                left = tuple(status for status in group.statuses if status in codes)
                self.groups[code] = msgspec.structs.replace(group, statuses=left)

    def shown_groups(self) -> list[dict[str, Any]]:
        """As they stand in ``business-settings``, in order."""
        groups = sorted(self.groups.values(), key=lambda g: (g.order, g.code))
        return [{"code": g.code, "name": g.name, "order": g.order, "statuses": g.statuses} for g in groups]

    def shown_classifications(self, locale: str) -> dict[str, list[dict[str, Any]]]:
        """Every kind, its values in order, with the label in the locale."""
        return {
            kind: [
                {
                    "code": c.code,
                    "label": label_in(locale, c.label, c.labels, c.code),
                    "labels": c.labels,
                    "order": c.order,
                }
                for c in sorted(self.values(kind).values(), key=lambda c: (c.order, c.code))
            ]
            for kind in KINDS
        }

    def shown_fields(self, locale: str) -> list[dict[str, Any]]:
        """The fields, with the label in the locale; ``required`` is for the forms to enforce (G2)."""
        return [
            {
                "field_id": f.field_id,
                "label": label_in(locale, f.label, f.labels, f.field_id),
                "labels": f.labels,
                "type": f.type,
                **({"choices": f.choices} if f.type == "choice" else {}),
                "required": f.required,
                "forms": f.forms,
            }
            for f in self.fields.values()
        ]
