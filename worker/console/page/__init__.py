"""The operator's page: files that the browser runs as they are, with no build step, served from memory.

It talks to the API and to nobody else; the content security policy lets it do no more.
"""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from worker.console.problems import Refused
from worker.console.requests import has_already

INDEX: Final = "index.html"
MEDIA_TYPES: Final = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
"""Of the files that are served; others (notes, licences) are not."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Only files of our own: no script or style in the text of a page, no other host, no frame around it."""
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class File(msgspec.Struct, frozen=True):
    """A file as it goes out."""

    body: bytes
    media_type: str
    etag: str


@cache
def served() -> dict[str, File]:
    """All files of the page, by their path below ``static``."""
    return dict(_walk(files(__name__) / "static", ""))


def _walk(folder: Traversable, below: str) -> list[tuple[str, File]]:
    found: list[tuple[str, File]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{below}{entry.name}/")
        elif media_type := MEDIA_TYPES.get(entry.name.rpartition(".")[2]):
            body = entry.read_bytes()
            found.append((below + entry.name, File(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"')))
    return found


Asked = Request[Any, Any, State]


@get(["/", "/sign-in", "/b/{path:path}"], include_in_schema=False)
async def index(request: Asked) -> Response[Any]:
    """The page; which part of it is shown, it reads from its own address."""
    return _answer(request, served()[INDEX])


@get("/page/{path:path}", include_in_schema=False)
async def asset(request: Asked, path: Annotated[str, PathParameter()]) -> Response[Any]:
    """A file of the page."""
    file = served().get(path.removeprefix("/"))
    if file is None:
        raise Refused(404, "the page has no such file")
    return _answer(request, file)


def _answer(request: Asked, file: File) -> Response[Any]:
    headers = {**_HEADERS, "ETag": file.etag}
    if has_already(request, file.etag):
        return Response(None, status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def handlers() -> list[HTTPRouteHandler]:
    """The routes of the page."""
    return [index, asset]
