"""What staff enter by hand: a new client, a note about one; sent to the worker as its own events (B2, G1, G2)."""

import uuid
from typing import Annotated, Any, Final

import msgspec
from aiokafka.errors import KafkaError
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import JSONBody, QueryParameter

from topics.clients import ClientCreated
from worker.console.access import operators_only, token_of
from worker.console.api.asked import At, Business, ClientId
from worker.console.api.clients import look
from worker.console.desk import Desk
from worker.console.problems import Refused
from worker.console.sending import Made, event
from worker.console.waiting import within
from worker.domain.field_values import check_all
from worker.domain.session import Refused as RefusedByRule
from worker.domain.tags import MAX_TAGS_PER_CLIENT, InvalidTag, clean_all
from worker.readmodel.reading import Reader

ENTERABLE: Final = tuple(name for name in ClientCreated.__struct_fields__ if name != "client_id")
REACHABLE: Final = ("name", "email", "phone")
"""A new client has at least one of these: else nobody would find the card again."""
MAX_NOTE: Final = 10_000
"""Characters."""
Wait = Annotated[float, QueryParameter(ge=0, description="Seconds to wait until the card shows it.")]
Asked = Request[Any, Any, State]


class Entered(msgspec.Struct, kw_only=True):
    """The client; the id of the event; ``shown``: does the card show it already?"""

    client_id: str
    event_id: str
    shown: bool


class Note(msgspec.Struct, kw_only=True):
    """What stands in the note."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NOTE)]


@post("/clients", guards=[operators_only], status_code=202, summary="Enter a new client", tags=["clients"])
async def client(
    request: Asked, business: Business, desk: At, data: JSONBody[dict[str, Any]], wait: Wait = 0.0
) -> Response[Any]:
    """Any of what ``client.created`` has, but for its id, which is made here; at least a name, an e-mail address or a
    phone number. A ``status`` counts as set by hand (B3).

    Checked as the worker checks it (422 ``invalid_data``, ``unknown_status``, ``unknown_field``,
    ``invalid_field_value``, ``invalid_tag``, ``too_many_tags``), and sent as ``client.created``. 200 when the card is
    there within ``wait`` seconds, else 202.
    """
    reader = await desk.reader(business)
    said = {name: value for name, value in data.items() if value is not None}
    _check_named(said)
    client_id = uuid.uuid4().hex
    made, created = event(
        business,
        "client.created",
        {"source": "manual", **said, "client_id": client_id, "actor": token_of(request).name},
    )
    _check(reader, created)
    await _send(desk, business, made)

    async def there() -> bool | None:
        return await (await desk.reader(business)).card(client_id) is not None or None

    shown = bool(wait) and bool(await within(wait, there))
    return _answer(client_id, made, shown=shown)


@post(
    "/clients/{client_id:str}/notes", guards=[operators_only], status_code=202, summary="Write a note about a client",
    tags=["clients"],
)  # fmt: skip
async def note(
    request: Asked, business: Business, client_id: ClientId, desk: At, data: JSONBody[Note], wait: Wait = 0.0
) -> Response[Any]:
    """Sent as ``client.noted`` with the token's name as its author. 200 when the card shows it within ``wait`` seconds,
    else 202."""
    _, moved = await look(await desk.reader(business), client_id, "/notes")
    if moved is not None:
        return moved
    text = data.text.strip()
    if not text:
        raise Refused(422, "text: is blank", "invalid_data")
    said = {"client_id": client_id, "text": text, "author": token_of(request).name}
    made, _noted = event(business, "client.noted", said)
    await _send(desk, business, made)

    async def there() -> bool | None:
        card = await (await desk.reader(business)).card(client_id)
        return False if card is None else card.get("latest_note") == text or None

    shown = bool(wait) and bool(await within(wait, there))
    return _answer(client_id, made, shown=shown)


def _check_named(said: dict[str, Any]) -> None:
    unknown = [name for name in said if name not in ENTERABLE]
    if unknown:
        raise Refused(422, f"{unknown[0]}: cannot be said here; these can: {', '.join(ENTERABLE)}", "invalid_data")
    if not any(isinstance(said.get(name), str) and said[name].strip() for name in REACHABLE):
        raise Refused(422, "a name, an e-mail address or a phone number is needed", "invalid_data")


def _check(reader: Reader, created: ClientCreated) -> None:
    """Refuses what the worker would make a dead letter of (B3, D1, G2)."""
    status = created.status
    if status is not None and status not in {one.code for one in reader.known.statuses}:
        raise Refused(422, f"status: business {reader.business} has no status '{status}'", "unknown_status")
    try:
        tags = clean_all(created.tags or [])
        check_all(reader.known.own_fields, created.fields or {}, reader.business)
    except InvalidTag as exc:
        raise Refused(422, f"tags: {exc}", "invalid_tag") from exc
    except RefusedByRule as exc:
        raise Refused(422, exc.message, exc.code) from exc
    if len(tags) > MAX_TAGS_PER_CLIENT:
        raise Refused(422, f"tags: a client has at most {MAX_TAGS_PER_CLIENT}", "too_many_tags")


async def _send(desk: Desk, business: str, made: Made) -> None:
    try:
        await desk.send(made.topic, business, made.value)
    except KafkaError as exc:
        raise Refused(
            503,
            f"Kafka has not confirmed it ({type(exc).__name__}); it may come all the same: look before you try again",
        ) from exc


def _answer(client_id: str, made: Made, *, shown: bool) -> Response[Entered]:
    entered = Entered(client_id=client_id, event_id=made.id, shown=shown)
    return Response(entered, status_code=200 if shown else 202)
