"""Tags renamed or deleted in the whole business (D7), and what they do to what was said of a client's tags at any time.

A rename, or deletion, is one more saying: a client's tags are what comes of all sayings and edits in the order of their
time, whatever order they arrive in (P2). A card keeps what was said under the name it was said of, so a removal from
before a rename that arrives late still finds the addition that it is later than.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain.tags import Word, added_at, is_addition, removed_at

MAX_TAG_EDITS: Final = 1_000
"""D7: renames and deletions of a business that are remembered, the latest by their time."""


class TagEdit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A tag was renamed, or deleted (``to`` is empty), at a moment. Fields are only ever added at the end."""

    number: int
    """That of the sweep that takes it to every client."""
    time: Micros
    source: str
    id: str
    key: str
    """The identity of the tag (D1)."""
    to: str = ""
    """The identity of the tag that it became."""
    tag: str = ""
    """The spelling of that."""

    @property
    def place(self) -> int:
        """The last stamp that it is later than: of additions at the very moment a rename takes them along, and a
        deletion, like a removal, loses (D3)."""
        return added_at(self.time) if self.to else removed_at(self.time)

    @property
    def order(self) -> tuple[int, str, str]:
        """Its place among the others."""
        return (self.place, self.source, self.id)


class Group:
    """Tags that became one another, and how, in the order of time."""

    __slots__ = ("edits", "keys")

    def __init__(self, key: str) -> None:
        self.keys: dict[str, None] = {key: None}
        self.edits: list[TagEdit] = []

    def standing(self, words: Mapping[str, Word], up_to: int | None = None) -> dict[str, Micros]:
        """Since when each of the tags is on the card; 0: it is not. ``up_to``: no edit of a greater number has come."""
        stamps = sorted((stamp, key) for key in self.keys if key in words for stamp in words[key].sayings)
        since = dict.fromkeys(self.keys, 0)
        at = 0
        for edit in self.edits:
            while at < len(stamps) and stamps[at][0] <= edit.place:
                _take(since, *stamps[at])
                at += 1
            if up_to is None or edit.number <= up_to:
                _edit(since, edit)
        for stamp, key in stamps[at:]:
            _take(since, stamp, key)
        return since


def _take(since: dict[str, Micros], stamp: int, key: str) -> None:
    if not is_addition(stamp):
        since[key] = 0
    elif not since[key]:
        since[key] = stamp >> 1


def _edit(since: dict[str, Micros], edit: TagEdit) -> None:
    """Who had either of two tags that become one has that, since the earlier of the two times."""
    carried = since[edit.key]
    since[edit.key] = 0
    if carried and edit.to:
        since[edit.to] = min(carried, since[edit.to] or carried)


class TagEdits:
    """The edits of a business, by the tags that they are about. Immutable."""

    __slots__ = ("_groups", "all")

    def __init__(self, edits: Iterable[TagEdit] = ()) -> None:
        self.all = sorted(edits, key=lambda e: e.order)
        self._groups: dict[str, Group] = {}
        for edit in self.all:
            self._join(edit).edits.append(edit)
        for group in set(self._groups.values()):
            group.edits.sort(key=lambda e: e.order)

    def _join(self, edit: TagEdit) -> Group:
        groups = self._groups
        group = groups.setdefault(edit.key, Group(edit.key))
        if edit.to and edit.to not in group.keys:
            other = groups.get(edit.to) or Group(edit.to)
            group.keys |= other.keys
            group.edits += other.edits
            groups.update(dict.fromkeys(other.keys, group))
        return group

    def __contains__(self, key: object) -> bool:
        """Is an edit about this tag?"""
        return key in self._groups

    def about(self, key: str) -> Group | None:
        """The tags that this one has to do with; None: it was never edited."""
        return self._groups.get(key)

    def becomes(self, key: str, stamp: int) -> str:
        """The tag that something said of this one became; empty: it was deleted since."""
        group = self._groups.get(key)
        for edit in group.edits if group is not None else ():
            if edit.key == key and stamp <= edit.place:
                key = edit.to
                if not key:
                    return ""
        return key

    def spelling(self, key: str) -> str:
        """How the last rename to this tag spelled it."""
        group = self._groups.get(key)
        return next((e.tag for e in reversed(group.edits) if e.to == key), "") if group is not None else ""


NO_EDITS: Final = TagEdits()


def settle_for_good(words: dict[str, Word], edit: TagEdit) -> None:
    """The oldest edit is about to be forgotten: what it did to this card stands as if it had been said so."""
    before = {key: [s for s in words[key].sayings if s <= edit.place] for key in (edit.key, edit.to) if key in words}
    since = dict.fromkeys((edit.key, edit.to), 0)
    for stamp, key in sorted((stamp, key) for key, stamps in before.items() for stamp in stamps):
        _take(since, stamp, key)
    _edit(since, edit)
    _replace(words, edit.key, edit.place, [])
    if edit.to and since[edit.to]:
        _replace(words, edit.to, edit.place, [added_at(since[edit.to])])


def _replace(words: dict[str, Word], key: str, place: int, sayings: list[int]) -> None:
    """Other sayings in place of those up to ``place``."""
    word = words.get(key) or Word()
    word.rewrite([*sayings, *(s for s in word.sayings if s > place)])
    if word.sayings:
        words[key] = word
    else:
        words.pop(key, None)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(TagEdit).decode


def encode(edit: TagEdit) -> bytes:
    """The value of the worker's own record of an edit."""
    return _encode(edit)


def decode(value: bytes) -> TagEdit:
    """The edit in a record value. Raises msgspec.ValidationError."""
    return _decode(value)
