"""What one batch of records changes in Redis: gathered by key, so that thousands of cards take a few commands."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

Value = str | bytes
MAX_STREAM: Final = 10_000
"""Entries of a stream that are kept, about."""


class Changes:
    """Within a batch, a key's additions and removals never name the same member."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Value, int | None]] = {}
        self.deleted: set[str] = set()
        """Keys that go with all that is in them."""
        self._fields: dict[str, dict[str, Value]] = defaultdict(dict)
        self._fields_gone: dict[str, set[str]] = defaultdict(set)
        self._members: dict[str, set[Value]] = defaultdict(set)
        self._scores: dict[str, dict[Value, float]] = defaultdict(dict)
        self._unions: list[tuple[str, str]] = []
        self._trims: dict[str, int] = {}
        self._members_gone: dict[str, list[bytes]] = {}
        self._entries_gone: dict[str, list[bytes]] = {}
        self._appended: list[tuple[str, Mapping[Any, Any], int]] = []

    def set(self, key: str, value: Value, seconds: int | None = None) -> None:
        """A string; for so many seconds, if given."""
        self._values[key] = (value, seconds)

    def delete(self, key: str) -> None:
        """A key and all in it."""
        self.deleted.add(key)

    def put(self, key: str, field: str, value: Value) -> None:
        """A field of a hash."""
        self._fields[key][field] = value

    def drop(self, key: str, field: str) -> None:
        """A field of a hash is no more."""
        self._fields_gone[key].add(field)

    def add(self, key: str, member: Value) -> None:
        """A member of a set."""
        self._members[key].add(member)

    def score(self, key: str, member: Value, score: float, keep: int | None = None) -> None:
        """A member of a sorted set, of which the ``keep`` greatest are kept."""
        self._scores[key][member] = score
        if keep is not None:
            self._trims[key] = keep

    def lose(self, key: str, members: list[bytes]) -> None:
        """Members of a sorted set are no more."""
        if members:
            self._members_gone[key] = members

    def take_out(self, key: str, ids: list[bytes]) -> None:
        """Entries of a stream are no more."""
        if ids:
            self._entries_gone[key] = ids

    def unite(self, into: str, key: str, keep: int) -> None:
        """All of a sorted set goes into another; after everything that is added to either."""
        self._unions.append((into, key))
        self._trims[into] = keep

    def append(self, key: str, entry: Mapping[Any, Any], keep: int = MAX_STREAM) -> None:
        """An entry of a stream, of which about the latest ``keep`` are kept."""
        self._appended.append((key, entry, keep))

    def write(self, pipe: Any) -> None:
        """Into a pipeline: first what goes, then what comes."""
        for key, fields in self._fields_gone.items():
            pipe.hdel(key, *fields)
        if self.deleted:
            pipe.unlink(*self.deleted)
        for key, gone in self._members_gone.items():
            pipe.zrem(key, *gone)
        for key, ids in self._entries_gone.items():
            pipe.xdel(key, *ids)
        for key, (value, seconds) in self._values.items():
            pipe.set(key, value, ex=seconds)
        for key, mapping in self._fields.items():
            pipe.hset(key, mapping=mapping)
        for key, members in self._members.items():
            pipe.sadd(key, *members)
        for key, scores in self._scores.items():
            pipe.zadd(key, scores)
        for into, key in self._unions:
            pipe.zunionstore(into, [into, key], aggregate="MAX")
            pipe.unlink(key)
        for key, keep in self._trims.items():
            pipe.zremrangebyrank(key, 0, -keep - 1)
        for key, entry, keep in self._appended:
            pipe.xadd(key, entry, maxlen=keep, approximate=True)
