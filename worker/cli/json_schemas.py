"""A JSON Schema (2020-12) of every message type and of the two records, from the types that decode and encode them."""

from typing import Annotated, Any, Final

import msgspec

from topics.envelope import EVENT_OF_TYPE
from topics.outputs import OutputEvent
from topics.registry import OUTPUTS, PROFILES, SETTINGS
from worker.domain import business_record
from worker.domain.card import STORED, Card

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_OWN: Final = Annotated[Any, msgspec.Meta(description="The worker's own; may change with any version.")]
_ALIAS: Final[Schema] = {
    "title": "MergedAway",
    "description": "A card that was merged into another one (E5).",
    "type": "object",
    "properties": {
        "v": {"const": 1},
        "businessid": {"type": "string"},
        "client_id": {"type": "string"},
        "merged_into": {"type": "string"},
    },
    "required": ["v", "businessid", "client_id", "merged_into"],
}


def all_schemas() -> dict[str, Schema]:
    """Schemas by name: the CloudEvents type, or the topic of a record that is no event."""
    inputs = {type_: _schema(event, type_) for type_, event in EVENT_OF_TYPE.items()}
    outputs = {type_: _schema(_output(type_, data), type_) for topic in OUTPUTS for type_, data in topic.types.items()}
    return {**inputs, **outputs, **_records()}


def _schema(type_: type[msgspec.Struct], title: str) -> Schema:
    (reference,), components = msgspec.json.schema_components([type_], ref_template="#/$defs/{name}")
    definitions = {name: _portable(component) for name, component in components.items()}
    root = definitions.pop(reference["$ref"].rpartition("/")[2])
    return {"$schema": DIALECT, **root, "title": title, **({"$defs": definitions} if definitions else {})}


def _output(type_: str, data: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The envelope of one type of output, whose ``type`` and ``data`` are that type's."""
    name = "".join(part.capitalize() for part in type_.replace(".", "_").split("_"))
    envelope = _fields(OutputEvent, without={"type", "data"})
    return msgspec.defstruct(f"{name}Event", [*envelope, ("data", data)], tag_field="type", tag=type_, kw_only=True)


def _fields(struct: type[msgspec.Struct], without: set[str]) -> list[Any]:
    """Fields as ``msgspec.defstruct`` takes them. Fixed texts, such as ``specversion``, are always there."""
    return [
        (field.encode_name, field.type)
        if field.required or isinstance(field.default, str)
        else (field.encode_name, STORED.get(field.name, field.type) | msgspec.UnsetType, msgspec.UNSET)
        for field in msgspec.structs.fields(struct)
        if field.name not in without
    ]


def _records() -> dict[str, Schema]:
    settings = _record("BusinessSettings", business_record.Record, SETTINGS)
    card = _record("Card", Card, PROFILES)
    definitions = card.pop("$defs")
    definitions["Card"] = {name: value for name, value in card.items() if name != "$schema"}
    definitions["MergedAway"] = _ALIAS
    return {
        PROFILES: {
            "$schema": DIALECT,
            "title": PROFILES,
            "description": "The value under businessid/client_id; skip keys that begin with a NUL byte.",
            "anyOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/MergedAway"}],
            "$defs": definitions,
        },
        SETTINGS: settings,
    }


def _record(name: str, struct: type[msgspec.Struct], title: str) -> Schema:
    """The schema of a record without what is in its ``state``."""
    public = msgspec.defstruct(name, [*_fields(struct, without={"state"}), ("state", _OWN)], kw_only=True)
    return _schema(public, title)


def _portable(part: Any) -> Any:
    """Python's anchors as every regular-expression dialect has them, and texts without reStructuredText's marks."""
    if isinstance(part, dict):
        return {name: _text(name, value) for name, value in part.items()}
    return [_portable(item) for item in part] if isinstance(part, list) else part


def _text(name: str, value: Any) -> Any:
    if name == "pattern" and isinstance(value, str):
        return value.replace(r"\A", "^").replace(r"\Z", "$")
    if name == "description" and isinstance(value, str):
        return " ".join(value.replace("``", "`").split())
    return _portable(value)
