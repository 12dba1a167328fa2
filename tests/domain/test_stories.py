"""Long stories in which several rules meet. After every step another worker takes over."""

import itertools
from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences, short

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
B1 = {"client_id": "c1", "booking_id": "b1"}
TEN_TO_ELEVEN = {**B1, "kind": "appointment", "starts_at": "10:00", "ends_at": "11:00"}


class Story(Driver):
    """A business that is told one thing after the other."""

    def then(self, type_: str, time: str, **data: Any) -> list[tuple[Any, ...]]:
        """Tell it, do all that waits, start again; what it caused about clients, short."""
        outputs = self.tell(type_, time, **data) + self.settle()
        self.restart()
        check_sequences(self.outputs)
        return short(outputs)

    def codes(self, type_: str, time: str, **data: Any) -> list[str]:
        """The codes with which it is refused, of which there is no other trace."""
        before = self.outputs
        answer = self.ask(type_, time, **data)
        assert self.outputs[len(before) :][0]["topic"] == "command-results"
        assert len(self.outputs) == len(before) + 1
        return [problem["code"] for problem in answer["errors"]]


@pytest.fixture
def story() -> Story:
    return Story()


def day(number: int, clock: str = "10:00") -> str:
    return f"2024-05-{number:02}T{clock}:00Z"


def paid(number: int, client: str = "c1", currency: str = "EUR") -> dict[str, str]:
    return {"client_id": client, "payment_id": f"p{number}", "amount": "10.00", "currency": currency}


def test_a3_a5_b4_a_business_replaces_lead_by_a_prospect_of_its_own(story: Story) -> None:
    assert story.then("status.set", "09:00", client_ids=["c1"], status="lead") == [(None, "lead", "09:00", "created")]
    story.then("status.define", "09:10", code="prospect", label={"en": "Prospect", "nl": "Belangstellende"})
    assert story.codes("status.remove", "09:20", code="lead", move_to="prospect") == ["status_has_role"]
    story.then("status.define", "09:30", code="prospect", role="initial")
    assert story.codes("status.remove", "09:40", code="lead") == ["status_in_use"]
    assert story.then("payment.received", "09:50", **paid(1, "c2")) == [
        (None, "prospect", "09:50", "created"), ("prospect", "customer", "09:50", "payment_made"),
    ]  # fmt: skip
    assert story.then("payment.received", "09:55", **paid(2)) == [], "lead has no role any more, so it is not left"
    moved = story.then("status.remove", "10:00", code="lead", move_to="prospect")
    assert moved == [("lead", "prospect", "10:00", "catalogue")]
    assert story.codes("status.set", "10:10", client_ids=["c1"], status="lead") == ["unknown_status"]
    assert story.then("status.set", "09:45", client_ids=["c3"], status="lead") == [
        (None, "prospect", "09:45", "created")
    ], "what was lead then is prospect now"
    assert story.then("payment.received", "10:20", **paid(3))[-1] == ("prospect", "customer", "10:20", "payment_made")
    assert story.then("payment.refunded", "10:30", client_id="c1", payment_id="p3") == [
        ("review", "10:30", "payment.refunded")
    ]
    assert [(s["code"], s.get("role"), s["clients"]) for s in story.settings["statuses"]] == [
        ("customer", "converted", 2), ("vip", None, 0), ("inactive", "dormant", 0), ("prospect", "initial", 1),
    ]  # fmt: skip


def test_b10_a3_roles_that_move_while_a_client_is_quiet(story: Story) -> None:
    story.then("automation.set", day(1, "00:00"), inactive_after_days=3)
    story.then("payment.received", day(1), **paid(1))
    assert story.status("c1") == "inactive"
    story.then("status.define", day(5), code="asleep", role="dormant", ended=True)
    story.then("status.define", day(5), code="regular", role="converted")
    assert story.then("payment.received", day(6), **paid(2)) == [
        ("inactive", "regular", "10:00", "payment_made"), ("regular", "asleep", "10:00", "inactivity"),
    ]  # fmt: skip
    assert story.card("c1")["status_since"] == day(9)
    assert story.then("payment.refunded", day(10), client_id="c1", payment_id="p2") == []


def test_b10_e5_a_merge_brings_back_who_is_quiet_when_the_other_was_active_since(story: Story) -> None:
    story.then("automation.set", day(1, "00:00"), inactive_after_days=20)
    story.then("payment.received", day(1), **paid(1))
    assert story.status("c1") == "inactive"
    story.then("payment.recorded", day(25), **paid(2, "c2"))
    merged = story.then("clients.merge", day(25, "12:00"), primary_id="c1", duplicate_ids=["c2"])
    assert merged == [("inactive", "customer", "10:00", "payment_made")]
    assert story.then("payment.refunded", day(25, "12:30"), client_id="c2", payment_id="p2") == [], "p1 still stands"
    assert story.then("payment.refunded", day(25, "13:00"), client_id="c2", payment_id="p1") == [
        ("review", "13:00", "payment.refunded")
    ]
    assert story.codes("status.set", day(25, "11:00"), client_ids=["c2"], status="vip") == ["superseded"]
    assert story.then("status.set", day(25, "14:00"), client_ids=["c2"], status="vip")[0][:2] == ("customer", "vip")


def test_c2_c3_a_late_message_leaves_a_later_version_without_a_trigger(story: Story) -> None:
    story.then("automation.set", "10:00", triggers={"invoice_issued": False})
    story.then("automation.set", "11:00", triggers={"booking_attended": False})
    assert story.codes("automation.set", "12:00", triggers={"payment_made": False}) == ["no_trigger_enabled"]
    story.then("automation.set", "09:00", triggers={"payment_made": False})
    converts = {"08:59": True, "09:00": False, "10:30": False, "11:30": False}
    for number, (time, converted) in enumerate(converts.items()):
        changes = story.then("payment.received", time, **paid(number, f"p{number}"))
        assert (len(changes) == 2) is converted, time
    assert len(story.then("booking.attended", "10:30", client_id="b1", booking_id="b1")) == 2
    assert len(story.then("booking.attended", "11:00", client_id="b2", booking_id="b2")) == 1
    story.then("automation.set", "11:40", triggers={"message_received": True})
    assert story.then("client.messaged", "11:40", client_id="m1", direction="in")[-1][3] == "message_received"
    assert story.settings["revision"] == 4


def test_p2_b7_a_late_switch_is_a_withdrawal_for_all_who_were_told(story: Story) -> None:
    for number in (1, 2, 3):
        story.then("payment.received", f"1{number}:00", **paid(number, f"c{number}"))
    story.then("status.set", "14:00", client_ids=["c3"], status="customer")
    withdrawn = story.then("automation.set", "10:30", enabled=False)
    assert withdrawn == [("review", "10:30", "automation.set")] * 2, "of c3 a person has decided since"
    assert story.then("payment.refunded", "15:00", client_id="c1", payment_id="p1") == [], "once per conversion"
    story.then("automation.set", "15:00", enabled=True)
    story.then("status.set", "15:10", client_ids=["c1"], status="lead")
    assert story.then("payment.received", "15:10", **paid(4)) == [], "not later than the change by hand"
    assert story.then("payment.received", "15:10:01", **paid(5)) == [("lead", "customer", "15:10", "payment_made")]
    assert story.then("payment.refunded", "16:00", client_id="c1", payment_id="p5") == [
        ("review", "16:00", "payment.refunded")
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_b6_p2_the_mode_at_the_end_of_a_booking_decides_in_any_order(order: tuple[int, ...]) -> None:
    story = Story(now="2024-05-06T09:00:00Z")
    events = [
        story.event("booking.scheduled", "08:00", **TEN_TO_ELEVEN),
        story.event("automation.set", "10:30", completion="explicit"),
        story.event("automation.set", "11:30", completion="elapsed"),
        story.event("booking.attended", "11:45", **B1),
    ]
    for number in order:
        story.feed([events[number]])
        story.restart()
    story.at("12:00")
    assert short(story.about("c1"))[1:] == [("lead", "customer", "11:45", "booking_attended")]


def test_d3_d6_d7_a_tag_of_a_rule_is_removed_renamed_and_given_again(story: Story) -> None:
    rule = {"rule_id": "r1", "on": "client.status.changed", "where": {"field": "to", "op": "eq", "value": "customer"}}
    story.then("tag_rule.define", "08:00", **rule, add=["Buyer"], remove=["new"])
    story.then("client.created", "09:00", client_id="c1", tags=["new", "Web"])
    assert story.then("payment.received", "10:00", **paid(1))[1:] == [({"Buyer"}, {"new"})]
    assert story.then("tags.remove", "09:59", client_ids=["c1"], tags=["BUYER"]) == [], "older than the addition"
    assert story.then("tags.remove", "10:00", client_ids=["c1"], tags=["buyer"]) == [], "of equal times it loses"
    assert story.then("tag.rename", "11:00", from_="buyer", to="Client of ours") == [({"Client of ours"}, {"Buyer"})]
    assert story.then("tags.remove", "10:30", client_ids=["c1"], tags=["Buyer"]) == [(set(), {"Client of ours"})]
    assert story.then("tags.add", "10:29", client_ids=["c1"], tags=["Buyer"]) == []
    assert story.then("tags.add", "10:31", client_ids=["c1"], tags=["Buyer"]) == [({"Client of ours"}, set())]
    story.then("status.set", "12:00", client_ids=["c1"], status="lead")
    assert story.then("payment.received", "13:00", **paid(2))[1:] == [({"Buyer"}, set())], "a new tag of that name"
    assert story.tags("c1") == {"Web", "Client of ours", "Buyer"}


def test_f1_p1_what_one_payment_causes_comes_in_order_with_one_trace(story: Story) -> None:
    at_least_one = {"field": "counts.payments", "op": "gte", "value": 1}
    rule = {"rule_id": "r1", "on": "payment.received", "where": {"field": "amount", "op": "gte", "value": 10}}
    story.then("audience.define", "08:00", audience_id="payers", name="Payers", filter=at_least_one)
    story.then("audience.define", "08:00", audience_id="tagged", name="Tagged",
               filter={"field": "tags", "op": "has_any", "value": ["BIG"]})  # fmt: skip
    story.then("tag_rule.define", "08:00", **rule, add=["big"])
    event = story.event("payment.received", "10:00", **paid(1))
    outputs = story.feed([{**event, "traceparent": TRACE}])
    assert [(o["type"], o["data"].get("to") or o["data"].get("audience_id")) for o in outputs] == [
        ("client.status.changed", "lead"), ("client.status.changed", "customer"), ("client.tags.changed", None),
        ("audience.entered", "payers"), ("audience.entered", "tagged"),
    ]  # fmt: skip
    assert [o["data"]["sequence"] for o in outputs] == [1, 2, 3, 4, 5]
    assert {o["traceparent"] for o in outputs} == {TRACE}
    assert {o["data"]["cause"]["event_id"] for o in outputs} == {event["id"]}
    assert [o["data"]["cause"]["type"] for o in outputs] == ["created", "automation", "rule", "automation", "rule"]


def test_g6_b9_nothing_older_reaches_who_was_erased_and_a_later_life_goes_on_counting(story: Story) -> None:
    story.then("payment.received", "10:00", **paid(1))
    story.then("client.erase", "12:00", client_id="c1")
    assert story.then("payment.received", "12:00", **paid(2)) == []
    for type_, more in (
        ("status.set", {"status": "vip"}),
        ("tags.add", {"tags": ["a"]}),
        ("tags.remove", {"tags": ["a"]}),
    ):
        assert story.codes(type_, "11:00", client_ids=["c1"], **more) == ["unknown_client"]
    assert story.codes("action.request", "13:00", client_id="c1", action="invite_to_book") == ["unknown_client"]
    assert story.codes("clients.merge", "13:00", primary_id="c1", duplicate_ids=["c2"]) == ["unknown_client"]
    assert not story.has_card("c1")
    story.then("status.set", "13:00", client_ids=["c1"], status="vip")
    assert [o["data"]["sequence"] for o in story.about("c1")] == [1, 2, 3, 4, 5]
    assert story.card("c1")["created_at"] == "2024-05-06T13:00:00Z"
    assert story.card("c1")["counts"]["payments"] == 0
