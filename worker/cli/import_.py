"""``client-status import``: the rows of a CSV or XLSX file as ``client.imported`` events (H6)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from topics.fields import Moment
from topics.moments import micros
from worker import clock
from worker.cli import bulk, sending
from worker.cli.flags import AppFlags, BrokerFlags, EnvFile, start
from worker.cli.importing import Follower, Import
from worker.cli.latest import partition_for
from worker.cli.output import counted, note, say
from worker.cli.send import Timeout, check_timeout
from worker.cli.settings_record import read_settings
from worker.config import Settings
from worker.errors import CommandFailed, SettingError
from worker.pipeline.decode import MAX_AHEAD
from worker.spreadsheets import files
from worker.spreadsheets.columns import Names, Plan, Unmappable, plan
from worker.spreadsheets.known import known_from
from worker.spreadsheets.refusals import Refusals
from worker.spreadsheets.rows import CONTENT_TYPE, TOPIC, Rows
from worker.spreadsheets.tables import Table, Unreadable
from worker.spreadsheets.values import SlashDates

DEFAULT_TIMEOUT: Final = 60.0


async def import_(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    business: str,
    map_: Annotated[list[str] | None, Parameter(name="--map", negative=())] = None,
    dates: SlashDates | None = None,
    sheet: str | None = None,
    time: str | None = None,
    rejected: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    wait: Annotated[bool, Parameter(negative=())] = False,
    seconds: Timeout = DEFAULT_TIMEOUT,
    broker: BrokerFlags = BrokerFlags(),
    app_flags: AppFlags = AppFlags(),
    env_file: EnvFile = None,
) -> int:
    """Import clients from a CSV or XLSX file: a client.imported event for each row.

    Columns are known by their names in English, Dutch, Italian and Finnish: id, name (or first and last name), email,
    phone, status (code or label), tags (one text with commas), source, staff id, client type, industry, headcount,
    linked systems; and the business's own fields by label or id. Others are passed over, and named. Encoding and
    separator are found by themselves.

    A row without an id gets one made from its e-mail address, else its phone number, else its name: always the same.
    Every row is checked as the worker will check it. Those that are refused go to a file with the reasons; mend them
    there and import that file. Importing a file twice changes nothing the second time: the event's id is a hash of what
    the row says.

    Exit code: 0 when no row was refused, 1 when some were (the others are sent) or the file cannot be read.

    Parameters
    ----------
    file
        A .csv or .xlsx file; the first row that is not empty has the names of the columns.
    business
        The business whose clients they are.
    map_
        What a column holds, such as --map "Kundennummer=client_id" or --map "Geboren=fields.birthday"; with nothing
        after the = the column is left out. May be given several times.
    dates
        What comes first in dates with slashes: the day (dmy) or the month (mdy).
    sheet
        The sheet of an XLSX file; else the first one.
    time
        When the rows were true, RFC 3339 with an offset. Else when the file was last changed. What was changed by hand
        after it counts more than what the file brings; of two rows about one client the later one counts.
    rejected
        Where the refused rows go, written anew; else beside the input, NAME.rejected.csv.
    dry_run
        Only say what would be refused; nothing is sent, and no file is written but the one that --rejected names.
    wait
        Wait until the worker (APP_ID) has processed the rows; what it refuses all the same is reported like the rest.
    seconds
        Seconds to wait for it.
    """
    settings = start(broker, app_flags, env_file=env_file).settings
    sending.check_business(business)
    check_timeout(seconds)
    at = _time(time, file)
    beside = file.parent / f"{file.stem}.rejected.csv"
    refused_to = rejected if rejected is not None or dry_run else beside
    if refused_to is not None and refused_to.resolve() == file.resolve():
        raise SettingError(f"--rejected: {refused_to} is the file that is read; name another one")
    known = known_from(await read_settings(settings, business))
    table, columns = _read(file, Names(known.own_fields), map_ or [], sheet)
    rows = Rows(business, columns.used, len(table.columns), known, at, clock.now() + MAX_AHEAD, dates)
    with Refusals(refused_to, table) as refusals:
        work = Import(table, rows, refusals)
        if dry_run:
            await work.run(None)
        else:
            await _send(settings, business, work, seconds if wait else None)
        work.close()
    sent = len(table.rows) - refusals.count
    would = "Would import" if dry_run else "Imported"
    say(f"{would} {counted(sent, 'row')} of {file.name} into {business}; refused {refusals.count}.")
    if refusals.count and refused_to is not None:
        say(f"The refused rows are in {refused_to}; mend them there and import that file.")
    return 1 if refusals.count else 0


def _time(said: str | None, file: Path) -> datetime:
    """The time of the events: what was said, else when the file was last changed; the same for the same file."""
    if said is not None:
        try:
            moment: datetime = msgspec.convert(said, Moment)
        except msgspec.ValidationError:
            raise SettingError(
                f"--time: {said!r} is not RFC 3339 with an offset, such as 2026-01-31T10:00:00Z"
            ) from None
    else:
        try:
            moment = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        except OSError as exc:
            raise CommandFailed(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    if micros(moment) > clock.now() + MAX_AHEAD:
        where = "--time" if said is not None else f"{file} was changed at {moment.isoformat()}, which"
        raise SettingError(f"{where} is more than 24 hours ahead; give another --time")
    return moment


def _read(file: Path, names: Names, mapped: list[str], sheet: str | None) -> tuple[Table, Plan]:
    """The table and what its columns hold, with notes for the person at the terminal."""
    try:
        table = files.read(file, names.recognises, sheet)
        columns = plan(table.columns, names, mapped)
    except Unreadable as exc:
        raise CommandFailed(f"{file}: {exc}") from exc
    except Unmappable as exc:
        raise SettingError(f"--map: {exc}") from exc
    if table.note:
        note(f"Note: {table.note}.")
    if columns.unused:
        note(f'Note: not imported: {", ".join(columns.unused)}. Say what a column holds with --map "Column=field".')
    return table, columns


async def _send(settings: Settings, business: str, work: Import, seconds: float | None) -> None:
    """Send the rows; with ``seconds`` wait for the worker, and write down what it refuses."""
    partition = await partition_for(settings, TOPIC, business)
    follower = await Follower.begin(settings, business, partition) if seconds is not None else None
    async with bulk.sender(settings, partition, business.encode(), CONTENT_TYPE) as sender:
        await work.run(sender.add)
    if follower is not None and seconds is not None and sender.end:
        for row, reason in await follower.refused(sender.first, sender.end, work.sent, seconds):
            work.refuse(row, reason)
