"""``client-status export``: whatever a filter finds among the clients of a business, as CSV (H6)."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter

from topics.registry import PROFILES
from worker.cli import sending
from worker.cli.flags import BrokerFlags, EnvFile, start
from worker.cli.latest import read_latest
from worker.cli.output import counted, note
from worker.cli.settings_record import read_settings
from worker.domain import card as cards
from worker.domain.card import Card
from worker.domain.filters import Client, InvalidFilter, Matches, for_clients
from worker.errors import CommandFailed, SettingError
from worker.spreadsheets.cards import table
from worker.spreadsheets.known import Known, known_from


async def export(
    *,
    business: str,
    filter_: Annotated[str | None, Parameter(name="--filter", allow_leading_hyphen=True)] = None,
    output: Path | None = None,
    excel: Annotated[bool, Parameter(negative=())] = False,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> None:
    """Write the clients of a business as CSV: the whole card, a row for each client, ordered by id.

    What is committed when the command begins. Clients of every status, ended ones too: --filter
    '{"field":"ended","op":"eq","value":false}' leaves those out. Clients that were merged into another one, or erased,
    are not there.

    A text that a spreadsheet program would take for a formula has an apostrophe before it; plain numbers and phone
    numbers such as +31 6 1234 5678 have none. client-status import takes the file, apostrophes and all.

    Parameters
    ----------
    business
        The business whose clients they are.
    filter_
        Which clients, as JSON in the filter language, such as {"field":"tags","op":"has_any","value":["VIP"]}.
    output
        The file, written anew; else standard output.
    excel
        For Excel where the comma stands in numbers: separated by semicolons, and marked as UTF-8.
    """
    settings = start(broker, env_file=env_file).settings
    sending.check_business(business)
    wanted = _json(filter_)
    known = known_from(await read_settings(settings, business))
    matches = _matches(wanted, known)
    prefix = f"{business}/".encode()
    values = await read_latest(settings, PROFILES, business, lambda key: key.startswith(prefix))
    lines = table((card for card in _cards(values) if matches(known.as_client(card))), known, ";" if excel else ",")
    if output is None:
        _print(lines)
        return
    found = _write(output, lines, "utf-8-sig" if excel else "utf-8") - 1
    note(f"{counted(found, 'client')} written to {output}.")


def _json(text: str | None) -> object:
    if text is None:
        return {"all": []}
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise SettingError(f"--filter: is not JSON: {exc}") from None
    return parsed


def _matches(filter_: object, known: Known) -> Matches[Client]:
    try:
        return for_clients(filter_, known.field_types, where="--filter")
    except InvalidFilter as exc:
        raise SettingError(str(exc)) from exc


def _cards(values: dict[bytes, bytes]) -> Iterator[Card]:
    """The cards in order of their keys, without aliases (E5); the encoded ones are let go on the way."""
    for key in sorted(values):
        value = values.pop(key)
        if not cards.is_alias(value):
            yield cards.decode(value)


def _print(lines: Iterable[str]) -> None:
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a TextIOWrapper; rows end as in files
    for line in lines:
        sys.stdout.write(line)


def _write(path: Path, lines: Iterable[str], encoding: str) -> int:
    """The file as a whole, or not at all; how many lines. What is no file, such as a pipe, is written to as it is."""
    path = path.resolve()  # a link stays one
    through = path.exists() and not path.is_file()
    target = path if through else path.parent / f"{path.name}.part"
    written = 0
    try:
        with target.open("w", encoding=encoding, newline="") as file:
            for line in lines:
                file.write(line)
                written += 1
        if not through:
            target.replace(path)
    except OSError as exc:
        if not through:
            target.unlink(missing_ok=True)
        raise CommandFailed(f"cannot write {path}: {exc.strerror or exc}") from exc
    return written
