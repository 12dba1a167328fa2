"""What is wrong with a message, in words for the person who sent it. msgspec says where, never what was written."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, get_args

from msgspec import inspect

from topics.clients import LastFour
from topics.fields import Amount, BusinessId, ClientId, Color, Currency, Language

_PLACE: Final = re.compile(r" - at (`key` in )?`\$\.?(.*)`\Z")
_ANY: Final = "[...]"
_TYPE: Final = re.compile(r"Expected `([^`]+)`(?:, got `([^`]+)`)?")
_LENGTH: Final = re.compile(r"Expected `(str|bytes|array|object)` of length (>=|<=) (\d+)")
_RANGE: Final = re.compile(r"Expected `\w+` (>=|<=) (-?\d+)")
_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`")
_FORM: Final = re.compile(r"Expected `str` matching regex '(.+)'")
_ANCHORS: Final = re.compile(r"\A(?:\^|\\A)|(?:\$|\\Z)\Z")
_NONE_OF: Final = "Invalid enum value"
_MOMENT: Final = "a moment with its offset from UTC (RFC 3339), such as 2026-01-31T10:00:00Z"
_TYPES: Final[Mapping[str, str]] = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "datetime": _MOMENT,
    "date": "a day, such as 2026-01-31",
}
_PARTS: Final[Mapping[str, str]] = {"str": "characters", "bytes": "bytes", "array": "items", "object": "names"}
_BOUNDS: Final[Mapping[str, str]] = {">=": "at least", "<=": "at most"}


def _pattern(annotated: object) -> str:
    return _bare(get_args(annotated)[1].pattern)


def _bare(pattern: str) -> str:
    return _ANCHORS.sub("", pattern)


_FORMS: Final[Mapping[str, str]] = {
    _pattern(ClientId): "an id of 1 to 64 characters: letters and digits of ASCII, and . _ : -",
    _pattern(BusinessId): "an id of 1 to 64 characters: letters and digits of ASCII, and . _ -",
    _pattern(Amount): 'a decimal number as text, not negative, with at most 4 decimals, such as "120.00"',
    _pattern(Currency): 'a currency of three capital letters, such as "EUR"',
    _pattern(Color): 'a colour, such as "#1A7F37"',
    _pattern(Language): 'a language (BCP 47), such as "nl" or "pt-BR"',
    _pattern(LastFour): "the last four digits, as text",
}


def in_words(exc: Exception, type_: type) -> str:
    """``exc`` of reading something as ``type_``: ``client_ids[0]` must be a text, not null``."""
    text = str(exc)
    found = _PLACE.search(text)
    what, path = (text[: found.start()], found[2]) if found else (text, "")
    place = f"`{path.removesuffix(_ANY)}`" if path else "it"
    if path.endswith(_ANY):
        place = f"a value in {place}"
    if found and found[1]:
        place = f"a name in {place}"
    if missing := _MISSING.match(what):
        return f"`{missing[1]}` is missing" + (f" in `{path}`" if path else "")
    allowed = _allowed(type_, path) if what.startswith(_NONE_OF) else ()
    return f"{place} {must(what, allowed)}"


def must(what: str, allowed: Sequence[str] = ()) -> str:
    """What would do, of what msgspec says of one value; ``allowed``: where it has to be one of these."""
    if missing := _MISSING.match(what):
        return f"must have `{missing[1]}`"
    if matched := _FORM.match(what):
        pattern = _bare(matched[1].replace("\\\\", "\\"))
        return f"must be {_FORMS[pattern]}" if pattern in _FORMS else f"must have the form {pattern}"
    if "base64" in what:
        return "must be base64"
    if what.startswith(_NONE_OF):
        return f"must be one of {', '.join(allowed)}"
    if "datetime" in what and not what.endswith("`"):
        return f"must be {_MOMENT}"
    if "encoded date" in what:
        return f"must be {_TYPES['date']}"
    if length := _LENGTH.match(what):
        if length[2] == ">=" and length[3] == "1":
            return "must not be empty"
        return f"must have {_BOUNDS[length[2]]} {length[3]} {_PARTS[length[1]]}"
    if bound := _RANGE.match(what):
        return f"must be {_BOUNDS[bound[1]]} {bound[2]}"
    if types := _TYPE.match(what):
        wanted = " or ".join(_TYPES.get(name, name) for name in types[1].split(" | "))
        return f"must be {wanted}" + (f", not {_TYPES.get(types[2], types[2])}" if types[2] else "")
    return f"is wrong: {what}"


def _allowed(type_: type, path: str) -> tuple[str, ...]:
    """The values that a field may have, by its path."""
    node: inspect.Type = inspect.type_info(type_)
    for name in re.findall(r"[^.\[\]]+", path):
        if isinstance(node, inspect.StructType):
            node = next(field.type for field in node.fields if field.encode_name == name)
        elif isinstance(node, inspect.ListType):
            node = node.item_type
        if isinstance(node, inspect.UnionType):
            node = next(t for t in node.types if not isinstance(t, inspect.NoneType | inspect.CustomType))
    return tuple(map(str, node.values)) if isinstance(node, inspect.LiteralType) else ()
