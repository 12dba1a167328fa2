"""Who asks: the guard before every route of the API. It lets a token reach its own businesses, and nothing else."""

from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from topics.fields import BusinessId
from worker.console import sessions
from worker.console.desk import NOT_WHOLE, Desk
from worker.console.problems import Refused
from worker.console.tokens import Token

Connection = ASGIConnection[Any, Any, Any, Any]
_WITHOUT_READING: Final = ("/commands", "/changes")
"""What works before the read model is whole: commands are sent, and whoever listens hears of it as a reset."""
_SCHEME: Final = "bearer "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="client-status"'}


async def known(connection: Connection, _: BaseRouteHandler) -> None:
    """401 without a valid token, 429 when it asks too much, 404 and 403 for a business that is not its own; 503 while
    the read model is not whole."""
    desk: Desk = connection.app.state.desk
    token = await _token(connection, desk)
    wait = desk.limits.take(token.sha256)
    if wait:
        raise Refused(429, "the token asks too much", headers={"Retry-After": str(int(wait) + 1)})
    connection.scope["state"]["token"] = token
    business = connection.path_params.get("business")
    if business is None:
        return
    try:
        msgspec.convert(business, BusinessId)
    except msgspec.ValidationError:
        raise Refused(404, "that is no id of a business: 1-64 characters of A-Z a-z 0-9 . _ -") from None
    if not token.may_see(business):
        raise Refused(403, "the token is not for this business")
    if not desk.whole and not connection.scope["path_template"].endswith(_WITHOUT_READING):
        raise Refused(503, NOT_WHOLE)


async def _token(connection: Connection, desk: Desk) -> Token:
    """That of the header; without one, that for which the page's cookie stands."""
    header = connection.headers.get("authorization", "")
    if header.lower().startswith(_SCHEME):
        token = desk.tokens.find(header[len(_SCHEME) :].strip())
        if token is None:
            raise Refused(401, "the token is not known (any more)", headers=_CHALLENGE)
        return token
    token = await sessions.holder(connection, desk)
    if token is None:
        raise Refused(401, "send the header Authorization: Bearer TOKEN", headers=_CHALLENGE)
    return token


def operators_only(connection: Connection, _: BaseRouteHandler) -> None:
    """403 for a viewer."""
    if not token_of(connection).may_change:
        raise Refused(403, "only a token with the role operator may do this")


def token_of(connection: Connection) -> Token:
    """The token with which is asked."""
    token: Token = connection.scope["state"]["token"]
    return token
