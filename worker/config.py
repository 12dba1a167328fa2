"""Settings: every one once, with its type and what it is for; typed here and passed down from then on.

``worker.settings_source`` reads them from flags, then environment, then a ``.env`` file. The command line's help and
the documentation show the descriptions below.
"""

from typing import Annotated, Final, Literal, get_args, get_type_hints

import msgspec

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
Guarantee = Literal["exactly_once", "at_least_once"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
MAX_PARTITIONS: Final = 10_000
MAX_PORT: Final = 65_535
DAY_SECONDS: Final = 86_400


def _about(text: str, *, secret: bool = False) -> msgspec.Meta:
    """What a setting is for. A secret one is never shown, not even in an error."""
    return msgspec.Meta(description=text, extra={"secret": secret})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is the environment variable of the same name in capitals, and a flag: ``http_port`` is ``HTTP_PORT``
    and ``--http-port``."""

    kafka_bootstrap_servers: Annotated[str, _about("Kafka brokers, host:port, separated by commas")] = "127.0.0.1:9092"
    kafka_security_protocol: Annotated[SecurityProtocol, _about("how to talk to the brokers")] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[SaslMechanism, _about("how to log in, with a SASL_* protocol")] = "PLAIN"
    kafka_sasl_username: Annotated[str, _about("user name, with a SASL_* protocol")] = ""
    kafka_sasl_password: Annotated[
        str, _about("password, with a SASL_* protocol; better in the environment than as a flag", secret=True)
    ] = ""
    kafka_ssl_cafile: Annotated[str, _about("file of the authorities to trust; empty: the system's")] = ""
    kafka_ssl_certfile: Annotated[str, _about("file of our own certificate")] = ""
    kafka_ssl_keyfile: Annotated[str, _about("file of our own certificate's key")] = ""
    app_id: Annotated[str, _about("consumer group, and prefix of the transactional ids")] = "client-status"
    topic_prefix: Annotated[str, _about("put before every topic's name, such as acme.")] = ""
    partitions: Annotated[
        int, msgspec.Meta(ge=1, le=MAX_PARTITIONS), _about("partitions of every topic, when topics are made")
    ] = 4
    replication_factor: Annotated[
        int, msgspec.Meta(ge=1, le=100), _about("replicas of every topic, when topics are made")
    ] = 1
    processing_guarantee: Annotated[
        Guarantee, _about("at_least_once only for brokers without transactions, and then for one worker only")
    ] = "exactly_once"
    completion_grace: Annotated[
        float, msgspec.Meta(ge=0, le=DAY_SECONDS), _about("seconds after a booking's end before it counts as attended")
    ] = 60.0
    max_dead_letters: Annotated[
        int, msgspec.Meta(ge=0), _about("stop when more of a task's latest 1,000 records fail (exit 65); 0: never")
    ] = 200
    worker_slot: Annotated[
        str, _about("a stable number of this process, such as a StatefulSet's ordinal; empty: random")
    ] = ""
    state_dir: Annotated[str, _about("directory for local files; empty: none are kept")] = ""
    redis_url: Annotated[str, _about("Redis or Valkey", secret=True)] = "redis://127.0.0.1:6379/0"
    http_host: Annotated[str, _about("address to listen on: /livez, /readyz, /metrics, and the console's API")] = (
        "127.0.0.1"
    )
    http_port: Annotated[
        int, msgspec.Meta(ge=0, le=MAX_PORT), _about("port to listen on; 0: any free one, which the log names")
    ] = 8080
    console_tokens_file: Annotated[str, _about("file of the console's bearer tokens")] = ""
    timeline_entries: Annotated[
        int,
        msgspec.Meta(ge=1, le=1_000_000),
        _about("entries of a client's timeline that the projector keeps, the latest"),
    ] = 10_000
    log_format: Annotated[LogFormat, _about("log lines for people or for programs")] = "text"
    log_level: Annotated[LogLevel, _about("the least that is logged")] = "INFO"
    # Tuning of the worker; the defaults are measured (docs/design.md).
    session_timeout: Annotated[
        float,
        msgspec.Meta(ge=1, le=1800),
        _about("seconds without a heartbeat after which the group gives a worker's tasks to another"),
    ] = 6.0
    transaction_timeout: Annotated[
        float,
        msgspec.Meta(ge=1, le=900),
        _about("seconds after which the broker ends a transaction that was left open"),
    ] = 10.0
    transaction_records: Annotated[
        int, msgspec.Meta(ge=1, le=1_000_000), _about("input records in one transaction, at most")
    ] = 8_000
    sweep_step: Annotated[
        int,
        msgspec.Meta(ge=1, le=100_000),
        _about("clients that one step of work over all clients of a business visits, at most; a step is short, too"),
    ] = 2_000
    broker_patience: Annotated[
        float, msgspec.Meta(ge=0, le=3600), _about("seconds to wait for a broker at start before giving up (exit 69)")
    ] = 30.0
    watchdog_seconds: Annotated[
        float, msgspec.Meta(ge=2, le=3600), _about("seconds without progress after which the worker ends (exit 79)")
    ] = 60.0

    def __repr__(self) -> str:
        """Secrets are left out, so that no log or traceback can show them."""
        shown = (f"{s.field}={getattr(self, s.field)!r}" for s in SETTINGS.values() if not s.secret)
        return f"Settings({', '.join(shown)})"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as people meet it."""

    field: str
    annotation: object
    default: str | int | float
    about: str
    secret: bool
    choices: tuple[str, ...]

    @property
    def name(self) -> str:
        """The environment variable, and how messages call it."""
        return self.field.upper()

    @property
    def flag(self) -> str:
        """The flag of the commands that use it."""
        return "--" + self.field.replace("_", "-")


def _settings() -> dict[str, Setting]:
    annotations = get_type_hints(Settings, include_extras=True)
    found = {}
    for field in msgspec.structs.fields(Settings):
        annotation = annotations[field.name]
        plain, *metas = get_args(annotation)
        about = next(meta for meta in metas if meta.description is not None)
        found[field.name] = Setting(
            field=field.name,
            annotation=annotation,
            default=field.default,
            about=about.description,
            secret=about.extra["secret"],
            choices=get_args(plain),
        )
    return found


SETTINGS: Final = _settings()
"""Every setting by its field's name, in the order of the struct."""
