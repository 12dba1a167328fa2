"""Runs the sessions that a page shows, in the order of the page, and compares what is printed with what is shown.

``console`` blocks hold commands (``$ ...``) with their output; ``client-status watch`` goes on in the background, and
``text`` blocks after it are what it prints next. A ``csv`` block is saved as ``clients.csv``. ``…`` stands for
anything, alone on a line for any lines.
"""

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

from tests.kit.waiting import until

_BLOCK = re.compile(r"^```(console|text|csv)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REFUSED = re.compile(r"Rejected|; refused [1-9]")
COMMAND_SECONDS = 60
LOOKS = {("automation", "show"), ("dead-letters", "list"), ("export", "--business")}
"""Commands that only look: what they are to show may take a moment to be there."""


class Step(NamedTuple):
    """A command and its output; without a command what the watching terminal shows next, or what a file has."""

    command: str | None
    output: str
    is_file: bool = False


def steps(page: str) -> list[Step]:
    """The sessions of a page."""
    found = []
    for kind, text in _BLOCK.findall(page):
        if kind != "console":
            found.append(Step(None, text, kind == "csv"))
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command = re.match(r"(?:[^\n]*\\\n)*[^\n]*", part)[0]
            found.append(Step(command.replace("\\\n", " "), part[len(command) :].lstrip("\n")))
    return found


def matches(shown: str, printed: str) -> bool:
    """Is what was printed what is shown?"""
    pattern = ".*?".join(re.escape(piece) for piece in shown.rstrip().split("…"))
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None


class Running:
    """A command at a terminal of its own: what it prints is what a person sees."""

    def __init__(self, command: list[str], environment: dict[str, str], directory: Path) -> None:
        self._screen, terminal = pty.openpty()
        self.process = subprocess.Popen(
            command, env=environment, cwd=directory, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
        )
        os.close(terminal)
        self.printed = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        seen = b""
        try:
            while data := os.read(self._screen, 65536):
                seen += data
                self.printed = seen.decode(errors="replace").replace("\r\n", "\n")
        except OSError:
            return  # a terminal that nobody writes to any more ends so

    def wait(self) -> int:
        """The exit code, when all that was printed is read."""
        code = self.process.wait(COMMAND_SECONDS)
        self._reader.join(COMMAND_SECONDS)
        os.close(self._screen)
        return code


class Terminal:
    """Runs commands in an environment, one ``watch`` in the background."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self._environment = environment
        self._directory = directory
        self._watch: Running | None = None
        self._shown = 0

    def run(self, step: Step) -> None:
        """Run a step. Fails when it prints something else than the page shows."""
        if step.is_file:
            (self._directory / "clients.csv").write_text(step.output)
            return
        if step.command is None:
            self._expect_watched(step.output)
            return
        words = shlex.split(step.command)
        assert words[0] == "client-status"
        if words[1] == "watch":
            self._watch = self._start(words)
            self._expect_watched(step.output)
            return
        printed = ""

        def as_shown() -> bool:
            nonlocal printed
            running = self._start(words)
            code = running.wait()
            printed = running.printed
            return matches(step.output, printed) and (code == 0) is not bool(_REFUSED.search(step.output))

        def difference() -> str:
            return f"$ {step.command}\n{printed}\n--- the page shows:\n{step.output}"

        if tuple(words[1:3]) in LOOKS:
            until(as_shown, difference)
        else:
            assert as_shown(), difference()

    def _start(self, words: list[str]) -> Running:
        return Running([sys.executable, "-m", "worker", *words[1:]], self._environment, self._directory)

    def _expect_watched(self, shown: str) -> None:
        count = len(shown.splitlines())

        def there() -> list[str]:
            lines = self._watch.printed.splitlines()[self._shown :]
            return lines[:count] if len(lines) >= count else []

        def difference() -> str:
            return f"watch printed\n{self._watch.printed}\n--- and the page shows next:\n{shown}"

        lines = until(there, difference)
        # Status and tag changes are on two topics, between which there is no order.
        assert all(any(matches(line, printed) for printed in lines) for line in shown.splitlines()), difference()
        self._shown += count

    def close(self) -> None:
        """Ctrl-C for what goes on in the background."""
        if self._watch is not None:
            self._watch.process.send_signal(signal.SIGINT)
            assert self._watch.wait() == 0
