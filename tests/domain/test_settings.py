"""C: control messages, their revisions, their place in time, and their answers."""

from typing import Any

import pytest

from tests.domain.driver import Driver

DEFAULT_TRIGGERS = ("booking_attended", "invoice_issued", "payment_made")
ALL_OFF = dict.fromkeys(DEFAULT_TRIGGERS, False)


def pay(salon: Driver, time: str, client: str = "c1", payment: str = "p1") -> None:
    salon.tell("payment.received", time, client_id=client, payment_id=payment, amount="1", currency="EUR")


CHANGED: dict[str, Any] = {
    "enabled": False, "completion": "explicit", "inactive_after_days": 30, "require_end_reason": True, "locale": "nl",
    "triggers": {"booking_attended": False, "message_received": True},
}  # fmt: skip
ANOTHER: dict[str, Any] = {
    "enabled": True, "completion": "elapsed", "inactive_after_days": 60, "require_end_reason": False, "locale": "fi",
    "triggers": {"invoice_issued": False},
}  # fmt: skip


def shown(salon: Driver) -> dict[str, Any]:
    return {**salon.settings["automation"], "locale": salon.settings["locale"]}


@pytest.mark.parametrize("named", CHANGED)
def test_c1_what_is_not_named_is_not_changed(salon: Driver, named: str) -> None:
    salon.ask("automation.set", "09:00", **CHANGED)
    before = shown(salon)
    salon.ask("automation.set", "10:00", **{named: ANOTHER[named]})
    assert shown(salon) == before | {named: ANOTHER[named]} | (
        {"triggers": before["triggers"] | ANOTHER["triggers"]} if named == "triggers" else {}
    )
    assert before["triggers"] == {
        "booking_attended": False, "invoice_issued": True, "payment_made": True, "message_received": True,
    }  # fmt: skip


def test_c1_revisions_count_applied_control_messages_and_travel(salon: Driver) -> None:
    salon.tell("client.created", "08:00", client_id="c1")
    assert salon.settings["revision"] == 0
    assert salon.about("c1")[0]["data"]["settings_revision"] == 0
    assert salon.ask("automation.set", "09:00", enabled=True)["revision"] == 1
    assert salon.ask("status.define", "09:00", code="partner")["revision"] == 2
    assert salon.ask("status.remove", "09:00", code="nobody")["revision"] == 2
    assert salon.ask("tags.add", "09:00", client_ids=["c1"], tags=["x"])["revision"] == 2
    assert salon.ask("automation.set", "09:00", enabled=False, dry_run=True)["revision"] == 2
    salon.ask("status.set", "10:00", client_ids=["c1"], status="vip")
    assert salon.about("c1")[-1]["data"]["settings_revision"] == 2
    salon.restart()
    assert salon.settings["revision"] == 2


def test_c1_the_record_is_written_with_the_first_client_or_control_message(salon: Driver) -> None:
    salon.ask("status.remove", "09:00", code="nobody")
    assert salon.settings["revision"] == 0
    other = Driver(business="other")
    other.tell("campaign.viewed", "09:00", client_id="c1", campaign_id="x")
    assert other.settings["automation"]["enabled"] is True


def test_c2_the_last_trigger_cannot_be_turned_off(salon: Driver) -> None:
    answer = salon.ask("automation.set", "10:00", triggers=ALL_OFF, enabled=False, locale="nl")
    assert (answer["result"], answer["errors"][0]["code"], answer["revision"]) == (
        "rejected", "no_trigger_enabled", 0,
    )  # fmt: skip
    assert salon.settings["locale"] == "en"
    assert salon.settings["automation"]["enabled"] is True
    salon.ask("automation.set", "10:00", triggers={"booking_attended": False, "invoice_issued": False})
    assert salon.ask("automation.set", "11:00", triggers={"payment_made": False})["result"] == "rejected"
    swapped = {"payment_made": False, "message_received": True}
    assert salon.ask("automation.set", "11:00", triggers=swapped)["result"] == "applied"


def test_c2_a_late_message_is_judged_by_the_version_it_makes(salon: Driver) -> None:
    salon.ask("automation.set", "12:00", triggers={"booking_attended": False, "invoice_issued": False})
    late = salon.ask("automation.set", "11:00", triggers={"payment_made": False})
    assert late["result"] == "applied"
    pay(salon, "11:30", "c1")
    salon.tell("invoice.issued", "11:30", client_id="c2", invoice_id="i1", amount="1", currency="EUR")
    pay(salon, "12:30", "c3")
    assert [salon.status(c) for c in ("c1", "c2", "c3")] == ["lead", "customer", "lead"]
    refused = salon.ask("automation.set", "11:10", triggers={"booking_attended": False, "invoice_issued": False})
    assert refused["errors"][0]["code"] == "no_trigger_enabled"


def test_c2_a_message_that_turns_no_trigger_off_is_applied_where_a_late_one_has_left_none(salon: Driver) -> None:
    salon.ask("automation.set", "12:00", triggers={"booking_attended": False, "invoice_issued": False})
    salon.ask("automation.set", "11:00", triggers={"payment_made": False})
    assert salon.ask("automation.set", "13:00", locale="nl")["result"] == "applied"
    assert salon.ask("automation.set", "13:00", enabled=True, catch_up=True, dry_run=True)["result"] == "applied"
    assert salon.ask("automation.set", "14:00", enabled=False)["result"] == "applied"
    assert (salon.settings["locale"], salon.settings["automation"]["enabled"]) == ("nl", False)
    still_none = salon.ask("automation.set", "15:00", triggers={"payment_made": False})
    assert still_none["errors"][0]["code"] == "no_trigger_enabled"


def test_c3_in_force_from_its_own_time_on(salon: Driver) -> None:
    salon.ask("automation.set", "10:00", enabled=False)
    for client, time in (("c1", "09:59:59.999"), ("c2", "10:00"), ("c3", "10:00:00.001")):
        pay(salon, time, client)
    assert [salon.status(c) for c in ("c1", "c2", "c3")] == ["customer", "lead", "lead"]


@pytest.mark.parametrize("at_once", [True, False])
def test_c3_a_late_message_that_turns_on_converts_those_who_were_judged_without_it(
    salon: Driver, at_once: bool
) -> None:
    salon.ask("automation.set", "09:00", enabled=False)
    pay(salon, "10:00", "c1")
    pay(salon, "10:00", "c2")
    salon.ask("automation.set", "09:30", enabled=True)
    if at_once:
        salon.settle()
    else:
        salon.restart()
        salon.tell("client.noted", "11:00", client_id="c1", text="x")
    assert salon.changes("c1")[1:] == [("lead", "customer", "10:00", "payment_made")]
    salon.settle()
    assert salon.changes("c2")[1:] == [("lead", "customer", "10:00", "payment_made")]
    assert salon.about("c1")[1]["id"] != salon.about("c2")[1]["id"]


def test_p2_a_late_message_that_turns_off_takes_nothing_back_and_suggests_a_review(salon: Driver) -> None:
    pay(salon, "10:00")
    salon.ask("automation.set", "09:30", triggers={"payment_made": False})
    salon.settle()
    assert salon.changes("c1")[1:] == [
        ("lead", "customer", "10:00", "payment_made"),
        ("review", "09:30", "automation.set"),
    ]
    salon.restart()
    assert salon.settle() == []


def test_p2_what_a_late_message_disqualifies_is_as_if_it_had_never_been(salon: Driver) -> None:
    """Only the conversion was told; another fact of the client's converts nobody any more."""
    salon.ask("status.set", "09:00", client_ids=["c1"], status="vip")
    pay(salon, "12:00")
    salon.ask("automation.set", "11:30", enabled=False)
    salon.ask("status.set", "11:00", client_ids=["c1"], status="lead")
    assert salon.status("c1") == "lead"


def test_c3_a_hundred_versions_are_kept_and_older_ones_folded(salon: Driver) -> None:
    salon.ask("automation.set", "2024-01-01T00:00:00Z", completion="explicit", enabled=False)
    for number in range(150):
        time = f"2024-02-01T{number // 60:02}:{number % 60:02}:00Z"
        assert salon.ask("automation.set", time, enabled=number % 2 == 0)["result"] == "applied"
    salon.restart()
    assert salon.settings["automation"]["completion"] == "explicit"
    assert salon.settings["revision"] == 151
    for number in (60, 61, 148, 149):
        time = f"2024-02-01T{number // 60:02}:{number % 60:02}:30Z"
        pay(salon, time, f"c{number}")
        assert salon.status(f"c{number}") == ("customer" if number % 2 == 0 else "lead")


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("status.set", {}, "invalid_data"),
        ("status.set", {"client_ids": [], "status": "vip"}, "invalid_data"),
        ("status.set", {"client_ids": ["c 1"], "status": "vip"}, "invalid_data"),
        ("status.set", {"client_ids": ["c1"], "status": "nobody"}, "unknown_status"),
        ("status.set", {"client_ids": ["c1"], "status": 5}, "invalid_data"),
        ("tags.add", {"client_ids": ["c1"], "tags": []}, "invalid_data"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["x"] * 51}, "invalid_data"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["a,b"]}, "invalid_tag"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["good", " "]}, "invalid_tag"),
        ("tags.remove", {"client_ids": ["c1"], "tags": ["a\u0007b"]}, "invalid_tag"),
        ("automation.set", {"enabled": "yes"}, "invalid_data"),
        ("automation.set", {"enabled": None}, "invalid_data"),
        ("automation.set", {"triggers": {"payment_made": 1}}, "invalid_data"),
        ("automation.set", {"triggers": {"payment_made": None}}, "invalid_data"),
        ("automation.set", {"completion": "later"}, "invalid_data"),
        ("automation.set", {"inactive_after_days": 0}, "invalid_data"),
        ("automation.set", {"inactive_after_days": 3651}, "invalid_data"),
        ("automation.set", {"inactive_after_days": True}, "invalid_data"),
        ("automation.set", {"locale": "not a language"}, "invalid_data"),
        ("status.define", {"code": "x", "color": "red"}, "invalid_data"),
        ("status.define", {"code": "x", "role": "boss"}, "invalid_data"),
        ("status.define", {"code": "x y"}, "invalid_data"),
        ("status.define", {"code": "x", "order": 1.5}, "invalid_data"),
        ("status.remove", {"code": "nobody"}, "unknown_status"),
    ],
)
def test_c4_whatever_has_a_valid_envelope_is_answered_and_rejected_changes_nothing(
    salon: Driver, type_: str, data: dict[str, Any], code: str
) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    before = salon.settings, salon.card("c1")
    answer = salon.ask(type_, "10:00", **data)
    assert (answer["result"], answer["applied"], [e["code"] for e in answer["errors"]]) == ("rejected", [], [code])
    assert answer["errors"][0]["message"]
    assert (salon.settings, salon.card("c1")) == before
    assert salon.dead_codes == []


def test_c4_an_answer_names_its_command(salon: Driver) -> None:
    (told,) = salon.tell("automation.set", "10:00", id="m1", source="console", enabled=True)
    assert told["time"] == "2024-05-06T10:00:00Z"
    assert "subject" not in told
    assert told["data"] == {
        "command_id": "m1", "command_source": "console", "command_type": "automation.set", "dry_run": False,
        "applied": [], "unchanged": [], "errors": [], "revision": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("automation.set", {"enabled": False, "locale": "nl"}),
        ("status.define", {"code": "partner", "role": "initial"}),
        ("status.remove", {"code": "vip"}),
        ("status.set", {"client_ids": ["c1", "c2"], "status": "vip"}),
        ("tags.add", {"client_ids": ["c1", "c2"], "tags": ["b"]}),
        ("tags.remove", {"client_ids": ["c1", "c2"], "tags": ["a"]}),
    ],
)
def test_c5_a_dry_run_changes_nothing(salon: Driver, type_: str, data: dict[str, Any]) -> None:
    salon.tell("client.created", "09:00", client_id="c1", tags=["a"])
    before = salon.settings, salon.card("c1")
    answer = salon.ask(type_, "10:00", **data, dry_run=True)
    assert (answer["result"], answer["dry_run"]) == ("applied", True)
    salon.settle()
    assert (salon.settings, salon.card("c1")) == before
    assert not salon.has_card("c2")
    salon.restart()


def test_c6_the_same_message_again_gets_the_same_answer_and_is_not_applied_again(salon: Driver) -> None:
    command = salon.event("status.set", "10:00", client_ids=["c1"], status="vip")
    first = salon.feed([command])
    again = salon.feed([command])
    assert again == [first[-1]] == [o for o in first if "subject" not in o]
    salon.ask("status.set", "11:00", client_ids=["c1"], status="lead")
    salon.restart()
    assert salon.feed([command]) == again
    assert salon.status("c1") == "lead"


def test_c6_twice_in_one_transaction(salon: Driver) -> None:
    message = salon.event("automation.set", "10:00", enabled=False)
    first, second = salon.feed([message, message])
    assert first == second
    assert salon.settings["revision"] == 1


def test_c6_the_last_thousand_are_remembered(salon: Driver) -> None:
    commands = [
        salon.event("tags.add", "10:00", client_ids=["c1"], tags=["x"], id=f"m{n}", source="t") for n in range(1001)
    ]
    salon.feed(commands)
    salon.restart()
    assert salon.feed([commands[1]])[0]["data"]["unchanged"] == ["c1"]
    count = len(salon.outputs)
    salon.feed([commands[0]])  # forgotten: applied anew, which changes nothing here
    assert len(salon.outputs) == count + 1
    salon.restart()


def test_c6_a_refusal_is_remembered_too(salon: Driver) -> None:
    command = salon.event("status.set", "10:00", client_ids=["c1"], status="partner")
    refused = salon.feed([command])
    salon.ask("status.define", "11:00", code="partner")
    assert salon.feed([command]) == refused


def test_businesses_do_not_meet(salon: Driver) -> None:
    salon.ask("automation.set", "09:00", enabled=False)
    salon.tell("payment.received", "10:00", client_id="c1", payment_id="p", amount="1", currency="EUR", business="x")
    pay(salon, "10:00")
    assert (salon.status("c1"), salon.card("c1", "x")["status"]) == ("lead", "customer")


def test_c1_the_record_is_written_with_the_first_control_message_even_if_it_cannot_be_read() -> None:
    empty = Driver()
    assert empty.ask("tag_rule.define", "10:00", rule_id="r", on=5)["result"] == "rejected"
    assert empty.settings["revision"] == 0
    empty.restart()
