"""Every command, flag and make target that the documentation shows is there."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROGRAM = "client-status"
_INLINE = re.compile(rf"`({_PROGRAM} [^`]+)`")


def lines(page: Path) -> list[str]:
    """The command lines in a page's shell blocks, those that go on after a backslash joined."""
    blocks = "\n".join(_SHELL.findall(page.read_text())).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def ours() -> list[tuple[str, ...]]:
    """Every use of the program, in shell blocks and in the running text, as words."""
    found = set()
    for page in PAGES:
        for line in [*lines(page), *_INLINE.findall(page.read_text())]:
            words = tuple(shlex.split(line, comments=True))
            if words and words[0] == _PROGRAM and not re.search(r"[|\\]|\.\.\.|…", line):
                found.add(words[1:])
    return sorted(found)


@cache
def help_page(*command: str) -> str:
    asked = [sys.executable, "-m", "worker", *command, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize("words", ours(), ids=" ".join)
def test_the_command_and_its_flags_exist(words: tuple[str, ...]) -> None:
    command: list[str] = []
    for word in words:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", word) or f"│ {word} " not in help_page(*command):
            break
        command.append(word)
    assert command or words[0].startswith("--"), f"no command {words[0]}"
    for flag in (word.partition("=")[0] for word in words if word.startswith("--")):
        assert re.search(rf"{flag}\b", help_page(*command)), f"{' '.join(command)} has no {flag}"


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = {m for page in PAGES for m in re.findall(r"(?:^|`|\$ )make ([a-z]+)", page.read_text(), re.MULTILINE)}
    assert used
    assert used <= targets


def test_the_readme_begins_with_the_two_commands() -> None:
    assert [line.split("#")[0].strip() for line in lines(ROOT / "README.md")[:2]] == ["make demo", "make test"]
