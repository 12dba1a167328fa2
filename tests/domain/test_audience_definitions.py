"""F2: defining an audience settles its members; removing one tells nobody."""

import pytest

from tests.domain.audiences import CURRENT, DAY, GOLD, GOOD, audiences, codes, define, moves, remove, types
from tests.domain.driver import Driver, check_sequences
from worker.domain import audience_commands


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
