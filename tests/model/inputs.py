"""Made-up inputs of every type: few clients, few things, few tags, so that they meet."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.model.catalogue import BUILT_IN

Data = dict[str, Any]
CLIENTS = ("c1", "c2", "c3", "c4", "c5")
MANY = 20


def data(**fields: Any) -> st.SearchStrategy[Data]:
    """An object; a value that is no strategy is always that; None is left out."""
    made = {n: f if isinstance(f, st.SearchStrategy) else st.just(f) for n, f in fields.items()}
    return st.fixed_dictionaries(made).map(lambda found: {n: v for n, v in found.items() if v is not None})


def one(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values."""
    return st.sampled_from(values)


clients = one("c1", "c1", "c1", "c2", "c2", "c3", "c4", "c5")
_few_clients = st.lists(clients, min_size=1, max_size=3, unique=True)
_tag = one("a", "b", "c", "Gold", "gold ")
_tags = st.lists(one("a", "b", "c", "Gold"), min_size=1, max_size=2, unique=True)
_statuses = one("lead", "lead", "customer", "vip", "inactive", "partner", "partner", "prospect")
_amount = one("10", "10.00", "20.5", "7.125")
_due = one(None, "2024-05-05", "2024-05-06", "2024-05-07")
statuses = one("lead", "lead", "customer", "vip")
_reason = one(None, None, "moved", "nonsense")
_kind = one("client_type", "industry", "end_reason")
_code = one("x", "moved")
_maybe = st.booleans()
_triggers = st.dictionaries(
    one("booking_attended", "invoice_issued", "payment_made", "message_received"), _maybe, min_size=1, max_size=2
)

THINGS: Mapping[str, st.SearchStrategy[Data]] = {
    "booking.scheduled": data(thing=one("1", "2"), kind="appointment", span=st.tuples(st.integers(0, MANY), _maybe)),
    "booking.rescheduled": data(thing=one("1", "2"), span=st.tuples(st.integers(0, MANY), _maybe)),
    "booking.cancelled": data(thing=one("1", "2")),
    "booking.attended": data(thing=one("1", "2")),
    "booking.no_show": data(thing=one("1", "2")),
    "invoice.issued": data(thing=one("1", "2"), amount=_amount, currency="EUR", due_on=_due, booking=one(None, "1")),
    "invoice.cancelled": data(thing=one("1", "2")),
    "payment.received": data(thing=one("1", "2"), amount=_amount, currency="EUR", invoice=one(None, "1", "2")),
    "payment.recorded": data(thing=one("1", "2"), amount=_amount, currency=one("EUR", "USD"), invoice=one(None, "1")),
    "payment.refunded": data(thing=one("1", "2"), amount=one(None, "10", "5")),
}
"""``thing`` becomes the id of a thing of that client; ``span`` its times."""

EVENTS: Mapping[str, st.SearchStrategy[Data]] = THINGS | {
    "client.created": data(
        status=one(None, None, "lead", "vip", "partner"), tags=st.none() | _tags,
        name=one(None, None, "Ann", "Bo", "see www.x.y"), linked_systems=one(None, None, None, ["books"]),
        client_type=one(None, "x"), fields=one(None, None, {"f1": "v"}),
    ),
    "client.imported": data(status=one(None, "customer", "partner"), tags=one(None, "a, b", ["c"])),
    "client.updated": data(name=one("Bea", "Cy"), industry=one(None, "x"), fields=one(None, {"f1": "w"}, {"f2": "w"})),
    "client.messaged": data(direction=one("in", "out")),
    "client.noted": data(text="a note"),
    "client.documented": data(document_id=one("d1", "d2"), title="x"),
    "client.reviewed": data(score=st.integers(1, 5)),
    "client.card_saved": data(brand="visa", last4="1234", expires="2027-01"),
    "campaign.delivered": data(campaign_id="spring"),
    "campaign.clicked": data(campaign_id=one("spring", "summer")),
}  # fmt: skip

BY_HAND: Mapping[str, st.SearchStrategy[Data]] = {
    "status.set": data(client_ids=_few_clients, status=_statuses, end_reason=_reason, actor="Ann"),
    "tags.add": data(client_ids=_few_clients, tags=_tags | st.just([" "])),
    "tags.remove": data(client_ids=_few_clients, tags=_tags),
}
"""Commands on clients: they may come in one transaction with events, and late."""

OVER_ALL: Mapping[str, st.SearchStrategy[Data]] = {
    "tag.rename": data(**{"from": _tag, "to": _tag}),
    "tag.delete": data(tag=_tag),
    "clients.merge": data(primary_id=clients, duplicate_ids=st.lists(clients, min_size=1, max_size=3)),
    "clients.reevaluate": data(),
    "client.erase": data(client_id=clients),
    "action.request": data(
        client_id=clients, action=one("payment_reminder", "invoice_booking", "invite_to_book"), booking=one("1", "2")
    ),
}

OFTEN = [*sorted(set(OVER_ALL) - {"client.erase"}) * 3, "clients.merge", "client.erase"]
"""Their types; what empties a card comes seldom."""

_card_filters = one(
    {"field": "status", "op": "eq", "value": "customer"},
    {"field": "tags", "op": "has_any", "value": ["A", "gold"]},
    {"not": {"field": "ended", "op": "eq", "value": True}},
    {
        "all": [
            {"field": "counts.payments", "op": "gte", "value": 1},
            {"field": "tags", "op": "has_none", "value": ["b"]},
        ]
    },
    {"any": [{"field": "name", "op": "exists", "value": True}, {"field": "client_type", "op": "eq", "value": "x"}]},
    {"field": "shoe_size", "op": "eq", "value": 43},
)
_rules = st.one_of(
    data(on="campaign.clicked", where={"field": "campaign_id", "op": "eq", "value": "spring"}, add=_tags),
    data(on="client.messaged", where={"field": "direction", "op": "eq", "value": "in"}, remove=_tags),
    data(on="payment.received", add=_tags),
    data(on="client.status.changed", where={"field": "to", "op": "in", "value": ["customer", "vip"]}, add=_tags),
    data(on="client.status.changed", where={"field": "cause.type", "op": "eq", "value": "manual"}, remove=_tags),
    data(on="client.status.changed", where={"field": "cause.type", "op": "eq", "value": "inactivity"}, add=_tags),
)
CONTROL: Mapping[str, st.SearchStrategy[Data]] = {
    "automation.set": st.one_of(
        data(enabled=_maybe), data(completion=one("elapsed", "explicit")), data(triggers=_triggers),
        data(require_end_reason=_maybe), data(enabled=one(None, True), catch_up=True),
    ),
    "status.define": data(code=one("partner", "partner", "past"), ended=one(None, True, False), label=one(None, "P")),
    "status.remove": data(code=one("partner", "past", "vip", "lead"), move_to=one(None, *sorted(BUILT_IN))),
    "status_group.define": data(code="g", name="G", statuses=st.lists(_statuses, max_size=2, unique=True)),
    "status_group.remove": data(code="g"),
    "classification.define": data(kind=_kind, code=_code),
    "classification.remove": data(kind=_kind, code=_code),
    "field.define": data(field_id="f1", label="F", type="text"),
    "field.remove": data(field_id=one("f1", "f2")),
    "tag_rule.define": st.builds(lambda a, b: {"rule_id": a, **b}, one("r1", "r2"), _rules),
    "tag_rule.remove": data(rule_id=one("r1", "r2")),
    "audience.define": data(audience_id=one("u1", "u2"), name="U", filter=_card_filters),
    "audience.remove": data(audience_id=one("u1", "u2")),
}  # fmt: skip

WRONG: Mapping[str, Data] = {
    "status.set": {"client_ids": [], "status": "vip"},
    "tags.add": {"client_ids": ["c1"], "tags": "a"},
    "tag.rename": {"from": 1},
    "clients.merge": {"primary_id": "c1", "duplicate_ids": []},
    "client.erase": {},
    "automation.set": {"enabled": "yes"},
    "status.define": {"code": "no spaces!"},
    "audience.define": {"audience_id": "u1"},
}
"""Commands and control messages whose data cannot be read: answered ``invalid_data`` (C4)."""
