"""Every command and control message gets one answer, the same when it is sent again (C4 to C6, B9, D2, D3)."""

import pytest

from tests.kit.story import Story


def codes(answer: dict) -> list[str]:
    """The codes of a result's errors."""
    return [error["code"] for error in answer["data"]["errors"]]


def test_an_answer_names_its_command(story: Story) -> None:
    command = story.event("status.set", "10:00", client_ids=["c1"], status="vip", sender="console")
    story.tell_all(command)
    data = story.answer(command)["data"]
    data.pop("revision", None)
    assert data == {
        "command_id": command["id"],
        "command_source": "console",
        "command_type": "status.set",
        "dry_run": False,
        "applied": ["c1"],
        "unchanged": [],
        "errors": [],
    }


def test_c6_the_same_message_again_gets_the_same_answer_and_changes_nothing(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    for command in (
        story.event("tags.add", "10:00", client_ids=["c1"], tags=["gold"]),
        story.event("automation.set", "10:10", locale="de"),
        story.event("automation.set", "10:20", triggers=dict.fromkeys(
            ("booking_attended", "invoice_issued", "payment_made"), False)),
    ):  # fmt: skip
        story.tell_all(command)
        first = story.answer(command)
        told = story.short("c1")
        story.tell_all(command)
        again = story.results(command)
        assert again == [first, first]
        assert story.short("c1") == told
    assert story.settings()["revision"] == 1


def test_c5_a_dry_run_answers_and_changes_nothing(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    before, settings = story.profile("c1"), story.settings()
    for type_, data in {
        "status.set": {"client_ids": ["c1", "c9"], "status": "vip"},
        "tags.add": {"client_ids": ["c1"], "tags": ["gold"]},
        "automation.set": {"enabled": False},
        "status.define": {"code": "partner"},
    }.items():
        answer = story.ask(type_, "10:00", dry_run=True, **data)
        assert (answer["type"], answer["data"]["dry_run"]) == ("command.applied", True)
        assert answer["data"]["applied"] == data.get("client_ids", [])
    assert (
        story.ask("status.set", "10:00", dry_run=True, client_ids=["c1"], status="nope")["type"] == "command.rejected"
    )
    assert story.short("c1") == [">lead"]
    assert story.outputs("c9") == []
    assert story.profile("c9") is None
    assert story.profile("c1") == before
    assert story.settings()["revision"] == settings["revision"]
    assert story.settings()["automation"] == settings["automation"]


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("status.set", {"client_ids": [], "status": "vip"}, "invalid_data"),
        ("status.set", {"client_ids": ["c 1"], "status": "vip"}, "invalid_data"),
        ("status.set", {"status": "vip"}, "invalid_data"),
        ("status.set", {"client_ids": ["c1"], "status": "nope"}, "unknown_status"),
        ("status.set", {"client_ids": ["c1"], "status": "vip", "end_reason": "moved"}, "end_reason_not_applicable"),
        ("status.set", {"client_ids": ["c1"], "status": "inactive", "end_reason": "moved"}, "unknown_end_reason"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["a,b"]}, "invalid_tag"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["good", "  "]}, "invalid_tag"),
        ("tags.add", {"client_ids": ["c1"], "tags": ["x" * 65]}, "invalid_tag"),
        ("tags.remove", {"client_ids": ["c1"], "tags": "gold"}, "invalid_data"),
        ("automation.set", {"enabled": "yes"}, "invalid_data"),
        ("automation.set", {"completion": "sometimes"}, "invalid_data"),
        ("automation.set", {"locale": "not a language"}, "invalid_data"),
        ("status.define", {"code": "x", "color": "red"}, "invalid_data"),
        ("status.remove", {"code": "nope"}, "unknown_status"),
    ],
)
def test_c4_what_is_wrong_is_answered_and_changes_nothing(story: Story, type_: str, data: dict, code: str) -> None:
    answer = story.ask(type_, "10:00", **data)
    assert (answer["type"], codes(answer)) == ("command.rejected", [code])
    assert answer["data"]["errors"][0]["message"]
    assert (answer["data"]["applied"], answer["data"]["unchanged"]) == ([], [])
    assert story.outputs("c1") == []
    assert story.dead_letters() == []


def test_b9_a_manual_change_older_than_the_last_is_superseded(story: Story) -> None:
    story.tell("status.set", "12:00", client_ids=["c1"], status="vip")
    late = story.ask("status.set", "11:00", client_ids=["c1"], status="lead")
    assert late["type"] == "command.rejected"
    assert [(e["client_id"], e["code"]) for e in late["data"]["errors"]] == [("c1", "superseded")]
    partly = story.ask("status.set", "11:30", client_ids=["c1", "c2"], status="lead")
    assert partly["type"] == "command.partly_applied"
    assert [(e["client_id"], e["code"]) for e in partly["data"]["errors"]] == [("c1", "superseded")]
    assert story.profile("c1")["status"] == "vip"


def test_b9_setting_the_status_a_client_has_is_unchanged_and_counts_as_by_hand(story: Story) -> None:
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    same = story.ask("status.set", "11:00", client_ids=["c1"], status="customer")
    assert (same["type"], same["data"]["applied"], same["data"]["unchanged"]) == ("command.applied", [], ["c1"])
    story.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1")
    assert story.short("c1") == [">lead", "lead>customer"], "a manual change ends the conversion: no review (B7)"
    assert story.profile("c1")["status_set_at"] == same["time"]


def test_d3_of_tag_commands_the_later_one_wins_in_any_order(story: Story) -> None:
    story.tell("tags.add", "12:00", client_ids=["c1"], tags=["gold"])
    older = story.ask("tags.remove", "11:00", client_ids=["c1"], tags=["GOLD"])
    assert (older["type"], older["data"]["unchanged"]) == ("command.applied", ["c1"])
    story.tell("tags.remove", "13:00", client_ids=["c1"], tags=["Gold"])
    assert story.short("c1") == [">lead", "+gold", "-gold"]
    assert "tags" not in story.profile("c1") or story.profile("c1")["tags"] == []


def test_b7_payments_stand_until_all_is_refunded(story: Story) -> None:
    story.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="10.00", currency="EUR")
    story.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1", amount="4.00")
    assert story.short("c1") == [">lead", "lead>customer"]
    last = story.tell("payment.refunded", "12:00", client_id="c1", payment_id="p1", amount="6")
    assert story.short("c1") == [">lead", "lead>customer", "review"]
    assert story.outputs("c1")[2]["data"]["cause"]["event_id"] == last["id"]


def test_b5_messages_convert_only_where_the_business_wants_it(story: Story) -> None:
    story.tell("client.messaged", "09:00", client_id="c1", direction="in")
    story.tell("automation.set", "10:00", triggers={"message_received": True})
    story.tell("client.messaged", "11:00", client_id="c1", direction="out")
    assert story.short("c1") == [">lead"]
    story.tell("client.messaged", "12:00", client_id="c1", direction="in")
    assert story.short("c1") == [">lead", "lead>customer"]
    assert story.outputs("c1")[1]["data"]["cause"]["trigger"] == "message_received"
