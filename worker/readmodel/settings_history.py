"""The history of a business's settings (C1-C4): its control messages by their time, joined with their answers.

Messages and answers are kept apart, each as a member of a sorted set by the message's time: whichever of the two is
read first, and however often, the same is kept. Dry runs, which change nothing, are left out.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from topics.envelope import TYPE_OF_EVENT, Unusable, data_as_it_came
from topics.moments import Micros, micros, rfc3339
from topics.registry import TOPIC_OF_TYPE
from worker.pipeline.decode import DECODERS
from worker.readmodel.order import CONTROL, Record

MAX_ENTRIES: Final = 1_000
"""Messages of one business that are kept, and as many answers; older ones go."""
MAX_DATA_BYTES: Final = 16_384
"""Of what a message said; the history leaves out what is larger."""
_OWN: Final = frozenset({"actor", "dry_run"})
_FOR_EVER: Final[Micros] = 1 << 62
Json = dict[str, Any]


class Said(NamedTuple):
    """A message or an answer, as it is kept."""

    business: str
    time: Micros
    entry: bytes


def message(record: Record) -> Said | None:
    """Of a control message; None for a dry run, and for a record that is dead-lettered."""
    try:
        event = DECODERS[CONTROL].decode(record.value, record.headers, _FOR_EVER)
        data = data_as_it_came(record.value, record.headers)
    except (Unusable, OverflowError, KeyError):
        return None
    data = data if isinstance(data, dict) else {}
    if data.get("dry_run") is True:
        return None
    time = micros(event.time)
    said = {name: value for name, value in data.items() if name not in _OWN}
    large = len(orjson.dumps(said)) > MAX_DATA_BYTES
    shown = {
        "id": event.id,
        "source": event.source,
        "type": TYPE_OF_EVENT[type(event)],
        "time": rfc3339(time),
        "actor": actor if isinstance(actor := data.get("actor"), str) else None,
        "data": {} if large else said,
        "data_left_out": large,
    }
    return Said(event.businessid, time, orjson.dumps(shown, option=orjson.OPT_SORT_KEYS))


def answer(event: Mapping[str, Any]) -> Said | None:
    """What became of a control message, out of an event of ``command-results``; None for any other."""
    data = event["data"]
    ours = TOPIC_OF_TYPE.get(data["command_type"]) == CONTROL and event["type"] != "command.progress"
    if not ours or data["dry_run"]:
        return None
    problem: Json = next(iter(data["errors"]), {})
    shown = {
        "command_id": data["command_id"],
        "command_source": data["command_source"],
        "outcome": event["type"].removeprefix("command."),
        "revision": data.get("revision"),
        "code": problem.get("code"),
        "message": problem.get("message"),
        "changed": (data.get("totals") or {}).get("changed"),
    }
    time = micros(datetime.fromisoformat(event["time"]))
    return Said(event["businessid"], time, orjson.dumps(shown, option=orjson.OPT_SORT_KEYS))


def joined(entries: Iterable[bytes], answers: Iterable[bytes]) -> list[Json]:
    """Messages, each with what became of it; without an answer the outcome is None: work over all clients goes on."""
    found = {(said["command_source"], said["command_id"]): said for said in map(orjson.loads, answers)}
    nothing = dict.fromkeys(("outcome", "revision", "code", "message", "changed"))
    return [
        {**said, **{name: found.get((said["source"], said["id"]), nothing)[name] for name in nothing}}
        for said in map(orjson.loads, entries)
    ]
