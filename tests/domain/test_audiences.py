"""F1: who begins, or stops, to match an audience is told with the change, whatever that is."""

from tests.domain.audiences import (
    CURRENT,
    CUSTOMERS,
    DAY,
    GOLD,
    GOOD,
    NAMED,
    PAYERS,
    asked,
    audiences,
    define,
    moves,
    pay,
    types,
)
from tests.domain.driver import Driver, check_sequences


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
