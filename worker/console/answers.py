"""What each route can answer, for the OpenAPI document: statuses, media types and shapes, in one table."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from topics.results import CommandProgress, CommandResult
from worker.console.api.clients import Reasons, Timeline
from worker.console.api.commands import Accepted
from worker.console.api.entering import Entered
from worker.console.api.updating import Updated
from worker.console.problems import MEDIA_TYPE, Problem

JSON: Final = "application/json"
Json = dict[str, Any]


class MovedCard(msgspec.Struct):
    """Of a client that was merged away: whom it means now. ``Location`` leads there."""

    merged_into: str


class Result(CommandResult, kw_only=True):
    """What became of a command (C4): its answer, with the type and time of the event."""

    type: str
    time: str


class Progress(CommandProgress, kw_only=True):
    """How far a command has come (K1)."""

    type: str
    time: str


_CARD: Final[Json] = {
    "type": "object",
    "required": ["v", "businessid", "client_id", "created_at", "status", "status_since", "counts", "sequence",
                 "status_label", "color", "ended"],
}  # fmt: skip
"""The public part of ``client-profiles``, which has a JSON Schema of its own, and what its status means."""


class Says(NamedTuple):
    """An answer: what it is, its media type, and the shape of its body."""

    about: str
    media_type: str | None = None
    shape: type[msgspec.Struct] | tuple[type[msgspec.Struct], ...] | Json | None = None


_REFUSED: Final = (400, 401, 403, 404, 429, 500, 503)
_REFUSED_BODIES: Final = (401, 403, 404, 413, 422, 429, 500, 503)
_MEANINGS: Final = {
    400: "A parameter cannot be used.", 401: "No valid token.", 403: "The token is not for this business, or may not.",
    404: "There is no such thing.", 413: "The body is too large.", 422: "The body cannot be used.",
    429: "The token asks too much; Retry-After says for how long.", 500: "An error of the console's own.",
    503: "Redis or Kafka cannot be reached; try again.",
}  # fmt: skip
_MOVED: Final = Says("The client was merged away.", JSON, MovedCard)
_CSV: Final = Says("A line for each client.", "text/csv", {"type": "string"})
_ANSWERS: Final[Mapping[str, Mapping[int, Says]]] = {
    "get /clients/{client_id}": {
        200: Says("The card.", JSON, _CARD), 304: Says("As it was: If-None-Match names it."), 308: _MOVED,
    },
    "get /clients/{client_id}/timeline": {200: Says("Some entries.", JSON, Timeline), 308: _MOVED},
    "get /clients/{client_id}/reasons": {200: Says("What happened.", JSON, Reasons), 308: _MOVED},
    "patch /clients/{client_id}": {
        200: Says("The card shows it.", JSON, Updated), 202: Says("It is on its way.", JSON, Updated), 308: _MOVED,
    },
    "post /clients": {
        200: Says("The card is there.", JSON, Entered), 202: Says("It is on its way.", JSON, Entered),
    },
    "post /clients/{client_id}/notes": {
        200: Says("The card shows it.", JSON, Entered), 202: Says("It is on its way.", JSON, Entered), 308: _MOVED,
    },
    "post /commands": {
        200: Says("What became of it, if that was waited for.", JSON, Result),
        202: Says("It is on its way.", JSON, Accepted),
    },
    "get /commands/{command_id}": {
        200: Says("What became of it.", JSON, Result), 202: Says("Not yet.", JSON, (Accepted, Progress)),
    },
    "get /changes": {200: Says("Events, as long as somebody listens.", "text/event-stream", {"type": "string"})},
    "get /export.csv": {200: _CSV},
    "post /export.csv": {200: _CSV},
    "post /import": {200: Says("Progress, and a report at the end.", "application/x-ndjson", {"type": "string"})},
}  # fmt: skip
"""Of routes below a business; of others the framework knows the answer from the types of the handler."""
BELOW: Final = "/api/v1/businesses/{business}"


def complete(document: Json) -> None:
    """Put into an OpenAPI document what the framework cannot know. Changes it."""
    schemas = document["components"].setdefault("schemas", {})
    types = [Problem, *(type_ for says in _ANSWERS.values() for one in says.values() for type_ in _types(one.shape))]
    shapes, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schemas.update(components)
    references = dict(zip(types, shapes, strict=True))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            known = _ANSWERS.get(f"{method} {path.removeprefix(BELOW)}", {})
            responses = {str(status): _response(says, references) for status, says in known.items()}
            kept = {status: value for status, value in operation["responses"].items() if status < "300"}
            refusals = {
                str(status): _response(Says(_MEANINGS[status], MEDIA_TYPE, Problem), references)
                for status in _refused(operation)
            }
            operation["responses"] = dict(sorted(((responses or kept) | refusals).items()))
            for parameter in operation.get("parameters", ()):
                _parameter(parameter)


def _refused(operation: Json) -> tuple[int, ...]:
    """With which statuses it may be refused."""
    if "requestBody" not in operation:
        return _REFUSED
    asked = any(parameter["in"] == "query" for parameter in operation.get("parameters", ()))
    return (400, *_REFUSED_BODIES) if asked else _REFUSED_BODIES


def _types(shape: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(shape, tuple):
        yield from shape
    elif isinstance(shape, type):
        yield shape


def _response(says: Says, references: Mapping[Any, Json]) -> Json:
    if says.media_type is None:
        return {"description": says.about}
    of = [references[type_] for type_ in _types(says.shape)]
    schema = says.shape if isinstance(says.shape, dict) else of[0] if len(of) == 1 else {"anyOf": of}
    return {"description": says.about, "content": {says.media_type: {"schema": schema}}}


def _parameter(parameter: Json) -> None:
    """There is no null in an address: what is not given is left out."""
    schema = parameter["schema"]
    for inner in schema.pop("oneOf", ()):
        if inner != {"type": "null"}:
            schema.update(inner)
    if isinstance(schema.get("type"), list):
        schema["type"] = next(name for name in schema["type"] if name != "null")
        schema["enum"] = [value for value in schema.get("enum", ()) if value is not None]
