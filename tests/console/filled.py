"""A console with a broker, and a read model in which every route has something to show."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.console.running import BUSINESS, Running
from tests.console.shelf import Shelf, card
from tests.console.who import WHO, Person, write
from tests.kit.place import Place
from worker.embedded.valkey import EmbeddedValkey

MARK = "Sofia"
"""Stands in everything of the business that can be read."""


@contextlib.contextmanager
def filled(place: Place, valkey: EmbeddedValkey, directory: Path, people: Sequence[Person] = WHO) -> Iterator[Running]:
    """The console, ready."""
    write(directory / "tokens.json", *people)
    fill(Shelf(valkey.url, f"client-status:{place.prefix}"))
    tokens = str(directory / "tokens.json")
    program = Running(place, valkey, directory / "console.log", "console", CONSOLE_TOKENS_FILE=tokens)
    try:
        program.wait_ready(lambda: program.ask("/readyz")[0] == 200, 60.0)
        yield program
    finally:
        program.kill()


def fill(shelf: Shelf) -> None:
    """A business."""
    shelf.complete()
    statuses = [{"code": "lead", "label": MARK, "color": "#112233", "order": 1, "ended": False}]
    audiences = [{"audience_id": "regulars", "name": f"{MARK}'s", "filter": {"any": []}}]
    shelf.settle(BUSINESS, statuses=statuses, audiences=audiences)
    shelf.put(
        card(BUSINESS, "c1", name=f"{MARK} Smit", emails=["zoe@example.org"], phones=["+31 6 1"], tags=["gold"]),
        card(BUSINESS, "c2", source=MARK, audiences=["regulars"], last_activity_at="2026-02-01T10:00:00Z"),
        card(BUSINESS, "gone"),
    )
    shelf.merge(BUSINESS, "gone", "c1")
    shelf.happen(BUSINESS, "client.noted", "2026-01-02T10:00:00Z", "e1", client_id="c1", text=f"about {MARK}")
    about = {"command_source": MARK, "command_type": "tags.add"}
    answer = {"dry_run": False, "applied": ["c1"], "unchanged": [], "errors": [], **about}
    at = "2026-01-02T10:00:00Z"
    shelf.happen(BUSINESS, "command.applied", at, "r1", command_id="m1", **answer)
    shelf.happen(BUSINESS, "command.progress", at, "r2", command_id="m2", done=1, total=2, **about)
    refused = answer | {"applied": [], "errors": [{"code": "unknown_status", "message": f"not {MARK}"}]}
    shelf.happen(BUSINESS, "command.rejected", at, "r3", command_id="m3", **refused)
    told = {"client_id": "c1", "cause": {"type": "manual", "actor": MARK}, "sequence": 1}
    tags = {"added": [MARK], "removed": [], "tags": [MARK]}
    shelf.happen(BUSINESS, "client.tags.changed", at, "t1", **told, **tags)
