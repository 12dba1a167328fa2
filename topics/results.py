"""Topic ``command-results``: what became of each command and control message (C4)."""

from typing import Any

import msgspec


class Problem(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """One reason why (a part of) a command was refused: a code for programs, a message for people."""

    client_id: str | None = None
    code: str
    message: str


class CommandResult(msgspec.Struct, gc=False, kw_only=True):
    """``command.applied``, ``command.partly_applied`` and ``command.rejected``."""

    command_id: str
    command_source: str
    command_type: str
    dry_run: bool
    applied: list[str]
    unchanged: list[str]
    errors: list[Problem]
    revision: int | msgspec.UnsetType = msgspec.UNSET
    preview: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    totals: dict[str, int] | msgspec.UnsetType = msgspec.UNSET


class CommandProgress(msgspec.Struct, gc=False, kw_only=True):
    """``command.progress``: how far a sweep has come (K1)."""

    command_id: str
    command_source: str
    command_type: str
    done: int
    total: int
