"""Tidiness: sizes, left-overs, names that must not be here, reasons for exceptions, the purity of the rings within."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
"""Of one Python file: what is longer has more than one subject."""
MAX_BYTES = 256 * 1024
"""Of one file in the repository."""
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
HOSTS = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|repo1?\.maven|repo\.maven\.apache|npmjs\.(org|com)|deb\.debian\.org|crates\.io)\b"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(home|root|work|Users)/\w")
SILENCED = re.compile(r"# *(type: *ignore|noqa)")
WITH_REASON = re.compile(r"# (type: ignore\[[a-z, -]+\]|noqa: [A-Z0-9]+(, [A-Z0-9]+)*) +(#|-) \S")
IMPURE = {
    "asyncio", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "sys", "threading",
    "time", "uuid",
}  # fmt: skip
"""Modules that the domain must not import: its results depend on its arguments only."""
GENERATED = ("requirements/", "LICENSE")
PICTURES = (".png",)
THIS = Path(__file__).relative_to(ROOT).as_posix()


def files() -> list[str]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if not name.startswith(GENERATED) and (ROOT / name).is_file()]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


FILES = files()
PYTHON = [name for name in FILES if name.endswith(".py")]
PROGRAM = [name for name in PYTHON if name.startswith(("topics/", "worker/"))]


def found(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name in names
        if name != THIS and not name.endswith(PICTURES)
        for number, line in enumerate(read(name).splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_left_for_later() -> None:
    assert found(LEFT_OVER, FILES) == []


def test_no_package_registry_is_named() -> None:
    assert found(HOSTS, FILES) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert found(MACHINE_PATHS, FILES) == []


@pytest.mark.parametrize("name", PYTHON)
def test_a_file_has_one_subject(name: str) -> None:
    text = read(name)
    assert len(text.splitlines()) <= MAX_LINES
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module says in a sentence or two what it is for"


def test_no_file_is_large() -> None:
    assert [name for name in FILES if (ROOT / name).stat().st_size > MAX_BYTES] == []


@pytest.mark.parametrize("name", PROGRAM)
def test_what_silences_a_checker_says_why(name: str) -> None:
    silenced = [line.strip() for line in read(name).splitlines() if SILENCED.search(line)]
    assert [line for line in silenced if not WITH_REASON.search(line)] == []


@pytest.mark.parametrize("name", PROGRAM)
def test_no_error_is_swallowed(name: str) -> None:
    for node in ast.walk(ast.parse(read(name))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            only_pass = all(isinstance(statement, ast.Pass) for statement in node.body)
            broad = isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            assert not (only_pass and broad), f"line {node.lineno}: any error is swallowed"


def imports(name: str) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(read(name))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: a relative import"
            modules.add(node.module)
    return modules


@pytest.mark.parametrize("name", [n for n in PROGRAM if n.startswith("worker/domain/")])
def test_the_domain_is_pure(name: str) -> None:
    modules = imports(name)
    assert not {module.split(".")[0] for module in modules} & IMPURE
    assert not {m for m in modules if m.split(".")[0] == "worker" and not m.startswith("worker.domain")}
    text = read(name)
    assert not re.search(r"\b(datetime\.now|utcnow|date\.today)\b", text)


@pytest.mark.parametrize("name", [n for n in PROGRAM if n.startswith("topics/")])
def test_topics_import_nothing_of_ours(name: str) -> None:
    assert not {module for module in imports(name) if module.split(".")[0] == "worker"}


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        (LEFT_OVER, "# TODO: later"),
        (HOSTS, "https://files.pythonhosted.org/x"),
        (MACHINE_PATHS, "see /home/me/notes"),
    ],
)
def test_these_checks_find_what_they_look_for(pattern: re.Pattern[str], wrong: str) -> None:
    assert pattern.search(wrong)
