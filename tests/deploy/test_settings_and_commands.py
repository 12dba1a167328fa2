"""The deployment files name only settings and commands that exist, and give the settings values that are accepted."""

import pytest

from tests.deploy.manifests import SETTINGS, Started, command_line, started
from worker.config import Settings

CONTAINERS = pytest.mark.parametrize("container", started(), ids=lambda c: c.where)


@CONTAINERS
def test_every_setting_exists(container: Started) -> None:
    assert set(container.settings) <= SETTINGS


@CONTAINERS
def test_every_command_exists(container: Started) -> None:
    help_page = command_line(*container.arguments, "--help")
    assert help_page.returncode == 0, help_page.stderr
    assert "Usage: client-status " + " ".join(container.arguments) in help_page.stdout


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert command_line("topics", "destroy").returncode == 2


@CONTAINERS
def test_values_are_accepted_by_the_settings_type(container: Started) -> None:
    import msgspec

    plain = {name.lower(): value for name, value in container.settings.items() if isinstance(value, str)}
    settings = msgspec.convert(plain, Settings, strict=False)
    assert settings.kafka_bootstrap_servers != Settings().kafka_bootstrap_servers


def test_every_program_is_in_both_places() -> None:
    programs = ["console", "projector", "topics create", "worker"]
    assert sorted(" ".join(c.arguments) for c in started()) == sorted(programs * 2)
