"""A file of rows with a header, whatever its format: it is read whole and checked before anything is done with it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import msgspec

MAX_FILE_BYTES: Final = 256 << 20
MAX_COLUMNS: Final = 1_000
MAX_COLUMN_NAME: Final = 1_000
"""Characters of the name of a column."""
SHOWN: Final = 40
"""Characters of a name that a message shows."""

Cell = str | int | float | bool | date | datetime | time | timedelta
"""What a cell holds. CSV has text only; an empty cell is an empty text."""
Recognises = Callable[[str], bool]
"""Does a column of this name mean anything? It helps to find the separator of a CSV file."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be in a file, which may be much more than its size (J4).

    ``rows``: below the header. ``cells``: rows times columns of a sheet, which takes memory for its empty cells, too.
    ``unpacked``: bytes of a workbook without its compression, and of the texts in the cells of a sheet, each of which
    may be the same one.
    """

    rows: int = 20_000_000
    cells: int = 20_000_000
    unpacked: int = 1 << 30


MOST: Final = Bounds()
"""For whoever has a machine for it alone."""


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


def table(rows: Iterable[Row], bounds: Bounds, *, separator: str = ",", note: str = "") -> Table:
    """The first row that is not empty is the header. Raises Unreadable."""
    filled: list[Row] = []
    for row in rows:
        if any(cell not in ("", None) for cell in row.cells):
            if len(filled) > bounds.rows:
                raise Unreadable(f"has more than {bounds.rows:,} rows: divide it into several files")
            filled.append(row)
    if not filled:
        raise Unreadable("is empty: it has neither a header nor rows")
    header, *rest = filled
    names = [str(cell).strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Unreadable(f"has {len(names)} columns; at most {MAX_COLUMNS} are possible")
    if any(len(name) > MAX_COLUMN_NAME for name in names):
        raise Unreadable(f"has a column whose name has more than {MAX_COLUMN_NAME} characters")
    return Table(columns=names, rows=rest, separator=separator, note=note)


def shown(name: str) -> str:
    """A name in a message, quoted and not too long."""
    return repr(name if len(name) <= SHOWN else name[: SHOWN - 1] + "…")
