"""The two records of state that others read: a client's card and a business's settings (contract, G1, A1, C1)."""

from typing import Any

from tests.kit.messages import at
from tests.kit.story import LABELS, Story, cause


def filled(record: dict[str, Any]) -> dict[str, Any]:
    """A record without the worker's own part and without what is empty: fields without a value may be left out."""
    return {name: value for name, value in record.items() if name != "state" and value not in (None, [], {})}


def test_g1_a_card_holds_what_happened(story: Story) -> None:
    created = story.tell(
        "client.created", "09:00", client_id="c1", name="Mia Rossi", email="mia@example.org", phone="+39 06 1234567",
        source="website_widget", staff_id="s1", tags=["spring", "new"], linked_systems=["books"],
    )  # fmt: skip
    story.tell(
        "client.updated", "09:10", client_id="c1", emails=["mia@example.org", "rossi@example.org"], staff_id="s2"
    )
    issued = story.tell(
        "invoice.issued", "10:00", client_id="c1", invoice_id="i1", amount="120.00", currency="EUR", due_on="2024-05-20"
    )
    paid = {"client_id": "c1", "currency": "EUR"}
    story.tell("payment.received", "11:00", payment_id="p1", amount="40.5", invoice_id="i1", **paid)
    story.tell("payment.recorded", "11:05", payment_id="p2", amount="10.00", **paid)
    story.tell("payment.refunded", "11:10", client_id="c1", payment_id="p2", amount="2.5")
    story.tell("client.messaged", "11:20", client_id="c1", direction="in", channel="email", preview="Hello")
    story.tell("client.messaged", "11:25", client_id="c1", direction="out")
    story.tell("client.noted", "11:30", client_id="c1", text="Prefers mornings", author="s2")
    story.tell("client.documented", "11:31", client_id="c1", document_id="d1", title="Consent")
    story.tell("client.reviewed", "11:32", client_id="c1", score=5)
    story.tell("client.reviewed", "11:33", client_id="c1", score=4)
    story.tell("client.card_saved", "11:34", client_id="c1", brand="Visa", last4="4242", expires="12/27")
    story.tell("booking.attended", "12:00", client_id="c1", booking_id="b1")
    story.tell("booking.no_show", "12:01", client_id="c1", booking_id="b2")
    far = "2999-01-01T10:00:00Z"
    ahead = {"kind": "appointment", "starts_at": far, "ends_at": "2999-01-01T11:00:00+01:00"}
    story.tell("booking.scheduled", "12:02", client_id="c1", booking_id="b3", **ahead)
    story.tell("booking.scheduled", "12:03", client_id="c1", booking_id="b4", **ahead)
    story.tell("booking.cancelled", "12:04", client_id="c1", booking_id="b4")

    story.bus.wait_for("client-profiles", lambda _: story.profile("c1").get("overdue") == ["i1"])
    card = story.profile("c1")
    created_cause = cause("created", created)
    assert isinstance(card["state"], list | dict)
    assert card.pop("last_activity_at") in (at("12:00"), at("12:02"), at("12:03"))
    assert card.pop("upcoming") == [
        {"booking_id": "b3", "kind": "appointment", "starts_at": far, "ends_at": "2999-01-01T10:00:00Z"}
    ]
    assert filled(card) == {
        "v": 1,
        "businessid": story.business,
        "client_id": "c1",
        "name": "Mia Rossi",
        "emails": ["mia@example.org", "rossi@example.org"],
        "phones": ["+39 06 1234567"],
        "source": "website_widget",
        "staff_id": "s2",
        "created_at": at("09:00"),
        "status": "customer",
        "status_since": at("10:00"),
        "status_cause": cause("automation", issued, trigger="invoice_issued"),
        "tags": [
            {"tag": "spring", "since": at("09:00"), "cause": created_cause},
            {"tag": "new", "since": at("09:00"), "cause": created_cause},
        ],
        "linked_systems": ["books"],
        "score": {"average": 4.5, "count": 2},
        "latest_note": "Prefers mornings",
        "cards": [{"brand": "Visa", "last4": "4242", "expires": "12/27"}],
        "outstanding": {"EUR": "79.50"},
        "overdue": ["i1"],
        "counts": {
            "attended": 1, "no_shows": 1, "cancelled": 1, "invoices": 1, "payments": 2,
            "messages_in": 1, "messages_out": 1, "documents": 1,
        },
        "totals": {"EUR": {"invoiced": "120.00", "paid": "50.50", "refunded": "2.5"}},
        "sequence": 3,
    }  # fmt: skip
    assert story.short("c1") == [">lead", "+spring +new", "lead>customer"]


def test_a_card_lies_under_its_key_on_the_partition_of_its_business(story: Story) -> None:
    sent = story.send(story.event("client.created", "09:00", client_id="c:1"))
    story.bus.settle()
    (record,) = story.records("client-profiles")
    assert record.key == f"{story.business}/c:1".encode()
    assert record.partition == sent[0].partition
    assert {got.partition for got in story.records("client-status-changes")} == {sent[0].partition}


def test_settings_are_written_with_the_first_client(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1")
    record = story.settings()
    assert (record["v"], record["businessid"], record["revision"], record["locale"]) == (1, story.business, 0, "en")
    assert record["automation"]["enabled"] is True
    assert record["automation"]["completion"] == "elapsed"
    assert record["automation"]["triggers"] == {
        "booking_attended": True,
        "invoice_issued": True,
        "payment_made": True,
        "message_received": False,
    }
    statuses = record["statuses"]
    assert [s["code"] for s in statuses] == list(LABELS)
    assert [s.get("role") for s in statuses] == ["initial", "converted", None, "dormant"]
    assert [s["ended"] for s in statuses] == [False, False, False, True]
    assert all(s["project_allowed"] and s["supplier_allowed"] for s in statuses)
    assert [s["order"] for s in statuses] == sorted(s["order"] for s in statuses)
    assert all(len(s["color"]) == 7 and s["color"].startswith("#") for s in statuses)
    assert {"status_groups", "classifications", "fields", "tag_rules", "audiences", "state"} <= set(record)


def test_settings_are_written_with_the_first_control_message(story: Story) -> None:
    story.tell("automation.set", "09:00", triggers={"message_received": True}, completion="explicit", locale="fi")
    record = story.settings()
    assert (record["revision"], record["locale"]) == (1, "fi")
    assert record["automation"]["triggers"]["message_received"] is True
    assert record["automation"]["completion"] == "explicit"


def test_b2_a_card_made_by_another_event_is_filled_in_by_a_later_creation(story: Story) -> None:
    story.tell("client.messaged", "10:00", client_id="c1", direction="in")
    assert story.profile("c1")["source"] == "implicit"
    story.tell("client.created", "09:00", client_id="c1", name="Mia", email="mia@example.org")
    card = story.profile("c1")
    assert (card["name"], card["emails"], card["created_at"]) == ("Mia", ["mia@example.org"], at("09:00"))
    assert story.short("c1") == [">lead"]
