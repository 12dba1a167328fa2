"""What was said of one own field of one client (G2), and which word counts, whatever order they arrive in (P2).

The latest update decides. Where it says nothing, or says that there is no value, the earliest creation or imported row
behind it fills the blank.
"""

from typing import Final

import msgspec

from topics.clients import FieldValue
from topics.moments import Micros

MAX_FILLS: Final = 3
"""Creations and imported rows remembered for one field of one client, beside the one whose value stands."""

_encode = msgspec.json.Encoder().encode


class Fill(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A value that a creation or an imported row brings."""

    time: Micros
    value: FieldValue

    @property
    def order(self) -> tuple[Micros, bytes]:
        """The earlier one fills the blank; of one moment the smaller value."""
        return (self.time, _encode(self.value))


class FieldWord(msgspec.Struct, array_like=True, gc=False):
    """The value that stands is on the card: ``filled`` is 0 where the update said it, else when the fill was."""

    updated: Micros = 0
    filled: Micros = 0
    fills: list[Fill] = []
    """Others that are later than the update."""


def say_updated(word: FieldWord, shown: FieldValue, time: Micros, value: FieldValue) -> FieldValue:
    """An update says ``value`` (None: there is none) at ``time``; what stands then. ``shown`` is what stood."""
    said = None if word.filled else shown
    if time < word.updated or (time == word.updated and _rank(value) <= _rank(said)):
        return shown
    fills = [fill for fill in _fills(word, shown) if fill.time > time]
    word.updated = time
    return _settle(word, value, fills)


def say_filled(word: FieldWord, shown: FieldValue, time: Micros, value: FieldValue) -> FieldValue:
    """A creation or an imported row brings ``value`` at ``time``; what stands then. ``shown`` is what stood."""
    fill = Fill(time, value)
    fills = _fills(word, shown)
    if time <= word.updated or fill in fills:
        return shown
    return _settle(word, None if word.filled else shown, [*fills, fill])


def _fills(word: FieldWord, shown: FieldValue) -> list[Fill]:
    return [Fill(word.filled, shown), *word.fills] if word.filled else word.fills


def _settle(word: FieldWord, said: FieldValue, fills: list[Fill]) -> FieldValue:
    fills = sorted(fills, key=lambda fill: fill.order)
    word.filled = 0
    if said is None and fills:
        first = fills.pop(0)
        word.filled, said = first.time, first.value
    word.fills = fills[:MAX_FILLS]
    return said


def _rank(value: FieldValue) -> bytes:
    """Of two updates at the same moment the greater value counts, and any before none."""
    return b"" if value is None else _encode(value)
