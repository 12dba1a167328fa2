"""What is kept of a sweep (K1) while it is under way: what it is for, who asked for it, how far it has come."""

from typing import Any

import msgspec

from topics.moments import Micros
from topics.results import Problem


class Sweep(msgspec.Struct, array_like=True, gc=False, kw_only=True):
    """Fields are only ever added at the end."""

    number: int = 0
    """Counts up in a business; 0: not begun."""
    kind: str
    source: str
    id: str
    type: str
    time: Micros
    traceparent: str | None = None
    actor: str | None = None
    dry_run: bool = False
    args: dict[str, Any] = {}
    """Plain JSON: what the visits need beyond the business's settings."""
    cursor: str = ""
    """Clients whose id is not greater have been visited; ids in the order of their text."""
    done: int = 0
    total: int = 0
    """Clients that there were when it began to walk."""
    changed: int = 0
    listed: list[str] = []
    """The first of the clients that it changed, or would change."""
    errors: list[Problem] = []
    steps: int = 0
    repeats: int = 0
    """How many times the message came again before it was answered (C6)."""
