"""Makes and checks the topics on a broker: all there, as many partitions each, and kept as the contract says.

Topics are looked up by listing all of them: the embedded broker makes a topic as soon as it is asked about one by name.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from topics.registry import KEEP_FOREVER, TOPICS, Topic
from worker.config import Settings
from worker.errors import CommandFailed
from worker.transport.clients import topic_name

NO_ERROR: Final = 0
ALREADY_EXISTS: Final = 36
CREATE_MS: Final = 10_000
POLL_SECONDS: Final = 0.1
_KEPT: Final = ("retention.ms", "retention.bytes")
_SIZE: Final = "max.message.bytes"
_CLEANUP: Final = "cleanup.policy"
Configs = Mapping[str, str]


class Found(msgspec.Struct, frozen=True):
    """A topic as it is on the broker. ``configs`` holds what the broker tells; some tell little."""

    partitions: int
    configs: Configs


class Finding(msgspec.Struct, frozen=True):
    """What was seen of one topic, by its name on the broker. ``wrong``: the worker cannot work with it."""

    topic: str
    state: Literal["made", "ok", "missing", "different", "note"]
    text: str = ""

    @property
    def wrong(self) -> bool:
        """Must somebody do something?"""
        return self.state in {"missing", "different"}


async def create(admin: Any, settings: Settings, *, exactly: bool = True) -> list[Finding]:
    """Make the topics that are missing, leave the others as they are, and say how each of them is.

    ``exactly``: with settings.partitions partitions; otherwise with as many as those have that are there.
    Raises CommandFailed with the broker's reason when it refuses to make one.
    """
    there = await _names(admin)
    ours = [there[name] for topic in TOPICS if (name := topic_name(settings, topic.name)) in there]
    partitions = settings.partitions if exactly or not ours else _most_common(ours)
    missing = [topic for topic in TOPICS if topic_name(settings, topic.name) not in there]
    if missing:
        response = await admin.create_topics(
            [
                NewTopic(
                    topic_name(settings, topic.name),
                    partitions,
                    settings.replication_factor,
                    topic_configs=topic.configs,
                )
                for topic in missing
            ],
            timeout_ms=CREATE_MS,
        )
        for name, code, text in (_fields(error) for error in response.topic_errors):
            if code not in (NO_ERROR, ALREADY_EXISTS):
                reason = text or for_code(code).description or for_code(code).message
                raise CommandFailed(f"the broker does not make the topic {name}: {reason}")
    made = {topic_name(settings, topic.name) for topic in missing}
    await _until_known(admin, made)
    findings = await check(admin, settings, partitions=partitions)
    return [Finding(f.topic, "made", f.text) if f.topic in made and f.state == "ok" else f for f in findings]


async def _until_known(admin: Any, names: Collection[str]) -> None:
    """A cluster's brokers hear of new topics one after the other."""
    with contextlib.suppress(TimeoutError):  # what is still missing then is found missing
        async with asyncio.timeout(CREATE_MS / 1000):
            while set(names) - set(await _names(admin)):  # noqa: ASYNC110 - a broker is asked
                await asyncio.sleep(POLL_SECONDS)


def _fields(error: Any) -> tuple[str, int, str | None]:
    return error[0], error[1], error[2] if len(error) > 2 else None  # noqa: PLR2004 - older answers have no text


async def check(admin: Any, settings: Settings, *, partitions: int | None = None) -> list[Finding]:
    """How each topic is. ``partitions``: how many they must have; None: the same number, whatever it is."""
    found = await describe(admin, settings)
    return findings(found, settings, partitions)


async def describe(admin: Any, settings: Settings) -> dict[str, Found]:
    """The topics of ours that are there, by their name in the contract."""
    sizes = await _names(admin)
    ours = {topic.name: topic_name(settings, topic.name) for topic in TOPICS}
    present = {name: real for name, real in ours.items() if real in sizes}
    configs = await _configs(admin, present.values())
    return {name: Found(sizes[real], configs.get(real, {})) for name, real in present.items()}


async def _names(admin: Any) -> dict[str, int]:
    """The number of partitions of every topic on the broker."""
    return {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics() if t["error_code"] == NO_ERROR}


async def _configs(admin: Any, names: Iterable[str]) -> dict[str, Configs]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    found: dict[str, Configs] = {}
    for response in await admin.describe_configs(resources):
        for code, _, _, name, entries in response.resources:
            if code == NO_ERROR:
                found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def findings(found: Mapping[str, Found], settings: Settings, partitions: int | None) -> list[Finding]:
    """One finding per topic of the contract, in its order; several when several things differ."""
    wanted = partitions or _most_common([f.partitions for f in found.values()])
    result: list[Finding] = []
    for topic in TOPICS:
        real = topic_name(settings, topic.name)
        there = found.get(topic.name)
        if there is None:
            result.append(Finding(real, "missing", "is missing: run client-status topics create"))
            continue
        problems = [*_partitions(real, there, wanted), *_settings(topic, real, there.configs)]
        kept = f"{there.partitions} partitions, {topic.cleanup}"
        result.extend(problems or [Finding(real, "ok", kept)])
    return result


def _most_common(sizes: list[int]) -> int:
    return max(sorted(set(sizes)), key=sizes.count, default=0)


def _partitions(real: str, there: Found, wanted: int) -> Iterable[Finding]:
    if there.partitions != wanted:
        yield Finding(
            real,
            "different",
            f"has {there.partitions} partitions where {wanted} are wanted: all topics must have the same number, and "
            "it cannot be changed once there are records. Set PARTITIONS, or make the topic again",
        )


def _settings(topic: Topic, real: str, configs: Configs) -> Iterable[Finding]:
    if not configs:
        return
    policy = configs.get(_CLEANUP)
    if policy is not None and policy.replace(" ", "") != topic.cleanup:
        yield Finding(
            real, "different", f"has {_CLEANUP}={policy}, must be {topic.cleanup}: {_fix(real, topic, _CLEANUP)}"
        )
    wanted = topic.config.get(_SIZE)
    size = configs.get(_SIZE)
    if wanted is not None and size is not None and int(size) < int(wanted):
        yield Finding(real, "different", f"has {_SIZE}={size}, must be {wanted} or more: {_fix(real, topic, _SIZE)}")
    limited = [
        f"{name}={configs[name]}"
        for name in _KEPT
        if topic.config.get(name) == KEEP_FOREVER and configs.get(name, KEEP_FOREVER) != KEEP_FOREVER
    ]
    if limited:
        yield Finding(real, "note", f"is not kept for ever ({', '.join(limited)}): what is older will go")


def _fix(real: str, topic: Topic, name: str) -> str:
    return (
        f"kafka-configs.sh --alter --entity-type topics --entity-name {real} --add-config {name}={topic.configs[name]}"
    )
