"""C3, P2: of more settings messages than versions are kept, the time decides, and not the order of arrival."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver
from worker.domain import history

KEPT = 3
"""In place of 100 versions."""

_triggers = st.dictionaries(
    st.sampled_from(["booking_attended", "invoice_issued", "message_received"]), st.booleans(), min_size=1
)
_named = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "triggers": _triggers,
        "completion": st.sampled_from(["elapsed", "explicit"]),
        "inactive_after_days": st.sampled_from([None, 1, 30]),
        "require_end_reason": st.booleans(),
        "locale": st.sampled_from(["nl", "it"]),
    },
)


def settings(messages: list[dict[str, Any]], order: list[int]) -> dict[str, Any]:
    """The settings in force in the end, after a restart in the middle."""
    salon = Driver()
    for at, number in enumerate(order):
        salon.tell("automation.set", f"10:{number:02}", id=f"m{number}", **messages[number])
        if at == len(order) // 2:
            salon.restart()
    salon.settle()
    found = salon.settings
    return {**found["automation"], "locale": found["locale"]}


@given(st.lists(_named, min_size=KEPT + 1, max_size=3 * KEPT), st.data())
def test_p2_the_latest_to_name_a_setting_says_it_however_many_there_were(
    messages: list[dict[str, Any]], data: st.DataObject
) -> None:
    numbers = list(range(len(messages)))
    order = data.draw(st.permutations(numbers))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(history, "MAX_VERSIONS", KEPT)
        assert settings(messages, order) == settings(messages, numbers)
