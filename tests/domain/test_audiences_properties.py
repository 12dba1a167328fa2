"""F1: the audiences on a card are always those whose filters it matches, whatever has happened and in what order."""

import json
from typing import Any

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import BUSINESS, Driver, check_sequences
from tests.domain.histories import CLIENTS, ONE_OF_EACH, PROFILE, histories, slot
from tests.kit.messages import cloud_event
from topics.registry import PROFILES
from worker.domain import card as cards
from worker.domain.audience_fields import LEAVE_ALONE, STILL
from worker.domain.audience_index import Audience, Index, index_for
from worker.domain.card import Card
from worker.domain.filters import CLIENT_FIELDS, client, for_clients

AUDIENCES = ("a", "b", "c")
OWN_TYPES = ["number", "text", "bool", "choice"]
LEAVES = [
    ("status", "in", ["customer", "vip"]),
    ("status", "ne", "lead"),
    ("ended", "eq", True),
    ("status_group", "has_any", ["g"]),
    ("status_group", "exists", True),
    ("tags", "has_any", ["a"]),
    ("tags", "has_none", ["b", "c"]),
    ("tags", "has_all", ["a", "c"]),
    ("counts.payments", "gte", 1),
    ("counts.attended", "eq", 1),
    ("counts.documents", "lt", 1),
    ("last_activity_at", "gt", slot(8)),
    ("last_activity_at", "exists", False),
    ("last_activity_at", "in", [slot(5), slot(6), slot(7)]),
    ("created_at", "lte", slot(4)),
    ("created_at", "eq", slot(0)[:10]),
    ("name", "starts_with", "An"),
    ("name", "exists", True),
    ("fields.f", "eq", 1),
    ("fields.f", "ne", 1),
    ("fields.f", "gt", 0),
    ("fields.f", "eq", True),
    ("fields.f", "contains", "1"),
]


def _leaf(leaf: tuple[str, str, object]) -> dict[str, Any]:
    return dict(zip(("field", "op", "value"), leaf, strict=True))


filters = st.recursive(
    st.sampled_from(LEAVES).map(_leaf),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(inner, max_size=3).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=5,
)
_values = {"number": [0, 1, 1.0, 2], "text": ["1", "x"], "bool": [True, False], "choice": ["1", "2"]}


@st.composite
def _definition(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(
        st.sampled_from(["define", "define", "remove", "ended", "group", "field", "unfield", "rename", "merge"])
    )
    if kind == "define":
        id_ = draw(st.sampled_from(AUDIENCES))
        return "audience.define", {"audience_id": id_, "name": id_, "filter": draw(filters)}
    if kind == "remove":
        return "audience.remove", {"audience_id": draw(st.sampled_from(AUDIENCES))}
    if kind == "ended":
        return "status.define", {
            "code": draw(st.sampled_from(["lead", "customer", "vip"])), "ended": draw(st.booleans())
        }  # fmt: skip
    if kind == "group":
        codes = draw(st.lists(st.sampled_from(["lead", "customer", "vip"]), unique=True))
        return "status_group.define", {"code": draw(st.sampled_from(["g", "h"])), "name": "G", "statuses": codes}
    if kind == "field":
        type_ = draw(st.sampled_from(OWN_TYPES))
        more = {"choices": ["1", "2"]} if type_ == "choice" else {}
        return "field.define", {"field_id": "f", "label": "F", "type": type_, **more}
    if kind == "unfield":
        return "field.remove", {"field_id": "f"}
    if kind == "rename":
        old, new = draw(st.permutations(["a", "b", "c"]))[:2]
        return "tag.rename", {"from": old, "to": new}
    primary, duplicate = draw(st.permutations(CLIENTS))
    return "clients.merge", {"primary_id": primary, "duplicate_ids": [duplicate]}


@st.composite
def _update(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["client.updated", "client.updated", "client.erase"]))
    data: dict[str, Any] = {"client_id": draw(st.sampled_from(CLIENTS))}
    if kind == "client.updated":
        data["name"] = draw(st.sampled_from(["Ann", "Bo", None]))
        if draw(st.booleans()):
            data["fields"] = {"f": draw(st.sampled_from([v for values in _values.values() for v in values]))}
    return kind, data


@st.composite
def whole(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A history with definitions of audiences, and of what they ask for, among it."""
    found = draw(histories())
    for number, (type_, data) in enumerate(
        draw(st.lists(st.one_of(_definition(), _update()), min_size=1, max_size=12))
    ):
        event = cloud_event(
            type_, BUSINESS, data, time=slot(draw(st.integers(0, 23))), id_=f"d{number}", source="definitions"
        )
        found.insert(draw(st.integers(0, len(found))), event)
    return found


def belongs(driver: Driver, client_id: str) -> list[str]:
    """The audiences that the card matches, each filter by itself."""
    business = driver.engine._store.businesses[BUSINESS]
    card = cards.decode(driver.engine.stores[PROFILES][f"{BUSINESS}/{client_id}".encode()])
    status = business.status(card.status)
    assert status is not None
    groups = frozenset(g.code for g in business.catalogue.groups.values() if card.status in g.statuses)
    subject = client(card, ended=status.ended, status_groups=groups)
    return [
        id_
        for id_, audience in business.audiences.items()
        if for_clients(audience.filter, business.catalogue.field_types, stored=True)(subject)
    ]


@PROFILE
@given(whole(), st.data())
def test_f1_the_audiences_of_a_card_are_those_that_it_matches(
    history: list[dict[str, Any]], data: st.DataObject
) -> None:
    driver = Driver(sweep_step=1)
    removed: set[str] = set()
    for event in history:
        told = driver.feed([event])
        if event["type"] == "audience.remove" and any(o["type"] == "command.applied" for o in told):
            removed.add(event["data"]["audience_id"])
        for _ in range(data.draw(st.integers(0, 2))):
            if driver.engine.wants_step(driver.now):
                driver.commit(driver.engine.step(driver.now))
        if data.draw(st.integers(0, 5)) == 0:
            driver.restart()
    driver.settle()
    driver.restart()
    check_sequences(driver.outputs)
    for client_id in CLIENTS:
        has_card = driver.has_card(client_id) and "merged_into" not in driver.card(client_id)
        inside: set[str] = set()
        for output in driver.about(client_id):
            if output["topic"] == "audience-changes":
                id_, entered = output["data"]["audience_id"], output["type"] == "audience.entered"
                assert id_ in removed or (id_ in inside) != entered, output
                (inside.add if entered else inside.discard)(id_)
        if has_card:
            found = driver.card(client_id).get("audiences", [])
            assert found == belongs(driver, client_id)
            assert {id_ for id_ in found if id_ not in removed} == inside - removed
        else:
            assert not inside - removed


@PROFILE
@given(st.lists(filters, min_size=1, max_size=6), whole(), st.sampled_from(OWN_TYPES))
def test_f4_all_filters_together_say_what_each_says_alone(
    each: list[dict[str, Any]], history: list[dict[str, Any]], type_: Any
) -> None:
    driver = Driver()
    driver.feed(history)
    driver.settle()
    groups = frozenset({"g"})
    audiences = {str(n): Audience(audience_id=str(n), name="x", filter=filter_) for n, filter_ in enumerate(each)}
    index = Index(audiences, {"customer": (True, groups)}, {"f": type_})
    known = [driver.card(client_id) for client_id in CLIENTS if driver.has_card(client_id)]
    hypothesis.assume(known)
    before: Card | None = None
    for public in known:
        if "merged_into" in public:
            continue
        card = cards.decode(driver.engine.stores[PROFILES][f"{BUSINESS}/{public['client_id']}".encode()])
        is_customer = card.status == "customer"
        subject = client(card, ended=is_customer, status_groups=groups if is_customer else frozenset())
        alone = [str(n) for n, f in enumerate(each) if for_clients(f, {"f": type_}, stored=True)(subject)]
        assert index.members(card) == index.members(card) == alone, json.dumps(each)
        if before is not None:
            card.audiences = index.members(before)
            assert index.members_after(card, index.keys(before)) == alone, json.dumps(each)
        before = card


def test_f4_every_field_that_a_filter_can_name_is_remembered_by_its_value() -> None:
    """A field that is new needs a way to be told from its other values."""
    driver = Driver()
    driver.tell("client.created", "09:00", client_id="c1")
    card = cards.decode(driver.engine.stores[PROFILES][f"{BUSINESS}/c1".encode()])
    for name in CLIENT_FIELDS:
        value: object = {"field": name, "op": "exists", "value": True}
        index = Index({"x": Audience(audience_id="x", name="x", filter=value)}, {}, {})  # type: ignore[arg-type]
        assert index.members(card) == (["x"] if for_clients(value, {})(client(card, ended=False)) else [])


def test_f1_events_that_leave_fields_alone_do_so() -> None:
    """What is not asked again behind an event of these types."""
    driver = Driver()
    said = {
        "name": "Ann", "email": "a@example.org", "phone": "+31 6 1", "source": "web", "staff_id": "s",
        "client_type": "t", "industry": "i", "headcount": "h", "fields": {"f": 1},
    }  # fmt: skip
    driver.ask("field.define", "08:00", field_id="f", label="F", type="number")
    for kind, code in (("client_type", "t"), ("industry", "i"), ("headcount", "h")):
        driver.ask("classification.define", "08:00", kind=kind, code=code, label=code)
    driver.feed([cloud_event("client.created", BUSINESS, {"client_id": "c1", **said}, time=slot(0))])
    driver.tell("client.reviewed", "09:00", client_id="c1", score=4)
    everything = {
        name: Audience(audience_id=name, name=name, filter={"field": name, "op": "exists", "value": True})
        for name in (*STILL, "fields.f")
    }
    index = Index(everything, {}, {"f": "number"})

    def card() -> Card:
        return cards.decode(driver.engine.stores[PROFILES][f"{BUSINESS}/c1".encode()])

    before = index.keys(card())
    assert index.members(card()) == list(everything)
    for type_ in sorted(LEAVE_ALONE):
        driver.tell(type_, "10:00", client_id="c1", **ONE_OF_EACH[type_])
        assert index.keys(card()) == before, type_


def test_f1_businesses_with_the_same_audiences_share_what_is_made_of_them() -> None:
    wanted = {"a": Audience(audience_id="a", name="A", filter={"field": "status", "op": "eq", "value": "vip"})}
    other = {"a": Audience(audience_id="a", name="A", filter={"field": "status", "op": "ne", "value": "vip"})}
    first = index_for(wanted, {"vip": (False, frozenset("gh"))}, {})
    assert index_for(dict(wanted), {"vip": (False, frozenset("hg"))}, {}) is first
    for changed in (
        index_for(other, {"vip": (False, frozenset("gh"))}, {}),
        index_for(wanted, {"vip": (True, frozenset("gh"))}, {}),
        index_for(wanted, {"vip": (False, frozenset("g"))}, {}),
        index_for(wanted, {"vip": (False, frozenset("gh"))}, {"f": "text"}),
    ):
        assert changed is not first
