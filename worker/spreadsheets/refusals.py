"""The file of refused rows (H6): a CSV with the columns of the input and why, to be mended and imported again."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from worker.errors import CommandFailed
from worker.spreadsheets.cells import guarded
from worker.spreadsheets.column_names import REASON
from worker.spreadsheets.columns import plain
from worker.spreadsheets.tables import Cell, Row, Table
from worker.spreadsheets.values import text


class Refusals:
    """Made when the first row is refused; ``path`` None counts only. UTF-8 with a mark, the input's separator."""

    def __init__(self, path: Path | None, table: Table) -> None:
        names = table.columns
        self._names = names[:-1] if names and plain(names[-1]) == REASON else names
        self._path = path
        self._separator = table.separator
        self._file: Any = None
        self._writer: Any = None
        self._width = len(names)
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, reason: str) -> None:
        """Write a refused row; cells beyond the header come after the reason. Raises CommandFailed."""
        self.count += 1
        if self._path is None:
            return
        try:
            self._add(self._path, row, reason)
        except OSError as exc:
            raise CommandFailed(f"cannot write {self._path}: {exc.strerror or exc}") from exc

    def _add(self, path: Path, row: Row, reason: str) -> None:
        if self._file is None:
            self._file = path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file, delimiter=self._separator)
            self._write([*self._names, REASON])
        cells, beyond = row.cells[: len(self._names)], row.cells[self._width :]
        padded: list[Cell] = [*cells, *("" for _ in range(len(self._names) - len(cells)))]
        self._write([*padded, reason, *(cell for cell in beyond if cell not in ("", None))])

    def _write(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([guarded(text(cell)) for cell in cells])
