"""A table from a file: what it is, is seen in its content, not in its name."""

from pathlib import Path

from worker.spreadsheets import csv_files, xlsx_files
from worker.spreadsheets.tables import MOST, Bounds, Recognises, Table, Unreadable, load

WORKBOOKS = frozenset({".xlsx", ".xlsm"})


def read(path: Path, recognises: Recognises, sheet: str | None = None) -> Table:
    """The table in a CSV or XLSX file. Raises Unreadable, whose message goes on after the file's name."""
    return table_in(load(path), path.suffix, recognises, sheet)


def table_in(
    content: bytes, suffix: str, recognises: Recognises, sheet: str | None = None, bounds: Bounds = MOST
) -> Table:
    """The table in the content of a file whose name ends so. Raises Unreadable."""
    if not content.strip():
        raise Unreadable("is empty")
    if content.startswith((xlsx_files.ZIP, xlsx_files.OLD)):
        return xlsx_files.read(content, sheet, bounds)
    if suffix.lower() in WORKBOOKS:
        raise Unreadable("is not an XLSX file, whatever its name says: save it again as XLSX or CSV")
    if sheet is not None:
        raise Unreadable("is a CSV file, which has no sheets: leave --sheet out")
    return csv_files.read(content, recognises, bounds)
