"""One log for the program and its libraries: text for people or JSON for programs, on standard error.

What a broker's outage would repeat a hundred times is told once, with a count; secrets are cut out wherever they are.
"""

import logging
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from worker.config import SETTINGS, Settings

REPEAT_SECONDS: Final = 30.0
"""The same message of a library is told once in so many seconds."""
MAX_REMEMBERED: Final = 256
"""Different messages of libraries that are remembered to see whether they repeat."""
MAX_MESSAGE: Final = 2_000
"""Characters of one message of a library; what is longer may hold a payload."""
MIN_SECRET: Final = 4
"""A shorter password is not looked for: it would be found in every other word."""
HIDDEN: Final = "[hidden]"
SERVICE: Final = "[^"
"""How Mode's services begin what they log, by whatever logger."""
QUIET: Final = ("aiokafka", "faust", "mode", "asyncio", "aiohttp")
"""Libraries whose warnings matter, and whose news do not. Below INFO they would write requests, payloads included."""


class Repeats(logging.Filter):
    """Lets the same message of a library through once in REPEAT_SECONDS, and says then how often it was left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, news: bool = False) -> None:
        """``news``: let INFO of libraries through."""
        super().__init__()
        self._clock = clock
        self._news = news
        self._seen: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """False when the message was told a moment ago. Messages are the same when their templates are."""
        if not _foreign(record):
            return True
        if record.levelno <= logging.INFO and not self._news:
            return False
        key = (record.name, str(record.msg)[:MAX_MESSAGE])
        now = self._clock()
        seen = self._seen.get(key)
        if seen is not None and now - seen[0] < REPEAT_SECONDS:
            seen[1] += 1
            return False
        if seen is not None and seen[1]:
            record.msg, record.args = f"{record.getMessage()} (and {seen[1]:.0f} times more like it)", ()
        self._seen[key] = [now, 0]
        self._seen.move_to_end(key)
        while len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return True


def _foreign(record: logging.LogRecord) -> bool:
    """Does a library speak? Mode's services do it under the names of the modules that make them."""
    return record.name.partition(".")[0] in QUIET or str(record.msg).startswith(SERVICE)


class _Hide:
    """Cuts secrets out of every text of an event, wherever a library may have put them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= MIN_SECRET}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if self._secrets:
            for key, value in event.items():
                event[key] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        text = value if isinstance(value, str) else repr(value)
        if not any(secret in text for secret in self._secrets):
            return value
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def _short(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    message = event.get("event")
    if isinstance(message, str) and len(message) > MAX_MESSAGE:
        event["event"] = message[:MAX_MESSAGE] + "…"
    return event


def secrets_of(settings: Settings) -> list[str]:
    """Every text that must not be shown: secret settings, and passwords inside of URLs."""
    values = [str(getattr(settings, s.field)) for s in SETTINGS.values() if s.secret]
    plain = [value for value in values if value and "://" not in value]
    urls = [urlsplit(value) for value in values if "://" in value]
    return plain + [url.password for url in urls if url.password]


def configure(settings: Settings, *, stream: Any = None, quiet: bool = False) -> None:
    """Send all logging to ``stream`` (default: standard error) as LOG_FORMAT and LOG_LEVEL say.

    ``quiet``: for commands that print one line of their own about a failure; libraries are heard with DEBUG only.
    """
    out = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,  # the plain traceback: others show the values of local variables
        _short,
        _Hide(secrets_of(settings)),
    ]
    if settings.log_format == "json":
        last.append(structlog.processors.JSONRenderer())
    else:
        last.append(
            structlog.dev.ConsoleRenderer(colors=_colors(out), exception_formatter=structlog.dev.plain_traceback)
        )
    handler = logging.StreamHandler(out)
    handler.addFilter(Repeats(news=level <= logging.DEBUG))
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(_library_level(level, quiet=quiet))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _colors(out: TextIO) -> bool:
    """On a terminal, unless somebody does not want any (no-color.org)."""
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _library_level(level: int, *, quiet: bool) -> int:
    if level <= logging.DEBUG:
        return logging.INFO
    return logging.CRITICAL + 1 if quiet else max(level, logging.WARNING)
