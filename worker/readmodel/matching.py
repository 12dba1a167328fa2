"""H1: the clients that a text means: part of a name by word beginnings, an e-mail address, a phone number, an id."""

import re
from typing import Any, Final

from worker.readmodel.index import MAX_ADDRESS, MAX_TERM, MAX_WORDS, NATIONAL_DIGITS
from worker.readmodel.keys import NUL
from worker.readmodel.names import number_in, plain, words
from worker.readmodel.reading import Reader

MAX_TEXT: Final = 200
"""Characters of what is searched for."""
MIN_DIGITS: Final = 3
"""Of what may be the end of a phone number."""
SHORT_NUMBER: Final = 6
"""Digits of the shortest number that is known by itself, without a country code that was asked with it."""
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_LAST: Final = b"\xff"
"""Greater than any byte of a text."""


async def matching(reader: Reader, text: str) -> set[str]:
    """The ids of all that the text may mean; of a merged-away client that of the primary (E5)."""
    text = text.strip()
    looks = _Looks(reader)
    by_word = [looks.beginning(f"n:{word[:MAX_TERM]}") for word in words(text)[:MAX_WORDS]]
    others = [] if " " in text else [looks.beginning(f"e:{plain(text)[:MAX_ADDRESS]}")]
    if len(number := number_in(text)) >= MIN_DIGITS:
        others += looks.number(number[::-1])
    named = bool(_ID.fullmatch(text))
    if named:
        looks.pipe.hexists(reader.key("cards"), text)
        looks.pipe.hget(reader.key("aliases"), text)
    found = await looks.pipe.execute()
    ids: set[str] = set()
    if by_word:
        ids = set.intersection(*(_ids(found[i]) for i in by_word))
    for i in others:
        ids |= _ids(found[i])
    if named:
        known, primary = found[-2:]
        if primary is not None:
            ids.add(primary.decode())
        elif known:
            ids.add(text)
    return ids


class _Looks:
    """Ranges of the words, gathered into one pipeline; each is known by its place in it."""

    def __init__(self, reader: Reader) -> None:
        self.pipe: Any = reader.redis.pipeline(transaction=False)
        self._key = reader.key("words")
        self._made = 0

    def beginning(self, term: str) -> int:
        """Terms that begin so."""
        return self._range(b"[" + term.encode(), b"(" + term.encode() + _LAST)

    def number(self, backwards: str) -> list[int]:
        """Numbers that end alike, with or without a country code in either."""
        short = range(SHORT_NUMBER, min(len(backwards), NATIONAL_DIGITS))
        exactly = [
            self._range(b"[" + term, b"(" + term + _LAST)
            for term in (f"p:{backwards[:n]}{NUL}".encode() for n in short)
        ]
        return [self.beginning(f"p:{backwards[:NATIONAL_DIGITS]}"), *exactly]

    def _range(self, first: bytes, last: bytes) -> int:
        self.pipe.zrange(self._key, first, last, bylex=True)
        self._made += 1
        return self._made - 1


def _ids(members: list[bytes]) -> set[str]:
    return {member.rpartition(b"\0")[2].decode() for member in members}
