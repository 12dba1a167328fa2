"""XLSX: one sheet of a workbook, looked at before it is opened, so that a hostile file cannot take all memory."""

import io
import re
import zipfile
from typing import Any, Final

from worker.spreadsheets.tables import MAX_COLUMNS, Row, Table, Unreadable, shown, table

ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""How an .xls file, or one with a password, begins."""
MAX_UNPACKED_BYTES: Final = 1 << 30
MAX_CELLS: Final = 20_000_000
"""Rows times columns: a sheet takes memory for its empty cells, too."""
_DAMAGED: Final = "is not an XLSX file, or a damaged one: save it again as XLSX or CSV"
_ELEMENT: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_PLACE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,4})([0-9]{1,9})["']""")


def read(content: bytes, sheet: str | None = None) -> Table:
    """The table on a sheet: the one named, else the first that can be seen. Raises Unreadable."""
    _check(content)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name, note = _sheet(workbook, sheet)
        rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as exc:
        raise Unreadable(_DAMAGED) from exc
    return table((Row(number, cells) for number, cells in enumerate(rows, 1)), note=note)


def _sheet(workbook: Any, wanted: str | None) -> tuple[str, str]:
    names: list[str] = workbook.sheet_names
    if wanted is not None:
        if wanted not in names:
            raise Unreadable(f"has no sheet {shown(wanted)}; it has: {', '.join(map(shown, names))}")
        return wanted, ""
    seen = [sheet.name for sheet in workbook.sheets_metadata if str(sheet.visible).endswith("Visible")] or names
    if not seen:
        raise Unreadable("has no sheets")
    others = ", ".join(map(shown, seen[1:]))
    return seen[0], f"the sheet {shown(seen[0])} is read; others: {others} (--sheet)" if others else ""


def _check(content: bytes) -> None:
    """Raises Unreadable for what is no workbook, or would take too much memory."""
    if content.startswith(OLD):
        raise Unreadable("is an old .xls file, or has a password: save it as XLSX without one, or as CSV")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise Unreadable(f"has more than {MAX_UNPACKED_BYTES >> 20} MiB when it is unpacked: divide it")
            if "[Content_Types].xml" not in archive.namelist():
                raise Unreadable("is an archive, but not an XLSX file: save it as XLSX or CSV")
            for member in members:
                _check_size(archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as exc:
        if isinstance(exc, Unreadable):
            raise
        raise Unreadable(_DAMAGED) from exc


def _check_size(part: bytes) -> None:
    """A sheet's size is that of its last row and column, however few cells there are."""
    rows = columns = column = 0
    for element in _ELEMENT.finditer(part):
        attributes = element[2]
        place = _PLACE.search(attributes)
        if element[1] == b"row":
            column = 0
            rows = max(rows + 1, int(place[2]) if place else 0)
        elif attributes.endswith(b"/"):
            column += 1
        else:
            column = _number(place[1]) if place and place[1] else column + 1
            rows = max(rows, int(place[2]) if place else 0)
            columns = max(columns, column)
    if columns > MAX_COLUMNS:
        raise Unreadable(f"has {columns} columns; at most {MAX_COLUMNS} are possible")
    if rows * columns > MAX_CELLS:
        raise Unreadable(f"has {rows:,} rows of {columns} columns, more than {MAX_CELLS:,} cells: divide it")


def _number(letters: bytes) -> int:
    """``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
