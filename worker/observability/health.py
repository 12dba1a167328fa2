"""``/livez``, ``/readyz`` and ``/metrics`` over HTTP, for probes and Prometheus.

Alive means that the event loop answers (that it gets on is for the watchdog); ready means that there is no reason
why not, and the reason is the body of the 503.
"""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from worker.config import Settings
from worker.errors import SettingError

SHUTDOWN_SECONDS: Final = 1.0
"""How long a probe that is being answered may hold up the stop."""
MAX_REQUEST_BYTES: Final = 1 << 16
BACKLOG: Final = 32

NotReady = Callable[[], str | None]
"""Why the program is not ready, in words; None when it is."""


class HealthServer:
    """Serves on HTTP_HOST:HTTP_PORT from ``start`` to ``stop``."""

    def __init__(self, settings: Settings, registry: CollectorRegistry, not_ready: NotReady) -> None:
        self._host = settings.http_host
        self._port = settings.http_port
        self._registry = registry
        self._not_ready = not_ready
        self._runner: web.AppRunner | None = None
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port it listens on; with HTTP_PORT=0 the one that was free."""
        return int(self._socket.getsockname()[1]) if self._socket is not None else self._port

    async def start(self) -> None:
        """Begin to listen. Raises SettingError, which names HTTP_PORT or HTTP_HOST, when that is not possible."""
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.add_routes(
            [web.get("/livez", self._livez), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        self._socket = await _listening(self._host, self._port)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def stop(self) -> None:
        """Stop listening. Does nothing when it was not started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _livez(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        reason = self._not_ready()
        if reason is None:
            return web.Response(text="ready\n")
        return web.Response(status=503, text=f"{reason}\n")

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})


async def _listening(host: str, port: int) -> socket.socket:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, type_, protocol, _, address = found[0]
        listener = socket.socket(family, type_, protocol)
    except OSError as exc:
        raise SettingError(f"HTTP_HOST: {host!r} is no address of this machine: {exc.strerror}") from exc
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as exc:
        listener.close()
        raise _cannot_bind(host, port, exc) from exc
    return listener


def _cannot_bind(host: str, port: int, exc: OSError) -> SettingError:
    if exc.errno == errno.EADDRINUSE:
        return SettingError(f"HTTP_PORT: {port} on {host} is taken by another program: choose another port")
    if exc.errno == errno.EACCES:
        return SettingError(f"HTTP_PORT: {port} may not be used without more rights: choose one above 1023")
    return SettingError(f"HTTP_HOST: cannot listen on {host!r}: {exc.strerror}")
