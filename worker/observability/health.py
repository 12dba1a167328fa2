"""``/livez``, ``/readyz`` and ``/metrics`` over HTTP, for probes and Prometheus.

Alive: the main loop turns. Ready: every task that the group has given to this process is open. The body says why not.
"""

import asyncio
import errno
import socket
from typing import Final, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from worker.config import Settings
from worker.errors import SettingError

SHUTDOWN_SECONDS: Final = 1.0
"""How long a probe that is being answered may hold up the stop."""
MAX_REQUEST_BYTES: Final = 1 << 16
BACKLOG: Final = 32


class Observed(Protocol):
    """What is asked of a program (worker.observability.state.WorkerState has it). ``reason``: in words, on one line."""

    @property
    def live(self) -> bool: ...
    @property
    def ready(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class HealthServer:
    """Serves on HTTP_HOST:HTTP_PORT from ``start`` to ``stop``."""

    def __init__(self, settings: Settings, registry: CollectorRegistry, state: Observed) -> None:
        self._host = settings.http_host
        self._port = settings.http_port
        self._registry = registry
        self._state = state
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
        self._socket = await listening(self._host, self._port)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def stop(self) -> None:
        """Stop listening. Does nothing when it was not started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _livez(self, _request: web.Request) -> web.Response:
        return self._answer(good=self._state.live)

    async def _readyz(self, _request: web.Request) -> web.Response:
        return self._answer(good=self._state.live and self._state.ready)

    def _answer(self, *, good: bool) -> web.Response:
        return web.Response(status=200 if good else 503, text=f"{self._state.reason}\n")

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})


def address(host: str, port: int) -> str:
    """Where a program is asked, as a URL."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises SettingError, which names HTTP_PORT or HTTP_HOST."""
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
