"""Cells that a spreadsheet program would run as a formula (H6): guarded on the way out, as they were on the way in.

A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break gets an apostrophe before it. Two kinds of
text are left as they are, because no program can run them: a number such as ``-12.50``, and a telephone number of
digits and single spaces such as ``+31 6 1234 5678``. Reading takes one apostrophe away where writing would put one.
"""

import re
from typing import Final

_STARTS: Final = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""Also the full-width forms, which some programs take for the same."""
_DANGEROUS: Final = re.compile(f"'*[{_STARTS}]")
_FIRST: Final = frozenset(f"'{_STARTS}")
_HARMLESS: Final = re.compile(r"\+[0-9]+(?: [0-9]+)*|-[0-9]+(?:\.[0-9]+)?", re.ASCII)


def guarded(text: str) -> str:
    """The text as it can stand in a file that people open in a spreadsheet program."""
    if text[:1] in _FIRST and _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The text that was guarded: ``unguarded(guarded(text)) == text``."""
    if text.startswith("'") and _DANGEROUS.match(text):
        return text[1:]
    return text
