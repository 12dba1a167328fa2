"""A5: a status that clients have is removed by moving them, in a sweep; older manual changes to it follow."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import PROFILE
from worker.domain.business import Business
from worker.domain.status_moves import MAX_STATUS_MOVES, remember_move, status_by_hand


@pytest.fixture
def partner(salon: Driver) -> Driver:
    """A business with the statuses ``partner`` and ``friend``; c5 is a partner since 10:00."""
    salon.tell("status.define", "08:00", code="partner", label="Partner", ended=True)
    salon.tell("status.define", "08:00", code="friend")
    salon.tell("client.created", "09:00", client_id="c5")
    salon.tell("status.set", "10:00", client_ids=["c5"], status="partner")
    salon.settle()
    return salon


def set_(salon: Driver, time: str, status: str, client: str = "c5") -> dict[str, Any]:
    return salon.ask("status.set", time, client_ids=[client], status=status)


def remove(salon: Driver, time: str, code: str, to: str, **data: Any) -> dict[str, Any]:
    """Ask, and let the sweep be done; the answer's data."""
    salon.tell("status.remove", time, code=code, move_to=to, **data)
    salon.settle()
    answer = [o for o in salon.outputs if o["topic"] == "command-results"][-1]
    return {"result": answer["type"].removeprefix("command."), **answer["data"]}


def codes(salon: Driver) -> list[str]:
    return [s["code"] for s in salon.settings["statuses"]]


def test_j4_nothing_is_kept_of_how_many_clients_removed_statuses_had(salon: Driver) -> None:
    def kept() -> int:
        return sum(len(value) for key, value in salon.engine.stores["business-settings"].items() if b"tally" in key)

    sizes = []
    for n in range(3):
        salon.tell("status.define", "08:00", code=f"status-{n}")
        salon.tell("status.set", f"09:0{n}", client_ids=["c1"], status=f"status-{n}")
        assert remove(salon, f"10:0{n}", f"status-{n}", "vip")["totals"] == {"clients": 1, "changed": 1}
        salon.at(f"2024-06-01T00:00:0{n + 1}Z")
        assert {s["code"]: s["clients"] for s in salon.settings["statuses"]} == {
            "lead": 0, "customer": 0, "vip": 1, "inactive": 0
        }  # fmt: skip
        sizes.append(kept())
    assert sizes[0] > 0
    assert len(set(sizes)) == 1, sizes


def test_a5_example_13_its_clients_are_moved_and_it_goes(partner: Driver) -> None:
    refused = partner.ask("status.remove", "11:00", code="partner")
    assert [e["code"] for e in refused["errors"]] == ["status_in_use"]
    assert "1" in refused["errors"][0]["message"]
    answer = remove(partner, "12:00", "partner", "customer", id="r1", actor="ann")
    assert (answer["result"], answer["applied"], answer["revision"]) == ("applied", ["c5"], 3)
    assert answer["totals"] == {"clients": 1, "changed": 1}
    change = partner.about("c5")[-1]
    assert (change["time"][11:16], change["data"]["from"], change["data"]["to"]) == ("12:00", "partner", "customer")
    assert (change["data"]["from_ended"], change["data"]["ended"]) == (True, False)
    assert change["data"]["settings_revision"] == 2
    assert change["data"]["cause"] == {
        "type": "catalogue", "event_source": "tests", "event_id": "r1", "event_type": "status.remove", "actor": "ann",
    }  # fmt: skip
    assert codes(partner) == ["lead", "customer", "vip", "inactive", "friend"]
    assert partner.card("c5")["status_set_at"] == "2024-05-06T10:00:00Z"


def test_a5_a6_moving_off_an_end_clears_its_reason(partner: Driver) -> None:
    partner.tell("classification.define", "10:00", kind="end_reason", code="moved")
    partner.tell("status.set", "10:30", client_ids=["c5"], status="partner", end_reason="moved")
    assert partner.card("c5")["end_reason"] == "moved"
    remove(partner, "12:00", "partner", "customer")
    assert "end_reason" not in partner.card("c5")
    assert partner.ask("classification.remove", "13:00", kind="end_reason", code="moved")["result"] == "applied"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"code": "partner", "move_to": "partner"}, "invalid_data"),
        ({"code": "nobody", "move_to": "vip"}, "unknown_status"),
        ({"code": "partner", "move_to": "nobody"}, "unknown_status"),
        ({"code": "lead", "move_to": "vip"}, "status_has_role"),
    ],
)
def test_a5_what_is_refused(partner: Driver, data: dict[str, str], code: str) -> None:
    answer = partner.ask("status.remove", "11:00", **data)
    assert [e["code"] for e in answer["errors"]] == [code]
    assert partner.settle() == []
    assert partner.settings["revision"] == 2


def test_a5_c5_a_dry_run_tells_how_many(partner: Driver) -> None:
    partner.tell("client.created", "09:00", client_id="c1")
    answer = partner.ask("status.remove", "11:00", code="partner", move_to="vip", dry_run=True)
    assert (answer["result"], answer["totals"]) == ("applied", {"clients": 2, "changed": 1})
    assert set_(partner, "10:30", "partner", "c1")["result"] == "applied"


def test_a5_from_the_beginning_of_the_sweep_it_cannot_be_given_but_those_who_have_it_work(partner: Driver) -> None:
    partner.tell("status.remove", "12:00", code="partner", move_to="vip")
    assert [e["code"] for e in set_(partner, "12:30", "partner", "c1")["errors"]] == ["unknown_status"]
    partner.tell("client.created", "12:30", client_id="c2", status="partner")
    assert partner.dead_codes == ["unknown_status"]
    assert not partner.has_card("c2")
    again = partner.ask("status.remove", "12:30", code="partner", move_to="vip")
    assert [e["code"] for e in again["errors"]] == ["unknown_status"]
    group = partner.ask("status_group.define", "12:30", code="g", name="G", statuses=["partner"])
    assert [e["code"] for e in group["errors"]] == ["unknown_status"]
    to_it = partner.ask("status.remove", "12:30", code="friend", move_to="partner")
    assert [e["code"] for e in to_it["errors"]] == ["unknown_status"]
    assert {s["code"]: s["clients"] for s in partner.settings["statuses"]}["partner"] == 1
    partner.restart()
    assert set_(partner, "13:00", "friend")["result"] == "applied"
    assert [c[:2] for c in partner.changes("c5")[-2:]] == [("partner", "vip"), ("vip", "friend")]
    partner.settle()
    assert "partner" not in codes(partner)


def test_a5_defined_again_while_its_clients_leave_it_is_another_status(partner: Driver) -> None:
    partner.tell("status_group.define", "11:00", code="g", name="G", statuses=["partner", "vip"])
    partner.tell("status.remove", "12:00", code="partner", move_to="vip")
    assert partner.ask("status.define", "12:10", code="partner")["result"] == "applied"
    set_(partner, "12:20", "partner", "c1")
    partner.settle()
    assert (partner.status("c5"), partner.status("c1")) == ("vip", "partner")
    new = next(s for s in partner.settings["statuses"] if s["code"] == "partner")
    assert (new["label"], new["ended"], new["clients"]) == ("partner", False, 1)
    assert partner.settings["status_groups"][0]["statuses"] == ["vip"]


def test_a5_removed_again_while_its_clients_leave_it_they_still_leave_that_status(partner: Driver) -> None:
    partner.tell("status.remove", "11:00", code="partner", move_to="customer")
    partner.tell("status.define", "11:01", code="partner", label="Other")
    again = partner.ask("status.remove", "11:02", code="partner", move_to="vip")
    assert again["result"] == "applied"
    assert set_(partner, "11:03", "partner", "c6")["errors"][0]["code"] == "unknown_status"
    partner.settle()
    change = partner.about("c5")[-1]
    assert (change["data"]["from"], change["data"]["to"]) == ("partner", "customer")
    assert codes(partner) == ["lead", "customer", "vip", "inactive", "friend"]
    assert {s["code"]: s["clients"] for s in partner.settings["statuses"]}["customer"] == 1


def test_a5_removed_again_its_new_clients_are_in_use_and_moved_apart(partner: Driver) -> None:
    set_(partner, "10:30", "partner", "c6")
    partner.tell("status.remove", "11:00", code="partner", move_to="customer")
    partner.tell("status.define", "11:01", code="partner")
    set_(partner, "11:02", "partner", "c7")
    refused = partner.ask("status.remove", "11:03", code="partner")
    assert [e["code"] for e in refused["errors"]] == ["status_in_use"]
    assert refused["errors"][0]["message"].startswith("1 client has")
    partner.tell("status.remove", "11:04", code="partner", move_to="vip")
    partner.settle()
    assert [partner.status(client) for client in ("c5", "c6", "c7")] == ["customer", "customer", "vip"]
    assert [partner.about(client)[-1]["data"]["from"] for client in ("c5", "c6", "c7")] == ["partner"] * 3
    assert codes(partner) == ["lead", "customer", "vip", "inactive", "friend"]
    answers = [
        o["data"]["totals"] for o in partner.outputs if o["topic"] == "command-results" and o["data"].get("totals")
    ]
    assert [totals["changed"] for totals in answers] == [2, 1]


def test_a5_a_target_that_is_to_get_clients_is_in_use(partner: Driver) -> None:
    partner.tell("status.remove", "12:00", code="partner", move_to="friend")
    refused = partner.ask("status.remove", "12:10", code="friend")
    assert [e["code"] for e in refused["errors"]] == ["status_in_use"]
    partner.tell("status.remove", "12:20", code="friend", move_to="vip")
    partner.settle()
    assert [c[:2] for c in partner.changes("c5")[-2:]] == [("partner", "friend"), ("friend", "vip")]
    assert codes(partner) == ["lead", "customer", "vip", "inactive"]


def test_a5_an_older_manual_change_that_arrives_late_is_moved_as_well(partner: Driver) -> None:
    remove(partner, "12:00", "partner", "friend")
    assert set_(partner, "11:00", "partner", "c1")["applied"] == ["c1"]
    assert partner.changes("c1")[-1] == ("lead", "friend", "11:00", "manual")
    partner.tell("client.created", "11:00", client_id="c2", status="partner")
    assert partner.status("c2") == "friend"
    assert [e["code"] for e in set_(partner, "12:00", "partner", "c1")["errors"]] == ["unknown_status"]
    partner.restart()
    remove(partner, "13:00", "friend", "vip")
    assert set_(partner, "11:30", "partner", "c3")["applied"] == ["c3"]
    assert partner.status("c3") == "vip"


def test_a5_also_when_nobody_had_it(partner: Driver) -> None:
    answer = remove(partner, "12:00", "friend", "vip")
    assert (answer["result"], answer["revision"]) == ("applied", 3)
    set_(partner, "11:00", "friend", "c1")
    assert partner.status("c1") == "vip"


def test_a5_defined_again_later_changes_are_normal(partner: Driver) -> None:
    remove(partner, "12:00", "partner", "friend")
    partner.tell("status.define", "13:00", code="partner")
    set_(partner, "14:00", "partner", "c1")
    set_(partner, "11:00", "partner", "c2")
    assert (partner.status("c1"), partner.status("c2")) == ("partner", "friend")
    remove(partner, "15:00", "partner", "vip")
    assert (partner.status("c1"), partner.status("c2")) == ("vip", "friend")
    set_(partner, "14:30", "partner", "c3")
    set_(partner, "11:30", "partner", "c4")
    assert (partner.status("c3"), partner.status("c4")) == ("vip", "friend")


def test_a5_a6_a_late_change_with_a_reason_to_what_is_no_end_any_more(partner: Driver) -> None:
    partner.tell("classification.define", "10:00", kind="end_reason", code="moved")
    remove(partner, "12:00", "partner", "customer")
    answer = partner.ask("status.set", "11:00", client_ids=["c1"], status="partner", end_reason="moved")
    assert answer["applied"] == ["c1"]
    assert "end_reason" not in partner.card("c1")


def test_a5_b4_a_move_is_not_by_hand(partner: Driver) -> None:
    remove(partner, "12:00", "partner", "lead")
    money = {"payment_id": "p1", "amount": "1", "currency": "EUR"}
    partner.tell("payment.received", "12:30", client_id="c5", **money)
    assert [c[:2] for c in partner.changes("c5")[-2:]] == [("partner", "lead"), ("lead", "customer")]


@pytest.mark.parametrize("late", ["payment", "manual change", "nothing"])
def test_a5_p2_what_happened_before_the_move_converts_nobody_in_any_order(partner: Driver, late: str) -> None:
    """The client had the removed status then."""
    partner.tell("client.created", "08:50", client_id="c1")
    steps = {
        "manual change": lambda: set_(partner, "11:00", "partner", "c1"),
        "payment": lambda: partner.tell(
            "payment.received", "11:30", client_id="c1", payment_id="p1", amount="1", currency="EUR"
        ),
    }
    for step in (what for name, what in steps.items() if name != late):
        step()
    remove(partner, "12:00", "partner", "lead")
    if late in steps:
        steps[late]()
    assert partner.status("c1") == "lead"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a5_b4_p2_what_happened_after_the_move_converts_in_any_order(partner: Driver, order: tuple[int, ...]) -> None:
    """Of two clients the one that paid after the move became a customer, wherever in the order the removal arrives."""
    partner.tell("client.created", "08:50", client_id="c1")
    partner.tell("client.created", "08:50", client_id="c2")
    money = {"payment_id": "p1", "amount": "1", "currency": "EUR"}
    steps = [
        lambda: partner.ask("status.set", "11:00", client_ids=["c1", "c2"], status="partner"),
        lambda: remove(partner, "12:00", "partner", "lead"),
        lambda: [
            partner.tell("payment.received", time, client_id=client, **money)
            for time, client in (("12:01", "c1"), ("12:00", "c2"))
        ],
    ]
    for number in order:
        steps[number]()
        partner.settle()
    assert (partner.status("c1"), partner.status("c2")) == ("customer", "lead")
    assert partner.changes("c1")[-1] == ("lead", "customer", "12:01", "payment_made")


def test_a5_j4_the_last_thousand_removals_are_remembered() -> None:
    business = Business("salon")
    remember_move(business, "gone", "vip", 10)
    for number in range(MAX_STATUS_MOVES - 1):
        remember_move(business, f"s{number}", "vip", 10)
    assert status_by_hand(business, "gone", 9) == business.status("vip")
    remember_move(business, "one-more", "vip", 10)
    assert status_by_hand(business, "gone", 9) is None
    assert len(business.status_moves) == MAX_STATUS_MOVES


@PROFILE
@given(
    st.lists(st.tuples(st.sampled_from(["partner", "friend", "vip", "lead"]), st.integers(0, 9)), max_size=5), st.data()
)
def test_a5_p2_manual_changes_before_or_behind_the_removal_end_the_same(
    manual: list[tuple[str, int]], data: st.DataObject
) -> None:
    manual = list({time: (status, time) for status, time in manual}.values())
    ends = set()
    for order in (sorted(manual, key=lambda m: m[1]), data.draw(st.permutations(manual))):
        salon = Driver(sweep_step=1)
        salon.tell("status.define", "08:00", code="partner")
        salon.tell("status.define", "08:00", code="friend")
        salon.tell("client.created", "09:00", client_id="c1")
        cut = data.draw(st.integers(0, len(order)))
        for status, time in order[:cut]:
            set_(salon, f"10:0{time}", status, "c1")
        salon.tell("status.remove", "12:00", code="partner", move_to="friend")
        if data.draw(st.booleans()):
            salon.settle()
        salon.tell("status.remove", "12:00", code="friend", move_to="vip")
        for status, time in order[cut:]:
            set_(salon, f"10:0{time}", status, "c1")
        salon.settle()
        salon.restart()
        check_sequences(salon.outputs)
        ends.add(salon.status("c1"))
    assert len(ends) == 1
