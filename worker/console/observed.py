"""What is seen of the console from outside: probes, metrics, and the headers that every answer has."""

import time
from typing import Any, Final

from litestar import Litestar
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
)

from worker.console.requests import allowed, in_one_form

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
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Observed:
    """For probes and Prometheus. Ready: Redis and Kafka are there."""

    def __init__(self) -> None:
        self.reason = "starting"
        self.ready = False
        self.turned = time.monotonic()
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self.requests = Counter(
            "client_status_console_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "client_status_console_seconds", "Seconds until an answer was complete", ("route",), buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.streams = Gauge("client_status_console_streams", "Listeners to changes", registry=self.registry)
        self.clients = Gauge("client_status_console_clients", "Clients held in memory", registry=self.registry)

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
                given = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in HEADERS.items() if name not in given]
                message["headers"] = headers
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(asked, receive, sending)
        finally:
            known = asked.get("path_template")
            route = str(known) if known else "none"
            self._observed.requests.labels(scope["method"], route, status).inc()
            self._observed.seconds.labels(route).observe(time.perf_counter() - begun)
