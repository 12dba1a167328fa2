"""``client-status automation``: the toggles of a business, in words."""

from typing import Annotated, Any, Final, Literal

import msgspec
from cyclopts import App, Parameter

from topics.causes import Trigger
from topics.fields import Language
from worker.cli import sending
from worker.cli.answers import exit_code, problems
from worker.cli.flags import BrokerFlags, EnvFile, start
from worker.cli.output import note, say
from worker.cli.send import DEFAULT_TIMEOUT, Timeout, check_timeout
from worker.cli.settings_record import read_settings, settings_in_words
from worker.errors import SettingError

app = App(name="automation", help="Show or change what a business has automated.")
Switch = Literal["on", "off"]
TRIGGERS: Final = Trigger.__args__  # type: ignore[attr-defined]  # a Literal has arguments
NONE: Final = "none"
NEVER: Final = "never"
"""What ``automation show`` says of it."""
MAX_DAYS: Final = 3650
CatchUp = Annotated[
    bool,
    Parameter(negative=(), help="Apply the settings to every client of the business, too, not only to what comes."),
]
Business = Annotated[str, Parameter(help="The business it is about.")]
Actor = Annotated[str | None, Parameter(help="Who changes it, for the record.")]


@app.command
async def show(
    *,
    business: Business,
    json: Annotated[bool, Parameter(negative=(), help="Print the settings record as it is.")] = False,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> None:
    """Show the settings in force."""
    settings = start(broker, env_file=env_file).settings
    sending.check_business(business)
    record = await read_settings(settings, business)
    if json:
        say(record.decode() if record is not None else "null")
        return
    for line in settings_in_words(business, record):
        say(line)


@app.command
async def on(
    *,
    business: Business,
    catch_up: CatchUp = False,
    actor: Actor = None,
    seconds: Timeout = DEFAULT_TIMEOUT,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> int:
    """Turn automation on: leads become customers by themselves again."""
    data = {"enabled": True, **({"catch_up": True} if catch_up else {})}
    return await _change(business, data, actor, seconds, broker, env_file)


@app.command
async def off(
    *,
    business: Business,
    actor: Actor = None,
    seconds: Timeout = DEFAULT_TIMEOUT,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> int:
    """Turn automation off: a status changes by hand only."""
    return await _change(business, {"enabled": False}, actor, seconds, broker, env_file)


@app.command(name="set")
async def set_(
    *,
    business: Business,
    trigger: Annotated[list[str] | None, Parameter(negative=())] = None,
    completion: Literal["elapsed", "explicit"] | None = None,
    catch_up: CatchUp = False,
    inactive_after_days: str | None = None,
    require_end_reason: Switch | None = None,
    locale: str | None = None,
    actor: Actor = None,
    seconds: Timeout = DEFAULT_TIMEOUT,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> int:
    """Change settings; what is not named stays as it is.

    Parameters
    ----------
    trigger
        What makes a customer of a lead: booking_attended, invoice_issued, payment_made or message_received, with =on or
        =off. May be given several times.
    completion
        elapsed: a booking counts as attended when its end has passed; explicit: only when somebody says so.
    inactive_after_days
        After so many days without activity a customer becomes inactive (1-3650); none, or never: it does not.
    require_end_reason
        Must a change by hand to an ended status give a reason?
    locale
        The language of labels, such as nl.
    """
    data: dict[str, Any] = {}
    if trigger:
        data["triggers"] = dict(_switched(text) for text in trigger)
    if completion is not None:
        data["completion"] = completion
    if catch_up:
        data["catch_up"] = True
    if inactive_after_days is not None:
        data["inactive_after_days"] = _days(inactive_after_days)
    if require_end_reason is not None:
        data["require_end_reason"] = require_end_reason == "on"
    if locale is not None:
        data["locale"] = _language(locale)
    if not data:
        raise SettingError("automation set: nothing to change: name a setting, such as --trigger message_received=on")
    return await _change(business, data, actor, seconds, broker, env_file)


def _switched(text: str) -> tuple[str, bool]:
    name, _, state = text.partition("=")
    if name not in TRIGGERS or state not in {"on", "off"}:
        raise SettingError(f"--trigger: {text!r} is not NAME=on or NAME=off; the names are {', '.join(TRIGGERS)}")
    return name, state == "on"


def _days(text: str) -> int | None:
    if text in (NONE, NEVER):
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_DAYS:
        raise SettingError(f"--inactive-after-days: {text!r} is neither a number from 1 to {MAX_DAYS} nor {NONE}")
    return int(text)


def _language(text: str) -> str:
    try:
        return msgspec.convert(text, Language)
    except msgspec.ValidationError:
        raise SettingError(f"--locale: {text!r} is not a BCP 47 language, such as nl or pt-BR") from None


async def _change(
    business: str, data: dict[str, Any], actor: str | None, seconds: float, broker: BrokerFlags, env_file: EnvFile
) -> int:
    settings = start(broker, env_file=env_file).settings
    sending.check_business(business)
    check_timeout(seconds)
    message = sending.message("automation.set", business, data | ({"actor": actor} if actor else {}))
    answer = await sending.send_and_wait(settings, message, seconds, note)
    event = sending.decoded(answer)
    for line in problems(event):
        note(line)
    if not exit_code(event):
        say(f"Done: the settings of {business} are at revision {event['data']['revision']}.")
    return exit_code(event)
