"""Clients that were erased (G6): of each only a hash of the id is kept, for a while, so that nothing older brings it
back and its numbers go on."""

import hashlib
import re
from collections.abc import Collection
from typing import Any, Final

import msgspec
import orjson

from topics.moments import DAY, Micros

KEPT_FOR: Final = 90 * DAY
"""How long an erasure is remembered after it was processed."""
REDACTED: Final = "(erased)"
"""Stands where the id stood in an answer that may have to be given again (C6); no id looks like it."""
_BYTES: Final = 16
_IN_IDS: Final = r"[A-Za-z0-9._:-]"


class Forgotten(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """``time``: of the erasure; what is not later does not count. ``sequence``: the last number told about the client.
    ``until``: when this, too, is forgotten."""

    time: Micros
    sequence: int
    until: Micros


def mark(business_id: str, client_id: str) -> str:
    """What is kept of the id."""
    return hashlib.blake2b(f"{business_id}\n{client_id}".encode(), digest_size=_BYTES).hexdigest()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Forgotten).decode


def encode(forgotten: Forgotten) -> bytes:
    """The value of the worker's own record of an erasure."""
    return _encode(forgotten)


def decode(value: bytes) -> Forgotten:
    """The erasure in a record value. Raises msgspec.ValidationError."""
    return _decode(value)


def redact(result: bytes, client_ids: Collection[str]) -> bytes:
    """A result event that names none of these clients; a preview that does shows nothing any more."""
    if not any(client_id.encode() in result for client_id in client_ids):
        return result
    named = re.compile(f"(?<!{_IN_IDS})({'|'.join(map(re.escape, client_ids))})(?!{_IN_IDS})")
    if not named.search(result.decode()):
        return result
    event = orjson.loads(result)
    data = event["data"]
    if "preview" in data and named.search(orjson.dumps(data["preview"]).decode()):
        data["preview"] = {}
    for name in ("applied", "unchanged", "errors"):
        data[name] = _without(data[name], named)
    return orjson.dumps(event)


def _without(value: Any, named: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return named.sub(REDACTED, value)
    if isinstance(value, list):
        return [_without(item, named) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, named) for key, item in value.items()}
    return value


def restored(result: bytes, client_id: str) -> bytes:
    """The answer to the very command that erased the client, as it was given: whoever repeats it names the client."""
    return result.replace(orjson.dumps(REDACTED), orjson.dumps(client_id))
