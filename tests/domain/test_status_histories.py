"""P1, K1: re-evaluations, removals, going quiet and the rest together, in any order, with restarts (A5, B10, B11)."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences, moment
from tests.domain.histories import CLIENTS, PROFILE, histories
from tests.kit.messages import DAY

Said = tuple[str, dict[str, Any]]
LENGTH = 6
"""Days that a story takes; clients go quiet after one or two."""
START = datetime.fromisoformat(f"{DAY}T09:00:00+00:00")
SAID: tuple[Said, ...] = (
    *(("automation.set", {"inactive_after_days": days}) for days in (1, 2, None)),
    ("automation.set", {"catch_up": True}),
    ("automation.set", {"enabled": False}),
    ("automation.set", {"enabled": True, "catch_up": True}),
    ("automation.set", {"triggers": {"message_received": True}}),
    ("clients.reevaluate", {}),
    ("clients.reevaluate", {"dry_run": True}),
    ("status.define", {"code": "partner"}),
    *(("status.define", {"code": "partner", "role": role}) for role in ("initial", "converted", "dormant")),
    ("status.define", {"code": "lead", "role": "initial"}),
    ("status.define", {"code": "customer", "role": "converted"}),
    ("status.define", {"code": "inactive", "role": "dormant"}),
    ("status.remove", {"code": "partner", "move_to": "lead"}),
    ("status.remove", {"code": "customer", "move_to": "partner"}),
    ("status.remove", {"code": "vip", "move_to": "customer"}),
    ("status.remove", {"code": "inactive", "move_to": "customer"}),
    ("status.set", {"client_ids": ["c1"], "status": "partner"}),
    ("status.set", {"client_ids": ["c2", "c1"], "status": "lead"}),
    ("status.set", {"client_ids": ["c1"], "status": "customer"}),
    ("client.messaged", {"client_id": "c1", "direction": "out"}),
    ("clients.merge", {"primary_id": "c1", "duplicate_ids": ["c2"]}),
    ("tag_rule.define", {"rule_id": "r", "on": "client.status.changed", "add": ["z"]}),
)
_days = st.floats(0, LENGTH)


def day(number: float) -> str:
    """So many days after the examples' day began."""
    return (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


@PROFILE
@given(histories(), st.lists(st.tuples(st.sampled_from(SAID), _days, _days), max_size=14), st.data())
def test_p1_k1_whatever_comes_every_change_begins_where_the_last_one_ended(
    history: list[dict[str, Any]], said: list[tuple[Said, float, float]], data: st.DataObject
) -> None:
    salon = Driver(now=day(1), sweep_step=1)
    for number, entry in enumerate(data.draw(st.permutations([*history, *said]))):
        if isinstance(entry, dict):
            salon.feed([entry])
        else:
            (type_, fields), now, then = entry
            salon.now = max(salon.now, moment(day(now)))
            salon.tell(type_, day(min(now, then)), id=f"m{number}", **fields)
        match data.draw(st.integers(0, 5)):
            case 0:
                salon.now += data.draw(st.integers(0, 3)) * moment("1970-01-02T00:00:00Z")
                salon.settle()
            case 1 if salon.engine.wants_step(salon.now):
                salon.commit(salon.engine.step(salon.now))
            case 2:
                salon.restart()
    salon.at(day(30))
    salon.restart()
    assert salon.settle() == []
    _check(salon)


def _check(salon: Driver) -> None:
    check_sequences(salon.outputs)
    assert "internal_error" not in salon.dead_codes
    errors = [e for o in salon.outputs for e in o["data"].get("errors", ())]
    assert all(e["code"] != "internal_error" for e in errors)
    for client in CLIENTS:
        changes = [o["data"] for o in salon.about(client) if o["type"] == "client.status.changed"]
        assert [c["from"] for c in changes] == [None, *(c["to"] for c in changes)][: len(changes)]
        assert all(c["from"] != c["to"] for c in changes)
    cards = [salon.card(client) for client in CLIENTS if salon.has_card(client)]
    statuses = Counter(card["status"] for card in cards if "status" in card)
    if cards:
        assert {s["code"]: s["clients"] for s in salon.settings["statuses"] if s["clients"]} == statuses
