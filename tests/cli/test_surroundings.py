"""Whatever a command is started with: closed streams, full disks, pipes nobody reads, terminals of few characters."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Running, run
from tests.kit.place import ROOT, clean_environment
from worker.cli.export import _write
from worker.cli.wording import line
from worker.embedded.valkey import EmbeddedValkey

SEND = ("send", "client.created", "--business", "salon", "--data", "-")
TOKEN = ("console", "token", "--role", "viewer", "--business", "salon", "--name", "Zoë → 😀")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a line in which ``$CS`` is the program."""
    program = f"{sys.executable} -m worker"
    return subprocess.run(
        ["bash", "-c", command], env={**clean_environment(), "CS": program}, cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["--help", "send --help", "console token --role viewer --business salon"])
def test_who_stops_reading_has_seen_enough(command: str) -> None:
    ended = shell(f"$CS {command} | true; echo ${{PIPESTATUS[0]}}")
    assert (ended.stdout, "Traceback" in ended.stderr) == ("0\n", False), ended.stderr


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no full disk here")
@pytest.mark.parametrize("command", ["--help", "--version", "console token --role viewer --business salon"])
def test_a_full_disk_is_one_line_and_exit_code_1(command: str) -> None:
    ended = shell(f"$CS {command} >/dev/full")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "client-status: the output cannot be written: No space left on device"
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("closed", "code"), [(">&-", 0), ("2>&-", 0), ("<&-", 0)])
def test_a_stream_may_be_closed(closed: str, code: int) -> None:
    ended = shell(f"$CS --version {closed}")
    assert (ended.returncode, ended.stderr) == (code, "")


def test_what_is_no_text_is_no_json() -> None:
    for stdin in (b'{"client_id":"c\xff"}', b""):
        ended = subprocess.run(
            [sys.executable, "-m", "worker", *SEND], env={**clean_environment(), "PYTHONIOENCODING": "utf-8:strict"},
            cwd=ROOT, input=stdin, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 2
        assert ended.stderr.startswith(b"client-status: --data: is not JSON: ")
        assert ended.stderr.count(b"\n") == 1
    closed = shell(f"$CS {' '.join(SEND)} <&-")
    assert (closed.returncode, closed.stderr.count("\n")) == (2, 1), closed.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_json_stays_json_whatever_the_terminal_can_show(encoding: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "worker", *TOKEN], env={**clean_environment(), "PYTHONIOENCODING": encoding}, cwd=ROOT,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.decode(encoding).splitlines()[1])["name"] == TOKEN[-1]


def test_a_name_of_a_file_that_is_no_text_can_be_told(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    Path(os.fsdecode(path)).write_text("nothing known\nx\n")
    ended = subprocess.run(
        [sys.executable, "-m", "worker", "import", path, "--business", "salon", "--dry-run"],
        env={**clean_environment(), "PYTHONIOENCODING": "utf-8:strict", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"},
        cwd=ROOT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 69
    assert ended.stderr.count(b"\n") == 1


def test_h6_an_export_leaves_pipes_and_links_what_they_are(tmp_path: Path) -> None:
    pipe, link, file = tmp_path / "pipe", tmp_path / "link.csv", tmp_path / "file.csv"
    os.mkfifo(pipe)
    read: list[str] = []
    reading = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reading.start()
    assert _write(pipe, ["a\r\n", "b\r\n"], "utf-8") == 2
    reading.join(10)
    assert (read, pipe.is_fifo()) == (["a\nb\n"], True)
    file.write_text("old")
    link.symlink_to(file)
    assert _write(link, ["new\r\n"], "utf-8") == 1
    assert (link.is_symlink(), file.read_bytes()) == (True, b"new\r\n")
    assert sorted(tmp_path.iterdir()) == [file, link, pipe]


def test_a_line_stays_one_and_gives_a_terminal_no_orders() -> None:
    cause: dict[str, Any] = {"type": "manual", "actor": "A\nB\x1b[2J", "reason": "ü"}
    data = {"client_id": "c1", "from": "lead", "to": "vip", "cause": cause}
    event = {"type": "client.status.changed", "time": "2024-05-06T10:00:00Z", "businessid": "salon", "data": data}
    assert line(event) == r"2024-05-06T10:00:00Z  c1  lead → vip: set by hand by A\nB\x1b[2J, “ü”"


@pytest.mark.parametrize("program", ["worker", "projector", "console"])
def test_every_line_of_a_log_in_json_is_json_the_last_one_says_why(program: str) -> None:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1/0", "BROKER_PATIENCE": "0",
        "HTTP_PORT": "0", "LOG_FORMAT": "json",
    }  # fmt: skip
    ended = run(program, environment=settings)
    assert ended.code == 69
    told = [json.loads(line) for line in ended.err.splitlines()]
    assert told[-1]["exit_code"] == 69
    assert told[-1]["event"].startswith("stopped: no ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", ["worker", "projector", "console"])
def test_a_stop_while_the_broker_is_awaited_is_in_order(program: str, number: int, valkey: EmbeddedValkey) -> None:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "REDIS_URL": valkey.url, "BROKER_PATIENCE": "300", "HTTP_PORT": "0",
    }  # fmt: skip
    with Running(program, environment=settings) as running:
        running.until_told("Unable connect")
        begun = time.monotonic()
        assert running.end(number) == 0
        assert time.monotonic() - begun < 10
    assert "stopped in order" in running.err[-1]


def test_ctrl_c_while_the_program_is_loaded_is_one_line() -> None:
    code = """
import sys, worker.__main__ as program
class CtrlC:
    def find_spec(self, name, *_):
        if name == "worker.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
program.main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, "client-status: interrupted\n")
