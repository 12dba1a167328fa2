"""The console's application: every route, and what stands before all of them."""

from typing import Any, Final

from litestar import Litestar, Request, Response, Router, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from prometheus_client.exposition import choose_encoder

from worker.console import access, page, problems, requests, sessions
from worker.console.api import (
    activity,
    asked,
    business,
    changes,
    clients,
    commands,
    entering,
    export,
    importing,
    updating,
)
from worker.console.desk import Desk
from worker.console.limits import MAX_BODY_BYTES
from worker.console.observed import Observed
from worker.console.openapi import document

API: Final = "/api/v1"
MIN_COMPRESSED: Final = 1_000
COMPRESS_LEVEL: Final = 5
STREAMED: Final = ["/changes$", "/import$"]
"""Answers that are read while they come: compressed, they would come late."""


def create_app(desk: Desk, observed: Observed) -> Litestar:
    """The whole application."""
    return Litestar(
        route_handlers=[
            livez,
            readyz,
            metrics,
            openapi_json,
            routes(),
            sessions.sign_in,
            sessions.sign_out,
            *page.handlers(),
        ],
        dependencies={"desk": Provide(_desk, sync_to_thread=False)},
        exception_handlers=problems.HANDLERS,
        state=State({"desk": desk, "observed": observed}),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=MIN_COMPRESSED, gzip_compress_level=COMPRESS_LEVEL, exclude=STREAMED
        ),
        request_max_body_size=MAX_BODY_BYTES,
        request_class=requests.Posted,
        openapi_config=None,
        logging_config=None,
    )


def _desk(state: State) -> Desk:
    desk: Desk = state.desk
    return desk


def routes() -> Router:
    """The routes of the API."""
    of_business = Router(
        "/businesses/{business:str}",
        route_handlers=[
            clients.find, clients.card, clients.timeline, clients.reasons, updating.update,
            entering.client, entering.note, business.settings,
            business.settings_history, business.counts, business.audiences, business.members, commands.send,
            commands.result, changes.changes, export.export, export.export_named, importing.import_,
            activity.latest, activity.reviews, activity.refusals, activity.dead_letters, activity.replay,
        ],
        dependencies={"question": Provide(asked.question, sync_to_thread=False)},
    )  # fmt: skip
    return Router(API, route_handlers=[business.me, of_business], guards=[access.known, requests.once])


Asked = Request[Any, Any, State]


@get("/livez", media_type="text/plain")
async def livez(state: State) -> Response[str]:
    """Does it turn?"""
    return _probe(state.observed, good=state.observed.live)


@get("/readyz", media_type="text/plain")
async def readyz(state: State) -> Response[str]:
    """Can the read model be read? Without Kafka only what changes something is refused."""
    return _probe(state.observed, good=state.observed.live and state.observed.ready)


def _probe(observed: Observed, *, good: bool) -> Response[str]:
    return Response(f"{observed.reason}\n", status_code=200 if good else 503, media_type="text/plain")


@get(f"{API}/openapi.json")
async def openapi_json() -> dict[str, Any]:
    """The OpenAPI document."""
    return document(routes())


@get("/metrics")
async def metrics(request: Asked, state: State) -> Response[bytes]:
    """For Prometheus."""
    state.observed.metrics.streams.set(state.desk.streams)
    state.observed.metrics.clients.set(state.desk.tables.clients)
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(state.observed.metrics.registry), headers={"Content-Type": content_type})
