"""Commands: any command or control message, sent to the worker, and what became of it (C4)."""

from typing import Annotated, Any, Final

import msgspec
from aiokafka.errors import KafkaError
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter
from redis.exceptions import RedisError

from worker.console.access import operators_only, token_of
from worker.console.api.asked import At, Business
from worker.console.problems import Refused
from worker.console.sending import command, told
from worker.console.waiting import within
from worker.readmodel.fold import RESULT_SECONDS

PROGRESS: Final = "command.progress"


class Sent(msgspec.Struct, kw_only=True):
    """A command: its type, its data, and how many seconds to wait for the answer, of which MAX_WAIT count."""

    type: str
    data: dict[str, Any]
    wait: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Accepted(msgspec.Struct, kw_only=True):
    """It is on its way; ``GET /commands/{command_id}`` says what becomes of it."""

    command_id: str


@post("/commands", guards=[operators_only], status_code=202, summary="Send a command", tags=["commands"])
async def send(request: Request[Any, Any, State], business: Business, desk: At, data: JSONBody[Sent]) -> Response[Any]:
    """202 with the command's id; with ``wait``, 200 with the result if there is one by then."""
    made = command(business, data.type, data.data, token_of(request).name)
    reader = await desk.reader(business)  # without Redis nothing is sent: whoever tries again does it once
    await desk.redis.set(reader.keys.sent(business, made.id), b"", ex=RESULT_SECONDS)
    path = f"/api/v1/businesses/{business}/commands/{made.id}"
    try:
        await desk.send(made.topic, business, made.value)
    except KafkaError as exc:
        why = f"Kafka has not confirmed the command ({type(exc).__name__}); it may have it all the same: look at {path}"
        raise Refused(503, f"{why} before you send it again", headers={"Location": path}) from exc
    answer = await _answer(desk, business, made.id, data.wait) if data.wait else None
    if answer is not None:
        return Response(told(answer), status_code=200)
    return Response(Accepted(command_id=made.id), status_code=202, headers={"Location": path})


async def _answer(desk: At, business: str, id_: str, seconds: float) -> dict[str, Any] | None:
    """The answer, if it comes within so many seconds."""

    async def look() -> dict[str, Any] | None:
        answer = await (await desk.reader(business)).answer(id_)
        return answer if answer is not None and answer["type"] != PROGRESS else None

    try:
        return await within(seconds, look)
    except (TimeoutError, RedisError, ConnectionError):  # it is sent, whatever can be read of it
        return None


@get("/commands/{command_id:str}", summary="What became of a command", tags=["commands"])
async def result(
    business: Business, desk: At, command_id: Annotated[str, PathParameter(max_length=128)]
) -> Response[Any]:
    """200 with the result, whoever sent it; 202 while there is none, with how far it has come (K1)."""
    reader = await desk.reader(business)
    answer = await reader.answer(command_id)
    if answer is not None:
        return Response(told(answer), status_code=202 if answer["type"] == PROGRESS else 200)
    if await desk.redis.exists(reader.keys.sent(business, command_id)):
        return Response(Accepted(command_id=command_id), status_code=202)
    raise Refused(404, f"nothing is known of a command {command_id} (answers are kept for a week)", "unknown_command")
