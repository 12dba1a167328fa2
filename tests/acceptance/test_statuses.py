"""Example 13 and the catalogue of statuses around it (A2 to A5), seen from outside."""

from tests.kit.story import LABELS, Story, bare, cause


def codes(answer: dict) -> list[str]:
    """The codes of a result's errors."""
    return [error["code"] for error in answer["data"]["errors"]]


def test_13_a_status_that_clients_have_cannot_be_removed(story: Story) -> None:
    defined = story.ask("status.define", "08:00", code="partner", label={"en": "Partner"}, project_allowed=False)
    assert (defined["type"], defined["data"]["revision"]) == ("command.applied", 1)
    created = story.tell("client.created", "09:00", client_id="c5")
    given = story.tell("status.set", "10:00", client_ids=["c5"], status="partner")
    assert story.short("c5") == [">lead", "lead>partner"]
    partner = bare(story.outputs("c5"))[1]["data"]
    assert (partner["to_label"], partner["project_allowed"], partner["supplier_allowed"]) == ("Partner", False, True)
    assert partner["cause"] == cause("manual", given)
    assert partner["settings_revision"] == 1

    refused = story.ask("status.remove", "11:00", code="partner")
    assert refused["type"] == "command.rejected"
    assert codes(refused) == ["status_in_use"]
    assert "1" in refused["data"]["errors"][0]["message"]

    story.tell("status.set", "12:00", client_ids=["c5"], status="customer")
    removed = story.ask("status.remove", "13:00", code="partner")
    assert (removed["type"], removed["data"]["revision"]) == ("command.applied", 2)
    unknown = story.ask("status.set", "14:00", client_ids=["c5"], status="partner")
    assert codes(unknown) == ["unknown_status"]
    assert [s["code"] for s in story.settings()["statuses"]] == list(LABELS)
    assert created["id"] == story.outputs("c5")[0]["data"]["cause"]["event_id"]


def test_13_a5_with_move_to_the_clients_are_moved_and_it_goes(story: Story) -> None:
    story.tell("status.define", "08:00", code="partner", ended=True)
    story.tell("status.set", "09:00", client_ids=["c5"], status="partner")
    removed = story.tell("status.remove", "10:00", code="partner", move_to="customer", actor="ann")
    answer = story.answer(removed)
    assert (answer["type"], answer["data"]["applied"], answer["data"]["revision"]) == ("command.applied", ["c5"], 2)
    assert answer["data"]["totals"] == {"clients": 1, "changed": 1}
    assert story.short("c5") == [">lead", "lead>partner", "partner>customer"]
    moved = bare(story.outputs("c5"))[2]
    assert (moved["time"], moved["data"]["from_ended"], moved["data"]["ended"]) == (removed["time"], True, False)
    assert moved["data"]["cause"] == cause("catalogue", removed, actor="ann")
    assert moved["data"]["settings_revision"] == 1
    assert [s["code"] for s in story.settings()["statuses"]] == list(LABELS)

    late = story.ask("status.set", "09:30", client_ids=["c6"], status="partner")
    assert (late["data"]["applied"], story.short("c6")) == (["c6"], [">lead", "lead>customer"])
    story.tell("client.created", "11:00", client_id="c7", status="partner")
    assert story.profile("c7") is None
    assert len(story.dead_letters()) == 1


def test_a3_a_status_with_a_role_cannot_be_removed_until_the_role_has_moved(story: Story) -> None:
    assert codes(story.ask("status.remove", "08:00", code="lead")) == ["status_has_role"]
    story.ask("status.define", "08:10", code="prospect", label="Prospect", role="initial")
    removed = story.ask("status.remove", "08:20", code="lead")
    assert removed["type"] == "command.applied"
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert story.short("c1") == [">prospect", "prospect>customer"]
    assert story.outputs("c1")[0]["data"]["to_label"] == "Prospect"


def test_a1_labels_follow_the_locale_of_the_business(story: Story) -> None:
    story.tell("automation.set", "08:00", locale="nl")
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert [event["data"]["to_label"] for event in story.outputs("c1")] == ["Lead", "Klant"]


def test_a2_an_ended_status_says_so_on_the_way_in_and_out(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("status.set", "10:00", client_ids=["c1"], status="inactive")
    story.tell("status.set", "11:00", client_ids=["c1"], status="vip")
    flags = [(event["data"]["from_ended"], event["data"]["ended"]) for event in story.outputs("c1")]
    assert flags == [(False, False), (False, True), (True, False)]


def test_b3_a_creation_may_bring_a_status_which_counts_as_set_by_hand(story: Story) -> None:
    created = story.tell("client.created", "09:00", client_id="c1", status="vip")
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert story.short("c1") == [">vip"]
    assert story.outputs("c1")[0]["data"]["cause"] == cause("created", created)
    assert story.profile("c1")["status_set_at"] == created["time"]


def test_the_settings_record_counts_the_clients_of_each_status(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    story.tell("client.created", "09:00", client_id="c2")
    story.tell("status.set", "10:00", client_ids=["c2", "c3"], status="vip")

    def counted(_: object) -> bool:
        record = story.settings()
        return record is not None and {s["code"]: s["clients"] for s in record["statuses"]} == {
            "lead": 1, "customer": 0, "vip": 2, "inactive": 0,
        }  # fmt: skip

    story.bus.wait_for("business-settings", counted)
