"""docker-compose.yml: valid, and what it promises holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import COMPOSE, OURS, ROOT, compose
from worker.config import Settings
from worker.console.tokens import read

ORDERLY_STOP_SECONDS = 30
"""Within this a worker stops after SIGTERM, whatever its transaction does."""


def check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_fits_the_schema_of_the_compose_specification() -> None:
    done = check(COMPOSE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("read_only: true", "read_only: [yes]"))
    done = check(wrong)
    assert done.returncode == 1
    assert "read_only" in done.stdout


def test_every_service_that_is_waited_for_can_be() -> None:
    services = compose()["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert services[name]["healthcheck"]["test"]
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert services[name]["restart"] != "always"  # it must be able to complete


def test_images_of_others_have_a_version() -> None:
    for service in compose()["services"].values():
        _, colon, tag = service["image"].partition(":")
        assert colon
        assert tag != "latest"


@pytest.mark.parametrize("name", ["topics", "worker", "projector", "console"])
def test_our_containers_have_no_more_rights_than_they_need(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["build"]["context"] == "."
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert service["image"].startswith(OURS + ":")


def test_a_worker_gets_the_time_that_its_longest_transaction_takes() -> None:
    grace = compose()["services"]["worker"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > Settings().transaction_timeout + ORDERLY_STOP_SECONDS


def test_the_worker_finds_the_broker_and_valkey_by_their_names_and_ports() -> None:
    services = compose()["services"]
    broker = services["worker"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"]
    assert f"INSIDE://{broker}" in services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert services["worker"]["environment"]["REDIS_URL"].startswith("redis://valkey:6379")


def test_projector_and_console_find_broker_valkey_and_tokens() -> None:
    services = compose()["services"]
    for name in ("projector", "console"):
        environment = services[name]["environment"]
        assert environment["KAFKA_BOOTSTRAP_SERVERS"] == services["worker"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"]
        assert environment["REDIS_URL"].startswith("redis://valkey:6379")
    (mounted,) = services["console"]["volumes"]
    outside, inside, _ = mounted.split(":")
    file = services["console"]["environment"]["CONSOLE_TOKENS_FILE"]
    assert file.startswith(f"{inside}/")
    assert read(ROOT / outside / file.removeprefix(f"{inside}/")) == []
