"""``client-status watch``: status and tag changes as they come, with their reasons."""

import asyncio
import contextlib
import signal
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import orjson
from aiokafka.structs import TopicPartition
from cyclopts import Parameter

from worker import connecting, topic_admin
from worker.cli import sending, wording
from worker.cli.flags import BrokerFlags, EnvFile, start
from worker.cli.output import note, say
from worker.config import Settings
from worker.errors import StateMismatch
from worker.transport.clients import topic_name
from worker.transport.partitions import partition_of

POLL_MS: Final = 500
TOPICS: Final = ("client-status-changes", "client-tag-changes")


async def watch(
    *,
    business: Annotated[list[str], Parameter(negative=())],
    json: Annotated[bool, Parameter(negative=())] = False,
    from_beginning: Annotated[bool, Parameter(negative=())] = False,
    broker: BrokerFlags = BrokerFlags(),
    env_file: EnvFile = None,
) -> None:
    """Show status and tag changes of a business as they come, one line each, with the reason. Ctrl-C ends it.

    Only what is committed is shown.

    Parameters
    ----------
    business
        The business to watch; may be given several times.
    json
        Print the events themselves, one JSON object a line.
    from_beginning
        Begin with the oldest change that is still there, not with the next one.
    """
    settings = start(broker, env_file=env_file).settings
    for one in business:
        sending.check_business(one)
    ended = asyncio.create_task(_asked_to_end())
    shown = asyncio.create_task(_show(settings, set(business), json=json, from_beginning=from_beginning))
    done, _ = await asyncio.wait({ended, shown}, return_when=asyncio.FIRST_COMPLETED)
    for task in (ended, shown):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    if shown in done:
        shown.result()


async def _asked_to_end() -> None:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


async def _show(settings: Settings, businesses: set[str], *, json: bool, from_beginning: bool) -> None:
    partitions = await _partitions(settings, businesses)
    async with connecting.reader(settings) as reader:
        reader.assign(partitions)
        await _position(reader, partitions, from_beginning=from_beginning)
        note(f"Watching {', '.join(sorted(businesses))}; Ctrl-C ends it.")
        while True:
            fetched = await reader.getmany(timeout_ms=POLL_MS)
            for event, value in in_order(record for records in fetched.values() for record in records):
                if event["businessid"] in businesses:
                    say(value.decode() if json else wording.line(event, business=len(businesses) > 1))


def in_order(records: Iterable[Any]) -> list[tuple[Any, bytes]]:
    """The events of what came together from both topics, and as they were written: by when, each client's by its
    sequence, so that nobody gets a tag before being there."""
    found = [(record.timestamp, orjson.loads(record.value), record.value) for record in records]
    found.sort(key=lambda entry: (entry[0], entry[1]["data"]["client_id"], entry[1]["data"]["sequence"]))
    return [(event, value) for _, event, value in found]


async def _position(reader: Any, partitions: Sequence[TopicPartition], *, from_beginning: bool) -> None:
    """At the ends as they are now, so that what comes after the first line printed is seen."""
    find = reader.beginning_offsets if from_beginning else reader.end_offsets
    for partition, offset in (await find(partitions)).items():
        reader.seek(partition, offset)


async def _partitions(settings: Settings, businesses: set[str]) -> list[TopicPartition]:
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    partitions = set()
    for name in TOPICS:
        real = topic_name(settings, name)
        if name not in found:
            raise StateMismatch(f"the topic {real} is missing: run client-status topics create")
        partitions |= {TopicPartition(real, partition_of(b.encode(), found[name].partitions)) for b in businesses}
    return sorted(partitions)
