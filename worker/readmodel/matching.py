"""H1: the clients that a text means: part of a name by word beginnings, an e-mail address, a phone number, an id."""

import re
from typing import Final

from worker.readmodel.columns import Mask, mask_of
from worker.readmodel.names import number_in, plain, words
from worker.readmodel.table import Table
from worker.readmodel.texts import MARK, Texts

MAX_TEXT: Final = 200
"""Characters of what is searched for."""
MIN_DIGITS: Final = 3
"""Of what may be the end of a phone number."""
PART_DIGITS: Final = 4
"""Of what may be any part of a phone number, as while it is typed."""
SHORT_NUMBER: Final = 6
"""Digits of the shortest number that is known by itself, without a country code that was asked with it."""
NATIONAL_DIGITS: Final = 9
"""Digits of a phone number that are left when country code and leading zeros are taken off."""
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def may_be_an_id(text: str) -> bool:
    """Can a client have this id?"""
    return _ID.fullmatch(text.strip()) is not None


def matching(table: Table, text: str, primary: str | None = None) -> Mask:
    """All that the text may mean; ``primary``: the client that it means as the id of one that was merged away (E5)."""
    text = text.strip()
    beginnings = words(text)
    found = mask_of(table.words.find(beginnings)) if beginnings else 0
    if " " not in text and MARK not in text:
        found |= mask_of(table.addresses.find(MARK + plain(text)))
    if len(number := number_in(text)) >= MIN_DIGITS:
        found |= _by_number(table.numbers, number)
    place = table.find(primary or text)
    if place is not None:
        found |= 1 << (8 * place)
    return found


def _by_number(numbers: Texts, number: str) -> Mask:
    """Numbers that have these digits in a row, or end alike, with or without a country code in either."""
    having = mask_of(numbers.find(number)) if len(number) >= PART_DIGITS else 0
    return having | _ending(numbers, number)


def _ending(numbers: Texts, number: str) -> Mask:
    tail = number[-NATIONAL_DIGITS:]
    if len(tail) <= SHORT_NUMBER:
        return mask_of(numbers.find(tail + MARK))
    flags = numbers.find(tail[-SHORT_NUMBER:] + MARK)
    short = frozenset(tail[-n:] for n in range(SHORT_NUMBER, len(tail)))
    place = flags.find(1)
    while place >= 0:
        flags[place] = any(one.endswith(tail) or one in short for one in numbers.entry(place).split(MARK))
        place = flags.find(1, place + 1)
    return mask_of(flags)
