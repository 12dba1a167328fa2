"""Settings as flags: which command takes which. Names, types and help come from ``worker.config``.

Flags arrive here as text, so that a value is judged by the same code, in the same words, wherever it came from.
"""

import dataclasses
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, dataclass_transform

from cyclopts import Group, Parameter

from worker.config import SETTINGS, Setting
from worker.observability import logs
from worker.settings_source import Loaded, load

SETTINGS_GROUP: Final = Group("Settings (flag, else environment, else .env file)", sort_key=10)
_Flags = TypeVar("_Flags")


def _help(setting: Setting) -> str:
    choices = f": {', '.join(setting.choices)}" if setting.choices else ""
    default = f" [default: {setting.default}]" if setting.default != "" and not setting.secret else ""
    return f"{setting.about}{choices}{default} [env: {setting.name}]"


@dataclass_transform(kw_only_default=True, frozen_default=True)
def _settings(cls: type[_Flags]) -> type[_Flags]:
    """Turn a class with a field for each setting into flags: ``http_port`` becomes ``--http-port``, with its help."""
    hints: dict[str, Any] = cls.__annotations__
    for field in hints:
        about = Parameter(
            name=SETTINGS[field].flag, help=_help(SETTINGS[field]), group=SETTINGS_GROUP, show_default=False
        )
        hints[field] = Annotated[str | None, about]
    return Parameter(name="*")(dataclasses.dataclass(frozen=True, kw_only=True)(cls))


@_settings
class BrokerFlags:
    """How to reach Kafka, what the topics are called there, and the log. Every command has these."""

    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: str | None = None
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: str | None = None
    kafka_ssl_cafile: str | None = None
    kafka_ssl_certfile: str | None = None
    kafka_ssl_keyfile: str | None = None
    topic_prefix: str | None = None
    log_format: str | None = None
    log_level: str | None = None


@_settings
class TopicsFlags:
    """How topics are made."""

    partitions: str | None = None
    replication_factor: str | None = None


@_settings
class PatienceFlags:
    """How long to wait for a broker at start."""

    broker_patience: str | None = None


@_settings
class AppFlags:
    """Which worker this is about."""

    app_id: str | None = None


@_settings
class WorkerFlags:
    """What only the worker needs."""

    processing_guarantee: str | None = None
    completion_grace: str | None = None
    max_dead_letters: str | None = None
    worker_slot: str | None = None
    http_host: str | None = None
    http_port: str | None = None
    session_timeout: str | None = None
    transaction_timeout: str | None = None
    transaction_records: str | None = None
    sweep_step: str | None = None
    watchdog_seconds: str | None = None


@_settings
class ReadModelFlags:
    """What the projector needs beside the broker."""

    redis_url: str | None = None
    timeline_entries: str | None = None
    http_host: str | None = None
    http_port: str | None = None


@_settings
class ConsoleFlags:
    """What the console needs beside the broker."""

    redis_url: str | None = None
    http_host: str | None = None
    http_port: str | None = None
    console_tokens_file: str | None = None


Flags = ConsoleFlags | ReadModelFlags | BrokerFlags | TopicsFlags | PatienceFlags | AppFlags | WorkerFlags
EnvFile = Annotated[
    Path | None,
    Parameter(
        name="--env-file", help="file of NAME=value lines; else .env, when there is one here", group=SETTINGS_GROUP
    ),
]
"""The ``--env-file`` of every command."""


def start(*flags: Flags, env_file: Path | None, quiet: bool = True) -> Loaded:
    """What every command begins with: the settings in force, and the log set up. Raises SettingError.

    ``quiet``: libraries are not heard, because the command tells its failure in one line.
    """
    typed = {name: value for group in flags for name, value in dataclasses.asdict(group).items()}
    loaded = load(typed, env_file=env_file)
    logs.configure(loaded.settings, quiet=quiet)
    return loaded
