"""``client-status send``: any event, command or control message of the contract."""

import sys
from typing import Annotated, Final

import orjson
from cyclopts import Parameter

from worker.cli import sending
from worker.cli.answers import show_answer
from worker.cli.flags import BrokerFlags, EnvFile, start
from worker.cli.output import note, say
from worker.errors import SettingError

DEFAULT_TIMEOUT: Final = 30.0
FROM_STDIN: Final = "-"
Timeout = Annotated[float, Parameter(name="--timeout", help="Seconds to wait for the answer.")]


async def send(
    type_: Annotated[str, Parameter(name="TYPE")],
    /,
    *,
    business: str,
    data: Annotated[str, Parameter(allow_leading_hyphen=True)] = "{}",
    time: str | None = None,
    id_: Annotated[str | None, Parameter(name="--id")] = None,
    source: str | None = None,
    wait: Annotated[bool, Parameter(negative=())] = False,
    seconds: Timeout = DEFAULT_TIMEOUT,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> int | None:
    """Send an event, a command or a control message, and print its id.

    It is checked here as the worker will check it. With --wait the answer to a command or control message is printed
    as JSON instead; the exit code is 1 when it was rejected or did not come in time.

    Parameters
    ----------
    type_
        The type, such as booking.attended, status.set or automation.set.
    business
        The business it is about: the record's key.
    data
        The data as a JSON object; - reads it from standard input.
    time
        When it happened, RFC 3339 with an offset, such as 2026-01-31T10:00:00Z. Else now.
    id_
        Its id, unique per source: sent again with the same one it counts once. Else a new one.
    source
        Which system says so. Else client-status-cli.
    wait
        Wait for the answer of the worker (commands and control messages only).
    """
    settings = start(broker, env_file=env_file).settings
    sending.check_business(business)
    message = sending.message(type_, business, _parsed(data), time=time, id_=id_, source=source)
    if wait and not message.answered:
        raise SettingError(f"--wait: events on {message.topic} get no answer; only commands and control messages do")
    check_timeout(seconds)
    for name in message.ignored:
        note(f"Note: {type_} has no field {name!r}; it will be ignored.")
    if not wait:
        await sending.send(settings, message)
        say(message.id)
        return None
    return show_answer(await sending.send_and_wait(settings, message, seconds, note))


def check_timeout(seconds: float) -> None:
    """Raises SettingError when that is no time to wait."""
    if not 0 < seconds < float("inf"):
        raise SettingError(f"--timeout: {seconds:g} is not a number of seconds above 0")


def _parsed(data: str) -> object:
    text = sys.stdin.buffer.read() if data == FROM_STDIN else data
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise SettingError(f"--data: is not JSON: {exc}") from None
    if not isinstance(parsed, dict):
        raise SettingError('--data: must be a JSON object, such as \'{"client_id": "c1"}\'')
    return parsed
