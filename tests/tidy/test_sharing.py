"""What ``tests.kit.sharing`` names is there: a file that is renamed would silently lose its place."""

import pytest

from tests.kit import sharing
from tests.tidy.test_tidy import ROOT

NAMED = [
    *sharing.VERIFIERS,
    *sharing.COMPUTING,
    *sharing.QUICK,
    sharing.BROWSER,
    sharing.ONE_WORKER,
    *(sharing.ONE_WORKER + name for name in sharing.WORKERS_OF_THEIR_OWN),
]


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_units() -> None:
    there = "tests/acceptance/test_statuses.py::test_a"
    assert sharing.unit_of(f"{there}[apache-1]") == sharing.unit_of("tests/acceptance/test_merging.py::test_b[apache]")
    assert sharing.unit_of(f"{there}[apache-1]") != sharing.unit_of(f"{there}[embedded-1]")
    assert sharing.unit_of("tests/cli/test_import.py::test_a[1]") == sharing.unit_of("tests/cli/test_import.py::test_b")
    assert sharing.unit_of("tests/cli/test_import.py::test_a") != sharing.unit_of("tests/cli/test_export.py::test_a")
