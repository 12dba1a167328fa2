"""A file of rows with a header, whatever its format: it is read whole and checked before anything is done with it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import msgspec

MAX_FILE_BYTES: Final = 256 << 20
MAX_COLUMNS: Final = 1_000
SHOWN: Final = 40
"""Characters of a name that a message shows."""

Cell = str | int | float | bool | date | datetime | time | timedelta
"""What a cell holds. CSV has text only; an empty cell is an empty text."""
Recognises = Callable[[str], bool]
"""Does a column of this name mean anything? It helps to find the separator of a CSV file."""


class Unreadable(ValueError):
    """The file cannot be used at all; the message says why, where, and what would help."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """``number`` is what a spreadsheet program shows at its left: the first row of the file is 1."""

    number: int
    cells: list[Cell]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The columns' names as they are written, and the rows below them that are not empty."""

    columns: list[str]
    rows: Sequence[Row]
    separator: str = ","
    note: str = ""
    """What a person should know of how it was read."""


def load(path: Path) -> bytes:
    """The content of a file. Raises Unreadable when it cannot be read, is empty or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise Unreadable(f"cannot be read: {exc.strerror or exc}") from exc
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable(f"has more than {MAX_FILE_BYTES >> 20} MiB: divide it into several files")
    if not content.strip():
        raise Unreadable("is empty")
    return content


def table(rows: Iterable[Row], *, separator: str = ",", note: str = "") -> Table:
    """The first row that is not empty is the header. Raises Unreadable."""
    filled = [row for row in rows if any(cell not in ("", None) for cell in row.cells)]
    if not filled:
        raise Unreadable("is empty: it has neither a header nor rows")
    header, *rest = filled
    names = [str(cell).strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Unreadable(f"has {len(names)} columns; at most {MAX_COLUMNS} are possible")
    return Table(columns=names, rows=rest, separator=separator, note=note)


def shown(name: str) -> str:
    """A name in a message, quoted and not too long."""
    return repr(name if len(name) <= SHOWN else name[: SHOWN - 1] + "…")
