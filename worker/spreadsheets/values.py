"""What a cell says, as a value of the contract (H6): texts, numbers, days, yes or no, as people write them.

A day is ``2026-01-31``, or with dots or dashes the day first (``31.1.2026``, ``31-01-2026``). With slashes it is taken
when it can be read in one way only, or when it was said which comes first. In a number a dot or a comma stands before
the decimals; ``1,234`` is refused, since it may mean either.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from topics.clients import FieldValue
from topics.control import FieldType
from worker.domain.catalogue import OwnField
from worker.domain.field_values import InvalidValue, check
from worker.spreadsheets.cells import unguarded
from worker.spreadsheets.tables import Cell

SlashDates = Literal["dmy", "mdy"]
"""What comes first in ``3/4/2026``: the day or the month."""
YES: Final = frozenset({"true", "yes", "y", "x", "1", "ja", "j", "waar", "si", "sì", "vero", "kyllä", "k", "tosi"})
NO: Final = frozenset({"false", "no", "n", "0", "nee", "onwaar", "falso", "ei", "e", "epätosi"})
MAX_CHARACTERS: Final = 1 << 20
"""A text that is longer fits in no event (J4), and is not looked at."""
MAX_DIGITS: Final = 400
"""Of a number: the smallest that a computer knows has 324 decimals."""
THOUSANDS: Final = 3
"""Digits between two separators of thousands."""
MONTHS: Final = 12
_QUOTED: Final = re.compile(r'="([^"]*)"')
"""How programs write digits into a CSV file so that Excel keeps their leading zeros: ``="0612345678"``."""
_NUMBER: Final = re.compile(r"([+-]?)([0-9]+)(?:([.,])([0-9]+))?", re.ASCII)
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_DAY: Final = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)
_EMAIL: Final = OwnField(field_id="email", label="", type="email")
_PHONE: Final = OwnField(field_id="phone", label="", type="phone")


def text(cell: Cell) -> str:
    """What a person reads in the cell. A whole number has no decimals, a day no time."""
    if isinstance(cell, str):
        quoted = _QUOTED.fullmatch(cell)
        return (quoted[1] if quoted else unguarded(cell)).strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return (
            f"{cell:.0f}" if cell.is_integer() else f"{Decimal(repr(cell)):f}"
        )  # never 1e-07, which is no number here
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def email(cell: Cell) -> str:
    """Raises InvalidValue."""
    return str(check(_EMAIL, text(cell)) or "")


def phone(cell: Cell) -> str:
    """Raises InvalidValue."""
    return str(check(_PHONE, text(cell)) or "")


def own(field: OwnField, cell: Cell, slashes: SlashDates | None) -> FieldValue:
    """The value of an own field, checked as the worker will (G2). Raises InvalidValue."""
    return check(field, _READ[field.type](field, cell, slashes))


def _text(_field: OwnField, cell: Cell, _slashes: SlashDates | None) -> FieldValue:
    return text(cell)


def _number(_field: OwnField, cell: Cell, _slashes: SlashDates | None) -> FieldValue:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    said = text(cell).replace("\u00a0", "").replace("\u2212", "-")
    if not said:
        return None
    match = _NUMBER.fullmatch(said)
    if match is None or len(said) > MAX_DIGITS:
        raise InvalidValue("a number such as 42 or 3.5 is needed, without a unit and without thousands separators")
    sign, whole, mark, decimals = match.groups()
    if mark == "," and len(decimals) == THOUSANDS and whole.lstrip("0"):
        raise InvalidValue("this may be thousands or decimals: write it as 1234 or as 1.234")
    return int(sign + whole) if mark is None else float(f"{sign}{whole}.{decimals}")


def _bool(_field: OwnField, cell: Cell, _slashes: SlashDates | None) -> FieldValue:
    said = text(cell).casefold()
    if said in YES or said in NO:
        return said in YES
    if not said:
        return None
    raise InvalidValue("yes or no is needed (true, ja, sì, kyllä, x or 1; false, nee, no, ei or 0)")


def _date(_field: OwnField, cell: Cell, slashes: SlashDates | None) -> FieldValue:
    said = text(cell)
    if not said:
        return None
    try:
        if match := _ISO_DAY.fullmatch(said):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        if match := _DAY.fullmatch(said):
            return _day(int(match[1]), int(match[3]), int(match[4]), slashes if match[2] == "/" else "dmy").isoformat()
    except ValueError as exc:
        if isinstance(exc, InvalidValue):
            raise
        raise InvalidValue("there is no such day") from exc
    raise InvalidValue("a day such as 2026-01-31 or 31.1.2026 is needed")


def _day(one: int, two: int, year: int, order: SlashDates | None) -> date:
    if order is None and one <= MONTHS and two <= MONTHS and one != two:
        raise InvalidValue("this may be either of two days: say which comes first with --dates dmy or --dates mdy")
    month_first = order == "mdy" or (order is None and two > MONTHS)
    return date(year, one, two) if month_first else date(year, two, one)


def _choice(field: OwnField, cell: Cell, _slashes: SlashDates | None) -> FieldValue:
    said = text(cell)
    if said in field.choices:
        return said
    alike = [choice for choice in field.choices if choice.casefold() == said.casefold()]
    return alike[0] if len(alike) == 1 else said


_READ: Final[Mapping[FieldType, Callable[[OwnField, Cell, SlashDates | None], FieldValue]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "bool": _bool,
    "email": _text,
    "phone": _text,
    "url": _text,
    "choice": _choice,
}
