"""Two processes share the tests (``pytest -n 2``): which tests stay together, and which are begun first.

Tests of one file on one broker stay together, so that nothing is started twice; so do all that use one worker, or the
browser. The verifiers, which wait more than they compute, are begun beside the tests that only compute: neither holds
up the other. Quick files come last, so that both processes end at about the same time.
"""

import re

VERIFIERS = (
    "tests/faults/test_exactly_once.py",
    "tests/model/test_live_histories.py",
    "tests/readmodel/test_exact.py",
)
COMPUTING = ("tests/domain/", "tests/model/", "tests/pipeline/")
QUICK = ("tests/config/", "tests/deploy/", "tests/spreadsheets/", "tests/tidy/", "tests/topics/")
ONE_WORKER = "tests/acceptance/"
WORKERS_OF_THEIR_OWN = ("test_crashes.py", "test_rubbish.py", "test_settings_in_time.py")
BROWSER = "tests/page/"
BROKER = re.compile(r"\[(apache|embedded)\b")


def unit_of(test: str) -> str:
    """The name of what this test, given by its node id, stays together with."""
    file = test.partition("::")[0]
    if file in VERIFIERS:
        return "verifiers"
    if file.startswith(BROWSER):
        return BROWSER
    if file.startswith(ONE_WORKER) and not file.endswith(WORKERS_OF_THEIR_OWN):
        file = ONE_WORKER
    broker = BROKER.search(test)
    return f"{file} {broker[1]}" if broker else file


def turn_of(test: str) -> int:
    """Lower ones are begun first."""
    file = test.partition("::")[0]
    if file in VERIFIERS:
        return 0
    if file.startswith(COMPUTING):
        return 1
    if file.startswith((ONE_WORKER, BROWSER)):
        return 2
    return 4 if file.startswith(QUICK) else 3
