"""Own fields (G2): the types a business can give them, and the check of a value against a type.

A value is kept as it is checked here. Blank (null, or a text of white space) is no value, of every type: forms and
spreadsheets send it for what was left out. Texts are trimmed; a number is a JSON number and a yes or no is true or
false, never a text that looks like one. A required field binds the online forms, not this check.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from topics.clients import MAX_FIELDS, FieldValue
from topics.control import FieldDefine, FieldType
from worker.domain.catalogue import OwnField
from worker.domain.labels import MAX_LABEL, InvalidLabel, relabelled
from worker.domain.session import Refused

MAX_TEXT: Final = 4_000
"""Characters of a text."""
MAX_NUMBER: Final = 2**53
"""Numbers up to this are the same in every program that reads JSON."""
MAX_EMAIL: Final = 254
MAX_PHONE: Final = 64
MAX_URL: Final = 2_048
PHONE_DIGITS: Final = range(3, 18)
"""From a short number to the longest there is with 00 before it."""
MAX_CHOICES: Final = 200
MAX_CHOICE: Final = 200
"""Characters of one choice."""
MAX_FORMS: Final = 50


class InvalidField(ValueError):
    """A definition that makes no sense; code ``invalid_data``. The message begins with the place: ``data.choices``."""


class InvalidValue(ValueError):
    """The value is not of the field's type; code ``invalid_field_value``. The message never shows the value."""


def define(data: FieldDefine, known: Mapping[str, OwnField]) -> OwnField:
    """The field that a message defines; what it does not name stays (C1). ``known`` are the fields the business has.

    Raises InvalidField.
    """
    before = known.get(data.field_id)
    if before is None and len(known) >= MAX_FIELDS:
        raise InvalidField(f"data.field_id: a business has at most {MAX_FIELDS} fields of its own; remove one first")
    before = before or OwnField(field_id=data.field_id, type=data.type)
    try:
        label, labels = relabelled(before.label, before.labels, data.label)
    except InvalidLabel as exc:
        raise InvalidField(str(exc)) from exc
    return OwnField(
        field_id=data.field_id,
        label=label,
        labels=labels,
        type=data.type,
        choices=_choices(data, before),
        required=before.required if data.required is UNSET else data.required,
        forms=before.forms if data.forms is UNSET else _texts("data.forms", data.forms, MAX_FORMS, MAX_LABEL),
    )


def _choices(data: FieldDefine, before: OwnField) -> tuple[str, ...]:
    if data.type != "choice":
        if data.choices:
            raise InvalidField(f"data.choices: a field of the type {data.type} has none; leave them out")
        return ()
    choices = before.choices if data.choices is UNSET else _texts("data.choices", data.choices, MAX_CHOICES, MAX_CHOICE)
    if not choices:
        raise InvalidField("data.choices: a field of the type choice needs at least one")
    return choices


def _texts(where: str, texts: list[str], most: int, longest: int) -> tuple[str, ...]:
    """Trimmed, each once, in the order given. Raises InvalidField."""
    found = tuple(dict.fromkeys(text.strip() for text in texts))
    if len(found) > most:
        raise InvalidField(f"{where}: at most {most} are possible, these are {len(found)}")
    if "" in found:
        raise InvalidField(f"{where}: none of them must be blank")
    if any(len(text) > longest for text in found):
        raise InvalidField(f"{where}: each must have at most {longest} characters")
    return found


def check_all(
    fields: Mapping[str, OwnField], values: Mapping[str, FieldValue], business_id: str
) -> dict[str, FieldValue]:
    """The values of a creation, an update or an import as they are kept; None clears.

    Raises Refused with ``unknown_field``, else with ``invalid_field_value`` (the order of the contract).
    """
    for field_id in values:
        if field_id not in fields:
            raise Refused(
                "unknown_field", f"data.fields.{_shown(field_id)}: business {business_id} has no such field; define it"
            )
    checked: dict[str, FieldValue] = {}
    for field_id, value in values.items():
        try:
            checked[field_id] = check(fields[field_id], value)
        except InvalidValue as exc:
            raise Refused("invalid_field_value", f"data.fields.{field_id}: {exc}") from exc
    return checked


def check(field: OwnField, value: FieldValue) -> FieldValue:
    """The value as it is kept; None for a blank one. Raises InvalidValue."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return None
    return _CHECKS[field.type](field, value)


def _text(_field: OwnField, value: FieldValue) -> FieldValue:
    if not isinstance(value, str):
        raise InvalidValue(f"a text is needed, this is {_kind(value)}")
    if len(value) > MAX_TEXT:
        raise InvalidValue(f"a text has at most {MAX_TEXT} characters, this one has {len(value)}")
    return value


def _number(_field: OwnField, value: FieldValue) -> FieldValue:
    if isinstance(value, bool | str) or value is None:
        raise InvalidValue(f"a number such as 42 or 3.5 is needed, this is {_kind(value)}")
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise InvalidValue(f"a number is at most {MAX_NUMBER}; a longer one can be kept in a field of the type text")
    return value


def _bool(_field: OwnField, value: FieldValue) -> FieldValue:
    if not isinstance(value, bool):
        raise InvalidValue(f"true or false is needed, this is {_kind(value)}")
    return value


def _date(_field: OwnField, value: FieldValue) -> FieldValue:
    try:
        msgspec.convert(value, date)
    except msgspec.ValidationError as exc:
        raise InvalidValue('a day such as "2026-01-31" is needed') from exc
    return value


_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL: Final = re.compile(rf"[^\s@,;<>()\[\]\"\\]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


def _email(_field: OwnField, value: FieldValue) -> FieldValue:
    if not isinstance(value, str) or len(value) > MAX_EMAIL or not _EMAIL.fullmatch(value):
        raise InvalidValue('an e-mail address such as "anna@example.com" is needed')
    if ".." in value or value.startswith(".") or ".@" in value:
        raise InvalidValue("an e-mail address has no dot at the beginning or end of its name, nor two in a row")
    return value


_PHONE: Final = re.compile(r"\+?[0-9 ()./\-\u00a0\u2011\u2013]+(?: ?(?:ext\.?|x|#) ?[0-9]{1,6})?", re.IGNORECASE)


def _phone(_field: OwnField, value: FieldValue) -> FieldValue:
    needed = 'a phone number such as "+39 06 1234567" is needed'
    if not isinstance(value, str) or len(value) > MAX_PHONE or not _PHONE.fullmatch(value):
        raise InvalidValue(needed)
    number = re.split(r"(?i)ext|x|#", value)[0]
    if sum(c.isdecimal() for c in number) not in PHONE_DIGITS:
        raise InvalidValue(f"{needed}, with {PHONE_DIGITS.start} to {PHONE_DIGITS.stop - 1} digits")
    return value


def _url(_field: OwnField, value: FieldValue) -> FieldValue:
    needed = 'a web address such as "https://www.example.com" is needed'
    if not isinstance(value, str) or len(value) > MAX_URL or any(c.isspace() or not c.isprintable() for c in value):
        raise InvalidValue(needed)
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as exc:  # brackets or a port that make no sense
        raise InvalidValue(needed) from exc
    if not usable:
        raise InvalidValue(needed)
    return value


def _choice(field: OwnField, value: FieldValue) -> FieldValue:
    if value not in field.choices or not isinstance(value, str):
        raise InvalidValue(f"one of the {len(field.choices)} choices of this field is needed, written as they are")
    return value


def _kind(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a text" if isinstance(value, str) else "a number"


def _shown(field_id: str) -> str:
    return field_id if len(field_id) <= 64 else field_id[:63] + "…"


_CHECKS: Final[Mapping[FieldType, Callable[[OwnField, FieldValue], FieldValue]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "bool": _bool,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "choice": _choice,
}
"""G2: by type, what a value must be."""
