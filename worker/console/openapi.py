"""The OpenAPI document of the API, made from its routes."""

from importlib.metadata import version
from typing import Any

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from worker.console.answers import complete


def document(routes: Router) -> dict[str, Any]:
    """OpenAPI 3.1 as plain JSON."""
    config = OpenAPIConfig(
        title="client-status console",
        version=version("client-status-worker"),
        summary="Finds a business's clients and shows what happened to them; takes commands to the worker.",
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", description="See docs/api.md.")}
        ),
        security=[{"token": []}],
        use_handler_docstrings=True,
    )
    app = Litestar([routes], dependencies={"desk": Provide(_nothing)}, openapi_config=config, logging_config=None)
    found: dict[str, Any] = app.openapi_schema.to_schema()
    complete(found)
    return found


async def _nothing() -> None:
    """Nobody asks this application; it stands for the routes that it documents."""
