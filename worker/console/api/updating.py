"""Who a client is, changed by staff: an update of the card, sent to the worker as ``client.updated`` (G1, G2)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from aiokafka.errors import KafkaError
from litestar import Request, Response, patch
from litestar.datastructures import State
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET

from topics.clients import ClientUpdated
from worker.console.access import operators_only, token_of
from worker.console.api.asked import At, Business, ClientId
from worker.console.api.clients import look
from worker.console.desk import Desk
from worker.console.problems import Refused
from worker.console.sending import update as made_of
from worker.console.waiting import within
from worker.domain.field_values import check_all
from worker.domain.session import Refused as RefusedByRule
from worker.readmodel.reading import Reader

_PLAIN: Final = ("name", "source", "staff_id", "client_type", "industry", "headcount")
_LISTS: Final = ("emails", "phones", "linked_systems")
Wait = Annotated[float, QueryParameter(ge=0, description="Seconds to wait until the card shows it.")]


class Updated(msgspec.Struct, kw_only=True):
    """The id of the event; ``shown``: does the card show the changes already?"""

    event_id: str
    shown: bool


@patch(
    "/clients/{client_id:str}", guards=[operators_only], status_code=202, summary="Change a client's data",
    tags=["clients"],
)  # fmt: skip
async def update(
    request: Request[Any, Any, State],
    business: Business,
    client_id: ClientId,
    desk: At,
    data: JSONBody[dict[str, Any]],
    wait: Wait = 0.0,
) -> Response[Any]:
    """Name, ``emails``, ``phones`` (or ``email``, ``phone``: the first of them), ``source``, ``staff_id``, own
    ``fields``, ``client_type``, ``industry``, ``headcount``, ``linked_systems``. What is not named stays, null clears.

    Checked as the worker checks it (422 ``invalid_data``, ``unknown_field``, ``invalid_field_value``), and sent as
    ``client.updated``. 200 when the card shows it within ``wait`` seconds, else 202.
    """
    reader = await desk.reader(business)
    _, moved = await look(reader, client_id)
    if moved is not None:
        return moved
    made, changes = made_of(business, client_id, data, token_of(request).name)
    expected = _expected(reader, changes)
    try:
        await desk.send(made.topic, business, made.value)
    except KafkaError as exc:
        raise Refused(503, f"Kafka has not confirmed the change ({type(exc).__name__}); try again") from exc
    shown = bool(wait) and await _shown(desk, business, client_id, expected, wait)
    return Response(Updated(event_id=made.id, shown=shown), status_code=200 if shown else 202)


def _expected(reader: Reader, changes: ClientUpdated) -> dict[str, Any]:
    """What the card will show of it. Raises Refused as the worker would (G2)."""
    own = reader.known.own_fields
    fields = {} if changes.fields is UNSET else dict.fromkeys(own) if changes.fields is None else changes.fields
    try:
        checked = check_all(own, fields, reader.business)
    except RefusedByRule as exc:
        raise Refused(422, exc.message, exc.code) from exc
    expected: dict[str, Any] = {f"fields.{field_id}": value for field_id, value in checked.items()}
    for name in (*_PLAIN, *_LISTS):
        value = getattr(changes, name)
        if value is not UNSET:
            expected[name] = (list(dict.fromkeys(value)) if isinstance(value, list) else value) or None
    for name, values in (("email", "emails"), ("phone", "phones")):
        value = getattr(changes, name)
        if value is not UNSET and value and values not in expected:
            expected[name] = value
    return expected


async def _shown(desk: Desk, business: str, client_id: str, expected: Mapping[str, Any], seconds: float) -> bool:
    """Does the card show it within so many seconds?"""

    async def look() -> bool | None:
        card = await (await desk.reader(business)).card(client_id)
        if card is None:
            return False
        return all(_value(card, name) == value for name, value in expected.items()) or None

    return bool(await within(seconds, look))


def _value(card: Mapping[str, Any], name: str) -> Any:
    """What a card shows; None for nothing."""
    what, _, field_id = name.partition(".")
    if field_id:
        return (card.get("fields") or {}).get(field_id)
    if what in ("email", "phone"):
        return next(iter(card.get(f"{what}s") or ()), None)
    return card.get(what) or None
