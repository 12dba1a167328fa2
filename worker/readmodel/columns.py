"""What is known of the clients of a business, one column for each thing: a filter's question (F3) is asked of a whole
column at once.

A client has the same place in every column. An answer is a mask: a byte for each place, 1 for those who match, in one
large integer; so answers are united and intersected as fast as memory is read. What an operator means is not known
here: each different value is put to the domain's own test, once. Texts are the exception, of which nearly every one is
different: they are looked for as they are compared, with marks around them, and a test shows that it is the same.
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, NamedTuple

from worker.domain.filter_kinds import NEGATED, Kind, Test, Values, Words

MAX_NARROW: Final = 256
"""Different values in a column of one byte a client; with more it is one of four bytes."""
MAX_ANSWERS: Final = 16
"""Of a column whose questions take long, that are kept and kept up to date."""
Mask = int
Flags = bytes | bytearray
Key = tuple[Any, ...]


class Asked(NamedTuple):
    """A question to a column: an operator of the filter language and its value."""

    kind: Kind
    operator: str
    value: Any
    test: Test

    @property
    def known_as(self) -> Hashable:
        """The same for the same question."""
        return self.operator, repr(self.value)


def mask_of(flags: Flags) -> Mask:
    """Flags in one integer."""
    return int.from_bytes(flags, "little")


def flags_of(mask: Mask, places: int) -> bytes:
    """The other way round."""
    return mask.to_bytes(places, "little")


def everybody(places: int) -> Mask:
    """The mask of all places."""
    return mask_of(b"\1" * places)


class _Answer(NamedTuple):
    test: Test
    flags: bytearray


class Answers:
    """The latest answers of a column."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, _Answer] = {}

    def find(self, asked: Asked, flags: Callable[[], Flags]) -> Mask:
        """An answer that is kept, or one that ``flags`` makes."""
        answer = self.kept.pop(asked.known_as, None)
        if answer is None:
            answer = _Answer(asked.test, bytearray(flags()))
            while len(self.kept) >= MAX_ANSWERS:
                del self.kept[next(iter(self.kept))]
        self.kept[asked.known_as] = answer
        return mask_of(answer.flags)

    def change(self, place: int, values: Values) -> None:
        """A client has other values now."""
        for answer in self.kept.values():
            if place == len(answer.flags):
                answer.flags.append(answer.test(values))
            else:
                answer.flags[place] = answer.test(values)


class Coded:
    """Values that many clients have alike: the numbers of the values."""

    def __init__(self, meaning: Callable[[Key], Values] = lambda key: key) -> None:
        """``meaning``: from what is kept to the values that a test is asked of."""
        self._meaning = meaning
        self._codes: bytearray | array[int] = bytearray()
        self._code_of: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._values: list[Values] = []
        self._clients: list[int] = []
        self._free: list[int] = []
        self._answers = Answers()

    def put(self, place: int, key: Key) -> None:
        """What a client has now; an empty key is nothing."""
        code = self._code_of.get(key)
        if code is None:
            code = self._new(key)
        if place == len(self._codes):
            self._codes.append(code)
        elif (old := self._codes[place]) != code:
            self._codes[place] = code
            self._leave(old)
        else:
            return
        self._clients[code] += 1
        if self._answers.kept:
            self._answers.change(place, self._values[code])

    def _new(self, key: Key) -> int:
        code = self._free.pop() if self._free else len(self._keys)
        if code == len(self._keys):
            if code == MAX_NARROW:
                self._codes = array("I", list(self._codes))
            self._keys.append(())
            self._values.append(())
            self._clients.append(0)
        self._keys[code], self._values[code], self._code_of[key] = key, self._meaning(key), code
        return code

    def _leave(self, code: int) -> None:
        self._clients[code] -= 1
        if not self._clients[code]:
            del self._code_of[self._keys[code]]
            self._keys[code], self._values[code] = (), ()
            self._free.append(code)

    @property
    def places(self) -> int:
        """How many there are."""
        return len(self._codes)

    def mask(self, asked: Asked) -> Mask:
        """Those whose values pass the test."""
        return self.where(asked.test) if self._narrow else self._answers.find(asked, lambda: self._flags(asked.test))

    @property
    def _narrow(self) -> bool:
        return isinstance(self._codes, bytearray)

    def where(self, test: Test) -> Mask:
        """Those whose values pass any test at all."""
        return mask_of(self._flags(test))

    def _flags(self, test: Test) -> Flags:
        truth = bytes(map(test, self._values))
        if isinstance(self._codes, bytearray):
            return self._codes.translate(truth.ljust(1 << 8, b"\0"))
        return bytes(map(truth.__getitem__, self._codes))

    def key(self, place: int) -> Key:
        """What a client has; nothing at a place that is new."""
        return self._keys[self._codes[place]] if place < len(self._codes) else ()

    def counts(self) -> Iterator[tuple[Key, int]]:
        """What there is, and how many clients have it."""
        return ((key, self._clients[code]) for key, code in self._code_of.items())


class Sets:
    """Several values at once, such as tags: of each value, the places of those who have it, in their order."""

    def __init__(self, compared: Callable[[str], str] = str) -> None:
        """``compared``: how a value is written to be compared; those who have it in any spelling have it."""
        self._compared = compared
        self._held = Coded()
        self._places: dict[str, array[int]] = {}
        self._spellings: dict[str, list[str]] = {}

    def put(self, place: int, key: Key) -> None:
        """What a client has now."""
        before = frozenset(self._held.key(place))
        self._held.put(place, key)
        for value in before.difference(key):
            places = self._places[value]
            del places[bisect_left(places, place)]
            if not places:
                self._end(value)
        for value in frozenset(key) - before:
            if value not in self._places:
                self._places[value] = array("I")
                self._spellings.setdefault(self._compared(value), []).append(value)
            insort(self._places[value], place)

    def _end(self, value: str) -> None:
        del self._places[value]
        spellings = self._spellings[self._compared(value)]
        spellings.remove(value)
        if not spellings:
            del self._spellings[self._compared(value)]

    def having(self, *wanted: str) -> Mask:
        """Those who have one of these, as they are compared."""
        flags = bytearray(self._held.places)
        for value in wanted:
            for spelling in self._spellings.get(value, ()):
                for place in self._places[spelling]:
                    flags[place] = 1
        return mask_of(flags)

    def mask(self, asked: Asked) -> Mask:
        """Those whose values pass the test."""
        operator = NEGATED.get(asked.operator, asked.operator)
        if operator == "exists" or not isinstance(asked.kind, Words):
            return self._held.where(asked.test)
        wanted = [asked.kind.key(value) for value in (asked.value if isinstance(asked.value, list) else [asked.value])]
        if operator == "has_all":
            found = everybody(self._held.places)
            for value in wanted:
                found &= self.having(value)
        else:
            found = self.having(*wanted)
        return found if operator == asked.operator else everybody(self._held.places) ^ found

    def counts(self) -> Iterator[tuple[Key, int]]:
        """What there is, each by itself, and how many clients have it."""
        return (((value,), len(places)) for value, places in self._places.items())
