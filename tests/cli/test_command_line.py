"""What every command has in common: help, version, one line and an exit code for whatever is wrong."""

import socket
import threading
from pathlib import Path

import pytest

from tests.cli.program import run
from worker.cli.app import app, main
from worker.config import SETTINGS

COMMANDS = (
    ("demo",), ("worker",), ("topics", "create"), ("topics", "check"), ("send",), ("automation", "show"),
    ("automation", "on"), ("automation", "off"), ("automation", "set"), ("watch",), ("dead-letters", "list"),
    ("dead-letters", "show"), ("dead-letters", "replay"), ("schemas",),
    ("import",), ("export",), ("projector",), ("console",), ("console", "token"),
)  # fmt: skip
ON_A_BROKER = [
    ("topics", "check"),
    ("send", "client.created", "--business", "b", "--data", '{"client_id":"c"}'),
    ("send", "tags.add", "--business", "b", "--data", '{"client_ids":["c"],"tags":["t"]}', "--wait"),
    ("automation", "show", "--business", "b"),
    ("automation", "on", "--business", "b"),
    ("watch", "--business", "b"),
    ("import", __file__, "--business", "b"),
    ("export", "--business", "b"),
    ("dead-letters", "list"),
    ("dead-letters", "show", "0:0"),
    ("dead-letters", "replay", "--all"),
    ("worker",),
    ("topics", "create"),
]
BROKER_SETTINGS = {s.flag for s in SETTINGS.values() if s.name.startswith("KAFKA_")} | {"--topic-prefix", "--log-level"}
WORKER_SETTINGS = {
    "--app-id", "--processing-guarantee", "--completion-grace", "--max-dead-letters", "--worker-slot", "--http-host",
    "--http-port",
}  # fmt: skip


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for setting in SETTINGS.values():
        monkeypatch.delenv(setting.name, raising=False)


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and the one line of a command that fails."""
    code = main(arguments)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert told.err.startswith("client-status: ")
    return code, told.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_has_help(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: client-status {' '.join(command)}" in shown
    if command not in {("demo",), ("schemas",), ("console", "token")}:
        assert {flag for flag in BROKER_SETTINGS if flag not in shown} == set()


def test_the_worker_has_every_setting_it_needs_as_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    main(["worker", "--help"])
    shown = capsys.readouterr().out
    assert {flag for flag in WORKER_SETTINGS if flag not in shown} == set()


def test_only_what_exists_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = {line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("│ ")}
    assert {name for name in listed if name.isidentifier() or "-" in name[1:]} >= {c[0] for c in COMMANDS}
    assert {c[0] for c in COMMANDS} == {name for name in app if not name.startswith("-")}


def test_the_program_runs_as_a_process_and_tells_its_version() -> None:
    told = run("--version")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("client-status 0.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("wroker",), '"worker"'),
        (("topics", "creat"), '"create"'),
        (("worker", "--http-prot", "1"), "--http-port"),
        (("worker", "--http-port", "x"), "HTTP_PORT: 'x' is not a whole number"),
        (("worker", "--http-port", "-1"), "HTTP_PORT: "),
        (("worker", "--processes", "0"), "--processes: 0 "),
        (("worker", "--processes", "two"), "--processes"),
        (("worker", "--processes", "2", "--processing-guarantee", "at_least_once"), "at_least_once"),
        (("worker", "--processes", "3", "--http-port", "65534"), "HTTP_PORT: 65534 leaves no ports"),
        (("worker", "extra"), "extra"),
        (("topics", "create", "--partitions", "0"), "PARTITIONS: "),
        (("topics", "check", "--env-file", "missing"), "--env-file: cannot read missing"),
        (("send",), "TYPE"),
        (("send", "client.created"), "--business"),
        (("send", "client.creatd", "--business", "b"), "Did you mean client.created"),
        (("send", "command.applied", "--business", "b"), "is what the worker sends (on command-results)"),
        (("send", "client.created", "--business", "b c", "--data", '{"client_id":"c"}'), "--business: 'b c'"),
        (("send", "client.created", "--business", "b", "--data", "{"), "--data: is not JSON"),
        (("send", "client.created", "--business", "b", "--data", "[]"), "--data: must be a JSON object"),
        (("send", "client.created", "--business", "b", "--data", "{}"), "--data: data of client.created"),
        (("send", "status.set", "--business", "b", "--data", '{"client_ids":[],"status":"x"}'), "`client_ids`"),
        (("send", "client.created", "--business", "b", "--data", '{"client_id":"c"}', "--wait"), "--wait: "),
        (("send", "tag.delete", "--business", "b", "--data", '{"tag":"x"}', "--time", "today"), "--time: "),
        (("send", "tag.delete", "--business", "b", "--data", '{"tag":"x"}', "--time", "2999-01-01T00:00:00Z"), "24 h"),
        (("send", "tag.delete", "--business", "b", "--data", '{"tag":"x"}', "--id", ""), "--id: "),
        (("send", "tag.delete", "--business", "b", "--data", '{"tag":"x"}', "--source", "s" * 257), "--source: "),
        (("send", "tag.delete", "--business", "b", "--data", '{"tag":"x"}', "--wait", "--timeout", "0"), "--timeout: "),
        (("automation", "set", "--business", "b"), "nothing to change"),
        (("automation", "set", "--business", "b", "--trigger", "x=on"), "--trigger: 'x=on'"),
        (("automation", "set", "--business", "b", "--trigger", "payment_made=yes"), "--trigger: "),
        (("automation", "set", "--business", "b", "--inactive-after-days", "0"), "--inactive-after-days: '0'"),
        (("automation", "set", "--business", "b", "--inactive-after-days", "3651"), "--inactive-after-days: "),
        (("automation", "set", "--business", "b", "--completion", "never"), "--completion"),
        (("automation", "set", "--business", "b", "--require-end-reason", "maybe"), "--require-end-reason"),
        (("automation", "set", "--business", "b", "--locale", "!"), "--locale: '!'"),
        (("automation", "show", "--business", "b/c"), "--business: "),
        (("watch", "--business", ""), "--business: "),
        (("dead-letters", "list", "--code", "bad"), "--code: 'bad' is none of "),
        (("dead-letters", "list", "--topic", "booking"), "--topic: 'booking' is none of bookings, invoices, "),
        (("dead-letters", "replay", "--topic", "dead-letters"), "--topic: 'dead-letters' is none of "),
        (("dead-letters", "list", "--limit", "-1"), "--limit: "),
        (("dead-letters", "show", "17"), "'17' is not PARTITION:OFFSET"),
        (("dead-letters", "show", "0:9223372036854775808"), "is not PARTITION:OFFSET"),
        (("dead-letters", "replay", "2147483648:0"), "is not PARTITION:OFFSET"),
        (("dead-letters", "replay"), "say which"),
        (("dead-letters", "replay", "--all", "--code", "not_json"), "say which"),
        (("dead-letters", "replay", "--all", "0:1"), "say which"),
        (("dead-letters", "replay", "0-1"), "is not PARTITION:OFFSET"),
        (("console", "token", "--role", "viewer", "--business", "a b"), "`businesses[0]` must be an id of 1 to 64"),
        (("console", "token", "--role", "viewer", "--empty-business"), "--empty-business"),
        (("schemas", "/proc/nowhere/x"), "DIR: cannot write"),
        (("schemas",), "DIR"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = failed(capsys, *arguments)
    assert code == 2, line
    assert told in line


@pytest.fixture
def closed_port() -> str:
    """An address where nothing listens, and nothing will: it is bound."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("arguments", ON_A_BROKER, ids=" ".join)
def test_without_a_broker_the_exit_code_is_69(arguments: tuple[str, ...], closed_port: str) -> None:
    environment = {"KAFKA_BOOTSTRAP_SERVERS": closed_port, "BROKER_PATIENCE": "0", "HTTP_PORT": "0"}
    ended = run(*arguments, environment=environment)
    assert (ended.code, ended.out) == (69, "")
    last = ended.err.splitlines()[-1]
    assert closed_port in last
    assert "KAFKA_BOOTSTRAP_SERVERS" in last
    assert "Traceback" not in ended.err
    if arguments != ("worker",):
        assert ended.err.count("\n") == 1


def test_something_that_is_no_broker_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.connecting.CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert main(["topics", "check", "--kafka-bootstrap-servers", f"127.0.0.1:{silent.getsockname()[1]}"]) == 69


def test_topics_create_waits_for_the_broker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = []
    with socket.create_server(("127.0.0.1", 0)) as refusing:

        def refuse() -> None:
            while True:
                connection, _ = refusing.accept()
                tries.append(1)
                connection.close()

        threading.Thread(target=refuse, daemon=True).start()
        servers = f"127.0.0.1:{refusing.getsockname()[1]}"
        assert main(["topics", "create", "--kafka-bootstrap-servers", servers, "--broker-patience", "1.2"]) == 69
    assert len(tries) >= 2
    assert "no Kafka broker" in capsys.readouterr().err


def test_the_password_is_not_shown_when_the_login_fails(closed_port: str) -> None:
    secret = "correct-horse"  # noqa: S105 - a test's
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": closed_port, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_USERNAME": "u",
        "KAFKA_SASL_PASSWORD": secret, "LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    ended = run("topics", "check", environment=environment)
    assert ended.code == 69
    assert secret not in ended.err + ended.out


def test_a_setting_in_the_file_stops_every_command(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KAFKA_BOOTSTRAP_SERVER=x:1\n")
    for command in (("topics", "check"), ("worker",), ("dead-letters", "list")):
        ended = run(*command, cwd=tmp_path)
        assert ended.code == 2
        assert ended.err.startswith("client-status: KAFKA_BOOTSTRAP_SERVER: there is no such setting (.env line 1)")
