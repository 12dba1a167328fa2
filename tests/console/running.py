"""A projector or a console as a process at a place, and how it is asked over HTTP."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.console.who import bearer
from tests.kit.place import Place, Program
from worker.embedded.valkey import EmbeddedValkey

BUSINESS = "salon"


class Running(Program):
    """A projector or a console at a place."""

    def __init__(self, place: Place, valkey: EmbeddedValkey, log: Path, command: str, **settings: str) -> None:
        super().__init__(place, log, command, REDIS_URL=valkey.url, LOG_LEVEL="DEBUG", **settings)

    def ask(self, path: str, who: str = "anna", body: Any = None) -> tuple[int, Any]:
        """Status and JSON (or text) of an answer; status 0 when nothing listens."""
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            answer = httpx.request("POST" if body else "GET", url, json=body, headers=bearer(who), timeout=40)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.json() if answer.text[:1] in ("[", "{") else answer.text

    @contextlib.contextmanager
    def listen(self, path: str) -> Iterator[Iterator[str]]:
        """The lines of a stream of the business."""
        url = f"http://127.0.0.1:{self.port}/api/v1/businesses/{BUSINESS}{path}"
        with httpx.stream("GET", url, headers=bearer("anna"), timeout=40) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield answer.iter_lines()

    def of(self, path: str) -> Any:
        """What is under a path of the business."""
        return self.ask(f"/api/v1/businesses/{BUSINESS}{path}")[1]
