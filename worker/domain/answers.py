"""Answers to commands and control messages (C4): refusals with their codes, and the result event."""

from typing import Any, Final

import msgspec

from topics.results import CommandResult, Problem
from worker.domain.card import Card
from worker.domain.session import Session

MAX_MESSAGE: Final = 2_000
"""J4: characters of why a message is refused, since it is remembered (C6); a longer text, which shows what somebody
wrote, is cut off."""


class Rejected(Exception):
    """The whole message is refused; nothing was changed (C4)."""

    def __init__(self, code: str, message: str, client_id: str | None = None) -> None:
        super().__init__(message)
        message = message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"
        self.problem = Problem(client_id=client_id, code=code, message=message)


class Answer(msgspec.Struct, gc=False, kw_only=True):
    """What became of a message: which clients it changed, which had it already, and what went wrong."""

    applied: list[str] = []
    unchanged: list[str] = []
    errors: list[Problem] = []
    preview: dict[str, Any] | None = None
    shown: Card | None = None
    """Of a dry run: the preview is this card as everybody would see it in the end."""
    totals: dict[str, int] | None = None

    @property
    def type(self) -> str:
        """Applied, partly applied, or rejected."""
        if not self.errors:
            return "command.applied"
        return "command.partly_applied" if self.applied or self.unchanged else "command.rejected"


def tell(session: Session, answer: Answer, *, dry_run: bool) -> None:
    """C4: exactly one answer."""
    origin = session.origin
    session.tell(
        answer.type,
        None,
        origin.time,
        CommandResult(
            command_id=origin.id,
            command_source=origin.source,
            command_type=origin.type,
            dry_run=dry_run,
            applied=answer.applied,
            unchanged=answer.unchanged,
            errors=answer.errors,
            revision=session.business.revision,
            preview=answer.preview if answer.preview is not None else msgspec.UNSET,
            totals=answer.totals if answer.totals is not None else msgspec.UNSET,
        ),
    )
