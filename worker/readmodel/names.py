"""How names and numbers are written so that they are found (H1): without case, accents, punctuation and notation."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

MAX_SORT: Final = 40
"""Characters of a name that decide its place."""
MAX_JOINED: Final = 16
"""Words that may be written as one: a text that is nothing but signs and letters stays small."""
_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""What Unicode takes for letters of their own, and people type without the stroke."""
_EXTENSION: Final = re.compile(r"[\s;,]*(?:ext(?:ension)?|x|#)[\s.:=]*[0-9]{1,6}\s*\Z", re.IGNORECASE)
"""Behind the number: `` ext. 12``, ``x12``, ``;ext=12``."""
_LINK: Final = re.compile(r"\Atel:", re.IGNORECASE)


def plain(text: str) -> str:
    """Without case, accents, and the width and ligatures that some keyboards make."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(c for c in apart if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")


def words(text: str) -> list[str]:
    """The words of a text, plain."""
    text = plain(text)
    if text.isascii() and text.replace(" ", "").isalnum():  # most are; a quarter of the time
        return text.split()
    return "".join(c if c.isalnum() else " " for c in text).split()


def beginnings(name: str) -> list[str]:
    """The words by whose beginnings a name is found, each once: also what is written with signs in it as one word, from
    each sign on, so that ``obrien`` finds O'Brien and Smith-O'Brien."""
    found = words(name)
    parts = plain(name).split()
    if parts != found:
        for part in parts:
            inner = words(part)[:MAX_JOINED]
            found += ["".join(inner[place:]) for place in range(len(inner))]
    return list(dict.fromkeys(found))


def sort_name(name: str | None, emails: Sequence[str], client_id: str) -> str:
    """What a client is sorted by: its name, else its first address, else its id."""
    return plain(name or (emails[0] if emails else "") or client_id)[:MAX_SORT]


def digits(number: str) -> str:
    """The digits of a phone number, without its extension and leading zeros; any notation gives the same end."""
    if "x" in number.lower() or "#" in number:
        number = _EXTENSION.sub("", number)
    return "".join(str(unicodedata.decimal(c)) for c in number if c.isdecimal()).lstrip("0")


def number_in(text: str) -> str:
    """The digits of what may be a phone number in any notation; nothing of any other text."""
    bare = _EXTENSION.sub("", _LINK.sub("", text))
    return "" if "@" in bare or any(c.isalpha() for c in bare) else digits(bare)
