"""What settings must be beyond their types, one by one and together. Each refusal names the setting and what to do."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from topics.registry import TOPICS
from worker.config import MAX_PORT, Settings
from worker.errors import SettingError

_NAME: Final = re.compile(r"[A-Za-z0-9._-]*")
"""What Kafka allows in a topic's name; ACLs by prefix need the same of the group."""
MAX_TOPIC_LENGTH: Final = 249
MAX_APP_ID_LENGTH: Final = 200
MAX_SLOT_LENGTH: Final = 18
_DATABASE: Final = re.compile(r"/?[0-9]*", re.ASCII)
_REDIS_SCHEMES: Final = ("redis", "rediss", "unix")

Check = Callable[[Settings, frozenset[str]], Iterator[str]]


def check_together(settings: Settings, given: frozenset[str]) -> None:
    """Raises SettingError with the first thing that is wrong. ``given``: the fields that are not defaults."""
    for check in _CHECKS:
        for problem in check(settings, given):
            raise SettingError(problem)


def _servers(settings: Settings, _given: frozenset[str]) -> Iterator[str]:
    servers = [server.strip() for server in settings.kafka_bootstrap_servers.split(",") if server.strip()]
    if not servers:
        yield "KAFKA_BOOTSTRAP_SERVERS: is empty: give host:port, several separated by commas"
    for server in servers:
        host, _, port = server.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= MAX_PORT or "/" in server:
            yield f"KAFKA_BOOTSTRAP_SERVERS: {server!r} is not host:port"


def _login(settings: Settings, given: frozenset[str]) -> Iterator[str]:
    protocol = settings.kafka_security_protocol
    if protocol.startswith("SASL"):
        for name, value in (
            ("KAFKA_SASL_USERNAME", settings.kafka_sasl_username),
            ("KAFKA_SASL_PASSWORD", settings.kafka_sasl_password),
        ):
            if not value:
                yield f"{name}: is needed with KAFKA_SECURITY_PROTOCOL={protocol}"
    else:
        for field in ("kafka_sasl_username", "kafka_sasl_password"):
            if field in given:
                yield (
                    f"{field.upper()}: would not be used with KAFKA_SECURITY_PROTOCOL={protocol}; "
                    "set that to SASL_SSL or SASL_PLAINTEXT"
                )


def _certificates(settings: Settings, given: frozenset[str]) -> Iterator[str]:
    protocol = settings.kafka_security_protocol
    for field in ("kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile"):
        if field in given and not protocol.endswith("SSL"):
            yield (
                f"{field.upper()}: would not be used with KAFKA_SECURITY_PROTOCOL={protocol}; "
                "set that to SSL or SASL_SSL"
            )
        yield from _no_file(field.upper(), getattr(settings, field))
    certificate, key = settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile
    if key and not certificate:
        yield "KAFKA_SSL_CERTFILE: is needed with KAFKA_SSL_KEYFILE"
    if certificate and not key and "PRIVATE KEY" not in _text(certificate):
        yield f"KAFKA_SSL_KEYFILE: is needed, there is no private key in KAFKA_SSL_CERTFILE={certificate}"
    if (key or certificate) and "ENCRYPTED" in _text(key or certificate):
        yield f"KAFKA_SSL_KEYFILE: {key or certificate} is encrypted, and nobody is there to type its passphrase"


def _text(path: str) -> str:
    return Path(path).read_bytes().decode("latin-1")


def _no_file(name: str, path: str) -> Iterator[str]:
    if not path:
        return
    if not Path(path).is_file():
        yield f"{name}: there is no file {path}"
        return
    try:
        with Path(path).open("rb"):
            pass
    except OSError as exc:
        yield f"{name}: cannot read {path}: {exc.strerror}"


def _files(settings: Settings, _given: frozenset[str]) -> Iterator[str]:
    yield from _no_file("CONSOLE_TOKENS_FILE", settings.console_tokens_file)
    if settings.state_dir and Path(settings.state_dir).exists() and not Path(settings.state_dir).is_dir():
        yield f"STATE_DIR: {settings.state_dir} is not a directory"


def _names(settings: Settings, _given: frozenset[str]) -> Iterator[str]:
    if not settings.app_id or not _NAME.fullmatch(settings.app_id) or len(settings.app_id) > MAX_APP_ID_LENGTH:
        yield f"APP_ID: {settings.app_id!r} is not 1-{MAX_APP_ID_LENGTH} characters of A-Z a-z 0-9 . _ -"
    if not _NAME.fullmatch(settings.topic_prefix):
        yield f"TOPIC_PREFIX: {settings.topic_prefix!r} has characters other than A-Z a-z 0-9 . _ -"
    longest = MAX_TOPIC_LENGTH - max(len(topic.name) for topic in TOPICS)
    if len(settings.topic_prefix) > longest:
        yield f"TOPIC_PREFIX: has {len(settings.topic_prefix)} characters; Kafka's limit for names leaves {longest}"
    slot = settings.worker_slot
    if slot and not (slot.isascii() and slot.isdigit() and len(slot) <= MAX_SLOT_LENGTH):
        yield f"WORKER_SLOT: {slot!r} is not a whole number of at most {MAX_SLOT_LENGTH} digits"
    if not settings.http_host.strip():
        yield "HTTP_HOST: is empty: give an address, such as 127.0.0.1 or 0.0.0.0"


def _redis(settings: Settings, _given: frozenset[str]) -> Iterator[str]:
    try:
        url = urlsplit(settings.redis_url)
    except ValueError:
        url = urlsplit("")
    if url.scheme not in _REDIS_SCHEMES:
        yield "REDIS_URL: is not a URL such as redis://host:6379/0 (redis, rediss and unix are known)"
    if url.scheme == "unix":
        return
    encoded = "in a user or password, characters such as / ? # and @ are written %2F, %3F, %23 and %40"
    try:
        _ = url.port
    except ValueError:
        yield f"REDIS_URL: its port is no number from 0 to {MAX_PORT}; {encoded}"
    if not _DATABASE.fullmatch(url.path):
        yield f"REDIS_URL: after the host comes the number of a database, such as /0, or nothing; {encoded}"


def _times(settings: Settings, _given: frozenset[str]) -> Iterator[str]:
    if settings.watchdog_seconds <= settings.transaction_timeout:
        yield (
            f"WATCHDOG_SECONDS: must be more than TRANSACTION_TIMEOUT ({settings.transaction_timeout:g} s), "
            "or the worker is ended before the broker can answer"
        )


_CHECKS: Final[tuple[Check, ...]] = (_servers, _login, _certificates, _files, _names, _redis, _times)
