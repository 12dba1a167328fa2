"""What commands print: results on standard output, everything else on standard error."""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import Final

ESCAPED: Final = "client-status-escaped"
"""How a terminal gets the characters that its encoding does not have: as JSON writes them, so that JSON stays JSON."""


def prepare() -> None:
    """Whatever a program is started with, it can print: a stream that was closed leads nowhere, a character that a
    terminal does not have is written as ``\\u2192``."""
    codecs.register_error(ESCAPED, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - it stays
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wide = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{wide[i]:02x}{wide[i + 1]:02x}" for i in range(0, len(wide), 2)), error.end


def say(text: str) -> None:
    """A line of the result. Flushed, because others may be reading along."""
    print(text, flush=True)  # noqa: T201 - this is the command line


def note(text: str) -> None:
    """A line for the person at the terminal, that is no part of the result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the command line


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns are below each other; the last column is as long as it is."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def printable(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey; what is such a sign is written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def counted(number: int, noun: str) -> str:
    """``1 client``, ``2 clients``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
