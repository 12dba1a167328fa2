"""Texts of which nearly every one is different: they are looked for as they are compared, with marks around them."""

from collections.abc import Callable, Sequence
from itertools import compress, repeat
from operator import contains
from typing import Any, Final

from worker.domain.filter_kinds import NEGATED, Kind, Values, Words
from worker.readmodel.columns import Answers, Asked, Flags, Key, Mask, everybody, flags_of, mask_of

SEGMENT: Final = 256
"""Clients whose texts lie in one piece."""
FEW: Final = SEGMENT // 8
"""Finds in a segment up to which each is walked to; with more, the segment is taken apart."""
MAX_NEEDLES: Final = 4
"""Texts that are looked for one after the other; of more, each client's are looked up among them."""
MARK, END = "\0", "\n"
"""Around each text of a client; between clients."""


class Texts:
    """Texts of which nearly every one is different: in long pieces, each with a mark before and behind it."""

    def __init__(self, stored: Callable[[str], str]) -> None:
        """``stored``: how a text is written to be compared."""
        self._stored = stored
        self._segments: list[str] = []
        self._places = 0
        self._odd: dict[int, Values] = {}
        self._answers = Answers()

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
            return self._among([f"{MARK}{key}{MARK}" for one in value if MARK not in (key := kind.key(one))])
        key = kind.key(value)
        if MARK in key:
            return bytearray(self._places)  # only those who stand apart can have it
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
        if not others or not any(flags):
            return flags
        texts = self._texts
        places = list(compress(range(len(texts)), flags))
        for other in others:
            places = [place for place in places if other in texts[place]]
        flags = bytearray(len(texts))
        for place in places:
            flags[place] = 1
        return flags
