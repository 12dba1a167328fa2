"""F1, F2: audiences are alive: who begins or stops to match is told with the change, and definitions settle members."""

from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences
from worker.domain import audience_commands

CUSTOMERS = {"field": "status", "op": "eq", "value": "customer"}
PAYERS = {"field": "counts.payments", "op": "gte", "value": 2}
GOLD = {"field": "tags", "op": "has_any", "value": ["gold"]}
CURRENT = {"field": "ended", "op": "eq", "value": False}
GOOD = {"field": "status_group", "op": "eq", "value": "good"}
NAMED = {"field": "name", "op": "exists"}
DAY = "2024-05-06T"


def define(salon: Driver, time: str, audience: str, filter_: object, **data: Any) -> dict[str, Any]:
    """Define an audience; the answer, when its members are settled."""
    name = data.pop("name", audience.title())
    return asked(salon, "audience.define", time, audience_id=audience, name=name, filter=filter_, **data)


def remove(salon: Driver, time: str, audience: str, **data: Any) -> dict[str, Any]:
    return asked(salon, "audience.remove", time, audience_id=audience, **data)


def asked(salon: Driver, type_: str, time: str, **data: Any) -> dict[str, Any]:
    told = salon.tell(type_, time, **data) + salon.settle()
    (answer,) = [o for o in told if o["topic"] == "command-results" and o["type"] != "command.progress"]
    return {"result": answer["type"].removeprefix("command."), **answer["data"]}


def codes(answer: dict[str, Any]) -> list[str]:
    assert answer["result"] == "rejected"
    return [error["code"] for error in answer["errors"]]


def pay(salon: Driver, time: str, payment: str, client: str = "c1") -> list[dict[str, Any]]:
    return salon.tell(
        "payment.received", time, client_id=client, payment_id=payment, amount="1", currency="EUR", id=f"pay-{payment}"
    )


def moves(salon: Driver, client: str = "c1") -> list[tuple[str, str, str, str]]:
    """What was told of a client's audiences: + or -, which, HH:MM, the type of the cause."""
    return [
        (
            "+" if o["type"] == "audience.entered" else "-",
            o["data"]["audience_id"],
            o["time"][11:16],
            o["data"]["cause"]["type"],
        )
        for o in salon.about(client)
        if o["topic"] == "audience-changes"
    ]


def audiences(salon: Driver, client: str = "c1") -> list[str]:
    found: list[str] = salon.card(client).get("audiences", [])
    return found


def types(outputs: list[dict[str, Any]]) -> list[str]:
    return [o["type"] for o in outputs]


# -- F1 ----------------------------------------------------------------------------------------------------------------


def test_f1_who_begins_to_match_enters_behind_the_change_of_status_with_its_cause(salon: Driver) -> None:
    define(salon, "08:00", "buyers", CUSTOMERS, name="All buyers")
    salon.tell("client.created", "09:00", client_id="c1")
    assert types(pay(salon, "10:00", "p1")) == ["client.status.changed", "audience.entered"]
    changed, entered = salon.about("c1")[1:]
    assert entered["time"] == changed["time"] == f"{DAY}10:00:00Z"
    assert entered["data"] == {
        "client_id": "c1",
        "audience_id": "buyers",
        "audience_name": "All buyers",
        "cause": changed["data"]["cause"],
        "sequence": 3,
    }
    assert entered["data"]["cause"]["trigger"] == "payment_made"
    assert audiences(salon) == ["buyers"]
    salon.ask("status.set", "11:00", client_ids=["c1"], status="vip", actor="Mia")
    assert moves(salon) == [("+", "buyers", "10:00", "automation"), ("-", "buyers", "11:00", "manual")]
    assert salon.about("c1")[-1]["data"]["cause"]["actor"] == "Mia"
    assert "audiences" not in salon.card("c1")
    salon.restart()


def test_f1_what_does_not_change_who_matches_tells_nothing(salon: Driver) -> None:
    define(salon, "08:00", "payers", PAYERS)
    define(salon, "08:00", "buyers", CUSTOMERS)
    pay(salon, "10:00", "p1")
    assert moves(salon) == [("+", "buyers", "10:00", "automation")]
    pay(salon, "10:00", "p1")
    salon.tell("client.noted", "10:30", client_id="c1", text="x")
    assert len(moves(salon)) == 1
    pay(salon, "11:00", "p2")
    pay(salon, "12:00", "p3")
    assert moves(salon)[1:] == [("+", "payers", "11:00", "automation")]
    cause = salon.about("c1")[-1]["data"]["cause"]
    assert cause == {
        "type": "automation", "event_source": "tests", "event_id": "pay-p2", "event_type": "payment.received"
    }  # fmt: skip


def test_f1_an_audience_of_a_tag_has_the_time_and_the_cause_of_the_tags_change(salon: Driver) -> None:
    define(salon, "08:00", "gold", GOLD)
    define(salon, "08:00", "named", NAMED)
    salon.tell("client.imported", "09:00", client_id="c1", name="Ann", tags="Gold, new")
    salon.ask("tags.remove", "10:00", client_ids=["c1", "c2"], tags=["GOLD"])
    salon.tell("client.updated", "11:00", client_id="c1", name=None)
    assert moves(salon) == [
        ("+", "gold", "09:00", "import"),
        ("+", "named", "09:00", "import"),
        ("-", "gold", "10:00", "manual"),
        ("-", "named", "11:00", "manual"),
    ]
    assert moves(salon, "c2") == []


def test_f1_a_new_client_is_in_what_it_matches_from_the_start(salon: Driver) -> None:
    define(salon, "08:00", "current", CURRENT)
    outputs = salon.tell("client.created", "09:00", client_id="c1", status="vip", tags=["gold"])
    assert types(outputs) == ["client.status.changed", "client.tags.changed", "audience.entered"]
    assert moves(salon) == [("+", "current", "09:00", "created")]


def test_f1_a_timer_makes_who_elapses_a_member(salon: Driver) -> None:
    define(salon, "08:00", "attended", {"field": "counts.attended", "op": "gt", "value": 0})
    times = {"starts_at": "10:00", "ends_at": "11:00"}
    salon.tell("booking.scheduled", "09:00", client_id="c1", booking_id="b1", kind="appointment", **times)
    assert moves(salon) == []
    outputs = salon.settle()
    assert types(outputs) == ["client.status.changed", "audience.entered"]
    assert moves(salon) == [("+", "attended", "11:00", "automation")]


def test_f1_many_clients_of_one_command_each_have_their_own_cause(salon: Driver) -> None:
    define(salon, "08:00", "gold", GOLD)
    define(salon, "08:00", "good", {"any": [CUSTOMERS, {"field": "status", "op": "eq", "value": "vip"}]})
    clients = ["c1", "c2", "c3"]
    salon.ask("tags.add", "09:00", client_ids=clients, tags=["gold"])
    salon.ask("status.set", "10:00", client_ids=clients, status="vip")
    for client in clients:
        assert moves(salon, client) == [("+", "gold", "09:00", "manual"), ("+", "good", "10:00", "manual")]
    check_sequences(salon.outputs)


def test_f1_created_at_that_moves_back_makes_a_member_also_through_an_action(salon: Driver) -> None:
    define(salon, "08:00", "early", {"field": "created_at", "op": "lt", "value": f"{DAY}09:00:00Z"})
    salon.tell("client.created", "09:00", client_id="c1")
    outputs = salon.tell("action.request", "08:30", client_id="c1", action="invite_to_book")
    assert types(outputs) == ["audience.entered", "action.requested", "command.applied"]
    check_sequences(salon.outputs)


def test_g6_the_audiences_of_an_erased_client_are_left(salon: Driver) -> None:
    define(salon, "08:00", "current", CURRENT)
    define(salon, "08:00", "gold", GOLD)
    salon.tell("client.created", "09:00", client_id="c1", tags=["gold"])
    salon.ask("client.erase", "10:00", client_id="c1")
    assert moves(salon)[2:] == [("-", "current", "10:00", "manual"), ("-", "gold", "10:00", "manual")]
    assert salon.about("c1")[-1]["type"] == "client.erased"
    salon.tell("client.created", "11:00", client_id="c1")
    assert moves(salon)[4:] == [("+", "current", "11:00", "created")]
    check_sequences(salon.outputs)


def test_e5_a_merged_duplicate_leaves_and_the_primary_enters_at_the_moment_of_the_merge(salon: Driver) -> None:
    define(salon, "08:00", "current", CURRENT)
    define(salon, "08:00", "payers", PAYERS)
    define(salon, "08:00", "gold", GOLD)
    pay(salon, "09:00", "p1")
    pay(salon, "09:00", "p2", client="c2")
    salon.ask("tags.add", "12:00", client_ids=["c2"], tags=["gold"])
    outputs = salon.tell("clients.merge", "11:00", primary_id="c1", duplicate_ids=["c2"], actor="Mia")
    assert types(outputs) == [
        "client.merged",
        "client.tags.changed",
        "audience.left",
        "audience.left",
        "audience.entered",
        "audience.entered",
        "command.applied",
    ]
    assert moves(salon, "c2")[2:] == [("-", "current", "12:00", "merge"), ("-", "gold", "12:00", "merge")]
    assert moves(salon)[1:] == [("+", "payers", "12:00", "merge"), ("+", "gold", "12:00", "merge")]
    assert salon.about("c2")[-1]["data"]["cause"]["actor"] == "Mia"
    check_sequences(salon.outputs)
    told = len(salon.about("c2"))
    salon.ask("client.erase", "13:00", client_id="c1")
    assert [m[0] for m in moves(salon)[3:]] == ["-", "-", "-"]
    salon.tell("client.created", "14:00", client_id="c2")
    assert len(salon.about("c2")) == told + 2
    check_sequences(salon.outputs)


def test_d6_a_tag_that_a_rule_puts_makes_a_member_behind_it(salon: Driver) -> None:
    define(salon, "08:00", "gold", GOLD)
    salon.ask("tag_rule.define", "08:00", rule_id="r", on="client.status.changed", add=["gold"])
    outputs = salon.tell("client.created", "09:00", client_id="c1")
    assert types(outputs) == ["client.status.changed", "client.tags.changed", "audience.entered"]
    assert moves(salon) == [("+", "gold", "09:00", "rule")]


# -- F1: definitions that change who matches ---------------------------------------------------------------------------


def test_f1_a_status_that_ends_the_relationship_from_now_on_settles_who_is_asked_for_it(salon: Driver) -> None:
    define(salon, "08:00", "current", CURRENT)
    define(salon, "08:00", "buyers", CUSTOMERS)
    salon.ask("status.set", "09:00", client_ids=["c1", "c2"], status="vip")
    assert salon.ask("status.define", "10:00", code="vip", ended=True)["result"] == "applied"
    salon.restart()
    salon.settle()
    assert moves(salon)[-1] == ("-", "current", "10:00", "catalogue")
    assert audiences(salon) == audiences(salon, "c2") == []
    salon.ask("status.define", "11:00", code="vip", label="V")
    assert not salon.engine.wants_step(salon.now)
    salon.ask("status.define", "12:00", code="vip", ended=False, dry_run=True)
    salon.settle()
    assert audiences(salon) == []
    salon.ask("status.define", "12:00", code="vip", ended=False)
    salon.tell("client.noted", "13:00", client_id="c2", text="x")
    assert moves(salon, "c2")[-1] == ("+", "current", "12:00", "catalogue")
    salon.settle()
    assert audiences(salon) == audiences(salon, "c2") == ["current"]
    check_sequences(salon.outputs)


def test_f1_a_group_that_changes_settles_its_audiences(salon: Driver) -> None:
    define(salon, "08:00", "good", GOOD)
    salon.ask("status.set", "09:00", client_ids=["c1"], status="vip")
    salon.tell("client.created", "09:00", client_id="c2")
    salon.ask("status_group.define", "10:00", code="good", name="Good", statuses=["vip"])
    salon.settle()
    assert (moves(salon), moves(salon, "c2")) == ([("+", "good", "10:00", "catalogue")], [])
    salon.ask("status_group.define", "11:00", code="good", name="Better", statuses=["vip"])
    assert not salon.engine.wants_step(salon.now)
    salon.ask("status_group.define", "12:00", code="good", name="Better", statuses=["lead"])
    salon.settle()
    assert (moves(salon)[1:], moves(salon, "c2")) == (
        [("-", "good", "12:00", "catalogue")],
        [("+", "good", "12:00", "catalogue")],
    )
    salon.ask("status_group.remove", "13:00", code="good")
    salon.settle()
    assert moves(salon, "c2")[1:] == [("-", "good", "13:00", "catalogue")]


def test_f1_a_renamed_tag_and_a_removed_field_take_their_members_along(salon: Driver) -> None:
    salon.ask("field.define", "08:00", field_id="size", label="Size", type="number")
    define(salon, "08:00", "gold", GOLD)
    define(salon, "08:00", "tall", {"field": "fields.size", "op": "gt", "value": 180})
    salon.tell("client.created", "09:00", client_id="c1", tags=["gold"], fields={"size": 190})
    asked(salon, "tag.rename", "10:00", from_="gold", to="golden")
    asked(salon, "field.remove", "11:00", field_id="size")
    assert moves(salon)[2:] == [("-", "gold", "10:00", "manual"), ("-", "tall", "11:00", "catalogue")]
    salon.restart()


def test_f1_a_field_of_another_type_has_no_value_for_a_filter_that_does_not_fit(salon: Driver) -> None:
    salon.ask("field.define", "08:00", field_id="size", label="Size", type="number")
    define(salon, "08:00", "tall", {"field": "fields.size", "op": "gt", "value": 180})
    salon.tell("client.created", "09:00", client_id="c1", fields={"size": 190})
    salon.ask("field.define", "10:00", field_id="size", label="Size", type="text")
    salon.settle()
    assert moves(salon)[1:] == [("-", "tall", "10:00", "catalogue")]
    salon.ask("field.define", "11:00", field_id="size", label="Size", type="number")
    salon.settle()
    assert moves(salon)[2:] == [("+", "tall", "11:00", "catalogue")]


# -- F2 ----------------------------------------------------------------------------------------------------------------


def test_f2_defining_settles_the_members_in_a_sweep(salon: Driver) -> None:
    for client, status in (("c1", "vip"), ("c2", "lead"), ("c3", "vip")):
        salon.ask("status.set", "09:00", client_ids=[client], status=status)
    salon.tell("audience.define", "10:00", audience_id="a", name="VIPs", filter=GOOD, id="nobody")
    assert salon.settle()[-1]["data"]["totals"] == {"clients": 3, "changed": 0, "entered": 0, "left": 0, "members": 0}
    revision = salon.settings["revision"]
    vips = {"field": "status", "op": "in", "value": ["vip"]}
    salon.tell("audience.define", "11:00", audience_id="a", name="VIPs", filter=vips, id="d2", actor="Mia")
    assert salon.settings["audiences"] == [{"audience_id": "a", "name": "VIPs", "filter": vips}]
    assert salon.settings["revision"] == revision
    salon.restart()
    told = salon.settle()
    assert types(told) == ["audience.entered", "audience.entered", "command.progress", "command.applied"]
    answer = told[-1]["data"]
    assert answer["totals"] == {"clients": 3, "changed": 2, "entered": 2, "left": 0, "members": 2}
    assert (answer["applied"], answer["revision"]) == (["c1", "c3"], revision + 1)
    assert salon.settings["revision"] == revision + 1
    event = salon.about("c3")[-1]
    assert (event["topic"], event["time"]) == ("audience-changes", f"{DAY}11:00:00Z")
    cause = {"type": "catalogue", "event_source": "tests", "event_id": "d2", "event_type": "audience.define"}
    assert event["data"] == {
        "client_id": "c3", "audience_id": "a", "audience_name": "VIPs", "cause": cause, "sequence": 3
    }  # fmt: skip
    answer = define(salon, "12:00", "a", {"field": "status", "op": "ne", "value": "vip"})
    assert answer["totals"] == {"clients": 3, "changed": 3, "entered": 1, "left": 2, "members": 1}
    assert (audiences(salon), audiences(salon, "c2"), audiences(salon, "c3")) == ([], ["a"], [])
    check_sequences(salon.outputs)


def test_f2_another_name_moves_nobody(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    define(salon, "10:00", "current", CURRENT)
    answer = define(salon, "11:00", "current", CURRENT, name="Still here")
    assert (answer["result"], answer["totals"], answer["revision"]) == ("applied", {"clients": 1, "changed": 0}, 2)
    assert [a["name"] for a in salon.settings["audiences"]] == ["Still here"]
    assert len(moves(salon)) == 1
    salon.ask("client.erase", "12:00", client_id="c1")
    left = [o for o in salon.about("c1") if o["type"] == "audience.left"]
    assert [o["data"]["audience_name"] for o in left] == ["Still here"]


def test_f2_a_value_of_another_type_is_another_filter(salon: Driver) -> None:
    salon.ask("field.define", "08:00", field_id="n", label="N", type="number")
    define(salon, "08:00", "one", {"field": "fields.n", "op": "eq", "value": 1})
    assert codes(define(salon, "09:00", "one", {"field": "fields.n", "op": "eq", "value": True})) == ["invalid_filter"]


def test_f2_a_dry_run_says_who_would_enter_and_leave(salon: Driver) -> None:
    for number in range(25):
        salon.tell("client.created", "09:00", client_id=f"c{number:02}")
    salon.ask("status.set", "09:30", client_ids=["c24"], status="vip")
    define(salon, "10:00", "a", {"field": "status", "op": "eq", "value": "vip"})
    before = salon.settings
    answer = define(salon, "11:00", "a", {"field": "status", "op": "eq", "value": "lead"}, dry_run=True)
    assert answer["totals"] == {"clients": 25, "changed": 25, "entered": 24, "left": 1, "members": 24}
    assert answer["preview"]["clients"] == [f"c{number:02}" for number in range(20)]
    assert (answer["dry_run"], salon.settings) == (True, before)
    assert audiences(salon, "c24") == ["a"]
    assert moves(salon, "c00") == []
    salon.tell("client.updated", "12:00", client_id="c00", name="Ann")
    assert moves(salon, "c00") == []
    assert remove(salon, "12:00", "a", dry_run=True)["result"] == "applied"
    assert salon.settings == before


def test_f2_removing_tells_nothing_and_the_cards_forget_it(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("client.created", "09:00", client_id="c2")
    define(salon, "10:00", "current", CURRENT)
    define(salon, "10:00", "leads", {"field": "status", "op": "eq", "value": "lead"})
    outputs = salon.tell("audience.remove", "11:00", audience_id="current")
    assert types(outputs) == ["command.applied"]
    assert [a["audience_id"] for a in salon.settings["audiences"]] == ["leads"]
    salon.restart()
    assert salon.settle() == []
    assert audiences(salon) == audiences(salon, "c2") == ["leads"]
    assert codes(remove(salon, "12:00", "current")) == ["unknown_audience"]
    check_sequences(salon.outputs)


@pytest.mark.parametrize("opened", [False, True])
def test_f2_defining_a_removed_id_anew_is_as_if_it_was_never_there(salon: Driver, opened: bool) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("client.created", "09:00", client_id="c2")
    define(salon, "10:00", "a", CURRENT)
    salon.tell("audience.remove", "11:00", audience_id="a")
    salon.tell("audience.define", "12:00", audience_id="a", name="New", filter=CURRENT, id="d2")
    if opened:
        salon.tell("client.noted", "13:00", client_id="c2", text="x")
    answer = salon.settle()[-1]["data"]
    assert answer["totals"] == {"clients": 2, "changed": 2, "entered": 2, "left": 0, "members": 2}
    assert moves(salon, "c2") == [("+", "a", "10:00", "catalogue"), ("+", "a", "12:00", "catalogue")]


def test_f2_removing_while_members_are_still_being_settled_stops_that(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    salon.tell("audience.define", "10:00", audience_id="a", name="A", filter=CURRENT)
    salon.tell("audience.remove", "10:01", audience_id="a")
    salon.restart()
    assert types(salon.settle()) == ["command.progress", "command.applied"]
    assert (moves(salon), audiences(salon)) == ([], [])


def test_k1_inputs_among_the_steps_meet_a_client_as_if_all_were_settled() -> None:
    driver = Driver(sweep_step=1)
    for client in ("c1", "c2", "c3"):
        driver.tell("client.created", "09:00", client_id=client)
    driver.ask("tags.add", "09:10", client_ids=["c3"], tags=["old"])
    driver.tell("tag.rename", "09:30", **{"from": "old"}, to="gold")
    driver.tell("audience.define", "10:00", audience_id="a", name="A", filter=CURRENT)
    driver.tell("audience.define", "10:30", audience_id="a", name="A", filter={"not": CURRENT})
    driver.tell("audience.define", "10:40", audience_id="gold", name="Gold", filter=GOLD)
    driver.ask("status.set", "11:00", client_ids=["c3"], status="inactive")
    assert moves(driver, "c3") == [
        ("+", "a", "10:00", "catalogue"),
        ("-", "a", "10:30", "catalogue"),
        ("+", "gold", "10:40", "catalogue"),
        ("+", "a", "11:00", "manual"),
    ]
    driver.restart()
    answers = [o["data"]["totals"] for o in driver.settle() if o["type"] == "command.applied"]
    assert answers[1:] == [
        {"clients": 3, "changed": 3, "entered": 3, "left": 0, "members": 3},
        {"clients": 3, "changed": 3, "entered": 0, "left": 3, "members": 0},
        {"clients": 3, "changed": 1, "entered": 1, "left": 0, "members": 1},
    ]
    assert moves(driver, "c1") == [("+", "a", "10:00", "catalogue"), ("-", "a", "10:30", "catalogue")]
    assert audiences(driver, "c3") == ["a", "gold"]
    check_sequences(driver.outputs)


def test_f2_f3_what_is_wrong_is_refused_when_it_is_defined(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: list[object] = [
        {},
        {"field": "shoe_size", "op": "eq", "value": 1},
        {"field": "fields.unknown", "op": "eq", "value": 1},
        {"field": "status", "op": "gt", "value": "lead"},
        {"field": "counts.payments", "op": "gte", "value": "two"},
        {"all": [{"any": 1}]},
    ]
    for filter_ in wrong:
        answer = define(salon, "09:00", "a", filter_)
        assert codes(answer) == ["invalid_filter"], filter_
        assert "data.filter" in answer["errors"][0]["message"]
    assert codes(define(salon, "09:00", "a", CURRENT, name=" ")) == ["invalid_data"]
    assert codes(define(salon, "09:00", "a", CURRENT, name="x" * 201)) == ["invalid_data"]
    assert codes(define(salon, "09:00", "a b", CURRENT)) == ["invalid_data"]
    assert salon.settings["audiences"] == []
    assert salon.settings["revision"] == 0
    monkeypatch.setattr(audience_commands, "MAX_AUDIENCES", 2)
    define(salon, "09:00", "a", CURRENT)
    define(salon, "09:00", "b", CURRENT)
    assert codes(define(salon, "09:00", "c", CURRENT)) == ["invalid_data"]
    assert define(salon, "09:00", "a", GOLD)["result"] == "applied"


def test_c6_the_same_definition_sent_again_is_answered_again(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    first = define(salon, "10:00", "a", CURRENT, id="d1")
    assert define(salon, "10:00", "a", CURRENT, id="d1") == first
    assert len(moves(salon)) == 1
