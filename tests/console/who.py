"""People with tokens, and the files that hold their hashes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from worker.console.tokens import digest

Person = tuple[str, str, Any]
"""Name, role and businesses. The token is ``cs_`` and the name."""
WHO: Sequence[Person] = (
    ("anna", "operator", ["salon"]),
    ("vera", "viewer", ["salon"]),
    ("otto", "operator", ["other"]),
    ("alma", "operator", "*"),
)


def secret(name: str) -> str:
    """The token of a person."""
    return f"cs_{name}"


def bearer(name: str) -> dict[str, str]:
    """The header with which a person asks."""
    return {"Authorization": f"Bearer {secret(name)}"}


def write(file: Path, *people: Person) -> None:
    """A file of their tokens."""
    entries = [
        {"name": name, "sha256": digest(secret(name)), "role": role, "businesses": businesses}
        for name, role, businesses in people
    ]
    file.write_text(json.dumps({"tokens": entries}))


def broken(file: Path) -> None:
    """What somebody saved half-way."""
    file.write_text('{"tokens": [')
