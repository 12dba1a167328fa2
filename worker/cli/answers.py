"""Answers to commands and control messages (C4) as people and scripts get them."""

import sys
from typing import Any, Final

import orjson

from worker.cli.output import note, say

ANSWERED: Final = 0
REFUSED: Final = 1
SHOWN_ERRORS: Final = 5


def show_answer(value: bytes) -> int:
    """Print the event as JSON (indented on a terminal), errors in words on standard error; the exit code."""
    event = orjson.loads(value)
    say(orjson.dumps(event, option=orjson.OPT_INDENT_2).decode() if sys.stdout.isatty() else value.decode())
    for line in problems(event):
        note(line)
    return exit_code(event)


def exit_code(event: dict[str, Any]) -> int:
    """1 when the message was rejected: nothing of it was done."""
    return REFUSED if event["type"] == "command.rejected" else ANSWERED


def problems(event: dict[str, Any]) -> list[str]:
    """What went wrong, a line each."""
    errors = event["data"]["errors"]
    verdict = "Rejected" if event["type"] == "command.rejected" else "Not for"
    lines = []
    for error in errors[:SHOWN_ERRORS]:
        who = f" {error['client_id']}" if error.get("client_id") else ""
        lines.append(f"{verdict}{who}: {error['message']} ({error['code']})")
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"… and {len(errors) - SHOWN_ERRORS} more.")
    return lines
