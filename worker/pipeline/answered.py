"""Answers to commands and control messages, remembered so that the same message gets the same answer again (C6)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from worker.domain.forgotten import redact

MAX_ANSWERS: Final = 1_000
"""C6: per business."""
_ANSWER: Final = b"\0answer/"


class _Record(msgspec.Struct, array_like=True, gc=False):
    number: int
    source: str
    id: str
    result: msgspec.Raw


class _Recent(msgspec.Struct, gc=False):
    """Of one business: the number of the next answer, and under which key each message's answer is kept."""

    next: int = 0
    keys: dict[tuple[str, str], bytes] = {}
    messages: dict[bytes, tuple[str, str]] = {}


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Record).decode


class Answered:
    """The answers of a task's businesses. Keys are reused in a ring of MAX_ANSWERS per business."""

    def __init__(self, raw: Mapping[bytes, bytes]) -> None:
        self._raw = raw
        self._recent: dict[str, _Recent] = {}
        self._written: dict[bytes, bytes] = {}

    def find(self, business_id: str, source: str, id_: str) -> bytes | None:
        """The result event that answered this message, as it was sent."""
        recent = self._recent.get(business_id)
        key = recent.keys.get((source, id_)) if recent is not None else None
        if key is None:
            return None
        value = self._written.get(key) or self._raw[key]
        return bytes(_decode(value).result)

    def remember(self, business_id: str, source: str, id_: str, result: bytes) -> None:
        """Keep the answer; the oldest of the business is forgotten beyond MAX_ANSWERS."""
        recent = self._recent.setdefault(business_id, _Recent())
        number = recent.next
        key = _ANSWER + f"{business_id}/{number % MAX_ANSWERS}".encode()
        recent.next = number + 1
        self._note(recent, key, (source, id_))
        self._written[key] = _encode(_Record(number, source, id_, msgspec.Raw(result)))

    def forget(self, business_id: str, client_ids: list[str]) -> None:
        """G6: no answer names these clients any more."""
        recent = self._recent.get(business_id)
        for key in recent.messages if recent is not None else ():
            record = _decode(self._written.get(key) or self._raw[key])
            result = bytes(record.result)
            redacted = redact(result, client_ids)
            if redacted != result:
                self._written[key] = _encode(_Record(record.number, record.source, record.id, msgspec.Raw(redacted)))

    @staticmethod
    def _note(recent: _Recent, key: bytes, message: tuple[str, str]) -> None:
        before = recent.messages.get(key)
        if before is not None and recent.keys.get(before) == key:
            del recent.keys[before]
        recent.messages[key] = message
        recent.keys[message] = key

    def take_written(self) -> list[tuple[bytes, bytes]]:
        """What is to be written to the changelog since the last call."""
        written = list(self._written.items())
        self._written = {}
        return written

    def restored(self) -> None:
        """Rebuild the index from the records."""
        self._recent.clear()
        self._written = {}
        for key, value in self._raw.items():
            if key.startswith(_ANSWER):
                record = _decode(value)
                recent = self._recent.setdefault(key[len(_ANSWER) :].decode().rpartition("/")[0], _Recent())
                recent.next = max(recent.next, record.number + 1)
                self._note(recent, key, (record.source, record.id))

    def revert(self) -> None:
        """Forget what was remembered since the last ``take_written``."""
        if self._written:
            self.restored()
