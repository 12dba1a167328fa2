"""Tag rules (D6), renaming and deleting tags (D7), seen from outside."""

import random

import pytest

from tests.kit.messages import at, binary_message
from tests.kit.story import Story, bare, cause, tagged

SPRING = {"field": "campaign_id", "op": "eq", "value": "spring"}
DISCOUNTS = "interested in discounts"


def codes(answer: dict) -> list[str]:
    """The codes of a result's errors."""
    return [error["code"] for error in answer["data"]["errors"]]


def tags(story: Story, client: str) -> list[str]:
    """The client's tags, by name."""
    return sorted(tag["tag"] for tag in story.profile(client).get("tags", []))


def test_11_d6_who_clicks_the_campaign_twice_is_tagged_once(story: Story) -> None:
    rule = {"rule_id": "spring", "on": "campaign.clicked", "where": SPRING, "add": [DISCOUNTS]}
    defined = story.ask("tag_rule.define", "09:00", **rule)
    assert (defined["type"], defined["data"]["revision"]) == ("command.applied", 1)
    assert story.settings()["tag_rules"] == [rule]
    clicked = story.tell("campaign.clicked", "10:00", client_id="c2", campaign_id="spring")
    story.tell("campaign.clicked", "10:05", client_id="c2", campaign_id="spring")
    story.tell("campaign.clicked", "10:10", client_id="c2", campaign_id="summer")
    why = cause("rule", clicked, rule_id="spring")
    assert bare(story.outputs("c2"))[1:] == [tagged("c2", [DISCOUNTS], [], [DISCOUNTS], "10:00", 2, why)]
    assert story.profile("c2")["tags"] == [{"tag": DISCOUNTS, "since": at("10:00"), "cause": why}]
    removed = story.ask("tag_rule.remove", "11:00", rule_id="spring")
    assert (removed["type"], story.settings()["tag_rules"]) == ("command.applied", [])
    assert codes(story.ask("tag_rule.remove", "11:01", rule_id="spring")) == ["unknown_rule"]


def test_d6_what_is_no_rule_is_refused_with_its_code(story: Story) -> None:
    for rule, code in (
        ({"on": "campaign.opened", "add": ["a"]}, "invalid_data"),
        ({"on": "campaign.clicked"}, "invalid_data"),
        ({"on": "campaign.clicked", "add": ["a,b"]}, "invalid_tag"),
        ({"on": "campaign.clicked", "add": ["a"], "where": {"field": "x", "op": "like", "value": 1}}, "invalid_filter"),
    ):
        answer = story.ask("tag_rule.define", "09:00", rule_id="r1", **rule)
        assert (answer["type"], codes(answer)) == ("command.rejected", [code])
    assert story.settings()["revision"] == 0


def test_d6_a_status_change_is_followed_at_its_time_behind_it(story: Story) -> None:
    where = {
        "all": [
            {"field": "to", "op": "eq", "value": "customer"},
            {"field": "cause.type", "op": "ne", "value": "manual"},
        ]
    }
    story.tell(
        "tag_rule.define", "08:00", rule_id="won", on="client.status.changed", where=where, add=["won"], remove=["new"]
    )
    story.tell("tags.add", "09:00", client_ids=["c1"], tags=["new"])
    booked = story.tell(
        "booking.scheduled", "09:30", client_id="c1", booking_id="b1", kind="appointment",
        starts_at=at("10:00"), ends_at=at("11:00"),
    )  # fmt: skip
    events = story.wait_for("c1", ">lead", "+new", "lead>customer", "+won -new")
    why = cause("rule", booked, rule_id="won")
    assert bare(events)[3] == tagged("c1", ["won"], ["new"], ["won"], "11:00", 4, why)
    story.tell("status.set", "12:00", client_ids=["c2"], status="customer")
    assert story.short("c2") == [">lead", "lead>customer"]


def test_d6_where_sees_fields_that_nobody_documented_also_in_binary_mode(story: Story) -> None:
    where = {"field": "utm.medium", "op": "eq", "value": "mail"}
    story.tell("tag_rule.define", "08:00", rule_id="r1", on="campaign.viewed", where=where, add=["by mail"])
    data = {"campaign_id": "x", "utm": {"medium": "mail"}}
    story.tell_all(
        story.event("campaign.viewed", "10:00", client_id="c1", **data),
        binary_message(story.event("campaign.viewed", "10:00", client_id="c2", **data)),
        story.event("campaign.viewed", "10:00", client_id="c3", campaign_id="x"),
    )
    assert [story.short(c) for c in ("c1", "c2", "c3")] == [[">lead", "+by mail"], [">lead", "+by mail"], [">lead"]]


def test_d7_a_tag_is_renamed_and_deleted_on_every_client(story: Story) -> None:
    assert codes(story.ask("tag.rename", "08:00", from_="regular", to="loyal")) == ["unknown_tag"]
    story.tell("tags.add", "09:00", client_ids=["c1", "c2"], tags=["regular"])
    story.tell("tags.add", "09:10", client_ids=["c2", "c3"], tags=["Loyal"])
    dry = story.ask("tag.rename", "10:00", from_="regular", to="loyal", dry_run=True)
    assert dry["data"]["totals"] == {"clients": 3, "changed": 2}
    renamed = story.tell("tag.rename", "10:00", from_="Regular", to="loyal", actor="Mia")
    answer = story.answer(renamed)
    assert (answer["type"], answer["data"]["totals"]) == ("command.applied", {"clients": 3, "changed": 2})
    why = cause("manual", renamed, actor="Mia")
    assert bare(story.outputs("c1"))[2:] == [tagged("c1", ["Loyal"], ["regular"], ["Loyal"], "10:00", 3, why)]
    assert story.short("c2") == [">lead", "+regular", "+Loyal", "-regular"]
    assert story.short("c3") == [">lead", "+Loyal"]
    assert codes(story.ask("tag.rename", "10:10", from_="regular", to="x")) == ["unknown_tag"]

    story.tell("client.imported", "09:30", client_id="c4", tags="REGULAR, new")
    assert tags(story, "c4") == ["Loyal", "new"]
    story.tell("tags.add", "10:30", client_ids=["c4"], tags=["regular"])
    assert tags(story, "c4") == ["Loyal", "new", "regular"]

    deleted = story.ask("tag.delete", "11:00", tag="LOYAL")
    assert deleted["data"]["totals"] == {"clients": 4, "changed": 4}
    assert [tags(story, c) for c in ("c1", "c2", "c3", "c4")] == [[], [], [], ["new", "regular"]]
    story.tell("tags.add", "09:40", client_ids=["c5"], tags=["regular", "loyal", "kept"])
    assert tags(story, "c5") == ["kept"]


def test_d1_a_rename_to_another_spelling_tells_so(story: Story) -> None:
    story.tell("tags.add", "09:00", client_ids=["c1"], tags=["gold"])
    assert story.ask("tag.rename", "10:00", from_="gold", to="Gold")["data"]["totals"]["changed"] == 1
    assert story.ask("tag.rename", "10:01", from_="gold", to="Gold")["data"]["totals"]["changed"] == 0
    assert story.short("c1") == [">lead", "+gold", "+Gold -gold"]


@pytest.mark.parametrize("seed", range(3))
def test_p2_the_order_of_arrival_does_not_decide(story: Story, seed: int) -> None:
    story.tell("tag_rule.define", "08:00", rule_id="r1", on="campaign.clicked", add=["clicked"], remove=["cold"])
    story.tell("tags.add", "23:00", client_ids=["keeper"], tags=["cold", "warm", "clicked"])  # so that all are known
    events = [
        story.event("tags.add", "09:00", client_ids=["c1", "c2", "c3"], tags=["cold"]),
        story.event("campaign.clicked", "10:00", client_id="c1", campaign_id="x"),
        story.event("tag.rename", "11:00", from_="cold", to="warm"),
        story.event("tags.remove", "10:30", client_ids=["c2"], tags=["cold"]),
        story.event("tags.add", "12:00", client_ids=["c2"], tags=["cold"]),
        story.event("tag.delete", "13:00", tag="clicked"),
        story.event("campaign.clicked", "14:00", client_id="c2", campaign_id="x"),
    ]
    arrival = [*events, *events]
    random.Random(seed).shuffle(arrival)
    for event in arrival:  # a tag is unknown while all clients are being visited that may have it
        story.send(event)
        story.bus.settle()
        if event["type"].startswith("tag."):
            assert {a["type"] for a in story.results(event)} <= {"command.applied"}
            story.bus.wait_for("command-results", lambda _, event=event: story.results(event))
    assert [tags(story, c) for c in ("c1", "c2", "c3")] == [[], ["clicked"], ["warm"]]
