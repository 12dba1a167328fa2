"""Requests in one form, whatever HTTP lets one leave out: HEAD, parameters without a value or named twice, bodies."""

import re
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from worker.console.problems import Refused

_RULED_OUT: Final = re.compile(rb";\s*q=0(\.0*)?\s*\Z", re.IGNORECASE)
_ENDLESS: Final = "/changes"
"""What never ends cannot be asked for its headers alone."""
_OF_NO_ROUTE: Final = "TRACE"
"""Asked for with this, a route is refused with all methods that it has; its own answer to OPTIONS knows those of the
handler that was registered first only."""


def in_one_form(scope: Any) -> Any:
    """The ASGI scope for the routes: HEAD is a GET (its answer goes without the body), OPTIONS is answered with what
    there is instead (see ``Outermost``), and a parameter without a value, as a form sends it, is one that was not
    given."""
    method, query = scope["method"], scope["query_string"]
    if method == "HEAD" and not scope["path"].endswith(_ENDLESS):
        method = "GET"
    if method == "OPTIONS":
        method = _OF_NO_ROUTE
    headers = [(name, _acceptable(value) if name == b"accept-encoding" else value) for name, value in scope["headers"]]
    given = b"&".join(part for part in query.split(b"&") if part.partition(b"=")[2])
    return {**scope, "method": method, "query_string": given, "headers": headers}


def allowed(name: bytes, value: bytes, path: str) -> tuple[bytes, bytes]:
    """A header of an answer: where GET is allowed, HEAD is, too."""
    if name.lower() == b"allow" and b"GET" in value and b"HEAD" not in value and not path.endswith(_ENDLESS):
        value += b", HEAD"
    return name, value


def _acceptable(encodings: bytes) -> bytes:
    """Without those that are ruled out: the framework looks for a name only."""
    return b",".join(one for one in encodings.split(b",") if not _RULED_OUT.search(one))


async def once(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: 400 for a parameter that is given twice, since only one of them would count."""
    seen: set[str] = set()
    for name, _value in connection.query_params.multi_items():
        if name in seen:
            raise Refused(400, f"{name}: given more than once; say several things with a filter")
        seen.add(name)


def has_already(request: ASGIConnection[Any, Any, Any, Any], etag: str) -> bool:
    """Does ``If-None-Match`` name this, quoted, ETag? Then there is nothing to send."""
    given = request.headers.get("if-none-match", "").split(",")
    return not {etag, "*"}.isdisjoint(one.strip().removeprefix("W/") for one in given)


class Posted(Request[Any, Any, State]):
    """A request whose body is not JSON is refused, however far it is from it."""

    async def json(self) -> Any:
        """The body, parsed. Raises Refused (422), SerializationException."""
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as exc:
            raise Refused(422, f"the body is not JSON that can be read: {exc}") from exc
