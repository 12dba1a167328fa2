"""B9: what staff set by hand, when it counts, and what they are answered."""

import itertools
from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences
from topics.fields import MAX_REASON_LENGTH


def pay(salon: Driver, time: str, payment: str = "p1") -> None:
    salon.tell("payment.received", time, client_id="c1", payment_id=payment, amount="1", currency="EUR")


def set_status(salon: Driver, time: str, status: str, *clients: str, **data: Any) -> dict[str, Any]:
    return salon.ask("status.set", time, client_ids=list(clients or ("c1",)), status=status, **data)


def test_b9_works_whatever_the_settings(salon: Driver) -> None:
    salon.ask("automation.set", "08:00", enabled=False)
    answer = set_status(salon, "09:00", "vip", actor="Ann", id="m1", source="console")
    assert (answer["result"], answer["applied"], answer["unchanged"], answer["errors"]) == ("applied", ["c1"], [], [])
    assert salon.changes("c1") == [(None, "lead", "09:00", "created"), ("lead", "vip", "09:00", "manual")]
    assert salon.about("c1")[1]["data"]["cause"] == {
        "type": "manual", "event_source": "console", "event_id": "m1", "event_type": "status.set", "actor": "Ann",
    }  # fmt: skip
    assert salon.card("c1")["status_cause"]["actor"] == "Ann"
    assert salon.card("c1")["status_since"] == salon.card("c1")["status_set_at"] == "2024-05-06T09:00:00Z"


def test_g1_g4_the_reason_that_is_given_stands_on_the_card_and_in_the_change(salon: Driver) -> None:
    set_status(salon, "09:00", "vip", reason="Spends a lot")
    assert salon.about("c1")[1]["data"]["cause"]["reason"] == "Spends a lot"
    assert salon.card("c1")["status_cause"]["reason"] == "Spends a lot"
    set_status(salon, "10:00", "lead", reason="")
    assert "reason" not in salon.card("c1")["status_cause"]
    answer = set_status(salon, "11:00", "vip", reason="x" * (MAX_REASON_LENGTH + 1))
    assert (answer["result"], answer["errors"][0]["code"]) == ("rejected", "invalid_data")
    assert salon.status("c1") == "lead"


def test_b9_the_later_time_wins(salon: Driver) -> None:
    set_status(salon, "12:00", "vip")
    answer = set_status(salon, "11:59", "inactive")
    assert answer["result"] == "rejected"
    assert [(e["client_id"], e["code"]) for e in answer["errors"]] == [("c1", "superseded")]
    assert salon.status("c1") == "vip"


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        (("a", "9"), ("b", "1"), "second"),  # the greater source
        (("b", "1"), ("a", "9"), "first"),
        (("a", "1"), ("a", "2"), "second"),  # then the greater id
        (("a", "2"), ("a", "1"), "first"),
    ],
)
def test_b9_at_the_same_time_the_greater_source_then_id_wins(
    salon: Driver, first: tuple[str, str], second: tuple[str, str], wins: str
) -> None:
    set_status(salon, "12:00", "vip", source=first[0], id=first[1])
    set_status(salon, "12:00", "inactive", source=second[0], id=second[1])
    assert salon.status("c1") == ("vip" if wins == "first" else "inactive")


def test_b9_some_superseded_is_partly_applied(salon: Driver) -> None:
    set_status(salon, "12:00", "vip", "c1")
    answer = set_status(salon, "11:00", "inactive", "c1", "c2")
    assert (answer["result"], answer["applied"]) == ("partly_applied", ["c2"])
    assert [e["code"] for e in answer["errors"]] == ["superseded"]


def test_b9_a_status_that_the_client_has_is_unchanged_and_counts_as_set_by_hand(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    answer = set_status(salon, "12:00", "lead")
    assert (answer["result"], answer["applied"], answer["unchanged"]) == ("applied", [], ["c1"])
    assert len(salon.about("c1")) == 1
    pay(salon, "11:00")
    assert salon.status("c1") == "lead"
    pay(salon, "12:30", "p2")
    assert salon.status("c1") == "customer"


def test_a_fact_at_the_very_time_of_the_manual_change_is_not_later(salon: Driver) -> None:
    set_status(salon, "12:00", "lead")
    pay(salon, "12:00")
    assert salon.status("c1") == "lead"


def test_b9_a_late_change_to_initial_leaves_a_client_with_a_later_fact_converted(salon: Driver) -> None:
    pay(salon, "12:00")
    set_status(salon, "11:00", "lead")
    assert salon.status("c1") == "customer"
    set_status(salon, "12:30", "lead")
    assert salon.status("c1") == "lead"


def test_a_late_change_to_initial_from_another_status_is_told_with_the_conversion(salon: Driver) -> None:
    set_status(salon, "09:00", "vip")
    pay(salon, "12:00")
    set_status(salon, "11:00", "lead")
    assert salon.changes("c1")[-2:] == [
        ("vip", "lead", "11:00", "manual"),
        ("lead", "customer", "12:00", "payment_made"),
    ]


@pytest.mark.parametrize("status", ["vip", "inactive", "customer"])
def test_b9_a_late_change_to_anything_else_stands_even_over_a_later_conversion(salon: Driver, status: str) -> None:
    pay(salon, "12:00")
    set_status(salon, "11:00", status)
    assert salon.status("c1") == status
    salon.tell("payment.refunded", "13:00", client_id="c1", payment_id="p1")
    assert not any(c[0] == "review" for c in salon.changes("c1"))


def test_b9_an_unknown_client_gets_a_card(salon: Driver) -> None:
    assert set_status(salon, "09:00", "lead", "c9")["unchanged"] == ["c9"]
    assert salon.card("c9")["source"] == "implicit"
    assert salon.card("c9")["status_set_at"] == "2024-05-06T09:00:00Z"


def test_an_unknown_status_is_rejected_and_makes_no_card(salon: Driver) -> None:
    answer = set_status(salon, "09:00", "partner")
    assert (answer["result"], answer["errors"][0]["code"]) == ("rejected", "unknown_status")
    assert not salon.has_card("c1")


def test_a_client_named_twice_is_one(salon: Driver) -> None:
    assert set_status(salon, "09:00", "vip", "c1", "c1")["applied"] == ["c1"]


def test_a_thousand_clients_at_once(salon: Driver) -> None:
    clients = [f"c{n}" for n in range(1000)]
    assert set_status(salon, "09:00", "vip", *clients)["applied"] == clients
    assert set_status(salon, "10:00", "lead", *clients, "one-more")["errors"][0]["code"] == "invalid_data"
    assert salon.status("c0") == "vip"
    check_sequences(salon.outputs)


def test_example_8_and_9_in_any_order_each_twice() -> None:
    def events(salon: Driver) -> list[dict[str, Any]]:
        paid = {"client_id": "c1", "amount": "1", "currency": "EUR"}
        return [
            salon.event("status.set", "12:00", client_ids=["c1"], status="vip", id="1"),
            salon.event("payment.received", "13:00", payment_id="p1", id="2", **paid),
            salon.event("status.set", "14:00", client_ids=["c1"], status="lead", id="3"),
            salon.event("payment.received", "15:00", payment_id="p2", id="4", **paid),
        ]

    for order in itertools.permutations(range(4)):
        salon = Driver()
        for place in (*order, *order):
            salon.feed([events(salon)[place]])
        assert salon.status("c1") == "customer", order
        check_sequences(salon.outputs)


def test_dry_run_answers_and_changes_nothing(salon: Driver) -> None:
    set_status(salon, "09:00", "vip", "c1")
    before = salon.card("c1")
    answer = set_status(salon, "10:00", "inactive", "c1", "c2", dry_run=True)
    assert (answer["dry_run"], answer["result"], answer["applied"]) == (True, "applied", ["c1", "c2"])
    assert salon.card("c1") == before
    assert not salon.has_card("c2")
    assert set_status(salon, "08:00", "inactive", dry_run=True)["errors"][0]["code"] == "superseded"
    assert set_status(salon, "10:00", "inactive")["applied"] == ["c1"]
