"""C5: a dry run changes nothing, and says what the message does when it is sent in earnest."""

from typing import Any

import pytest

from tests.domain.driver import Driver
from topics.registry import COMMAND_RESULTS, PROFILES, SETTINGS

ENDED = {"field": "ended", "op": "eq", "value": True}
LEADS = {"field": "status", "op": "eq", "value": "lead"}
MESSAGES: list[tuple[str, dict[str, Any]]] = [
    ("status.set", {"client_ids": ["c0", "c9", "c0"], "status": "vip"}),
    ("status.set", {"client_ids": ["c0", "c1"], "status": "nope"}),
    ("status.set", {"client_ids": ["c0"], "status": "inactive", "end_reason": "nope"}),
    ("tags.add", {"client_ids": ["c0", "c9", "c1", "c1"], "tags": ["hot", "new", "New "]}),
    ("tags.remove", {"client_ids": ["c1", "c0", "c9"], "tags": ["hot"]}),
    ("tag.rename", {"from_": "hot", "to": "cold"}),
    ("tag.rename", {"from_": "hot", "to": "HOT"}),
    ("tag.rename", {"from_": "nope", "to": "hot"}),
    ("tag.delete", {"tag": "HOT"}),
    ("tag.delete", {"tag": "nope"}),
    ("clients.merge", {"primary_id": "c0", "duplicate_ids": ["c1", "c2"]}),
    ("clients.merge", {"primary_id": "c0", "duplicate_ids": ["c0"]}),
    ("clients.reevaluate", {}),
    ("client.erase", {"client_id": "c1"}),
    ("client.erase", {"client_id": "nobody"}),
    ("action.request", {"client_id": "c2", "action": "payment_reminder"}),
    ("action.request", {"client_id": "c3", "action": "invoice_booking", "booking_id": "b1"}),
    ("action.request", {"client_id": "nobody", "action": "invite_to_book"}),
    ("automation.set", {"enabled": False, "catch_up": True}),
    ("automation.set", {"triggers": {"message_received": True}, "catch_up": True}),
    ("automation.set", {"inactive_after_days": 1, "locale": "nl"}),
    ("automation.set", {}),
    ("status.define", {"code": "lead", "label": "Lead!", "ended": True}),
    ("status.define", {"code": "prospect", "role": "initial"}),
    ("status.remove", {"code": "partner", "move_to": "vip"}),
    ("status.remove", {"code": "partner"}),
    ("status.remove", {"code": "vip"}),
    ("status_group.define", {"code": "h", "name": "H", "statuses": ["vip"]}),
    ("status_group.remove", {"code": "g"}),
    ("classification.define", {"kind": "industry", "code": "hair"}),
    ("classification.remove", {"kind": "industry", "code": "it"}),
    ("field.define", {"field_id": "hat", "label": "Hat", "type": "text"}),
    ("field.remove", {"field_id": "shoe"}),
    ("tag_rule.define", {"rule_id": "q", "on": "client.created", "add": ["x"]}),
    ("tag_rule.remove", {"rule_id": "r"}),
    ("audience.define", {"audience_id": "b", "name": "B", "filter": LEADS}),
    ("audience.define", {"audience_id": "a", "name": "A", "filter": LEADS}),
    ("audience.remove", {"audience_id": "a"}),
]


@pytest.fixture
def full() -> Driver:
    """A business with something of everything: c0 to c3, of whom c1 is a partner."""
    salon = Driver()
    for type_, data in (
        ("status.define", {"code": "partner"}),
        ("status_group.define", {"code": "g", "name": "G", "statuses": ["lead"]}),
        ("classification.define", {"kind": "industry", "code": "it"}),
        ("field.define", {"field_id": "shoe", "label": "Shoe", "type": "number"}),
        ("tag_rule.define", {"rule_id": "r", "on": "campaign.clicked", "add": ["hot"]}),
        ("audience.define", {"audience_id": "a", "name": "A", "filter": ENDED}),
    ):
        salon.tell(type_, "08:00", **data)
        salon.settle()
    for n in range(4):
        tags = ["hot", "cold"] if n % 2 else []
        salon.tell("client.created", "09:00", client_id=f"c{n}", name=f"N{n}", tags=tags, fields={"shoe": n})
    salon.tell("status.set", "09:10", client_ids=["c1"], status="partner")
    due = {"invoice_id": "i1", "amount": "10", "currency": "EUR", "due_on": "2024-05-01"}
    salon.tell("invoice.issued", "09:20", client_id="c2", **due)
    salon.tell("booking.attended", "09:30", client_id="c3", booking_id="b1", kind="appointment")
    salon.tell("client.messaged", "09:40", client_id="c0", direction="in")
    salon.settle()
    assert not [o for o in salon.outputs if o["type"] == "command.rejected"]
    return salon


def answer(salon: Driver, type_: str, data: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is answered in the end, and what is told besides."""
    told = [*salon.tell(type_, "10:00", **data), *salon.settle()]
    found = [o for o in told if o["topic"] == COMMAND_RESULTS and o["type"] != "command.progress"]
    assert len(found) == 1
    return {"type": found[0]["type"], **found[0]["data"]}, [o for o in told if o["topic"] != COMMAND_RESULTS]


def kept(salon: Driver) -> dict[str, dict[bytes, bytes]]:
    """All that everybody may read."""
    stores = ((topic, salon.engine.stores[topic]) for topic in (PROFILES, SETTINGS))
    return {topic: {k: v for k, v in store.items() if not k.startswith(b"\0")} for topic, store in stores}


@pytest.mark.parametrize(("type_", "data"), MESSAGES)
def test_c5_a_dry_run_changes_nothing_and_says_what_the_message_does(
    full: Driver, type_: str, data: dict[str, Any]
) -> None:
    before = kept(full)
    rehearsed, told = answer(full, type_, {**data, "dry_run": True})
    assert told == []
    assert kept(full) == before
    full.restart()
    done, told = answer(full, type_, data)
    same = ("type", "applied", "unchanged", "errors", "totals")
    if type_ in ("status.remove", "field.remove"):  # a dry run counts them, and visits nobody
        same = ("type", "unchanged", "errors", "totals")
    assert {name: done.get(name) for name in same} == {name: rehearsed.get(name) for name in same}
    assert (rehearsed["dry_run"], done["dry_run"]) == (True, False)
    if done["type"] == "command.rejected":
        assert told == []
        assert kept(full) == before


def test_c5_a_copy_of_a_business_is_apart_from_it(salon: Driver) -> None:
    salon.ask("tags.add", "10:00", client_ids=["c1"], tags=["gold"])
    salon.ask("client.erase", "11:00", client_id="c2")
    business = salon.engine._store.business("salon")
    copy = business.copy()
    assert (copy.tags, copy.forgotten) == (business.tags, business.forgotten)
    copy.tagged("gold", 5)
    copy.forget(next(iter(copy.forgotten)), None)
    assert (business.tags["gold"].clients, len(business.forgotten)) == (1, 1)
