"""``client-status demo`` as somebody meets it who has never seen this project: one command, and Ctrl-C."""

import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import unavailable
from tests.kit.bus import Got
from tests.kit.place import clean_environment
from tests.kit.waiting import until
from topics import dead_letters as letters
from worker.cli.demo import _dead_letter
from worker.embedded import broker as embedded_broker
from worker.embedded import valkey as embedded_valkey
from worker.embedded.child import accepts, die_with_parent, free_port
from worker.errors import CommandFailed

pytestmark = pytest.mark.embedded
FIRST_CHANGE_WITHIN = 30.0
"""Seconds, on a busy machine, too."""
ENDS_WITHIN = 35.0
COMMAND = [sys.executable, "-P", "-m", "worker", "demo"]
CHANGE = re.compile(r"^\S+Z  (salon|consultancy)  \S+  .+ \(.+\)$", re.MULTILINE)


@pytest.fixture(autouse=True, scope="module")
def installed() -> None:
    """Both servers come with the extra ``demo``."""
    try:
        embedded_broker.binary()
        embedded_valkey.binary()
    except CommandFailed as exc:
        unavailable("embedded", str(exc))


class Demo:
    """A running demo, and what it printed."""

    def __init__(self, directory: Path, *flags: str) -> None:
        self.printed = directory / "demo.txt"
        self.started = time.monotonic()
        with self.printed.open("wb") as output:
            self.process = subprocess.Popen(
                [*COMMAND, *flags], stdout=output, stderr=subprocess.STDOUT, cwd=directory, env=clean_environment(),
                start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - calls nothing but prctl
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.printed.read_text()

    def wait_for(self, pattern: str, within: float = 30.0) -> re.Match[str]:
        """Wait until it has printed this."""

        def printed() -> re.Match[str] | None:
            assert self.process.poll() is None, self.text
            return re.search(pattern, self.text, re.MULTILINE)

        return until(printed, lambda: f"{pattern} in:\n{self.text}", within)

    def family(self) -> list[psutil.Process]:
        """The servers and the programs."""
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    (tmp_path / "topics.py").write_text("raise SystemExit('a file of the user that happens to be there')")
    demo = Demo(tmp_path, "--port", "0")
    yield demo
    if demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()


def typed(demo: Demo, containing: str) -> subprocess.CompletedProcess[str]:
    """Do what the demo says to type: its exports, then the line that contains this."""
    lines = [line.strip().partition(" #")[0].strip() for line in demo.text.splitlines() if line.startswith("  ")]
    exports = [line for line in lines if line.startswith("export ")]
    assert exports
    (command,) = [line for line in lines if containing in line]
    program = shlex.join([sys.executable, "-m", "worker"])
    script = "; ".join([*exports, command.replace("client-status", program, 1)])
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False, env=clean_environment()
    )


def gone(processes: list[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_it_shows_changes_soon_does_what_it_says_and_leaves_nothing(demo: Demo) -> None:
    demo.wait_for(CHANGE.pattern, FIRST_CHANGE_WITHIN)
    assert time.monotonic() - demo.started < FIRST_CHANGE_WITHIN

    demo.wait_for(r"salon  anna  lead → customer: a booking took place")
    told = [line.split("  ", 3)[3] for line in demo.text.splitlines() if "  salon  anna  " in line]
    assert told[0].startswith("is lead: the client is new (client.created"), told
    assert told[1].startswith("tags +'website': the client is new"), told
    off = typed(demo, "automation off")
    assert off.returncode == 0, off.stderr
    tagged = typed(demo, "send tags.add")
    assert tagged.returncode == 0, tagged.stderr
    assert "command.applied" in tagged.stdout
    demo.wait_for(r"salon  anna  tags \+'gold'")
    on = typed(demo, "automation on")
    assert on.returncode == 0, on.stderr

    family = demo.family()
    port = int(demo.wait_for(r"^Kafka broker +127\.0\.0\.1:(\d+)$")[1])
    assert len(family) == 5, "broker, Valkey, worker, projector, console"
    until(lambda: '"statuses"' in typed(demo, "curl").stdout, "the console's answer")
    assert accepts(port)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(ENDS_WITHIN) == 0, demo.text
    assert gone(family)
    assert not accepts(port)
    assert "Traceback" not in demo.text


def test_everything_ends_with_it_even_when_it_is_killed(demo: Demo) -> None:
    demo.wait_for("^Status and tag changes")
    family = until(lambda: len(found := demo.family()) == 5 and found, "all five")
    demo.process.kill()
    until(lambda: gone(family), "the end of all five")


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with embedded_valkey.EmbeddedValkey(tmp_path, free_port()) as other:
        command = [*COMMAND, "--port", str(other.port)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, env=clean_environment()
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"port {other.port}" in line
    assert "taken" in line


def test_a_broken_record_of_anybody_is_told_whatever_its_key() -> None:
    for key, headers in ((None, []), (b"\xff", [("mine", b"\xff"), ("none", None)])):
        told = letters.headers(headers, "not_json", "no\x1b[2J", "payments", 0, 7, 0)
        record = Got("dead-letters", 0, 0, key, b"{", tuple(told), 0)
        assert "a broken record on payments: no\\x1b[2J (not_json)" in _dead_letter(record)
