"""``client-status dead-letters``: list, inspect, and replay to where they came from (J3)."""

import collections
from typing import Annotated, Any, Final

import orjson
from aiokafka.structs import TopicPartition
from cyclopts import App, Parameter

from topics import dead_letters
from topics.registry import INPUTS
from worker.cli.flags import AppFlags, BrokerFlags, EnvFile, start
from worker.cli.output import counted, note, printable, say, table
from worker.dead_letters.letters import Letter, partitions, place, read, read_one
from worker.dead_letters.replay import Report, replay_letters
from worker.dead_letters.replayed import replayed
from worker.errors import CommandFailed, SettingError

app = App(name="dead-letters", help="Records that could not be processed: list, inspect, replay.")
DEFAULT_LIMIT: Final = 50
SHOWN_REFUSED: Final = 20
Code = Annotated[str | None, Parameter(help=f"Only those with this code: {', '.join(dead_letters.CODES)}.")]
Topic = Annotated[str | None, Parameter(help="Only those that came from this topic.")]


@app.command(name="list")
async def list_(
    *,
    code: Code = None,
    topic: Topic = None,
    business: Annotated[str | None, Parameter(help="Only those that name this business.")] = None,
    limit: Annotated[int, Parameter(help="At most so many, the latest; 0: all.")] = DEFAULT_LIMIT,
    json: Annotated[bool, Parameter(negative=(), help="One JSON object a line.")] = False,
    broker: BrokerFlags = BrokerFlags(),
    app_flags: AppFlags = AppFlags(),
    env_file: EnvFile = None,
) -> None:
    """List dead letters, the latest last: place, time, code, where from, whether replayed, and what was wrong.

    What the records contain is shown by client-status dead-letters show PARTITION:OFFSET only.
    """
    settings = start(broker, app_flags, env_file=env_file).settings
    _check(code)
    real = _named(settings.topic_prefix, topic)
    if limit < 0:
        raise SettingError(f"--limit: {limit} is below 0")
    these = await partitions(settings)
    latest: collections.deque[tuple[Letter, bool]] = collections.deque(maxlen=None)
    total = 0
    async with replayed(settings, these) as done:
        async for letter in read(settings, these):
            if not _selected(letter, code, real) or business not in {None, letter.business}:
                continue
            total += 1
            latest.append((letter, letter.place in done))
            if limit and len(latest) > 2 * limit:
                latest = _latest(latest, limit)
    shown = sorted(_latest(latest, limit) if limit else latest, key=_age)
    if json:
        for letter, again in shown:
            say(orjson.dumps(_row(letter, replayed=again)).decode())
        return
    for line in table([_cells(letter, replayed=again) for letter, again in shown]):
        say(line)
    note(
        counted(total, "dead letter") + (f"; the latest {len(shown)} are shown (--limit)" if len(shown) < total else "")
    )


def _age(item: tuple[Letter, bool]) -> tuple[str, Any]:
    return (item[0].at, item[0].place)


def _latest(items: "collections.deque[tuple[Letter, bool]]", limit: int) -> "collections.deque[tuple[Letter, bool]]":
    return collections.deque(sorted(items, key=_age)[-limit:])


def _row(letter: Letter, *, replayed: bool) -> dict[str, Any]:
    return {
        "place": str(letter.place),
        "at": letter.at,
        "code": letter.code,
        "message": letter.message,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "business": letter.business,
        "bytes": len(letter.value or b""),
        "replayed": replayed,
    }


def _cells(letter: Letter, *, replayed: bool) -> tuple[str, ...]:
    return (
        str(letter.place),
        letter.at,
        letter.code,
        letter.came_from,
        printable(letter.business or "-"),
        "replayed" if replayed else "-",
        printable(" ".join(letter.message.split())),
    )


@app.command
async def show(
    where: Annotated[str, Parameter(name="PARTITION:OFFSET", help="As client-status dead-letters list shows it.")],
    /,
    *,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> None:
    """Show one dead letter whole, with what the record contains."""
    settings = start(broker, env_file=env_file).settings
    letter = await read_one(settings, place(where))
    if letter is None:
        raise CommandFailed(f"there is no dead letter at {where} (any more)")
    for name, text in (
        ("place", str(letter.place)),
        ("at", letter.at),
        ("code", letter.code),
        ("message", letter.message),
        ("came from", letter.came_from),
        ("timestamp", str(letter.timestamp)),
        ("key", _text(letter.key)),
        *((f"header {header}", _text(content)) for header, content in letter.headers),
    ):
        say(f"{name:<12} {text}")
    say("")
    say(_pretty(letter.value))


def _text(content: bytes | None) -> str:
    if content is None:
        return "(none)"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"(not UTF-8) {content!r}"
    return text if text.isprintable() else repr(text)


def _pretty(value: bytes | None) -> str:
    if value is None:
        return "(no value)"
    try:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return _text(value)


@app.command
async def replay(
    *places: Annotated[str, Parameter(name="PARTITION:OFFSET", help="Replay these.")],
    all_: Annotated[bool, Parameter(name="--all", negative=(), help="Replay all.")] = False,
    code: Code = None,
    topic: Topic = None,
    dry_run: Annotated[bool, Parameter(negative=(), help="Only say what would be replayed.")] = False,
    again: Annotated[bool, Parameter(negative=(), help="Also those that were replayed before.")] = False,
    broker: BrokerFlags = BrokerFlags(),
    app_flags: AppFlags = AppFlags(),
    env_file: EnvFile = None,
) -> None:
    """Send dead letters back to the topic they came from: the same bytes, key, timestamp and headers.

    Say which: --all, --code, --topic, or places. Safe to repeat: what was replayed before is skipped (the group
    APP_ID-dead-letters-replay remembers it), and an event that is sent twice counts once. A record that still cannot be
    processed becomes a new dead letter. Those that were there when the command began are replayed, no later ones.
    """
    settings = start(broker, app_flags, env_file=env_file).settings
    _check(code)
    real = _named(settings.topic_prefix, topic)
    wanted = {place(text) for text in places}
    if bool(wanted) + all_ + bool(code or topic) != 1:
        raise SettingError(
            "dead-letters replay: say which: either --all, or --code and/or --topic, or PARTITION:OFFSET …"
        )
    these = await partitions(settings)
    read_from: list[TopicPartition] = (
        [p for p in these if p.partition in {w.partition for w in wanted}] if wanted else list(these)
    )

    def selected(letter: Letter) -> bool:
        return letter.place in wanted if wanted else _selected(letter, code, real)

    report = await replay_letters(settings, read_from, selected, places=wanted, dry_run=dry_run, again=again)
    for line in _told(report, dry_run=dry_run):
        say(line)
    missing = wanted - report.seen
    if missing:
        raise CommandFailed(f"there is no dead letter at {', '.join(map(str, sorted(missing)))} (any more)")


def _told(report: Report, *, dry_run: bool) -> list[str]:
    """What a replay did, for the person who asked, a line each."""
    codes = ", ".join(f"{n} {code}" for code, n in sorted(report.sent.items()))
    did = "Would replay" if dry_run else "Replayed"
    lines = [f"{did} {counted(report.sent.total(), 'dead letter')}{f' ({codes})' if codes else ''}."]
    if report.skipped:
        lines.append(f"Skipped {len(report.skipped)} that were replayed before (--again sends them once more).")
    if report.short_lived:
        lines.append(
            f"{report.short_lived} of them have timestamps older than their topic keeps records: the broker may "
            "delete them within minutes. Have a worker running while you replay them."
        )
    refused = [f"{where} cannot be replayed: {why}" for where, why in report.refused.items()]
    lines += refused[:SHOWN_REFUSED]
    if len(refused) > SHOWN_REFUSED:
        lines.append(f"… and {len(refused) - SHOWN_REFUSED} more cannot be replayed.")
    return lines


def _check(code: str | None) -> None:
    if code is not None and code not in dead_letters.CODES:
        raise SettingError(f"--code: {code!r} is none of {', '.join(dead_letters.CODES)}")


def _named(prefix: str, topic: str | None) -> str | None:
    """The real name of an input topic that was named with the prefix or without. Raises SettingError."""
    if topic is None:
        return None
    name = topic.removeprefix(prefix)
    if name not in {one.name for one in INPUTS}:
        raise SettingError(f"--topic: {topic!r} is none of {', '.join(one.name for one in INPUTS)}")
    return prefix + name


def _selected(letter: Letter, code: str | None, topic: str | None) -> bool:
    return code in {None, letter.code} and topic in {None, letter.topic}
