"""Makes a message of the contract, checks it as the worker will, sends it under its key, and waits for the answer."""

import asyncio
import difflib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import orjson
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.structs import TopicPartition

from topics import outputs
from topics.envelope import EventDecoder, Malformed, Unusable
from topics.fields import BusinessId
from topics.registry import (
    BY_NAME,
    COMMAND_RESULTS,
    COMMAND_TOPICS,
    INPUT_TYPES,
    TOPIC_OF_TYPE,
)
from worker import clock, connecting, topic_admin
from worker.config import Settings
from worker.errors import CommandFailed, SettingError, StateMismatch
from worker.pipeline.decode import MAX_AHEAD
from worker.transport.clients import topic_name
from worker.transport.partitions import partition_of

SOURCE: Final = "client-status-cli"
"""The ``source`` of what is sent from the command line, unless another is named."""
ALIKE: Final = 0.5
SHOWN_NAMES: Final = 3
CONTENT_TYPE: Final = [("content-type", outputs.CONTENT_TYPE)]
POLL_SECONDS: Final = 1.0
PROGRESS: Final = "command.progress"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A checked event and where it goes. ``ignored``: names in its data that mean nothing to the worker."""

    topic: str
    type: str
    id: str
    source: str
    business: str
    value: bytes
    ignored: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Does it get an answer on ``command-results`` (C4)?"""
        return self.topic in COMMAND_TOPICS


def check_business(business: str) -> None:
    """Raises SettingError when that can be no business's id."""
    try:
        msgspec.convert(business, BusinessId)
    except msgspec.ValidationError:
        raise SettingError(f"--business: {business!r} is not 1-64 characters of A-Z a-z 0-9 . _ -") from None


def topic_of(type_: str) -> str:
    """The input topic of a type. Raises SettingError that names the types that may have been meant."""
    if type_ in INPUT_TYPES:
        return TOPIC_OF_TYPE[type_]
    if type_ in TOPIC_OF_TYPE:
        raise SettingError(f"TYPE: {type_} is what the worker sends (on {TOPIC_OF_TYPE[type_]}), not what it takes")
    close = difflib.get_close_matches(type_, INPUT_TYPES, SHOWN_NAMES, ALIKE)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(sorted(INPUT_TYPES))}"
    raise SettingError(f"TYPE: no event has the type {type_!r}. {hint}")


def message(
    type_: str,
    business: str,
    data: object,
    *,
    time: str | None = None,
    id_: str | None = None,
    source: str | None = None,
) -> Message:
    """The event, checked by the decoder that the worker uses. Raises SettingError with what is wrong with it."""
    topic = topic_of(type_)
    envelope = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()) if id_ is None else id_,
        "source": SOURCE if source is None else source,
        "type": type_,
        "time": _now() if time is None else time,
        "businessid": business,
        "datacontenttype": "application/json",
        "data": data,
    }
    value = orjson.dumps(envelope)
    try:
        event = EventDecoder(topic).decode(value, CONTENT_TYPE, clock.now() + MAX_AHEAD)
    except Unusable as exc:
        raise SettingError(f"{_flag(exc)}: {exc.message} ({exc.code})") from None
    if isinstance(event.data, Malformed):
        raise SettingError(f"--data: {event.data.message} (invalid_data)")
    return Message(
        topic=topic,
        type=type_,
        id=event.id,
        source=event.source,
        business=event.businessid,
        value=value,
        ignored=_ignored(type_, data),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _flag(refusal: Unusable) -> str:
    """Which flag an unusable event is about."""
    attributes = {"`id`": "--id", "`source`": "--source", "`time`": "--time", "`businessid`": "--business"}
    if refusal.code == "time_in_future" or refusal.message.startswith("time:"):
        return "--time"
    return next((flag for name, flag in attributes.items() if name in refusal.message), "--data")


def _ignored(type_: str, data: object) -> tuple[str, ...]:
    known = {field.encode_name for field in msgspec.structs.fields(INPUT_TYPES[type_])}
    return tuple(sorted(set(data) - known)) if isinstance(data, dict) else ()


async def send(settings: Settings, sent: Message) -> None:
    """Send it, acknowledged by all replicas in sync. Raises StateMismatch when the topic is not there."""
    partition = await _partition(settings, sent)
    async with connecting.producer(settings) as producer:
        await _send(producer, settings, sent, partition)


async def send_and_wait(settings: Settings, sent: Message, seconds: float, tell: Callable[[str], None]) -> bytes:
    """Send it and wait for its answer: the value of the record on ``command-results``, an event in JSON.

    The end of that topic is taken before the message leaves, so its answer cannot be missed. ``tell`` gets lines for
    people: that it was sent, and how far a sweep has come (K1). Raises CommandFailed after so many ``seconds``.
    """
    partition = await _partition(settings, sent)
    results = TopicPartition(topic_name(settings, COMMAND_RESULTS), partition)
    async with connecting.reader(settings) as reader, connecting.producer(settings) as producer:
        reader.assign([results])
        reader.seek(results, (await reader.end_offsets([results]))[results])
        await _send(producer, settings, sent, partition)
        tell(f"Sent {sent.id}; waiting for the answer.")
        try:
            async with asyncio.timeout(seconds):
                return await _answer(reader, sent, tell)
        except TimeoutError:
            raise CommandFailed(
                f"timed out: no answer to {sent.id} within {seconds:g} s. It is on the topic {sent.topic} and will be "
                "processed: is a worker running? Sending it again with the same --id and --source is safe"
            ) from None


def decoded(answer: bytes) -> dict[str, Any]:
    """The event in the value of an answer."""
    event: dict[str, Any] = orjson.loads(answer)
    return event


async def _answer(reader: Any, sent: Message, tell: Callable[[str], None]) -> bytes:
    async for record in reader:
        event = orjson.loads(record.value)
        data = event["data"]
        if (data["command_id"], data["command_source"]) != (sent.id, sent.source) or event[
            "businessid"
        ] != sent.business:
            continue
        if event["type"] == PROGRESS:
            tell(f"{data['done']} of {data['total']}")
        else:
            return bytes(record.value)
    raise CommandFailed("the broker ended the stream of answers")  # a consumer ends when it is stopped only


async def _partition(settings: Settings, sent: Message) -> int:
    """The partition of the business, on this broker."""
    async with connecting.admin(settings) as admin:
        found = await topic_admin.describe(admin, settings)
    for name in (sent.topic, COMMAND_RESULTS):
        if name not in found:
            raise StateMismatch(f"the topic {topic_name(settings, name)} is missing: run client-status topics create")
    return partition_of(sent.business.encode(), found[sent.topic].partitions)


async def _send(producer: Any, settings: Settings, sent: Message, partition: int) -> None:
    try:
        await producer.send_and_wait(
            topic_name(settings, sent.topic),
            value=sent.value,
            key=sent.business.encode(),
            partition=partition,
            headers=CONTENT_TYPE,
        )
    except MessageSizeTooLargeError as exc:
        limit = BY_NAME[sent.topic].config.get("max.message.bytes", "its limit")
        raise CommandFailed(f"the message is larger than the topic {sent.topic} takes ({limit} bytes)") from exc
