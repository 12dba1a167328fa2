"""What is seen of the console from outside: probes, metrics, and the headers that every answer has."""

import time
from typing import Any, Final

from litestar import Litestar

from worker.console.requests import allowed, in_one_form
from worker.observability.metrics import ConsoleMetrics

LIVE_SECONDS: Final = 60.0
HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
"""On every answer that does not say otherwise."""


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""What is counted by its name: anybody may invent others, each of which would be a series of its own for ever (J4)."""
OTHER: Final = "other"
METHOD_NOT_ALLOWED: Final = 405
NO_CONTENT: Final = 204


class Observed:
    """For probes and Prometheus. Ready: Redis and Kafka are there, and the read model is whole."""

    def __init__(self) -> None:
        self.reason = "starting"
        self.ready = False
        self.turned = time.monotonic()
        self.metrics = ConsoleMetrics()

    @property
    def live(self) -> bool:
        """Does it turn?"""
        return time.monotonic() - self.turned < LIVE_SECONDS


class Outermost:
    """Around the whole application: headers on every answer, and a count of it."""

    def __init__(self, app: Litestar, observed: Observed) -> None:
        self._app = app
        self._observed = observed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, asked = time.perf_counter(), 500, in_one_form(scope)

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [allowed(name, value, scope["path"]) for name, value in message["headers"]]
                if scope["method"] == "OPTIONS" and status == METHOD_NOT_ALLOWED:
                    status = message["status"] = NO_CONTENT
                    headers = [(name, value) for name, value in headers if name.lower() == b"allow"]
                given = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in HEADERS.items() if name not in given]
                message["headers"] = headers
            elif scope["method"] == "HEAD" or status == NO_CONTENT:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(asked, receive, sending)
        finally:
            known = asked.get("path_template")
            route = str(known) if known else "none"
            method = scope["method"] if scope["method"] in METHODS else OTHER
            self._observed.metrics.requests.labels(method, route, status).inc()
            self._observed.metrics.seconds.labels(route).observe(time.perf_counter() - begun)
