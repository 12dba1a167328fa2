"""D6: tag rules follow events and status changes, at their time; what rules change triggers none."""

import json
from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences, short
from tests.domain.histories import ONE_OF_EACH
from tests.kit.messages import binary_message, message
from worker.domain.tag_rules import EVENTS, MAX_TAG_RULES

SPRING = {"field": "campaign_id", "op": "eq", "value": "spring"}
DISCOUNTS = "interested in discounts"
MONEY = {"amount": "20.00", "currency": "EUR"}


def define(salon: Driver, rule_id: str = "r1", on: str = "campaign.clicked", time: str = "08:00", **rule: Any) -> Any:
    return salon.ask("tag_rule.define", time, rule_id=rule_id, on=on, **rule)


def click(salon: Driver, time: str, client: str = "c1", campaign: str = "spring", **data: Any) -> list[dict[str, Any]]:
    return salon.tell("campaign.clicked", time, client_id=client, campaign_id=campaign, **data)


def tag_events(salon: Driver, client: str = "c1") -> list[dict[str, Any]]:
    return [o for o in salon.about(client) if o["type"] == "client.tags.changed"]


def test_d6_example_11(salon: Driver) -> None:
    answer = define(salon, where=SPRING, add=[DISCOUNTS])
    assert (answer["result"], answer["revision"]) == ("applied", 1)
    click(salon, "10:00", "c2", id="k1", source="mail")
    click(salon, "10:05", "c2")
    click(salon, "10:10", "c2", campaign="summer")
    (event,) = tag_events(salon, "c2")
    assert event["time"] == "2024-05-06T10:00:00Z"
    assert event["data"] == {
        "client_id": "c2", "added": [DISCOUNTS], "removed": [], "tags": [DISCOUNTS],
        "cause": {
            "type": "rule", "event_source": "mail", "event_id": "k1", "event_type": "campaign.clicked", "rule_id": "r1"
        },
        "sequence": 2,
    }  # fmt: skip
    assert salon.card("c2")["tags"][0]["cause"]["rule_id"] == "r1"


@pytest.mark.parametrize("order", [("r1", "r2"), ("r2", "r1")])
def test_d2_d3_a_tag_that_one_rule_adds_and_another_removes_stays_and_nothing_is_told(
    salon: Driver, order: tuple[str, ...]
) -> None:
    rules: dict[str, Any] = {"r1": {"remove": [DISCOUNTS]}, "r2": {"where": SPRING, "add": [DISCOUNTS]}}
    for rule_id in order:
        define(salon, rule_id, **rules[rule_id])
    click(salon, "10:00")
    click(salon, "11:00")
    assert short(tag_events(salon)) == [({DISCOUNTS}, set())]
    click(salon, "12:00", campaign="summer")
    assert short(tag_events(salon)) == [({DISCOUNTS}, set()), (set(), {DISCOUNTS})]


def test_c1_rules_are_published_and_what_is_not_named_stays(salon: Driver) -> None:
    define(salon, where=SPRING, add=[" A  b "])
    define(salon, "r2", "client.status.changed", remove=["x"])
    assert salon.settings["tag_rules"] == [
        {"rule_id": "r1", "on": "campaign.clicked", "where": SPRING, "add": [" A  b "]},
        {"rule_id": "r2", "on": "client.status.changed", "remove": ["x"]},
    ]
    assert define(salon, "r1", "campaign.viewed", remove=["c"])["revision"] == 3
    changed = {"rule_id": "r1", "on": "campaign.viewed", "where": SPRING, "add": [" A  b "], "remove": ["c"]}
    assert salon.settings["tag_rules"][0] == changed
    define(salon, "r1", "campaign.viewed", where=None, add=[])
    assert salon.settings["tag_rules"][0] == {"rule_id": "r1", "on": "campaign.viewed", "remove": ["c"]}
    salon.restart()
    salon.tell("tags.add", "09:00", client_ids=["c1"], tags=["c", "d"])
    salon.tell("campaign.viewed", "10:00", client_id="c1", campaign_id="any")
    assert salon.tags("c1") == {"d"}


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"on": "campaign.opened", "add": ["a"]}, "invalid_data"),
        ({"on": "tags.add", "add": ["a"]}, "invalid_data"),
        ({"on": "client.tags.changed", "add": ["a"]}, "invalid_data"),
        ({"on": "automation.set", "add": ["a"]}, "invalid_data"),
        ({"on": "", "add": ["a"]}, "invalid_data"),
        ({"add": ["a"]}, "invalid_data"),
        ({"on": "campaign.clicked"}, "invalid_data"),
        ({"on": "campaign.clicked", "add": [], "remove": []}, "invalid_data"),
        ({"on": "campaign.clicked", "add": [f"t{n}" for n in range(51)]}, "invalid_data"),
        ({"on": "campaign.clicked", "add": ["a,b"]}, "invalid_tag"),
        ({"on": "campaign.clicked", "remove": [""]}, "invalid_tag"),
        ({"on": "campaign.clicked", "add": ["a"], "where": {"field": "x"}}, "invalid_filter"),
        ({"on": "campaign.clicked", "add": ["a"], "where": {}}, "invalid_filter"),
        ({"on": "campaign.clicked", "add": ["a"], "where": {"field": "a", "op": "like", "value": 1}}, "invalid_filter"),
    ],
)
def test_c4_what_is_refused(salon: Driver, rule: dict[str, Any], code: str) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    answer = salon.ask("tag_rule.define", "10:00", rule_id="r1", **rule)
    assert (answer["result"], [e["code"] for e in answer["errors"]]) == ("rejected", [code])
    assert (salon.settings["tag_rules"], salon.settings["revision"]) == ([], 0)


def test_c4_a_refused_change_leaves_the_rule_as_it_was(salon: Driver) -> None:
    define(salon, add=["a"])
    assert define(salon, add=["b"], where={"field": "x"})["result"] == "rejected"
    assert define(salon, add=["b"], dry_run=True)["result"] == "applied"
    assert define(salon, add=[])["errors"][0]["code"] == "invalid_data"
    click(salon, "10:00")
    assert salon.tags("c1") == {"a"}


def test_d6_a_rule_can_be_removed_and_what_it_put_stays(salon: Driver) -> None:
    define(salon, add=["a"])
    click(salon, "10:00")
    assert salon.ask("tag_rule.remove", "10:01", rule_id="r1")["revision"] == 2
    assert salon.settings["tag_rules"] == []
    click(salon, "10:02", "c2")
    assert (salon.tags("c1"), salon.tags("c2")) == ({"a"}, set())
    again = salon.ask("tag_rule.remove", "10:03", rule_id="r1")
    assert (again["result"], again["errors"][0]["code"]) == ("rejected", "unknown_rule")


def test_d6_at_most_100_rules(salon: Driver) -> None:
    for number in range(MAX_TAG_RULES):
        assert define(salon, f"r{number}", add=["a"])["result"] == "applied"
    assert define(salon, "r100", add=["a"])["errors"][0]["code"] == "invalid_data"
    assert define(salon, "r50", add=["b"])["result"] == "applied"
    assert len(salon.settings["tag_rules"]) == MAX_TAG_RULES == 100


def test_p2_a_definition_applies_to_what_is_processed_after_it(salon: Driver) -> None:
    click(salon, "10:00")
    define(salon, add=["a"], time="09:00")
    assert salon.tags("c1") == set()
    click(salon, "07:00", "c2")
    assert salon.tags("c2") == {"a"}


def test_d3_a_late_event_is_put_where_it_belongs(salon: Driver) -> None:
    define(salon, add=["a"])
    salon.tell("tags.remove", "11:00", client_ids=["c1"], tags=["a"])
    click(salon, "10:00")
    assert (salon.tags("c1"), tag_events(salon)) == (set(), [])
    click(salon, "12:00")
    assert salon.tags("c1") == {"a"}


def test_p3_a_repeat_triggers_nothing(salon: Driver) -> None:
    define(salon, add=["a"])
    click(salon, "10:00", id="k1")
    salon.tell("tags.remove", "09:00", client_ids=["c1"], tags=["a"])
    define(salon, "r2", add=["b"])
    click(salon, "10:00", id="k1")
    assert (salon.tags("c1"), len(tag_events(salon))) == ({"a"}, 1)


def test_d6_a_dead_letter_triggers_nothing(salon: Driver) -> None:
    define(salon, "r1", "client.created", add=["a"])
    salon.tell("client.created", "10:00", client_id="c1", status="nobody")
    assert (salon.dead_codes, salon.has_card("c1")) == (["unknown_status"], False)


def test_d6_where_sees_the_data_as_it_came(salon: Driver) -> None:
    """Unknown fields, dots into objects, binary mode, the later of two equal names."""
    where = {"all": [{"field": "utm.medium", "op": "eq", "value": "mail"}, {"field": "n", "op": "gt", "value": 2}]}
    define(salon, where=where, add=["a"])
    click(salon, "10:00", "c1", utm={"medium": "mail"}, n=3)
    click(salon, "10:00", "c2", utm={"medium": "mail"}, n=2)
    click(salon, "10:00", "c3", utm="mail", n=3)
    event = salon.event("campaign.clicked", "10:00", client_id="c4", campaign_id="x", utm={"medium": "mail"}, n=3)
    salon.feed_messages([binary_message(event)])
    twice = message(salon.event("campaign.clicked", "10:00", client_id="c5", campaign_id="x", n=1))
    value = (twice.value or b"").replace(b'"n": 1', b'"n": 1, "utm": {"medium": "mail"}, "n": 3')
    salon.feed_messages([twice._replace(value=value)])
    assert [bool(salon.tags(f"c{n}")) for n in range(1, 6)] == [True, False, False, True, True]


def test_d6_every_input_about_a_client_can_be_a_rule_s(salon: Driver) -> None:
    assert set(ONE_OF_EACH) | {"client.status.changed"} == EVENTS
    for type_, data in ONE_OF_EACH.items():
        define(salon, type_, type_, add=[type_])
        salon.tell(type_, "10:00", client_id=f"of.{type_}", **data)
        assert salon.tags(f"of.{type_}") == {type_}
    salon.restart()


def test_d6_several_rules_follow_in_the_order_of_their_definition_each_told_once(salon: Driver) -> None:
    define(salon, "z", add=["a", "b"])
    define(salon, "a", add=["c"], remove=["a", "never"])
    define(salon, "m", add=["C"])
    click(salon, "10:00")
    assert short(tag_events(salon)) == [({"a", "b"}, set()), ({"c"}, set())]  # at one moment a removal loses (D3)
    assert [e["data"]["cause"]["rule_id"] for e in tag_events(salon)] == ["z", "a"]
    salon.tell("tags.remove", "11:00", client_ids=["c1"], tags=["b", "c"])
    click(salon, "12:00")
    assert short(tag_events(salon)[-2:]) == [({"b"}, set()), ({"c"}, set())]
    define(salon, "z", add=[], remove=["c"])
    click(salon, "13:00", "c2")
    salon.tell("tags.add", "13:00", client_ids=["c2"], tags=["a"])
    check_sequences(salon.outputs)


def test_d6_one_rule_adds_and_removes_in_one_event(salon: Driver) -> None:
    define(salon, add=["warm"], remove=["cold"])
    salon.tell("tags.add", "09:00", client_ids=["c1"], tags=["cold"])
    click(salon, "10:00")
    assert short(tag_events(salon)[-1:]) == [({"warm"}, {"cold"})]


def test_d6_status_changes_are_events_too_at_the_time_they_took_effect(salon: Driver) -> None:
    converted = {"all": [
        {"field": "from", "op": "eq", "value": "lead"}, {"field": "to", "op": "eq", "value": "customer"},
        {"field": "cause.type", "op": "eq", "value": "automation"}, {"field": "ended", "op": "eq", "value": False},
    ]}  # fmt: skip
    define(salon, "won", "client.status.changed", where=converted, add=["won"])
    define(salon, "new", "client.status.changed", where={"field": "from", "op": "exists", "value": False}, add=["new"])
    salon.tell("payment.received", "10:00", client_id="c1", payment_id="p1", id="e1", source="till", **MONEY)
    types = [o["type"].removeprefix("client.") for o in salon.about("c1")]
    assert types == ["status.changed", "status.changed", "tags.changed", "tags.changed"]
    new, won = tag_events(salon)
    assert (new["data"]["added"], won["data"]["added"]) == (["new"], ["won"])
    assert won["data"]["cause"] == {
        "type": "rule", "event_source": "till", "event_id": "e1", "event_type": "payment.received", "rule_id": "won"
    }  # fmt: skip
    salon.tell("status.set", "12:00", client_ids=["c2"], status="customer")
    assert salon.tags("c2") == {"new"}


def test_d6_a_status_that_a_timer_changed_is_followed(salon: Driver, booked: Any) -> None:
    where = {"field": "cause.trigger", "op": "eq", "value": "booking_attended"}
    define(salon, "won", "client.status.changed", where=where, add=["came"])
    booked(id="b-event", source="desk")
    salon.settle()
    (event,) = tag_events(salon)
    assert (event["time"], event["data"]["cause"]["event_id"]) == ("2024-05-06T11:00:00Z", "b-event")
    assert salon.card("c1")["tags"][0]["since"] == "2024-05-06T11:00:00Z"
    check_sequences(salon.outputs)


def test_d6_tags_come_behind_status_and_review(salon: Driver) -> None:
    define(salon, "r1", "invoice.cancelled", add=["cancelled"])
    define(salon, "r2", "client.status.changed", where={"field": "to", "op": "eq", "value": "customer"}, add=["won"])
    salon.tell("invoice.cancelled", "11:00", client_id="c1", invoice_id="i1")
    salon.tell("invoice.issued", "10:00", client_id="c1", invoice_id="i1", **MONEY)
    order = [o["type"].removeprefix("client.") for o in salon.about("c1")]
    assert order == ["status.changed", "tags.changed", "status.changed", "status.review_suggested", "tags.changed"]


def test_d6_a_command_that_changes_many_statuses_is_followed_for_each(salon: Driver) -> None:
    define(salon, "vip", "client.status.changed", where={"field": "to", "op": "eq", "value": "vip"}, add=["vip"])
    told = salon.tell("status.set", "10:00", client_ids=["c1", "c2"], status="vip")
    assert [o["data"]["added"] for o in told if o["type"] == "client.tags.changed"] == [["vip"], ["vip"]]
    dry = salon.tell("status.set", "11:00", client_ids=["c3"], status="vip", dry_run=True)
    assert [o["type"] for o in dry] == ["command.applied"]
    assert not salon.has_card("c3")


def test_d7_a_rule_s_tag_from_before_a_rename_is_the_new_one(salon: Driver) -> None:
    define(salon, add=["a"])
    click(salon, "09:00", "c9")
    salon.tell("tag.rename", "10:00", from_="a", to="b")
    salon.settle()
    click(salon, "09:30")
    click(salon, "10:30", "c2")
    assert (salon.tags("c1"), salon.tags("c2")) == ({"b"}, {"a"})


def test_d1_a_rule_that_would_give_too_many_tags_adds_none(salon: Driver) -> None:
    define(salon, add=["a", "b"], remove=["t0-0"])
    for part in range(5):
        salon.tell("tags.add", "09:00", client_ids=["c1"], tags=[f"t{part}-{n}" for n in range(50)])
    assert short(click(salon, "10:00")) == [(set(), {"t0-0"})]
    assert short(click(salon, "10:10")) == []
    salon.tell("tags.add", "10:20", client_ids=["c1"], tags=["t0-0"])
    salon.tell("tags.remove", "10:30", client_ids=["c1"], tags=["t1-0"])
    assert short(click(salon, "11:00")) == [({"a", "b"}, {"t0-0"})]
    assert len(salon.tags("c1")) == 250


def test_j1_what_is_no_json_is_refused_also_where_nobody_looked(salon: Driver) -> None:
    define(salon, add=["a"])
    good = message(salon.event("campaign.clicked", "10:00", client_id="c1", campaign_id="x", other="é"))
    value = json.dumps(json.loads(good.value or b"")).encode().replace(b"\\u00e9", b"\\ud800")
    salon.feed_messages([good._replace(value=value)])
    assert salon.dead_codes == ["not_json"]


def test_d6_a_status_that_a_sweep_or_a_merge_changed_is_followed(salon: Driver) -> None:
    define(salon, "r1", "client.status.changed", where={"field": "to", "op": "eq", "value": "customer"}, add=["won"])
    salon.tell("status.define", "08:00", code="partner")
    salon.tell("status.set", "09:00", client_ids=["c1"], status="partner")
    salon.tell("status.remove", "10:00", id="gone", source="desk", code="partner", move_to="customer")
    salon.settle()
    (event,) = tag_events(salon)
    assert (event["time"], event["data"]["cause"]["event_id"]) == ("2024-05-06T10:00:00Z", "gone")

    salon.tell("automation.set", "11:00", enabled=False)
    salon.tell("payment.received", "11:30", client_id="c3", payment_id="p1", **MONEY)
    salon.tell("status.set", "11:30", client_ids=["c3"], status="vip")
    salon.tell("automation.set", "11:40", enabled=True)
    salon.tell("payment.received", "12:00", client_id="c3", payment_id="p2", **MONEY)
    salon.tell("client.created", "12:00", client_id="c2")
    assert salon.tags("c3") == set()
    salon.tell("clients.merge", "13:00", id="m1", primary_id="c2", duplicate_ids=["c3"])
    assert [o["type"].removeprefix("client.") for o in salon.about("c2")][-3:] == [
        "merged", "status.changed", "tags.changed"
    ]  # fmt: skip
    assert (salon.tags("c2"), tag_events(salon, "c2")[-1]["data"]["cause"]["event_id"]) == ({"won"}, "m1")
    check_sequences(salon.outputs)


def test_d6_an_imported_client_s_status_is_followed_behind_its_own_tags(salon: Driver) -> None:
    define(
        salon, "r1", "client.status.changed", where={"field": "cause.type", "op": "eq", "value": "import"}, add=["i"]
    )
    salon.tell("client.imported", "10:00", client_id="c1", status="vip", tags="own")
    assert [e["data"]["added"] for e in tag_events(salon)] == [["own"], ["i"]]


def test_d6_what_a_text_matches_does_not_depend_on_how_it_is_read(salon: Driver) -> None:
    """Most texts are read from the message; with other fields, other kinds of values or a leap second all is read."""
    times = {"starts_at": "2016-12-31T23:00:00Z", "ends_at": "2016-12-31T23:59:60Z"}
    where = {"field": "service", "op": "in", "value": ["cut", "2016-12-31T23:59:60Z"]}
    define(salon, "texts", "booking.scheduled", where=where, add=["texts"])
    define(salon, "none", "booking.scheduled", where={"field": "service", "op": "exists", "value": False}, add=["none"])
    services = {"c1": "cut", "c2": "Cut", "c3": None, "c4": "2016-12-31T23:59:60Z", "c5": "2016-12-31T23:59:59.999999Z"}
    found = {"c1": {"texts"}, "c2": set(), "c3": {"none"}, "c4": {"texts"}, "c5": set()}
    for further in (None, {"field": "starts_at", "op": "exists", "value": True}):
        if further is not None:
            define(salon, "times", "booking.scheduled", where=further, add=["times"])
        for client, service in services.items():
            for name, data in (("null", {"service": service}), ("left out", {"service": service} if service else {})):
                id_ = f"{client}.{name.partition(' ')[0]}.{further is None}"
                salon.tell(
                    "booking.scheduled", "10:00", client_id=id_, booking_id="b", kind="appointment", **times, **data
                )
                assert salon.tags(id_) == found[client] | ({"times"} if further is not None else set()), id_


def test_d6_businesses_with_the_same_rules_follow_them_each_by_itself(salon: Driver) -> None:
    for business in ("salon", "gym"):
        salon.ask("tag_rule.define", "08:00", business=business, rule_id="r", on="client.messaged", add=["writes"])
    salon.ask("tag_rule.define", "08:30", business="gym", rule_id="r", on="client.messaged", add=["talks"])
    for business, tags in (("salon", {"writes"}), ("gym", {"talks"})):
        salon.business = business
        salon.tell("client.messaged", "09:00", client_id="c1", direction="in")
        assert salon.tags("c1") == tags
