"""XLSX: one sheet of a workbook, looked at before it is opened, so that a hostile file cannot take all memory."""

import io
import re
import zipfile
from array import array
from collections.abc import Sequence
from typing import Any, Final

from worker.spreadsheets.tables import MAX_COLUMNS, MOST, Bounds, Row, Table, Unreadable, shown, table

ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""How an .xls file, or one with a password, begins."""
_DAMAGED: Final = "is not an XLSX file, or a damaged one: save it again as XLSX or CSV"
_ELEMENT: Final = re.compile(rb"""<(?:[^\s<>/:]+:)?(row|c)((?:\s(?:[^>"']|"[^"]*"|'[^']*')*+|/)?)>""")
_PLACE: Final = re.compile(rb"""(?<![^\s"'])r\s*=\s*["']([^"']*)["']""")
_POSITION: Final = re.compile(rb"([A-Za-z]{0,3})([0-9]{1,7})")
"""At most ``ZZZ9999999``: what is longer may wrap around to anything."""
_PANIC: Final = "PanicException"
"""What the library raises where it has not thought of something; it cannot be imported, and is no Exception."""
_SHARED: Final = re.compile(rb"""\bt\s*=\s*["']s["']""")
_NUMBER: Final = re.compile(rb"\s*<(?:\w+:)?v(?:\s[^>]*)?>\s*([0-9]{1,9})\s*</(?:\w+:)?v\s*>\s*</(?:\w+:)?c\s*>")
"""Of a shared text, and nothing else, up to the end of its cell."""
_TEXT: Final = re.compile(rb"<(?:\w+:)?si(?=[\s/>])")


def read(content: bytes, sheet: str | None = None, bounds: Bounds = MOST) -> Table:
    """The table on a sheet: the one named, else the first that can be seen. Raises Unreadable."""
    _check(content, bounds)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name, note = _sheet(workbook, sheet)
        rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as exc:
        raise Unreadable(_DAMAGED) from exc
    except BaseException as exc:
        if type(exc).__name__ == _PANIC:  # such as a date that no calendar has
            raise Unreadable(_DAMAGED) from exc
        raise
    return table((Row(number, cells) for number, cells in enumerate(rows, 1)), bounds, note=note)


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


def _check(content: bytes, bounds: Bounds) -> None:
    """Raises Unreadable for what is no workbook, or would take too much memory."""
    if content.startswith(OLD):
        raise Unreadable("is an old .xls file, or has a password: save it as XLSX without one, or as CSV")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > bounds.unpacked:
                raise _too_much(bounds)
            if "[Content_Types].xml" not in archive.namelist():
                raise Unreadable("is an archive, but not an XLSX file: save it as XLSX or CSV")
            lengths = array("L")
            for member in members:
                _add_lengths(_unpacked(archive, member, bounds), lengths, bounds)
            for member in members:
                _check_size(_unpacked(archive, member, bounds), lengths, bounds)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as exc:
        if isinstance(exc, Unreadable):
            raise
        raise Unreadable(_DAMAGED) from exc


def _too_much(bounds: Bounds) -> Unreadable:
    return Unreadable(f"has more than {bounds.unpacked >> 20} MiB when it is unpacked: divide it")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    """The content of a member, of which the archive may not tell the truth how large it is."""
    told = member.file_size
    member.file_size = bounds.unpacked + 1  # to where it is read, if it is as long
    try:
        with archive.open(member) as file:
            content = file.read(bounds.unpacked + 1)
    finally:
        member.file_size = told
    if len(content) != told:
        raise zipfile.BadZipFile(member.filename)
    return content


def _add_lengths(part: bytes, lengths: "array[int]", bounds: Bounds) -> None:
    """How long each text is that cells may share; which part of a workbook holds them, it says itself."""
    starts = array("L", (found.start() for found in _TEXT.finditer(part)))
    if len(starts) > bounds.cells:
        raise Unreadable(f"has more than {bounds.cells:,} texts: divide it")
    starts.append(len(part))
    for number in range(len(starts) - 1):
        length = starts[number + 1] - starts[number]
        if number == len(lengths):
            lengths.append(length)
        lengths[number] = max(lengths[number], length)


def _check_size(part: bytes, lengths: Sequence[int], bounds: Bounds) -> None:
    """A sheet's size is that of its last row and column, however few cells there are; and it is as long as its texts,
    however often it has the same one."""
    rows = columns = column = shared = 0
    longest = max(lengths, default=0)
    for element in _ELEMENT.finditer(part):
        attributes = element[2]
        letters, row = _place(attributes)
        if element[1] == b"row":
            column = 0
            rows = max(rows + 1, row)
        elif attributes.endswith(b"/"):
            column += 1
        else:
            column = _number(letters) if letters else column + 1
            rows = max(rows, row)
            columns = max(columns, column)
            if _SHARED.search(attributes):
                number = _NUMBER.match(part, element.end())
                known = number is not None and int(number[1]) < len(lengths)
                shared += lengths[int(number[1])] if number is not None and known else longest
    if columns > MAX_COLUMNS:
        raise Unreadable(f"has {columns} columns; at most {MAX_COLUMNS} are possible")
    if rows * columns > bounds.cells:
        raise Unreadable(f"has {rows:,} rows of {columns} columns, more than {bounds.cells:,} cells: divide it")
    if shared > bounds.unpacked:
        raise _too_much(bounds)


def _place(attributes: bytes) -> tuple[bytes, int]:
    """The letters of a column and the number of a row: the furthest of what may be meant. Raises Unreadable."""
    letters, row = b"", 0
    for said in _PLACE.findall(attributes):
        position = _POSITION.fullmatch(said)
        if position is None:
            raise Unreadable(_DAMAGED)
        letters = max(letters, position[1].upper(), key=lambda one: (len(one), one))
        row = max(row, int(position[2]))
    return letters, row


def _number(letters: bytes) -> int:
    """``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
