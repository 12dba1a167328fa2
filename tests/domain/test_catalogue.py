"""A7, G3, A6: status groups, classifications, and why a relationship ended."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver
from tests.domain.histories import PROFILE, slot
from worker.domain import business_record, decide
from worker.domain.catalogue import KINDS, MAX_GROUPS, MAX_VALUES
from worker.domain.labels import MAX_LABEL, MAX_LOCALES
from worker.domain.room import MAX_SETTINGS_BYTES


def groups(salon: Driver) -> dict[str, Any]:
    return {g["code"]: g for g in salon.settings["status_groups"]}


def values(salon: Driver, kind: str) -> dict[str, Any]:
    return {v["code"]: v for v in salon.settings["classifications"][kind]}


def codes(answer: dict[str, Any]) -> list[str]:
    return [e["code"] for e in answer["errors"]]


def removal(salon: Driver, kind: str, code: str) -> dict[str, Any]:
    """What a removal would be answered; nothing is removed."""
    return salon.ask("classification.remove", "20:00", kind=kind, code=code, dry_run=True)


def carried(salon: Driver, kind: str, code: str) -> int:
    """How many clients stand against the removal of a value."""
    answer = removal(salon, kind, code)
    if answer["result"] == "applied":
        return 0
    assert codes(answer) == ["classification_in_use"]
    return int(answer["errors"][0]["message"].split()[0])


def test_a7_a_group_has_a_code_a_name_an_order_and_statuses(salon: Driver) -> None:
    first = salon.ask("status_group.define", "09:00", code="good", name="Good", statuses=["vip", "customer", "vip"])
    assert (first["result"], first["revision"]) == ("applied", 1)
    salon.ask("status_group.define", "09:00", code="all", name="All", statuses=["lead", "customer", "vip", "inactive"])
    salon.ask("status_group.define", "09:00", code="none", name="None", statuses=[], order=-1)
    assert salon.settings["status_groups"] == [
        {"code": "none", "name": "None", "order": -1, "statuses": []},
        {"code": "good", "name": "Good", "order": 1, "statuses": ["vip", "customer"]},
        {"code": "all", "name": "All", "order": 2, "statuses": ["lead", "customer", "vip", "inactive"]},
    ]
    salon.restart()
    salon.ask("status_group.define", "08:00", code="good", name="Best", statuses=["vip"])  # a late message counts (P2)
    assert groups(salon)["good"] == {"code": "good", "name": "Best", "order": 1, "statuses": ["vip"]}
    assert salon.ask("status_group.remove", "10:00", code="all")["result"] == "applied"
    assert list(groups(salon)) == ["none", "good"]
    assert salon.settings["revision"] == 5


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("status_group.define", {"code": "g", "name": "G", "statuses": ["vip", "nobody"]}, "unknown_status"),
        ("status_group.define", {"code": "g", "name": "  ", "statuses": []}, "invalid_data"),
        ("status_group.define", {"code": "g", "name": "x" * (MAX_LABEL + 1), "statuses": []}, "invalid_data"),
        ("status_group.define", {"code": "g", "name": "G"}, "invalid_data"),
        ("status_group.remove", {"code": "g"}, "unknown_status_group"),
        ("classification.define", {"kind": "colour", "code": "a"}, "invalid_data"),
        ("classification.define", {"kind": "industry", "code": "a b"}, "invalid_data"),
        ("classification.define", {"kind": "industry", "code": "a", "label": " "}, "invalid_data"),
        ("classification.define", {"kind": "industry", "code": "a", "label": {"en": "x" * 201}}, "invalid_data"),
        ("classification.remove", {"kind": "industry", "code": "a"}, "unknown_classification"),
    ],
)
def test_c4_what_cannot_be_defined_or_removed_changes_nothing(
    salon: Driver, type_: str, data: dict[str, Any], code: str
) -> None:
    salon.ask("automation.set", "08:00", enabled=True)
    before = salon.settings
    answer = salon.ask(type_, "09:00", **data)
    assert (answer["result"], codes(answer)) == ("rejected", [code])
    assert salon.settings == before


def test_a7_a_status_that_is_removed_leaves_its_groups(salon: Driver) -> None:
    salon.ask("status.define", "09:00", code="partner")
    salon.ask("status_group.define", "09:01", code="a", name="A", statuses=["vip", "partner", "lead"])
    salon.ask("status_group.define", "09:01", code="b", name="B", statuses=["partner"])
    salon.ask("status.remove", "09:02", code="partner")
    assert [g["statuses"] for g in salon.settings["status_groups"]] == [["vip", "lead"], []]
    salon.ask("status.define", "09:03", code="partner")
    salon.restart()
    assert [g["statuses"] for g in salon.settings["status_groups"]] == [["vip", "lead"], []]


def test_a7_the_number_of_groups_has_a_bound(salon: Driver) -> None:
    for number in range(MAX_GROUPS):
        salon.ask("status_group.define", "09:00", code=f"g{number}", name="G", statuses=["vip"])
    assert codes(salon.ask("status_group.define", "09:00", code="more", name="G", statuses=[])) == ["invalid_data"]
    assert salon.ask("status_group.define", "09:00", code="g7", name="G7", statuses=[])["result"] == "applied"
    assert len(groups(salon)) == MAX_GROUPS


def test_g3_values_have_labels_and_an_order(salon: Driver) -> None:
    salon.ask("automation.set", "08:00", locale="nl-BE")
    for kind in ("client_type", "industry", "headcount", "end_reason"):
        assert salon.ask("classification.define", "09:00", kind=kind, code="a")["result"] == "applied"
    salon.ask("classification.define", "09:00", kind="industry", code="b", label={"en": "Hair", "nl": "Haar"})
    salon.ask("classification.define", "09:00", kind="industry", code="c", label="Nails", order=-3)
    assert salon.settings["classifications"]["industry"] == [
        {"code": "c", "label": "Nails", "labels": {}, "order": -3},
        {"code": "a", "label": "a", "labels": {}, "order": 1},
        {"code": "b", "label": "Haar", "labels": {"en": "Hair", "nl": "Haar"}, "order": 2},
    ]
    assert list(values(salon, "headcount")) == ["a"]
    salon.ask("classification.define", "09:00", kind="industry", code="c", order=9)  # C1: the label stays
    salon.restart()
    assert values(salon, "industry")["c"] == {"code": "c", "label": "Nails", "labels": {}, "order": 9}
    assert salon.ask("classification.remove", "10:00", kind="industry", code="a")["result"] == "applied"
    assert list(values(salon, "industry")) == ["b", "c"]
    assert list(values(salon, "client_type")) == ["a"]


def test_g3_the_number_of_values_and_of_their_labels_has_a_bound(salon: Driver) -> None:
    for number in range(MAX_VALUES):
        salon.ask("classification.define", "09:00", kind="industry", code=f"v{number}")
    assert codes(salon.ask("classification.define", "09:00", kind="industry", code="more")) == ["invalid_data"]
    assert salon.ask("classification.define", "09:00", kind="headcount", code="more")["result"] == "applied"
    labels = {f"a{chr(97 + n % 26)}-{n:02}": "x" for n in range(MAX_LOCALES)}
    labelled = {"kind": "industry", "code": "v7"}
    assert salon.ask("classification.define", "09:00", **labelled, label=labels)["result"] == "applied"
    assert codes(salon.ask("classification.define", "09:00", **labelled, label={"en": "x"})) == ["invalid_data"]


def test_g3_a_value_that_clients_have_stays_and_the_answer_says_how_many_have_it(salon: Driver) -> None:
    salon.ask("classification.define", "08:00", kind="industry", code="hair")
    salon.tell("client.created", "09:00", client_id="c1", industry="hair")
    salon.tell("client.imported", "09:00", client_id="c2", industry="hair", client_type="hair")
    salon.tell("client.updated", "09:00", client_id="c3", industry="hair")
    salon.restart()
    refused = salon.ask("classification.remove", "10:00", kind="industry", code="hair")
    assert (refused["result"], codes(refused)) == ("rejected", ["classification_in_use"])
    assert refused["errors"][0]["message"].startswith("3 clients have ")
    salon.tell("client.updated", "11:00", client_id="c1", industry="nails")
    salon.tell("client.updated", "11:00", client_id="c2", industry=None)
    assert carried(salon, "industry", "hair") == 1
    salon.tell("client.updated", "11:00", client_id="c3", industry=None)
    assert salon.ask("classification.remove", "12:00", kind="industry", code="hair")["result"] == "applied"


def test_g3_a_value_is_counted_before_it_is_defined_and_free_text_is_taken(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1", industry="hair", headcount="about five, or six")
    salon.ask("classification.define", "10:00", kind="industry", code="hair")
    assert salon.dead_codes == []
    assert salon.card("c1")["headcount"] == "about five, or six"
    assert carried(salon, "industry", "hair") == 1


def test_g3_what_fills_no_blank_and_what_comes_late_is_not_counted(salon: Driver) -> None:
    for code in ("hair", "nails"):
        salon.ask("classification.define", "08:00", kind="industry", code=code)
    salon.tell("client.updated", "12:00", client_id="c1", industry="hair")
    salon.tell("client.updated", "11:00", client_id="c1", industry="nails")
    salon.tell("client.created", "13:00", client_id="c1", industry="nails")
    assert (carried(salon, "industry", "hair"), carried(salon, "industry", "nails")) == (1, 0)


@pytest.fixture
def ending(salon: Driver) -> Driver:
    """A business with two reasons for an end, and a status of its own that ends a relationship."""
    for code in ("moved", "price"):
        salon.ask("classification.define", "08:00", kind="end_reason", code=code)
    salon.ask("status.define", "08:00", code="gone", ended=True)
    return salon


def set_status(salon: Driver, time: str, status: str, *clients: str, **data: Any) -> dict[str, Any]:
    return salon.ask("status.set", time, client_ids=list(clients or ("c1",)), status=status, **data)


def test_a6_the_reason_stands_on_the_card_and_in_the_change(ending: Driver) -> None:
    assert set_status(ending, "09:00", "inactive", end_reason="moved")["applied"] == ["c1"]
    assert ending.card("c1")["end_reason"] == "moved"
    created, ended = ending.about("c1")
    assert "end_reason" not in created["data"]
    assert (ended["data"]["end_reason"], ended["data"]["ended"]) == ("moved", True)
    assert (carried(ending, "end_reason", "moved"), carried(ending, "end_reason", "price")) == (1, 0)


@pytest.mark.parametrize("status", ["vip", "gone"])
def test_a6_leaving_an_ended_status_clears_the_reason(ending: Driver, status: str) -> None:
    set_status(ending, "09:00", "inactive", end_reason="moved")
    set_status(ending, "10:00", status)
    ending.restart()
    assert "end_reason" not in ending.card("c1")
    assert "end_reason" not in ending.about("c1")[-1]["data"]
    assert carried(ending, "end_reason", "moved") == 0
    assert ending.ask("classification.remove", "11:00", kind="end_reason", code="moved")["result"] == "applied"


def test_a6_from_one_end_to_another_with_another_reason(ending: Driver) -> None:
    set_status(ending, "09:00", "inactive", end_reason="moved")
    set_status(ending, "10:00", "gone", end_reason="price")
    assert ending.about("c1")[-1]["data"]["end_reason"] == ending.card("c1")["end_reason"] == "price"
    assert (carried(ending, "end_reason", "moved"), carried(ending, "end_reason", "price")) == (0, 1)


def test_a6_b9_another_reason_for_the_same_end_is_noted_and_not_told(ending: Driver) -> None:
    set_status(ending, "09:00", "inactive", end_reason="moved")
    told = len(ending.about("c1"))
    assert set_status(ending, "10:00", "inactive", end_reason="price")["unchanged"] == ["c1"]
    assert ending.card("c1")["end_reason"] == "price"
    assert set_status(ending, "11:00", "inactive")["unchanged"] == ["c1"]
    assert ending.card("c1")["end_reason"] == "price"
    assert set_status(ending, "09:30", "inactive", end_reason="moved")["errors"][0]["code"] == "superseded"
    assert ending.card("c1")["end_reason"] == "price"
    assert len(ending.about("c1")) == told
    assert (carried(ending, "end_reason", "moved"), carried(ending, "end_reason", "price")) == (0, 1)


def test_a6_a_reason_is_required_from_the_time_of_the_setting_on(ending: Driver) -> None:
    ending.ask("automation.set", "10:00", require_end_reason=True)
    assert codes(set_status(ending, "10:00", "inactive")) == ["end_reason_required"]
    assert not ending.has_card("c1")
    assert set_status(ending, "10:01", "inactive", end_reason="moved")["result"] == "applied"
    assert set_status(ending, "09:59", "inactive", "c2")["result"] == "applied"
    assert set_status(ending, "10:02", "vip")["result"] == "applied"
    for number, type_ in enumerate(("client.created", "client.imported")):
        ending.tell(type_, "11:00", client_id=f"n{number}", status="inactive")
        assert ending.status(f"n{number}") == "inactive"


def test_a6_a_reason_that_was_removed_cannot_be_given(ending: Driver) -> None:
    ending.ask("classification.remove", "09:00", kind="end_reason", code="moved")
    assert codes(set_status(ending, "10:00", "inactive", end_reason="moved")) == ["unknown_end_reason"]
    assert codes(set_status(ending, "10:00", "vip", end_reason="moved")) == ["end_reason_not_applicable"]


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("status_group.define", {"code": "g", "name": "Changed", "statuses": ["vip"]}),
        ("status_group.remove", {"code": "g"}),
        ("classification.define", {"kind": "industry", "code": "new"}),
        ("classification.remove", {"kind": "industry", "code": "hair"}),
        ("status.set", {"client_ids": ["c1", "c2"], "status": "inactive", "end_reason": "moved"}),
    ],
)
def test_c5_c6_a_dry_run_changes_nothing_and_a_repeat_is_answered_alike(
    ending: Driver, type_: str, data: dict[str, Any]
) -> None:
    ending.ask("status_group.define", "08:00", code="g", name="G", statuses=["lead"])
    ending.ask("classification.define", "08:00", kind="industry", code="hair")
    ending.tell("client.created", "09:00", client_id="c1")
    ending.settle()
    before = ending.settings, ending.card("c1")
    assert ending.ask(type_, "10:00", **data, dry_run=True)["result"] == "applied"
    ending.settle()
    assert (ending.settings, ending.card("c1")) == before
    assert carried(ending, "end_reason", "moved") == 0
    message = ending.event(type_, "10:00", **data)
    told = ending.feed([message])
    after = ending.settings
    ending.restart()
    assert ending.feed([message]) == [o for o in told if "subject" not in o]
    assert ending.settings["revision"] == after["revision"]


def test_j4_the_settings_stay_small_enough_to_be_written(salon: Driver) -> None:
    labels = {f"a{chr(97 + n)}": "\U0001f389" * MAX_LABEL for n in range(26)}
    answers = [
        salon.ask("classification.define", "08:00", kind=kind, code=f"v{number}", label=labels)
        for kind in KINDS
        for number in range(30)
    ]
    refused = [a for a in answers if a["result"] == "rejected"]
    assert refused
    assert {e["code"] for a in refused for e in a["errors"]} == {"invalid_data"}
    size = len(business_record.encode(salon.engine._store.businesses[salon.business]))
    assert MAX_SETTINGS_BYTES / 2 < size <= MAX_SETTINGS_BYTES
    salon.restart()
    assert salon.ask("classification.define", "09:00", kind="industry", code="v0", label=labels)["result"] == "rejected"
    assert salon.ask("classification.remove", "09:00", kind="industry", code="v0")["result"] == "applied"


def test_j4_many_changes_of_one_thing_take_no_room(salon: Driver) -> None:
    define = {"kind": "industry", "code": "a", "label": "x" * MAX_LABEL}
    told = salon.feed(salon.event("classification.define", "08:00", **define) for _ in range(5_000))
    assert {o["type"] for o in told} == {"command.applied"}


def test_a_business_survives_being_stored_whole(ending: Driver) -> None:
    ending.ask("status_group.define", "08:00", code="g", name="G", statuses=["lead"], order=4)
    ending.ask("classification.define", "08:00", kind="industry", code="hair", label={"en": "Hair"})
    business = ending.engine._store.businesses[ending.business]
    again = business_record.decode(business_record.encode(business))
    assert again.catalogue == business.catalogue
    assert again.catalogue.groups["g"].statuses == ("lead",)
    again.tally = business.tally
    assert business_record.encode(again) == business_record.encode(business)


_CLIENTS = st.sampled_from(["c1", "c2", "c3"])
_WORDS = st.none() | st.sampled_from(["a", "b", "no code"])
_CLASSIFIED = st.fixed_dictionaries({}, optional=dict.fromkeys(("client_type", "industry", "headcount"), _WORDS))
_OWN = st.fixed_dictionaries({}, optional={"a": st.sampled_from(["x", None]), "b": st.sampled_from(["y", None])})
_ENDS = st.sampled_from([("inactive", "a"), ("inactive", "b"), ("gone", "a"), ("gone", None), ("vip", None)])


@st.composite
def carrying(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """Something that gives a client values of classifications, own fields or a reason, or takes them away."""
    client, time = draw(_CLIENTS), slot(draw(st.integers(0, 8)))
    kind = draw(st.sampled_from(["client.created", "client.updated", "client.updated", "status.set", "client.erase"]))
    if kind == "status.set":
        status, reason = draw(_ENDS)
        return kind, time, {"client_ids": [client], "status": status, **({"end_reason": reason} if reason else {})}
    data = {"client_id": client} if kind == "client.erase" else {"client_id": client, **draw(_CLASSIFIED)}
    if kind in ("client.created", "client.updated"):
        data["fields"] = draw(_OWN)
    return kind, time, data


@PROFILE
@given(st.lists(carrying(), max_size=16), st.integers(0, 15))
def test_g2_g3_the_numbers_are_exact_whatever_happens(things: list[Any], restart: int) -> None:
    driver = Driver()
    driver.ask("status.define", "08:00", code="gone", ended=True)
    for code in ("a", "b"):
        driver.ask("field.define", "08:00", field_id=code, label="L", type="text")
        for kind in KINDS:
            driver.ask("classification.define", "08:00", kind=kind, code=code)
    for number, (kind, time, data) in enumerate(things):
        driver.tell(kind, time, **data)
        if number == restart:
            driver.restart()
    cards = [driver.card(c) for c in ("c1", "c2", "c3") if driver.has_card(c)]
    for code in ("a", "b"):
        for kind in KINDS:
            assert carried(driver, kind, code) == sum(card.get(kind) == code for card in cards)
        answer = driver.ask("field.remove", "20:00", field_id=code, dry_run=True)
        assert answer["totals"] == {"clients": len(cards), "changed": sum(code in c.get("fields", {}) for c in cards)}


def test_j2_the_numbers_are_exact_when_a_bug_was_isolated(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction is computed again from where it began."""
    for code in ("hair", "nails"):
        salon.ask("classification.define", "08:00", kind="industry", code=code)
    salon.tell("client.created", "09:00", client_id="c1", industry="hair")
    rule = decide.RULES[decide.clients.ClientNoted]

    def apply(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(decide.RULES, decide.clients.ClientNoted, rule._replace(apply=apply))
    salon.feed(
        [
            salon.event("client.updated", "10:00", client_id="c1", industry="nails"),
            salon.event("status_group.define", "10:00", code="g", name="G", statuses=["vip"]),
            salon.event("client.noted", "10:00", client_id="c1", text="bug"),
            salon.event("client.created", "10:00", client_id="c2", industry="nails"),
        ]
    )
    assert salon.dead_codes == ["internal_error"]
    assert (carried(salon, "industry", "hair"), carried(salon, "industry", "nails")) == (0, 2)
    assert list(groups(salon)) == ["g"]
    salon.restart()
    assert carried(salon, "industry", "nails") == 2
