"""E1-E7: duplicates become one client, whom every one of their ids means from then on."""

import pytest

from tests.domain.driver import Driver, check_sequences, moment, short
from tests.domain.merging import merge, pay, refused
from tests.kit.messages import DAY
from topics.registry import PROFILES


def test_example_12(pair: Driver) -> None:
    """E3, E4."""
    told = pair.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"], id="m1", actor="Eva")
    about = [o for o in told if o.get("subject") == "c1"]
    cause = {
        "type": "merge", "event_source": "tests", "event_id": "m1", "event_type": "clients.merge", "actor": "Eva",
    }  # fmt: skip
    assert [(o["type"], o["data"]["sequence"], o["time"]) for o in about] == [
        ("client.merged", 2, f"{DAY}T12:00:00Z"),
        ("client.status.changed", 3, f"{DAY}T12:00:00Z"),
        ("client.tags.changed", 4, f"{DAY}T12:00:00Z"),
    ]
    assert all(o["data"]["cause"] == cause for o in about)
    merged, status, tags = (o["data"] for o in about)
    assert (merged["primary_id"], merged["merged_ids"]) == ("c1", ["c4"])
    assert (status["from"], status["to"]) == ("lead", "customer")
    assert (tags["added"], tags["removed"], tags["tags"]) == (["gold"], [], ["gold"])
    assert len([o for o in told if o.get("subject")]) == 3
    assert told[-1]["type"] == "command.applied"
    pair.restart()
    assert pay(pair, "c4", "p3", "13:00") == []
    assert pair.card("c1")["counts"]["payments"] == 3
    assert pair.card("c1")["totals"]["EUR"]["paid"] == "30.00"
    again = merge(pair, time="14:00")
    assert (again["result"], [e["code"] for e in again["errors"]]) == ("rejected", ["already_merged"])
    check_sequences(pair.outputs)


def test_e5_the_record_of_a_merged_away_card(pair: Driver) -> None:
    assert merge(pair)["applied"] == ["c1", "c4"]
    assert pair.card("c4") == {"v": 1, "businessid": "salon", "client_id": "c4", "merged_into": "c1"}
    assert pair.card("c1")["merged_ids"] == ["c4"]
    assert pair.engine.cards == 1
    pair.restart()
    assert pair.engine.cards == 1
    assert merge(pair, "c4", "c1")["errors"][0]["code"] == "already_merged"


def test_e7_a_dry_run_shows_the_card_as_it_would_be(pair: Driver) -> None:
    before = dict(pair.engine.stores[PROFILES])
    answer = merge(pair, dry_run=True)
    assert (answer["result"], answer["dry_run"], answer["applied"]) == ("applied", True, ["c1", "c4"])
    assert dict(pair.engine.stores[PROFILES]) == before
    assert [o for o in pair.outputs if o["type"] == "client.merged"] == []
    pair.restart()
    merge(pair)
    card = pair.card("c1")
    state = card.pop("state")
    assert state
    again = answer["preview"]
    for cause in (card["status_cause"], again["status_cause"]):
        cause.pop("event_id")
    assert again == card
    assert again["status"] == "customer"


def test_e7_a_dry_run_is_refused_like_the_command(pair: Driver) -> None:
    assert refused(pair, "c1", "nobody", dry_run=True) == ("unknown_client", "nobody")


# -- aliases (E5) -----------------------------------------------------------------------------------------------------


def test_e5_aliases_of_aliases_resolve_in_one_step(many: Driver) -> None:
    merge(many, "c3", "c4")
    merge(many, "c2", "c3", time="12:01")
    merge(many, "c1", "c2", time="12:02")
    many.restart()
    for alias in ("c2", "c3", "c4"):
        assert many.card(alias)["merged_into"] == "c1"
    assert many.card("c1")["merged_ids"] == ["c2", "c3", "c4"]
    pay(many, "c4", "p1", "13:00")
    assert many.status("c1") == "customer"
    assert many.engine.cards == 9


def test_e5_a_command_for_an_alias_means_the_primary(pair: Driver) -> None:
    merge(pair)
    answer = pair.ask("status.set", "13:00", client_ids=["c4"], status="vip")
    assert (answer["result"], answer["applied"]) == ("applied", ["c4"])
    assert pair.status("c1") == "vip"
    answer = pair.ask("tags.add", "13:01", client_ids=["c4", "c1"], tags=["new"])
    assert (answer["applied"], answer["unchanged"]) == (["c4"], [])
    assert pair.tags("c1") == {"gold", "new"}
    answer = pair.ask("tags.remove", "13:02", client_ids=["c1", "c4", "c1"], tags=["new"], dry_run=True)
    assert (answer["applied"], answer["unchanged"]) == (["c1"], [])
    answer = pair.ask("action.request", "13:03", client_id="c4", action="invite_to_book")
    assert answer["result"] == "applied"
    assert pair.about("c1")[-1]["type"] == "action.requested"
    assert pair.about("c4")[-1]["data"]["sequence"] == 3
    check_sequences(pair.outputs)


def test_e5_a_manual_status_of_the_duplicate_from_before_the_merge_is_superseded(pair: Driver) -> None:
    merge(pair)
    answer = pair.ask("status.set", "11:59", client_ids=["c4", "c9"], status="vip")
    assert (answer["result"], answer["applied"]) == ("partly_applied", ["c9"])
    assert [(e["client_id"], e["code"]) for e in answer["errors"]] == [("c4", "superseded")]
    assert pair.ask("status.set", "11:59", client_ids=["c4"], status="vip")["result"] == "rejected"
    pair.tell("client.imported", "11:58", client_id="c4", status="vip")
    assert pair.status("c1") == "customer"
    assert "status_set_at" not in pair.card("c1")
    assert pair.ask("status.set", "11:59", client_ids=["c1"], status="vip")["result"] == "applied"
    assert pair.status("c1") == "vip"


def test_e5_the_primary_named_beside_its_alias_is_set_although_the_alias_is_superseded(pair: Driver) -> None:
    merge(pair)
    answer = pair.ask("status.set", "11:59", client_ids=["c4", "c1"], status="vip")
    assert (answer["result"], answer["applied"]) == ("partly_applied", ["c1"])
    assert [(e["client_id"], e["code"]) for e in answer["errors"]] == [("c4", "superseded")]
    answer = pair.ask("status.set", "12:30", client_ids=["c4", "c1"], status="lead")
    assert (answer["result"], answer["applied"], answer["errors"]) == ("applied", ["c1"], [])
    assert pair.status("c1") == "lead"


def test_e5_timers_move_over(salon: Driver) -> None:
    salon.now = moment("12:00")
    for client, booking, ends in (("c1", "b1", "15:00"), ("c4", "b2", "14:00")):
        salon.tell("booking.scheduled", "09:00", client_id=client, booking_id=booking, kind="appointment",
                   starts_at="13:00", ends_at=ends)  # fmt: skip
    merge(salon)
    salon.restart()
    assert [u["booking_id"] for u in salon.card("c1")["upcoming"]] == ["b1", "b2"]
    assert salon.engine.timers == 1
    told = salon.at("14:02")
    assert short(told) == [("lead", "customer", "14:00", "booking_attended")]
    assert [o["subject"] for o in told] == ["c1"]
    salon.at("15:02")
    assert salon.card("c1")["counts"]["attended"] == 2
    assert salon.engine.timers == 0


def test_e5_numbers_of_clients_do_not_count_aliases(pair: Driver) -> None:
    pair.tell("classification.define", "08:00", kind="client_type", code="key")
    pair.tell("client.updated", "09:30", client_id="c4", client_type="key")
    merge(pair)
    pair.settle()
    assert {s["code"]: s["clients"] for s in pair.settings["statuses"]} == {
        "lead": 0, "customer": 1, "vip": 0, "inactive": 0,
    }  # fmt: skip
    answer = pair.ask("classification.remove", "13:01", kind="client_type", code="key")
    assert answer["errors"][0]["code"] == "classification_in_use"
    pair.tell("client.updated", "13:02", client_id="c4", client_type=None)
    assert pair.ask("classification.remove", "13:03", kind="client_type", code="key")["result"] == "applied"
    pair.ask("tags.remove", "13:04", client_ids=["c1"], tags=["gold"])
    pair.restart()


def test_e5_sweeps_pass_over_aliases(pair: Driver) -> None:
    merge(pair)
    pair.tell("tag.delete", "13:00", tag="gold", id="s1")
    (answer,) = (o for o in pair.settle() if o["type"] == "command.applied")
    assert answer["data"]["totals"]["clients"] == 1
    assert pair.tags("c1") == set()


def test_g6_erasing_an_alias_erases_the_primary_with_all_its_ids(pair: Driver) -> None:
    merge(pair)
    told = len(pair.about("c4"))
    answer = pair.ask("client.erase", "13:00", client_id="c4")
    assert answer["applied"] == ["c4"]
    assert not pair.has_card("c1")
    assert not pair.has_card("c4")
    assert pair.about("c1")[-1]["type"] == "client.erased"
    assert pair.engine.cards == 0
    pair.restart()
    for client in ("c1", "c4"):
        assert pay(pair, client, "p9", "12:59") == []
    pay(pair, "c4", "p9", "13:01")
    assert pair.about("c4")[told]["data"]["sequence"] == told + 1
    check_sequences(pair.outputs)


# -- status and tags (E3) ---------------------------------------------------------------------------------------------


def test_e3_the_status_is_the_primarys(pair: Driver) -> None:
    pair.ask("status.set", "09:30", client_ids=["c1"], status="vip")
    told = pair.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"])
    assert [o["type"] for o in told] == ["client.merged", "client.tags.changed", "command.applied"]
    assert pair.status("c1") == "vip"


@pytest.mark.parametrize(
    ("client", "time", "status", "ends"),
    [
        ("c1", "10:15", "lead", "customer"),
        ("c1", "10:30", "lead", "lead"),
        ("c4", "10:15", "vip", "customer"),
        ("c4", "10:30", "vip", "lead"),
        ("c4", "10:30", "customer", "lead"),
    ],
)
def test_e3_facts_must_be_later_than_the_last_manual_change_of_their_card_and_of_the_primary(
    pair: Driver, client: str, time: str, status: str, ends: str
) -> None:
    pair.ask("status.set", time, client_ids=[client], status=status)
    merge(pair)
    assert pair.status("c1") == ends
    pair.restart()
    pair.ask("status.set", "09:01", client_ids=["c1"], status="customer")
    pair.ask("status.set", "09:02", client_ids=["c1"], status="lead")
    assert pair.status("c1") == ends


def test_e3_facts_must_still_stand(pair: Driver) -> None:
    pair.tell("payment.refunded", "11:00", client_id="c4", payment_id="p1")
    pair.tell("payment.refunded", "11:00", client_id="c4", payment_id="p2")
    merge(pair)
    assert pair.status("c1") == "lead"
    assert pay(pair, "c4", "p3", "11:30") != []
    assert pair.changes("c1")[-1] == ("lead", "customer", "11:30", "payment_made")


def test_e3_b7_a_withdrawal_after_the_merge_leads_to_a_review(pair: Driver) -> None:
    merge(pair)
    pair.tell("payment.refunded", "13:00", client_id="c4", payment_id="p1")
    assert pair.tell("payment.refunded", "13:10", client_id="c4", payment_id="p2")[0]["data"]["sequence"] == 5
    assert pair.changes("c1")[-1] == ("review", "13:10", "payment.refunded")
    assert pair.status("c1") == "customer"


def test_e3_a_merge_takes_effect_not_before_the_latest_event_of_its_cards(pair: Driver) -> None:
    pair.tell("client.reviewed", "15:00", client_id="c4", score=5)
    told = pair.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"])
    assert {o["time"] for o in told if o.get("subject")} == {f"{DAY}T15:00:00Z"}
    assert "at 15:00 UTC" in pair.card("c1")["latest_note"]
    assert told[-1]["time"] == f"{DAY}T12:00:00Z"
    answer = pair.ask("status.set", "14:59", client_ids=["c4"], status="vip")
    assert answer["errors"][0]["code"] == "superseded"
    assert pair.ask("status.set", "15:00", client_ids=["c4"], status="vip")["result"] == "applied"


def test_e3_with_the_automation_off_nobody_is_converted(salon: Driver) -> None:
    salon.tell("automation.set", "08:00", enabled=False)
    pay(salon, "c4", "p1")
    pay(salon, "c1", "p2")
    salon.tell("automation.set", "11:00", enabled=True)
    merge(salon)
    assert salon.status("c1") == "lead"


def test_d3_per_tag_the_latest_word_of_any_card_counts(salon: Driver) -> None:
    """E3."""
    salon.ask("tags.add", "09:00", client_ids=["c1"], tags=["old", "both", "mine"], actor="Eva")
    salon.ask("tags.add", "08:00", client_ids=["c4"], tags=["both", "Theirs", "late"], actor="Bo")
    salon.ask("tags.remove", "10:00", client_ids=["c4"], tags=["old", "late"])
    told = salon.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"])
    (tags,) = (o["data"] for o in told if o["type"] == "client.tags.changed")
    assert (tags["added"], tags["removed"]) == (["Theirs"], ["old"])
    since = {t["tag"]: (t["since"][11:16], t["cause"]["actor"]) for t in salon.card("c1")["tags"]}
    assert since == {"both": ("08:00", "Bo"), "mine": ("09:00", "Eva"), "Theirs": ("08:00", "Bo")}
    salon.ask("tags.remove", "09:30", client_ids=["c4"], tags=["mine"])
    assert salon.tags("c1") == {"both", "Theirs"}


# -- the note (E4) ----------------------------------------------------------------------------------------------------


def test_e4_the_note_says_who_when_by_whom_and_what_was_not_taken_over(pair: Driver) -> None:
    pair.tell("client.updated", "09:20", client_id="c1", staff_id="s1")
    pair.tell("client.updated", "09:20", client_id="c4", staff_id="s4", email="a@x.org")
    pair.tell("client.noted", "11:00", client_id="c4", text="likes tea")
    pair.ask("tags.remove", "11:00", client_ids=["c1"], tags=["gold"])
    pair.ask("status.set", "11:30", client_ids=["c4"], status="vip")
    told = pair.tell("clients.merge", "12:00", primary_id="c1", duplicate_ids=["c4"], actor="Eva")
    note = (
        'Merged on 2024-05-06 at 12:00 UTC by Eva: c4 (A. Smit). Not taken over from c4: name "A. Smit"; status VIP '
        'since 2024-05-06; staff member "s4"; tag "gold"; the note "likes tea".'
    )
    assert told[0]["data"]["note"] == note
    assert pair.card("c1")["latest_note"] == note
    pair.tell("client.noted", "11:59", client_id="c4", text="too old")
    assert pair.card("c1")["latest_note"] == note
    pair.tell("client.noted", "12:01", client_id="c4", text="newer")
    assert pair.card("c1")["latest_note"] == "newer"


def test_e4_nothing_is_left_out(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c4", name="Anna")
    pay(salon, "c1", "p1")
    pay(salon, "c4", "p2")
    merge(salon)
    assert salon.card("c1")["name"] == "Anna"
    assert salon.card("c1")["latest_note"] == (
        "Merged on 2024-05-06 at 12:00 UTC by tests (no person was named): c4 (Anna). "
        "All that was on it was taken over."
    )


def test_e4_a_note_is_bounded(many: Driver) -> None:
    for n in range(1, 11):
        many.tell("client.updated", "10:00", client_id=f"c{n}", name=f"{n}" * 60_000, staff_id=f"{n}" * 5_000)
    merge(many, "c1", *(f"c{n}" for n in range(2, 11)))
    assert len(many.card("c1")["latest_note"]) <= 8_000


@pytest.mark.parametrize("steps", range(4))
def test_k1_e5_a_merge_amid_a_sweep_is_as_if_the_sweep_had_been_done(steps: int) -> None:
    salon = Driver(sweep_step=2)
    for n in range(1, 7):
        salon.tell("client.created", "09:00", client_id=f"c{n}", tags=["old"])
    salon.tell("tag.rename", "10:00", from_="old", to="new", id="s1")
    for _ in range(steps):
        salon.commit(salon.engine.step(salon.now))
    merge(salon, "c3", "c5", "c1")
    merge(salon, "c4", "c3", time="12:01")
    salon.restart()
    salon.settle()
    (answer,) = (o["data"] for o in salon.outputs if o["type"] == "command.applied" and o["data"]["command_id"] == "s1")
    assert answer["totals"]["changed"] == 6
    for client in ("c2", "c4", "c6"):
        assert salon.tags(client) == {"new"}
    assert [salon.card(client)["merged_into"] for client in ("c1", "c3", "c5")] == ["c4"] * 3
    check_sequences(salon.outputs)
