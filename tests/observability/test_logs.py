"""The log: one format for the program and its libraries, repeats told once, secrets and floods kept out."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from worker.config import Settings
from worker.observability import logs
from worker.observability.logs import MAX_MESSAGE, MAX_REMEMBERED, REPEAT_SECONDS, Repeats, configure

SECRET = "correct-horse"  # noqa: S105 - a test's


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def started(*, quiet: bool = False, **settings: str) -> io.StringIO:
    stream = io.StringIO()
    configure(Settings(**settings), stream=stream, quiet=quiet)
    return stream


def refuse(payload: str | bytes) -> None:
    shown = payload if isinstance(payload, str) else f"{len(payload)} of it"
    raise ValueError(shown)


def test_json_is_one_object_a_line_for_ours_and_for_libraries() -> None:
    out = started(log_format="json")
    structlog.contextvars.bind_contextvars(slot="3")
    structlog.get_logger("worker.x").info("restored", cards=2)
    logging.getLogger("aiokafka.conn").error("Unable connect to %s", "h:1")
    ours, theirs = map(json.loads, out.getvalue().splitlines())
    assert ours | {"timestamp": ""} == {
        "event": "restored", "cards": 2, "slot": "3", "level": "info", "logger": "worker.x", "timestamp": "",
    }  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("Unable connect to h:1", "error", "aiokafka.conn")
    assert ours["timestamp"].endswith("Z")


def test_an_exception_is_one_json_object_without_the_values_of_variables() -> None:
    out = started(log_format="json")
    try:
        refuse(b"the client's message")
    except ValueError:
        structlog.get_logger("worker.x").exception("failed")
    (line,) = out.getvalue().splitlines()
    assert "ValueError: 20 of it" in json.loads(line)["exception"]
    assert "b'the client" not in line


def test_text_is_for_people() -> None:
    out = started()
    structlog.get_logger("worker.x").warning("no broker", tries=3)
    assert "[warning  ] no broker" in out.getvalue()
    assert "tries=3" in out.getvalue()


@pytest.mark.parametrize(("level", "heard"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_the_level_is_the_least_that_is_logged(level: str, heard: int) -> None:
    out = started(log_level=level)
    log = structlog.get_logger("worker.x")
    for say in (log.debug, log.info, log.warning, log.error):
        say("something")
    assert len(out.getvalue().splitlines()) == heard


def test_news_of_libraries_is_for_debugging_and_their_requests_are_never_shown() -> None:
    for level, heard in (("INFO", []), ("DEBUG", ["joined", "[^App]: Starting..."])):
        out = started(log_format="json", log_level=level)
        logging.getLogger("aiokafka.cluster").debug("request with a payload")
        logging.getLogger("aiokafka.cluster").info("joined")
        logging.getLogger("worker.transport.app").info("[^App]: Starting...")
        assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == heard


def test_a_quiet_command_does_not_let_libraries_speak() -> None:
    out = started(quiet=True)
    logging.getLogger("aiokafka").error("Unable connect")
    assert out.getvalue() == ""


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secrets_are_cut_out_wherever_they_are(log_format: str) -> None:
    url = f"redis://user:{SECRET}2@host:6379"
    out = started(log_format=log_format, kafka_sasl_password=SECRET, redis_url=url)
    log = structlog.get_logger("worker.x")
    log.info("login with %s", SECRET, options={"password": SECRET}, url=url)
    logging.getLogger("aiokafka").error("failed: %s", {"sasl_plain_password": SECRET})
    try:
        refuse(SECRET)
    except ValueError:
        log.exception("failed")
    assert SECRET not in out.getvalue()
    assert out.getvalue().count(logs.HIDDEN) >= 4


def test_what_repeats_is_told_once_and_then_with_a_count() -> None:
    now = [0.0]
    repeats = Repeats(lambda: now[0])

    def told(message: str, *args: object, name: str = "aiokafka.conn") -> str | None:
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, args, None)
        return record.getMessage() if repeats.filter(record) else None

    assert told("Unable connect to %s", "a") == "Unable connect to a"
    assert [told("Unable connect to %s", str(i)) for i in range(200)] == [None] * 200
    assert told("something else") == "something else"
    now[0] = REPEAT_SECONDS
    assert told("Unable connect to %s", "b") == "Unable connect to b (and 200 times more like it)"
    assert [told("ours", name="worker.x") for _ in range(3)] == ["ours"] * 3


def test_different_messages_do_not_pile_up() -> None:
    repeats = Repeats(lambda: 0.0)
    for i in range(2 * MAX_REMEMBERED):
        assert repeats.filter(logging.LogRecord("aiokafka", logging.ERROR, "", 0, f"message {i}", (), None))
    assert len(repeats._seen) == MAX_REMEMBERED


def test_a_long_message_of_a_library_is_cut() -> None:
    out = started(log_format="json")
    logging.getLogger("aiokafka").error("x" * 100_000)
    assert len(json.loads(out.getvalue())["event"]) == MAX_MESSAGE + 1


async def test_a_task_that_nobody_waited_for_is_logged() -> None:
    out = started(log_format="json")

    async def fail() -> None:
        raise ValueError("lost")

    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    assert "ValueError: lost" in json.loads(out.getvalue())["exception"]


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colours"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_has_colours_unless_somebody_wants_none(
    environment: dict[str, str], colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    configure(Settings(), stream=stream)
    logging.getLogger("worker").warning("one line")
    assert ("\x1b[" in stream.getvalue()) is colours
