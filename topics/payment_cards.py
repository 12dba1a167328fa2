"""Payment card numbers: what looks like one is refused, and never kept in full (contract, ``client.card_saved``)."""

import json
import re
from typing import Final

import orjson

MIN_DIGITS: Final = 13
MAX_DIGITS: Final = 19
KEPT_DIGITS: Final = 4
MAX_REPLACED: Final = 20
"""Different numbers that are replaced where they stand; a record with more of them is written anew (J4)."""
_NUMBER: Final = r"(?<!\d)\d(?:[\s.\-‐-―−_/]{0,2}\d){%d,%d}(?!\d)" % (MIN_DIGITS - 1, MAX_DIGITS - 1)  # noqa: UP031, RUF001 - braces; any dash
_IN_TEXT: Final = re.compile(_NUMBER)
"""Digits of any script, with spaces and dashes of any kind between them."""
_NOT_LOOKED_AT: Final = frozenset({"client_id"})


def find(data: object, where: str = "") -> tuple[str, str] | None:
    """The first thing in the data that looks like a full card number: where (``.last4``), and its text."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in _NOT_LOOKED_AT:
                continue
            if match := _IN_TEXT.search(name):
                return where, match[0]
            if found := find(value, f"{where}.{name}"):
                return found
        return None
    if isinstance(data, list):
        return next((found for i, value in enumerate(data) if (found := find(value, f"{where}[{i}]"))), None)
    match = _IN_TEXT.search(_text(data))
    return (where, match[0]) if match else None


def mask(value: bytes, data: object) -> bytes:
    """The record value with all digits but the last four of every card number in its ``data`` replaced by ``*``."""
    masked, numbers = value, dict.fromkeys(_numbers(data))
    if len(numbers) > MAX_REPLACED:
        return _written_anew(value)
    for number in numbers:
        stars = _stars(number)
        masked = masked.replace(number.encode(), stars.encode())
        masked = masked.replace(json.dumps(number)[1:-1].encode(), json.dumps(stars)[1:-1].encode())
    if find(_data_of(masked)) is None:
        return masked
    return _written_anew(value)  # digits written as escapes: nothing but a new text is safe


def _written_anew(value: bytes) -> bytes:
    parsed = orjson.loads(value)
    if isinstance(parsed, dict) and "data" in parsed:
        return orjson.dumps({**parsed, "data": _masked(parsed["data"])})
    return orjson.dumps(_masked(parsed))


def _numbers(data: object) -> list[str]:
    if isinstance(data, dict):
        return [n for name, value in data.items() for n in (*_numbers(name), *_numbers(value))]
    if isinstance(data, list):
        return [n for value in data for n in _numbers(value)]
    return [m[0] for m in _IN_TEXT.finditer(_text(data))]


def _text(data: object) -> str:
    if isinstance(data, str):
        return data
    return f"{data:.0f}" if isinstance(data, int | float) and not isinstance(data, bool) else ""


def _data_of(value: bytes) -> object:
    try:
        parsed: object = orjson.loads(value)
    except orjson.JSONDecodeError:  # a bare number that is masked now
        return None
    return parsed.get("data", parsed) if isinstance(parsed, dict) else parsed


def _masked(data: object) -> object:
    if isinstance(data, dict):
        return {_masked(name): _masked(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_masked(value) for value in data]
    text = _text(data)
    return _IN_TEXT.sub(lambda m: _stars(m[0]), text) if _IN_TEXT.search(text) else data


def _stars(text: str) -> str:
    left = sum(c.isdigit() for c in text) - KEPT_DIGITS
    out = []
    for character in text:
        if character.isdigit() and left > 0:
            out.append("*")
            left -= 1
        else:
            out.append(character)
    return "".join(out)
