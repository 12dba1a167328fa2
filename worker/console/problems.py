"""Everything that is refused is answered as problem details (RFC 9457), with a code that programs can rely on."""

import logging
from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_422_UNPROCESSABLE_ENTITY, HTTP_503_SERVICE_UNAVAILABLE
from redis.exceptions import RedisError

from topics.in_words import must
from worker.console.limits import MAX_BODY_BYTES
from worker.readmodel.asking import Sort
from worker.readmodel.timeline import Tab

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:client-status:problem:"
CODES: Final = {
    400: "invalid_parameter",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "not_json",
    422: "invalid_data",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
"""What is said when nothing more exact is."""
_TITLES: Final = {
    400: "What was asked cannot be read", 401: "No valid token", 403: "Not allowed", 404: "Not there",
    405: "Not with this method", 413: "Too large", 415: "Not JSON", 422: "Cannot be used", 429: "Too many requests",
    500: "An error of the console's own", 503: "Not now",
}  # fmt: skip

_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "sort": get_args(Sort), "tab": get_args(Tab), "ended": ("include",), "excel": ("true", "false"),
    "dates": ("dmy", "mdy"),
}  # fmt: skip
"""Parameters that have one of some values."""
_BODY: Final = "data"
"""What the framework calls a body as a whole."""


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The body of every refusal. ``type`` and ``code`` say the same; ``detail`` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""


class Refused(Exception):
    """The request is refused: a status, a code, and what is wrong, where, and what to do."""

    def __init__(
        self, status: int, detail: str, code: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or CODES[status]
        self.headers = headers or {}


def answer(refused: Refused) -> Response[Problem]:
    """The response."""
    problem = Problem(
        type=TYPE + refused.code,
        title=_TITLES.get(refused.status, "Refused"),
        status=refused.status,
        code=refused.code,
        detail=refused.detail,
    )
    headers = ({"Retry-After": "1"} if refused.status == HTTP_503_SERVICE_UNAVAILABLE else {}) | refused.headers
    return Response(problem, status_code=refused.status, media_type=MEDIA_TYPE, headers=headers)


def on_refused(_request: Request[Any, Any, Any], exc: Refused) -> Response[Problem]:
    """What a handler refuses."""
    return answer(exc)


def on_http(request: Request[Any, Any, Any], exc: HTTPException) -> Response[Problem]:
    """What the framework refuses: no such path or method, parameters and bodies that do not fit."""
    status = exc.status_code
    if status == HTTP_400_BAD_REQUEST and request.method in ("POST", "PATCH"):  # it is the body that counts
        status = HTTP_422_UNPROCESSABLE_ENTITY
    code = CODES.get(status, "invalid_parameter")
    extra = exc.extra if isinstance(exc.extra, list) else []
    details = "; ".join(map(_said, extra))
    said = {
        404: "there is nothing under this path",
        405: "the path is there, but not for this method",
        413: f"the body is larger than this path takes: {MAX_BODY_BYTES} bytes, or a file as docs/api.md says",
    }
    return answer(Refused(status, details or said.get(status, exc.detail), code, dict(exc.headers or {})))


def _said(error: dict[str, Any]) -> str:
    """One thing that does not fit. What is missing altogether is named by the framework in quotes, and no more."""
    key, message = error.get("key"), str(error.get("message"))
    if key is None:
        return message
    body = key == _BODY and error.get("source") == "body"
    if message == repr(key):
        return "the body is missing" if body else f"{key}: is missing"
    place = f"{key}:"
    if body:  # or the field of that name
        place = "the body" if message.startswith("Object") else "the body, and its `data` if any,"
    return f"{place} {must(message, _ALLOWED.get(key, ()))}"


def on_redis(_request: Request[Any, Any, Any], exc: Exception) -> Response[Problem]:
    """The read model is away for the moment."""
    log.warning("Redis cannot be used: %r", exc)
    return answer(Refused(503, "the read model cannot be reached; try again"))


def on_bug(request: Request[Any, Any, Any], exc: Exception) -> Response[Problem]:
    """An error of our own: the log says what, the answer does not."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=exc)
    return answer(Refused(500, "it is in the console's log"))


HANDLERS: Final[dict[Any, Any]] = {
    Refused: on_refused,
    HTTPException: on_http,
    RedisError: on_redis,
    ConnectionError: on_redis,
    Exception: on_bug,
}
