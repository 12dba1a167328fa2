"""E1-E7 on both brokers: example 12, chains of aliases, a crash behind every step."""

from tests.acceptance.conftest import Town
from tests.kit.story import Story, cause
from tests.kit.waiting import until

MONEY = {"amount": "10.00", "currency": "EUR"}
ALIAS = {"v", "businessid", "client_id", "merged_into"}


def _pay(story: Story, client: str, payment: str, time: str) -> None:
    story.tell("payment.received", time, client_id=client, payment_id=payment, **MONEY)


def test_12_e3_duplicates_become_one_client(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1", name="Anna Smit")
    story.tell("client.created", "09:10", client_id="c4", name="A. Smit", tags=["gold"])
    _pay(story, "c4", "p1", "10:00")
    _pay(story, "c4", "p2", "10:30")

    rehearsal = story.ask("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"], dry_run=True)
    assert rehearsal["type"] == "command.applied"
    assert story.short("c1") == [">lead"]

    command = story.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"], actor="Eva")
    answer = story.answer(command)
    assert (answer["type"], answer["data"]["applied"]) == ("command.applied", ["c1", "c4"])
    told = story.wait_for("c1", ">lead", "client.merged", "lead>customer", "+gold")
    assert all(event["data"]["cause"] == cause("merge", command, actor="Eva") for event in told[1:])
    assert {event["time"] for event in told[1:]} == {command["time"]}
    assert story.profile("c4") == {"v": 1, "businessid": story.business, "client_id": "c4", "merged_into": "c1"}
    card, preview = story.profile("c1"), rehearsal["data"]["preview"]
    assert set(card) == {*preview, "state"}
    assert (card["merged_ids"], preview["merged_ids"]) == (["c4"], ["c4"])
    assert (card["totals"], preview["totals"]) == (2 * ({"EUR": {"invoiced": "0", "paid": "20.00", "refunded": "0"}},))

    _pay(story, "c4", "p3", "13:00")
    assert story.profile("c1")["counts"]["payments"] == 3
    again = story.ask("clients.merge", "14:00", primary_id="c1", duplicate_ids=["c4"])
    assert (again["type"], again["data"]["errors"][0]["code"]) == ("command.rejected", "already_merged")
    late = story.ask("status.set", "11:00", client_ids=["c4"], status="vip")
    assert (late["type"], late["data"]["errors"][0]["code"]) == ("command.rejected", "superseded")
    story.bus.settle()
    assert story.short("c1") == [">lead", "client.merged", "lead>customer", "+gold"]


def test_14_e5_a_worker_that_is_killed_knows_every_alias(story: Story, town: Town) -> None:
    for client in ("c1", "c2", "c3"):
        story.tell("client.created", "09:00", client_id=client)
    story.ask("clients.merge", "10:00", primary_id="c2", duplicate_ids=["c3"])
    town.worker.kill()
    town.open()
    story.ask("clients.merge", "11:00", primary_id="c1", duplicate_ids=["c2"])
    town.worker.kill()
    town.open()
    _pay(story, "c3", "p1", "12:00")
    story.wait_for("c1", ">lead", "client.merged", "lead>customer")
    for alias in ("c2", "c3"):
        assert set(story.profile(alias)) == ALIAS
        assert story.profile(alias)["merged_into"] == "c1"
    assert story.profile("c1")["merged_ids"] == ["c2", "c3"]
    until(lambda: [s["clients"] for s in story.settings()["statuses"]] == [0, 1, 0, 0], "one client, a customer")
