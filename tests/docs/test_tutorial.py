"""The tutorial, typed in and compared, on the embedded broker as in the demo."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import page
from tests.docs.transcript import Step, Terminal, matches, steps

STEPS = steps(page("docs/tutorial.md"))


@pytest.mark.embedded
def test_what_the_tutorial_shows_happens(embedded: Any, new_place: Callable[..., Any], tmp_path: Path) -> None:
    place = new_place(embedded, "tutorial")
    worker = place.worker()
    terminal = Terminal({**place.environment, "COLUMNS": "120"}, tmp_path)
    try:
        for step in STEPS:
            terminal.run(step)
    finally:
        terminal.close()
        worker.stop()


def test_there_is_something_to_run() -> None:
    assert sum(step.command is not None for step in STEPS) > 10
    assert sum(step.command is None for step in STEPS) > 3


def test_a_wrong_output_would_be_noticed() -> None:
    assert matches("a … c\n", "a b c\n")
    assert matches("…\nDone\n", "x\ny\nDone\n")
    assert not matches("Done.\n", "Done!\n")
    assert steps("```console\n$ client-status a \\\n    --b\nout\n```\n") == [Step("client-status a      --b", "out\n")]
