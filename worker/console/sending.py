"""The way of a command to the worker: made into an event, checked as the worker will, and put on its topic."""

import uuid
from typing import Any, Final, NamedTuple

import orjson

from topics import outputs
from topics.clients import ClientUpdated
from topics.commands import Command
from topics.envelope import EventDecoder, Malformed, Unusable
from topics.moments import rfc3339
from topics.registry import COMMAND_TOPICS, INPUT_TYPES, MAX_INPUT_BYTES, TOPIC_OF_TYPE
from worker import clock
from worker.console.problems import Refused
from worker.pipeline.decode import MAX_AHEAD

SOURCE: Final = "client-status-console"
"""The ``source`` of what is sent from here."""
TYPES: Final = tuple(type_ for type_, topic in TOPIC_OF_TYPE.items() if topic in COMMAND_TOPICS)
_HEADERS: Final = [("content-type", outputs.CONTENT_TYPE)]
UPDATE: Final = "client.updated"
_DECODERS: Final = {topic: EventDecoder(topic) for topic in (*COMMAND_TOPICS, TOPIC_OF_TYPE[UPDATE])}


class Made(NamedTuple):
    """An event that can be sent."""

    id: str
    topic: str
    value: bytes


def command(business: str, type_: str, data: object, actor: str) -> Made:
    """The event of a command or control message; ``actor`` stands in it unless it names another.

    Raises Refused (422, 413).
    """
    if type_ not in TYPES:
        raise Refused(422, f"type: there is no command {type_!r}; there are: {', '.join(TYPES)}", "unknown_type")
    if not isinstance(data, dict):
        raise Refused(422, "data: an object is needed", "invalid_data")
    said: dict[str, Any] = dict(data)
    if said.get("actor") in (None, "") and issubclass(INPUT_TYPES[type_], Command):
        said["actor"] = actor
    return event(business, type_, said)[0]


def update(business: str, client_id: str, changes: dict[str, Any], actor: str) -> tuple[Made, ClientUpdated]:
    """``client.updated`` with these changes, and its data as the worker reads them; ``actor`` stands in it for the
    timeline, and the worker passes it over. Raises Refused (422, 413)."""
    unknown = [name for name in changes if name not in CHANGEABLE]
    if unknown:
        raise Refused(422, f"{unknown[0]}: cannot be changed here; these can: {', '.join(CHANGEABLE)}", "invalid_data")
    if not changes:
        raise Refused(422, "name at least one thing to be changed", "invalid_data")
    made, data = event(business, UPDATE, {**changes, "client_id": client_id, "actor": actor})
    return made, data


CHANGEABLE: Final = tuple(name for name in ClientUpdated.__struct_fields__ if name != "client_id")
"""What an update may name. Status and tags have commands of their own."""


def event(business: str, type_: str, said: dict[str, Any]) -> tuple[Made, Any]:
    """The event, now, checked as the worker checks it, and its data. Raises Refused."""
    now = clock.now()
    id_, topic = str(uuid.uuid4()), TOPIC_OF_TYPE[type_]
    envelope = {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": type_,
        "time": rfc3339(now),
        "businessid": business,
        "datacontenttype": "application/json",
        "data": said,
    }
    try:
        value = orjson.dumps(envelope)
    except TypeError as exc:
        raise Refused(422, f"data: {exc}", "invalid_data") from exc
    if len(value) > MAX_INPUT_BYTES:
        raise Refused(413, f"a command is at most {MAX_INPUT_BYTES} bytes", "too_large")
    try:
        decoded = _DECODERS[topic].decode(value, _HEADERS, now + MAX_AHEAD)
    except Unusable as exc:
        raise Refused(422, exc.message, exc.code) from exc
    if isinstance(decoded.data, Malformed):
        raise Refused(422, decoded.data.message, "invalid_data")
    return Made(id_, topic, value), decoded.data


def told(event: dict[str, Any]) -> dict[str, Any]:
    """An answer as the API shows it: the data of the event, with its type and time."""
    return {"type": event["type"], "time": event["time"], **event["data"]}
