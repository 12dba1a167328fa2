"""CSV as it is found in the world: the encoding and the separator are seen in the file itself."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from worker.spreadsheets.tables import MAX_FILE_BYTES, MOST, Bounds, Cell, Recognises, Row, Table, Unreadable, table

SEPARATORS: Final = (",", ";", "\t", "|")
SAMPLE_ROWS: Final = 50
"""Rows by which a separator is judged."""
SAMPLE_CHARACTERS: Final = 1 << 16
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MARKS: Final = "sep="
"""A first line ``sep=;``, which Excel writes and reads."""
_HALF: Final = 0.4
REPLACEMENT: Final = "\ufffd"

csv.field_size_limit(MAX_FILE_BYTES)  # the limit is on the file; what no event can carry is refused row by row


def read(content: bytes, recognises: Recognises, bounds: Bounds = MOST) -> Table:
    """The table in a CSV file. Raises Unreadable."""
    text = decoded(content)
    if "\0" in text:
        raise Unreadable("is neither a CSV nor an XLSX file: it holds bytes that no text has")
    separator, begins = _marked(text)
    text = text[begins:]
    if not separator:
        separator = separated_by(text, recognises)
    return table(_rows(text, separator, 1 if begins else 0), bounds, separator=separator)


def decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16, else Windows-1252. Raises Unreadable."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding)
    if (wide := _utf_16(content)) is not None:
        return _decode(content, wide)
    try:
        return content.decode()
    except UnicodeDecodeError as exc:
        _refuse_damaged(content, exc.start)
        return _decode(content, "cp1252")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as exc:
        raise Unreadable(
            "is text in no encoding that is known here (UTF-8, UTF-16, Windows-1252): save it as CSV in UTF-8"
        ) from exc


def _refuse_damaged(content: bytes, at: int) -> None:
    """Raises Unreadable for UTF-8 with a few wrong bytes: as Windows-1252 every accented letter would be two others."""
    text = content.decode(errors="replace")
    wrong = text.count(REPLACEMENT)
    if sum(character > "\x7f" for character in text) > 2 * wrong:
        line = content.count(b"\n", 0, at) + 1
        raise Unreadable(f"is UTF-8 with bytes that are not, the first on line {line}: mend it, or save it again")


def _utf_16(content: bytes) -> str | None:
    """UTF-16 without a mark: of Latin text, every other byte is 0."""
    sample = content[:2000]
    if sample[1::2].count(0) > len(sample) * _HALF:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) * _HALF else None


def _marked(text: str) -> tuple[str, int]:
    """The separator that the first line names, and where the table begins."""
    first, end, _ = text.partition("\n")
    name = first.rstrip("\r")
    if end and name.lower().startswith(_MARKS) and len(name) == len(_MARKS) + 1:
        return name[-1], len(first) + 1
    return "", 0


def separated_by(text: str, recognises: Recognises) -> str:
    """The separator under which most columns are known and most rows are as long as the header."""
    return max(SEPARATORS, key=lambda separator: _fit(text[:SAMPLE_CHARACTERS], separator, recognises))


def _fit(sample: str, separator: str, recognises: Recognises) -> tuple[int, float, int]:
    rows = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if cells:
                rows.append(cells)
            if len(rows) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return (-1, 0, 0)
    if not rows:
        return (0, 0, 0)
    header, rest = rows[0], rows[1:]
    even = sum(len(cells) == len(header) for cells in rest) / len(rest) if rest else 1.0
    return (sum(map(recognises, header)), even if len(header) > 1 else 0.0, len(header))


def _rows(text: str, separator: str, before: int) -> Iterator[Row]:
    """Strict about quotes: where one is not closed, nobody can say where the row ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    number = before
    try:
        for cells in reader:
            number += 1
            yield Row(number, list[Cell](cells))
    except csv.Error as exc:
        raise Unreadable(
            f"row {number + 1}, about line {reader.line_num + before}: the quotes do not match ({exc}): within a "
            'quoted cell a quote is written twice ("")'
        ) from exc
