"""Bookings, invoices and payments on a card, by id: kept encoded until something asks for more than one that is new.

Most events bring a new thing to a card that has many; then nothing of the others is decoded, and a card in the cache
is little more than its bytes.
"""

from collections.abc import Callable, ItemsView, Iterator, ValuesView
from typing import Final, Generic, TypeVar

import msgspec

T = TypeVar("T")
EMPTY: Final = b"{}"
MIN_BYTES: Final = 16
"""No stored thing is shorter, its id included."""
_BEGINS: Final = b'":['
"""Stands at least once in every stored thing."""
_encode = msgspec.json.Encoder().encode


class Codec(msgspec.Struct, Generic[T], frozen=True):
    """How things of one kind are stored: ``decode`` takes a JSON object of them by id, ``shorten`` what is encoded."""

    decode: Callable[[bytes], dict[str, T]]
    shorten: Callable[[T], object]


class Things(msgspec.Struct, Generic[T], gc=False, eq=False):
    """A mapping from ids (``[A-Za-z0-9._:-]``) in the order in which they came. Things may be changed in place until
    the next ``encoded``."""

    _raw: bytes
    _codec: Codec[T]
    _new: dict[str, T] | None = None
    _all: dict[str, T] | None = None

    def get(self, id_: str) -> T | None:
        """The thing with this id, or None."""
        if self._all is not None:
            return self._all.get(id_)
        if self._new is not None and (found := self._new.get(id_)) is not None:
            return found
        if self._raw != EMPTY and f'"{id_}":['.encode() in self._raw:
            return self._thawed().get(id_)
        return None

    def __contains__(self, id_: str) -> bool:
        return self.get(id_) is not None

    def __getitem__(self, id_: str) -> T:
        found = self.get(id_)
        if found is None:
            raise KeyError(id_)
        return found

    def mention(self, id_: str) -> bool:
        """Is there a thing that may refer to this id? False is certain."""
        return self._all is not None or self._new is not None or f'"{id_}"'.encode() in self._raw

    def add(self, id_: str, thing: T) -> T:
        """Put a thing that is not there yet."""
        if self._all is not None:
            self._all[id_] = thing
        elif self._new is not None:
            self._new[id_] = thing
        else:
            self._new = {id_: thing}
        return thing

    def replace(self, things: dict[str, T]) -> None:
        """These are all things from now on, in this order."""
        self._raw, self._new, self._all = EMPTY, None, things

    def __delitem__(self, id_: str) -> None:
        del self._thawed()[id_]

    def more_than(self, number: int) -> bool:
        """Are there more things than this? Decodes them only when a look at the bytes does not tell."""
        if self._all is not None:
            return len(self._all) > number
        fewer = number if self._new is None else number - len(self._new)
        if len(self._raw) // MIN_BYTES <= fewer or self._raw.count(_BEGINS) <= fewer:
            return False
        return len(self._thawed()) > number

    def __len__(self) -> int:
        return len(self._thawed())

    def __iter__(self) -> Iterator[str]:
        return iter(self._thawed())

    def values(self) -> ValuesView[T]:
        """All things."""
        return self._thawed().values()

    def items(self) -> ItemsView[str, T]:
        """All things with their ids."""
        return self._thawed().items()

    def _thawed(self) -> dict[str, T]:
        found = self._all
        if found is None:
            found = self._codec.decode(self._raw) if self._raw != EMPTY else {}
            if self._new is not None:
                found.update(self._new)
            self._all = found
        return found

    def encoded(self) -> bytes:
        """The JSON object. What was handed out before must not be changed any more."""
        if self._all is not None:
            self._raw = self._text(self._all)
        elif self._new is not None:
            new = self._text(self._new)
            self._raw = new if self._raw == EMPTY else b"%b,%b" % (self._raw[:-1], new[1:])
        else:
            return self._raw
        self._new = self._all = None
        return self._raw

    def _text(self, things: dict[str, T]) -> bytes:
        shorten = self._codec.shorten
        return _encode({id_: shorten(thing) for id_, thing in things.items()})
