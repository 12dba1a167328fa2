"""Status groups, classifications, reasons for an end, own fields, actions (A6, A7, G2, G3, G5), seen from outside."""

from tests.kit.messages import at
from tests.kit.story import Story, bare, cause


def codes(answer: dict) -> list[str]:
    """The codes of a result's errors."""
    return [error["code"] for error in answer["data"]["errors"]]


def test_a7_groups_bundle_statuses_and_lose_those_that_go(story: Story) -> None:
    unknown = story.ask("status_group.define", "08:00", code="good", name="Good", statuses=["vip", "partner"])
    assert (unknown["type"], codes(unknown)) == ("command.rejected", ["unknown_status"])
    story.tell("status.define", "08:10", code="partner")
    defined = story.ask("status_group.define", "08:20", code="good", name="Good", statuses=["vip", "partner"])
    assert (defined["type"], defined["data"]["revision"]) == ("command.applied", 2)
    assert story.settings()["status_groups"] == [
        {"code": "good", "name": "Good", "order": 1, "statuses": ["vip", "partner"]}
    ]
    story.tell("status.remove", "08:30", code="partner")
    assert [group["statuses"] for group in story.settings()["status_groups"]] == [["vip"]]
    assert story.ask("status_group.remove", "08:40", code="good")["type"] == "command.applied"
    assert story.settings()["status_groups"] == []
    assert codes(story.ask("status_group.remove", "08:50", code="good")) == ["unknown_status_group"]


def test_g3_a_classification_in_use_cannot_be_removed(story: Story) -> None:
    label = {"en": "Hairdresser", "nl": "Kapper"}
    story.tell("classification.define", "08:00", kind="industry", code="hair", label=label)
    (value,) = story.settings()["classifications"]["industry"]
    assert (value["code"], value["label"], value["labels"]) == ("hair", "Hairdresser", label)
    story.tell("client.created", "09:00", client_id="c1", industry="hair")
    story.tell("client.updated", "09:00", client_id="c2", industry="hair")
    refused = story.ask("classification.remove", "10:00", kind="industry", code="hair")
    assert (refused["type"], codes(refused)) == ("command.rejected", ["classification_in_use"])
    assert "2" in refused["data"]["errors"][0]["message"]
    story.tell("client.updated", "11:00", client_id="c1", industry=None)
    story.tell("client.updated", "11:00", client_id="c2", industry="nails")
    assert story.ask("classification.remove", "12:00", kind="industry", code="hair")["type"] == "command.applied"
    assert story.settings()["classifications"]["industry"] == []
    again = story.ask("classification.remove", "13:00", kind="industry", code="hair")
    assert codes(again) == ["unknown_classification"]


def test_a6_an_end_may_have_a_reason_and_must_where_the_business_wants_one(story: Story) -> None:
    def refused(time: str, **data: str) -> list[str]:
        answer = story.ask("status.set", time, client_ids=["c1"], **data)
        assert answer["type"] == "command.rejected"
        return codes(answer)

    assert refused("08:00", status="inactive", end_reason="moved") == ["unknown_end_reason"]
    story.tell("classification.define", "08:10", kind="end_reason", code="moved", label="Moved away")
    assert refused("08:20", status="vip", end_reason="moved") == ["end_reason_not_applicable"]
    story.tell("automation.set", "08:30", require_end_reason=True)
    assert refused("08:40", status="inactive") == ["end_reason_required"]
    assert story.profile("c1") is None

    ended = story.tell("status.set", "09:00", client_ids=["c1"], status="inactive", end_reason="moved")
    assert story.short("c1") == [">lead", "lead>inactive"]
    change = bare(story.outputs("c1"))[1]["data"]
    assert (change["end_reason"], change["ended"], change["cause"]) == ("moved", True, cause("manual", ended))
    assert story.profile("c1")["end_reason"] == "moved"
    in_use = story.ask("classification.remove", "10:00", kind="end_reason", code="moved")
    assert codes(in_use) == ["classification_in_use"]

    story.tell("status.set", "11:00", client_ids=["c1"], status="customer")
    assert "end_reason" not in story.profile("c1")
    assert "end_reason" not in story.outputs("c1")[-1]["data"]
    gone = story.ask("classification.remove", "12:00", kind="end_reason", code="moved")
    assert gone["type"] == "command.applied"
    story.tell("client.created", "13:00", client_id="c2", status="inactive")
    assert story.profile("c2")["status"] == "inactive"


def test_g2_own_fields_are_checked_kept_and_removed_with_their_values(story: Story) -> None:
    story.tell("field.define", "08:00", field_id="size", label="Size", type="choice", choices=["S", "M"], required=True)
    story.tell("field.define", "08:00", field_id="born", label="Born", type="date", forms=["booking"])
    assert [(f["field_id"], f["type"], f["required"], f["forms"]) for f in story.settings()["fields"]] == [
        ("size", "choice", True, []),
        ("born", "date", False, ["booking"]),
    ]
    story.tell("client.created", "09:00", client_id="c1", fields={"size": "M", "born": "2000-01-31"})
    story.tell("client.imported", "09:00", client_id="c2", fields={"size": "S"})
    story.tell("client.created", "09:00", client_id="c3", fields={"colour": "red"})
    story.tell("client.updated", "09:10", client_id="c1", name="Ann", fields={"size": "XL"})
    refused = [dict(got.headers)["__streams.errors.exception"] for got in story.dead_letters()]
    assert refused == [b"unknown_field", b"invalid_field_value"]
    assert story.profile("c3") is None
    assert "name" not in story.profile("c1")
    story.tell("client.updated", "09:20", client_id="c1", fields={"born": None})
    assert story.profile("c1")["fields"] == {"size": "M"}

    unused = story.ask("field.remove", "10:00", field_id="born")
    assert (unused["type"], unused["data"]["totals"]["changed"]) == ("command.applied", 0)
    rehearsed = story.ask("field.remove", "10:10", field_id="size", dry_run=True)
    assert rehearsed["data"]["totals"]["changed"] == 2
    removed = story.ask("field.remove", "10:20", field_id="size")
    assert (removed["type"], removed["data"]["totals"]["changed"]) == ("command.applied", 2)
    assert [story.profile(client).get("fields") for client in ("c1", "c2")] == [None, None]
    assert story.settings()["fields"] == []
    story.tell("client.updated", "10:15", client_id="c1", fields={"size": "S"})
    assert len(story.dead_letters()) == 3
    assert codes(story.ask("field.remove", "11:00", field_id="size")) == ["unknown_field"]


def test_g5_actions_are_checked_and_told_with_what_a_mailer_needs(story: Story) -> None:
    def refused(**data: str) -> list[str]:
        answer = story.ask("action.request", "12:00", **{"client_id": "c1", **data})
        assert answer["type"] == "command.rejected"
        return codes(answer)

    assert refused(action="invite_to_book", client_id="nobody") == ["unknown_client"]
    assert story.profile("nobody") is None
    story.tell("client.created", "09:00", client_id="c1", name="Ann", email="ann@example.org", phone="+39 06 1")
    assert refused(action="payment_reminder") == ["nothing_overdue"]
    assert refused(action="invoice_booking", booking_id="b1") == ["no_such_booking"]
    invoice = {"client_id": "c1", "invoice_id": "i1", "amount": "120.00", "currency": "EUR", "number": "7"}
    story.tell("invoice.issued", "09:10", due_on="2024-01-31", booking_id="b2", **invoice)
    story.tell(
        "payment.received", "09:20", client_id="c1", payment_id="p1", amount="40", currency="EUR", invoice_id="i1"
    )
    story.tell("booking.no_show", "09:30", client_id="c1", booking_id="b1")
    story.tell("booking.attended", "09:30", client_id="c1", booking_id="b2")
    story.tell("booking.attended", "09:30", client_id="c1", booking_id="b3", kind="appointment")
    assert refused(action="invoice_booking", booking_id="b1") == ["not_attended"]
    assert refused(action="invoice_booking", booking_id="b2") == ["already_invoiced"]

    asked = [
        story.tell("action.request", "12:00", client_id="c1", action="payment_reminder", actor="Bo"),
        story.tell("action.request", "12:01", client_id="c1", action="invoice_booking", booking_id="b3"),
        story.tell("action.request", "12:02", client_id="c1", action="invite_to_book"),
    ]
    assert [story.answer(command)["data"]["applied"] for command in asked] == [["c1"]] * 3
    told = [event for event in bare(story.outputs("c1")) if event["type"] == "action.requested"]
    contact = {"locale": "en", "name": "Ann", "email": "ann@example.org", "phone": "+39 06 1"}
    assert [event["data"]["context"] for event in told] == [
        {
            **contact,
            "invoices": [
                {
                    "invoice_id": "i1", "number": "7", "outstanding": "80.00", "currency": "EUR",
                    "due_on": "2024-01-31",
                }
            ],
            "totals": {"EUR": "80.00"},
        },
        {**contact, "booking": {"booking_id": "b3", "kind": "appointment", "attended_at": at("09:30")}},
        contact,
    ]  # fmt: skip
    assert [event["data"]["cause"] for event in told] == [
        cause("manual", asked[0], actor="Bo"), cause("manual", asked[1]), cause("manual", asked[2]),
    ]  # fmt: skip
