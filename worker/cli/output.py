"""What commands print: results on standard output, everything else on standard error."""

import sys


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


def counted(number: int, noun: str) -> str:
    """``1 client``, ``2 clients``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
