"""What is known of the clients of a business, one column for each thing: a filter's question (F3) is asked of a whole
column at once.

A client has the same place in every column. An answer is a mask: a byte for each place, 1 for those who match, in one
large integer; so answers are united and intersected as fast as memory is read. What an operator means is not known
here: each different value is put to the domain's own test, once. Texts are the exception, of which nearly every one is
different: they are looked for as they are compared, with marks around them, and a test shows that it is the same.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import contains
from typing import Any, Final, NamedTuple

from topics.moments import Micros
from worker.domain.filter_kinds import NEGATED, Kind, Test, Values, Words, test_of

MAX_NARROW: Final = 256
"""Different values in a column of one byte a client; with more it is one of four bytes."""
MAX_ANSWERS: Final = 16
"""Of a column whose questions take long, that are kept and kept up to date."""
SEGMENT: Final = 256
"""Clients whose texts lie in one piece."""
FEW: Final = SEGMENT // 8
"""Finds in a segment up to which each is walked to; with more, the segment is taken apart."""
MAX_NEEDLES: Final = 4
"""Texts that are looked for one after the other; of more, each client's are looked up among them."""
NEVER: Final[Micros] = -(1 << 63)
"""The time of what has not been."""
MARK, END = "\0", "\n"
"""Around each text of a client; between clients."""

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


class _Answers:
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
        self._answers = _Answers()

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

    def counts(self) -> Iterator[tuple[Key, int]]:
        """What there is, and how many clients have it."""
        return ((key, self._clients[code]) for key, code in self._code_of.items())


class Texts:
    """Texts of which nearly every one is different: in long pieces, each with a mark before and behind it."""

    def __init__(self, stored: Callable[[str], str]) -> None:
        """``stored``: how a text is written to be compared."""
        self._stored = stored
        self._segments: list[str] = []
        self._places = 0
        self._odd: dict[int, Values] = {}
        self._answers = _Answers()

    def put(self, place: int, values: Key) -> None:
        """What a client has now. What is no text, or holds a mark, stands apart, and is put to the test itself."""
        texts = [self._stored(value) for value in values if isinstance(value, str)]
        odd = len(texts) < len(values) or any(MARK in text or END in text for text in texts)
        if odd:
            self._odd[place] = values
        elif self._odd:
            self._odd.pop(place, None)
        text = f"{MARK}{MARK.join(texts)}{MARK}" if texts and not odd else ""
        segment, within = divmod(place, SEGMENT)
        if place == self._places:
            self._places += 1
            if within:
                self._segments[segment] += END + text
            else:
                self._segments.append(text)
        else:
            parts = self._segments[segment].split(END)
            if parts[within] == text and not odd:
                return
            parts[within] = text
            self._segments[segment] = END.join(parts)
        self._answers.change(place, values)

    def entry(self, place: int) -> str:
        """The texts of a client, with their marks."""
        return self._segments[place // SEGMENT].split(END)[place % SEGMENT]

    def mask(self, asked: Asked) -> Mask:
        """Those whose texts are so."""
        return self._answers.find(asked, lambda: self._flags(asked))

    def _flags(self, asked: Asked) -> Flags:
        operator = NEGATED.get(asked.operator, asked.operator)
        flags = self._positive(asked.kind, operator, asked.value)
        if operator != asked.operator or (operator == "exists" and asked.value is False):
            flags = flags_of(everybody(self._places) ^ mask_of(flags), self._places)
        if self._odd:
            flags = bytearray(flags)
            for place, values in self._odd.items():
                flags[place] = asked.test(values)
        return flags

    def _positive(self, kind: Kind, operator: str, value: Any) -> Flags:
        if operator == "exists":
            return self.find(MARK)
        if not isinstance(kind, Words):
            raise TypeError(f"{kind.name} is no text")
        if operator == "in":
            return self._among([f"{MARK}{kind.key(one)}{MARK}" for one in value])
        key = kind.key(value)
        return self.find({"eq": f"{MARK}{key}{MARK}", "starts_with": f"{MARK}{key}", "contains": key}[operator])

    def _among(self, wanted: Sequence[str]) -> Flags:
        if len(wanted) <= MAX_NEEDLES:
            found = 0
            for needle in wanted:
                found |= mask_of(self.find(needle))
            return flags_of(found, self._places)
        any_of = frozenset(wanted)
        flags = bytearray()
        for segment in self._segments:
            for entry in segment.split(END):
                found_one = entry in any_of
                if not found_one and entry.count(MARK) > 2:  # noqa: PLR2004 - several texts
                    found_one = any(f"{MARK}{text}{MARK}" in any_of for text in entry.split(MARK)[1:-1])
                flags.append(found_one)
        return flags

    def find(self, needle: str) -> bytearray:
        """Those with this in their texts; the marks may be part of it."""
        flags = bytearray(self._places)
        if END in needle:
            return flags
        for first, text in zip(range(0, self._places, SEGMENT), self._segments, strict=True):
            found = text.count(needle)
            if found > FEW:
                parts = text.split(END)
                flags[first : first + len(parts)] = bytes(map(contains, parts, repeat(needle)))
            elif found:
                _walk(text, needle, flags, first)
        return flags


def _walk(text: str, needle: str, flags: bytearray, place: int) -> None:
    """From one find to the next, counting the clients between them."""
    start, at = 0, text.find(needle)
    while at >= 0:
        place += text.count(END, start, at)
        flags[place] = 1
        start = text.find(END, at)
        if start < 0:
            return
        at = text.find(needle, start)


class Names:
    """The words of names, for their beginnings: a text of its own for each client, for a letter or two find many."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def put(self, place: int, words: Sequence[str]) -> None:
        """What a client has now."""
        text = "".join([f" {word}" for word in words])
        if place == len(self._texts):
            self._texts.append(text)
        else:
            self._texts[place] = text

    def find(self, beginnings: Sequence[str]) -> bytearray:
        """Those who have words with each of these beginnings."""
        first, *others = sorted({f" {word}" for word in beginnings}, key=len, reverse=True)
        flags = bytearray(map(contains, self._texts, repeat(first)))
        place = flags.find(1) if others else -1
        while place >= 0:
            text = self._texts[place]
            flags[place] = all(other in text for other in others)
            place = flags.find(1, place + 1)
        return flags


class Order:
    """Places in the order of their keys, of which no two are alike."""

    def __init__(self, key: Callable[[int], Any]) -> None:
        self.key = key
        self.places = array("I")

    def settle(self, places: Iterable[int]) -> None:
        """All, in their order."""
        self.places = array("I", places)

    def add(self, place: int) -> None:
        """One more."""
        insort(self.places, place, key=self.key)

    def remove(self, place: int) -> None:
        """One less; before its key changes."""
        del self.places[self.at(self.key(place))]

    def at(self, key: Any) -> int:
        """How many are before it."""
        return bisect_left(self.places, key, key=self.key)

    def past(self, key: Any) -> int:
        """How many are up to it."""
        return bisect_right(self.places, key, key=self.key)


class Times:
    """Moments, with the places in their order: a question finds where its answer begins and ends."""

    def __init__(self, ids: Sequence[str]) -> None:
        """``ids`` decide between those of the same time."""
        self.micros = array("q")
        self.order = Order(lambda place: (self.micros[place], ids[place]))

    def mask(self, asked: Asked) -> Mask:
        """Those whose times are so."""
        operator = NEGATED.get(asked.operator, asked.operator)
        places = len(self.micros)
        if operator == "exists":
            found = self._between(self._existing(), len(self.order.places))
            negated = asked.value is False
        else:
            found = 0
            for value in asked.value if operator == "in" else [asked.value]:
                found |= self._span(asked.kind, "eq" if operator == "in" else operator, value)
            negated = operator != asked.operator
        return everybody(places) ^ found if negated else found

    def _span(self, kind: Kind, operator: str, value: object) -> Mask:
        """A test of what has an order is true from some moment on, or up to one: the moment is searched for."""
        first, last = self._existing(), len(self.order.places)
        if operator in ("eq", "gt", "gte"):
            first = self._turn(test_of(kind, "gte" if operator == "eq" else operator, value), becomes=True)
        if operator in ("eq", "lt", "lte"):
            last = self._turn(test_of(kind, "lte" if operator == "eq" else operator, value), becomes=False)
        return self._between(first, last)

    def _turn(self, test: Test, *, becomes: bool) -> int:
        return bisect_left(
            self.order.places, x=True, lo=self._existing(), key=lambda place: test((self.micros[place],)) is becomes
        )

    def _existing(self) -> int:
        """From here on there is a time at all."""
        return bisect_left(self.order.places, NEVER + 1, key=self.micros.__getitem__)

    def after(self, moment: Micros) -> Mask:
        """Those of a later time."""
        places = self.order.places
        return self._between(bisect_left(places, moment + 1, key=self.micros.__getitem__), len(places))

    def _between(self, first: int, last: int) -> Mask:
        flags = bytearray(len(self.micros))
        for place in self.order.places[first:last]:
            flags[place] = 1
        return mask_of(flags)


Column = Coded | Texts | Times
