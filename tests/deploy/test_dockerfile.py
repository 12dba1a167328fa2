"""The Dockerfile: it parses, copies only what exists, and its steps build the package that runs."""

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser

from tests.deploy.manifests import DOCKERFILE, ROOT, SETTINGS

INSTRUCTIONS = {
    "ARG", "CMD", "COMMENT", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "STOPSIGNAL", "USER",
    "WORKDIR",
}  # fmt: skip


def steps() -> list[dict[str, Any]]:
    return DockerfileParser(path=str(DOCKERFILE)).structure


def stages() -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    for step in steps():
        if step["instruction"] == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def values(stage: list[dict[str, Any]], instruction: str) -> list[str]:
    return [step["value"] for step in stage if step["instruction"] == instruction]


def test_every_line_is_an_instruction() -> None:
    assert {step["instruction"] for step in steps()} <= INSTRUCTIONS


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    ignore = (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
    reach = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = [
        source.rstrip("/")
        for stage in stages()
        for value in values(stage, "COPY")
        if not value.startswith("--from")
        for source in value.split()[:-1]
    ]
    assert set(copied) == reach
    assert all((ROOT / source).exists() for source in copied)


def test_the_last_stage_takes_only_the_environment_of_the_first_and_has_no_tools() -> None:
    build, final = stages()
    assert values(final, "COPY") == ["--from=build /opt/client-status /opt/client-status"]
    assert values(final, "RUN") == []
    assert "slim" in values(build, "FROM")[0]
    assert "slim" in values(final, "FROM")[0]


def test_it_runs_as_nobody_in_particular() -> None:
    (user,) = values(stages()[-1], "USER")
    number, group = user.split(":")
    assert int(number) >= 10_000
    assert int(group) >= 10_000


def test_the_settings_that_it_brings_exist() -> None:
    names = {pair.partition("=")[0] for value in values(stages()[-1], "ENV") for pair in shlex.split(value)}
    assert names - {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"} <= SETTINGS


def test_the_python_that_it_uses_is_one_we_support() -> None:
    (version,) = [step["value"].partition("=")[2] for step in steps() if step["instruction"] == "ARG"]
    assert version in {"3.11", "3.12", "3.13"}


def test_the_wheel_that_it_builds_holds_the_program_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, timeout=120, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"topics", "worker"}
    modules = {str(p.relative_to(ROOT)) for folder in ("topics", "worker") for p in (ROOT / folder).rglob("*.py")}
    assert modules <= set(names)
