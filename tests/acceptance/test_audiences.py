"""Audiences (F1, F2), seen from outside: who enters and leaves, definitions that settle members, removal."""

from tests.kit.messages import at
from tests.kit.story import Story, bare, cause, told

CUSTOMERS = {"field": "status", "op": "eq", "value": "customer"}


def moved(type_: str, client: str, time: str, sequence: int, why: dict, name: str = "Buyers") -> dict:
    """A client entered or left the audience of these tests."""
    data = {"client_id": client, "audience_id": "buyers", "audience_name": name, "cause": why, "sequence": sequence}
    return told(type_, client, time, data)


def test_f1_f2_who_begins_or_stops_to_match_is_told_with_the_change(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("client.created", "09:00", client_id="c2", status="customer")
    rehearsed = story.ask(
        "audience.define", "10:00", audience_id="buyers", name="Buyers", filter=CUSTOMERS, dry_run=True
    )
    assert rehearsed["data"]["preview"] == {"clients": ["c2"]}
    assert story.settings()["audiences"] == []
    defined = story.tell("audience.define", "10:00", audience_id="buyers", name="Buyers", filter=CUSTOMERS)
    answer = story.answer(defined)["data"]
    assert (answer["applied"], answer["revision"]) == (["c2"], 1)
    assert answer["totals"] == {"clients": 2, "changed": 1, "entered": 1, "left": 0, "members": 1}
    assert story.settings()["audiences"] == [{"audience_id": "buyers", "name": "Buyers", "filter": CUSTOMERS}]
    assert bare(story.outputs("c2"))[-1] == moved("audience.entered", "c2", "10:00", 2, cause("catalogue", defined))

    paid = story.tell("payment.received", "11:00", client_id="c1", payment_id="p1", amount="5", currency="EUR")
    why = cause("automation", paid, trigger="payment_made")
    assert bare(story.outputs("c1"))[-1] == moved("audience.entered", "c1", "11:00", 3, why)
    assert story.profile("c1")["audiences"] == ["buyers"]
    by_hand = story.tell("status.set", "12:00", client_ids=["c1"], status="vip", actor="Mia")
    story.answer(by_hand)
    assert bare(story.outputs("c1"))[-1] == moved(
        "audience.left", "c1", "12:00", 5, cause("manual", by_hand, actor="Mia")
    )
    assert "audiences" not in story.profile("c1")

    before = len(story.outputs("c2"))
    assert story.ask("audience.remove", "13:00", audience_id="buyers")["type"] == "command.applied"
    assert story.settings()["audiences"] == []
    again = story.ask("audience.remove", "14:00", audience_id="buyers")
    assert [error["code"] for error in again["data"]["errors"]] == ["unknown_audience"]
    wrong = story.ask(
        "audience.define", "14:00", audience_id="a", name="A", filter={"field": "status", "op": "gt", "value": "vip"}
    )
    assert [error["code"] for error in wrong["data"]["errors"]] == ["invalid_filter"]
    assert len(story.outputs("c2")) == before


def test_e5_a_merged_duplicate_leaves_its_audiences(story: Story) -> None:
    story.ask("audience.define", "08:00", audience_id="buyers", name="Buyers", filter=CUSTOMERS)
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("client.created", "09:00", client_id="c2", status="customer")
    merged = story.tell("clients.merge", "10:00", primary_id="c1", duplicate_ids=["c2"])
    assert story.answer(merged)["type"] == "command.applied"
    assert bare(story.outputs("c2"))[-1] == moved("audience.left", "c2", "10:00", 3, cause("merge", merged))
    assert bare(story.outputs("c2"))[-1]["time"] == at("10:00")
