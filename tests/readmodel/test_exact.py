"""H5: after any deaths the read model is what a naive fold of all committed records gives, no more and no less.

``python -m tests.readmodel.exact --runs N --seed S`` goes on for longer.
"""

from pathlib import Path

import pytest

from tests.brokers.apache import ApacheKafka
from tests.readmodel.exact import Run

KILLS = 20
LEAST_MESSAGES = 500


@pytest.mark.apache
@pytest.mark.timeout(300)
def test_h5_killed_emptied_and_rebuilt_the_read_model_is_what_was_committed(
    apache: ApacheKafka, tmp_path: Path
) -> None:
    run = Run(apache, tmp_path, seed=1, kills=KILLS)
    wrong = run.go()
    assert not wrong, "\n".join(wrong)
    assert run.bustle.sent > LEAST_MESSAGES
