"""Signing in on the page: a token is given once, and from then on a cookie that scripts cannot read stands for it.

A session lies in Redis under the hash of its id, names the token by its hash, and is good only as long as that token
is. The cookie is ``HttpOnly`` and ``SameSite=Strict``; what changes something must, besides, come from the same origin.
"""

import hashlib
import secrets
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, delete, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.params import JSONBody

from worker.console.desk import Desk
from worker.console.limits import MAX_SESSIONS_BEGUN
from worker.console.problems import Refused
from worker.console.tokens import MAX_TOKEN, Token, digest

COOKIE: Final = "client_status_session"
SESSION_BYTES: Final = 32
SESSION_SECONDS: Final = 12 * 3600
"""A day's work; then one signs in again."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class SignIn(msgspec.Struct):
    """The token, as ``client-status console token`` has printed it."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TOKEN)]


def _key(space: str, session: str) -> str:
    return f"{space}:session:{hashlib.sha256(session.encode(errors='surrogatepass')).hexdigest()}"


async def holder(connection: Connection, desk: Desk) -> Token | None:
    """Whose token the cookie stands for. Raises Refused (403) for a change that another site asks for, RedisError."""
    session = connection.cookies.get(COOKIE)
    if not session or len(session) > MAX_TOKEN:
        return None
    if connection.scope.get("method") not in SAFE and not same_origin(connection):
        raise Refused(403, "a change with a cookie must come from the page itself: another site asks for it")
    known = await desk.redis.get(_key(desk.space, session))
    return desk.tokens.of(known.decode()) if known is not None else None


def same_origin(connection: Connection) -> bool:
    """Does a page of our own ask? Browsers say so in one of two headers, which no script can set."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = connection.headers.get("origin"), connection.headers.get("host")
    return bool(origin) and bool(host) and urlsplit(origin or "").netloc == host


@post("/session", status_code=204, include_in_schema=False)
async def sign_in(request: Request[Any, Any, State], data: JSONBody[SignIn], state: State) -> Response[None]:
    """A cookie for a token. 401 when it is not known, 403 when another site asks."""
    desk: Desk = state.desk
    if not same_origin(request):
        raise Refused(403, "sign in on the page itself: another site asks for it")
    if desk.limits.take("", MAX_SESSIONS_BEGUN):
        raise Refused(429, "too many try to sign in; try again in a moment", headers={"Retry-After": "1"})
    token = desk.tokens.find(data.token.strip())
    if token is None:
        raise Refused(401, "the token is not known (any more)")
    session = secrets.token_urlsafe(SESSION_BYTES)
    await desk.redis.set(_key(desk.space, session), digest(data.token.strip()), ex=SESSION_SECONDS)
    return Response(None, status_code=204, cookies=[_cookie(request, session, SESSION_SECONDS)])


@delete("/session", status_code=204, include_in_schema=False)
async def sign_out(request: Request[Any, Any, State], state: State) -> Response[None]:
    """The session ends, on the server, too."""
    desk: Desk = state.desk
    session = request.cookies.get(COOKIE)
    if session and not same_origin(request):
        raise Refused(403, "sign out on the page itself: another site asks for it")
    if session:
        await desk.redis.delete(_key(desk.space, session))
    return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


def _cookie(request: Request[Any, Any, State], value: str, seconds: int) -> Cookie:
    secure = request.url.scheme == "https"
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        expires=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
