"""D6, D7, P2: words about tags, tag rules, renames and deletions end the same in any order of arrival."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import BUSINESS, Driver, check_sequences
from tests.domain.histories import PROFILE, slot
from tests.kit.messages import cloud_event
from worker.domain import tags as domain_tags
from worker.domain.filters import for_events
from worker.domain.tag_rules import TagRule, TagRules

TAGS = ("a", "b", "c")
CLIENTS = ("c1", "c2", "c3")
KEEPER = "keeper"
"""Has every tag later than any edit, so that none is ever unknown for long (whether a tag is known is judged at
arrival)."""
_RANK = {"tags.remove": 0, "tag.delete": 0, "tags.add": 1, "client.imported": 1, "tag.rename": 2}


@pytest.fixture(autouse=True, scope="module")
def all_is_kept() -> Iterator[None]:
    """Everything that is said of a tag in a history is kept apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain_tags, "MAX_SAYINGS", 100)
        yield


def _when(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """At one moment: removals lose to additions (D3), and a rename takes along what was there."""
    return (event["time"], _RANK[event["type"]], event["source"], event["id"])


def tags_after(client: str, events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The rules as naively as can be: everything in the order of its time."""
    tags: set[str] = set()
    for event in sorted(events, key=_when):
        data, type_ = event["data"], event["type"]
        if type_ == "tag.rename" and data["from"] in tags:
            tags = tags - {data["from"]} | {data["to"]}
        elif type_ == "tag.delete":
            tags = tags - {data["tag"]}
        elif client in data.get("client_ids", [data.get("client_id")]):
            tags = tags - set(data["tags"]) if type_ == "tags.remove" else tags | set(data["tags"])
    return tags


@st.composite
def words(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What is said of tags, at few moments, so that many meet."""
    found = []
    for number in range(draw(st.integers(1, 14))):
        type_ = draw(st.sampled_from(["tags.add", "tags.add", "tags.remove", "tag.rename", "tag.delete", "import"]))
        tags = draw(st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True))
        client = draw(st.sampled_from(CLIENTS))
        data: dict[str, Any] = {"client_ids": [client], "tags": tags}
        if type_ == "tag.rename":
            old, new = draw(st.permutations(TAGS))[:2]
            data = {"from": old, "to": new}
        elif type_ == "tag.delete":
            data = {"tag": tags[0]}
        elif type_ == "import":
            type_, data = "client.imported", {"client_id": client, "tags": tags}
        at = slot(draw(st.integers(0, 7)))
        found.append(cloud_event(type_, BUSINESS, data, time=at, id_=f"e{number}", source=draw(st.sampled_from("st"))))
    return found


def told(driver: Driver, history: Iterable[Mapping[str, Any]], data: st.DataObject) -> list[Mapping[str, Any]]:
    """Feed the history, with steps of sweeps and restarts between; what of it was accepted."""
    driver.tell("tags.add", slot(23), client_ids=[KEEPER], tags=list(TAGS))
    accepted = []
    refused: set[str] = set()
    for event in history:
        outputs = driver.feed([event])
        refused |= {o["data"]["command_id"] for o in outputs if o["type"] == "command.rejected"}
        accepted.append(event)
        for _ in range(data.draw(st.integers(0, 3))):
            if driver.engine.wants_step(driver.now):
                driver.commit(driver.engine.step(driver.now))
        if data.draw(st.integers(0, 5)) == 0:
            driver.restart()
    driver.settle()
    driver.restart()
    check_sequences(driver.outputs)
    return [e for e in accepted if e["id"] not in refused]


@PROFILE
@given(words(), st.data())
def test_d7_p2_any_order_of_arrival_ends_as_the_times_say(history: list[dict[str, Any]], data: st.DataObject) -> None:
    arrival = data.draw(st.permutations([*history, *history[: data.draw(st.integers(0, len(history)))]]))
    driver = Driver(sweep_step=1)
    accepted = told(driver, arrival, data)
    for client in CLIENTS:
        if driver.has_card(client):
            assert driver.tags(client) == tags_after(client, {e["id"]: e for e in accepted}.values())
            shown = driver.card(client)
            last = [o["data"]["tags"] for o in driver.about(client) if o["type"] == "client.tags.changed"]
            assert [t["tag"] for t in shown.get("tags", [])] == (last[-1] if last else [])


@PROFILE
@given(words(), st.data())
def test_d7_the_tags_of_the_business_are_counted_right(history: list[dict[str, Any]], data: st.DataObject) -> None:
    """A dry run says of each tag how many have it, and changes nothing."""
    driver = Driver(sweep_step=2)
    told(driver, history, data)
    before = {client: driver.tags(client) for client in (*CLIENTS, KEEPER) if driver.has_card(client)}
    business = driver.engine._store.businesses[BUSINESS]  # the counts are seen nowhere else
    for tag in TAGS:
        having = sorted(client for client, tags in before.items() if tag in tags)
        assert business.tags[tag].clients == len(having)
        driver.tell("tag.delete", "2024-05-31T00:00:00Z", tag=tag, dry_run=True)
        (answer,) = [o["data"] for o in driver.settle() if o["type"] == "command.applied"]
        assert (answer["totals"]["changed"], answer["preview"]["clients"]) == (len(having), having)
    assert {client: driver.tags(client) for client in before} == before


@PROFILE
@given(words())
def test_d4_since_is_when_the_tag_or_what_it_was_came(history: list[dict[str, Any]]) -> None:
    driver = Driver()
    driver.tell("tags.add", slot(23), client_ids=[KEEPER], tags=list(TAGS))
    for event in sorted(history, key=_when):
        driver.feed([event])
        driver.settle()
    late = Driver()
    late.tell("tags.add", slot(23), client_ids=[KEEPER], tags=list(TAGS))
    for event in sorted(history, key=_when, reverse=True):
        late.feed([event])
        late.settle()
    for client in CLIENTS:
        if driver.has_card(client):
            assert _since(driver, client) == _since(late, client)


def _since(driver: Driver, client: str) -> dict[str, str]:
    return {t["tag"]: t["since"] for t in driver.card(client).get("tags", [])}


_WHERE = st.sampled_from([
    None,
    {"field": "campaign_id", "op": "eq", "value": "x"},
    {"not": {"field": "campaign_id", "op": "in", "value": ["x", "z"]}},
    {"field": "deep.n", "op": "gt", "value": 1},
])  # fmt: skip
_some_tags = st.lists(st.sampled_from(TAGS), max_size=2, unique=True)


def holds(where: Mapping[str, Any] | None, data: Mapping[str, Any]) -> bool:
    """What each of those filters means."""
    if where is None:
        return True
    if "not" in where:
        return data["campaign_id"] not in {"x", "z"}
    if where["field"] == "deep.n":
        return bool(data["deep"]["n"] > 1)
    return bool(data["campaign_id"] == "x")


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few rules about two types of events."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        add, remove = draw(_some_tags), draw(_some_tags)
        rule = {"rule_id": f"r{number}", "add": add or ["a"], "remove": remove, "where": draw(_WHERE)}
        found.append(rule | {"on": draw(st.sampled_from(["campaign.clicked", "campaign.viewed"]))})
    return found


@st.composite
def campaigns(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Who clicked or viewed what, and when."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        data = {"client_id": draw(st.sampled_from(CLIENTS)), "campaign_id": draw(st.sampled_from("xyz"))}
        data |= {"deep": {"n": draw(st.integers(0, 3))}}
        type_ = draw(st.sampled_from(["campaign.clicked", "campaign.viewed"]))
        at = slot(draw(st.integers(0, 7)))
        found.append(cloud_event(type_, BUSINESS, data, time=at, id_=f"k{number}", source="m"))
    return found


def said_by_rules(rules: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the rules make of the events, as if somebody had sent it as commands."""
    for event in events:
        for rule in rules:
            if event["type"] == rule["on"] and holds(rule["where"], event["data"]):
                for type_, tags in (("tags.add", rule["add"]), ("tags.remove", rule["remove"])):
                    yield {**event, "type": type_, "data": {"client_id": event["data"]["client_id"], "tags": tags}}


@PROFILE
@given(rules(), campaigns(), words(), st.data())
def test_d6_d7_p2_rules_end_as_the_times_say_among_words_and_edits(
    defined: list[dict[str, Any]], clicks: list[dict[str, Any]], said: list[dict[str, Any]], data: st.DataObject
) -> None:
    history = [*clicks, *said]
    arrival = data.draw(st.permutations([*history, *history[: data.draw(st.integers(0, len(history)))]]))
    driver = Driver(sweep_step=1)
    for rule in defined:
        driver.ask("tag_rule.define", slot(0), **rule)
    accepted = {e["id"]: e for e in told(driver, arrival, data)}.values()
    everything = [e for e in accepted if e["type"] in _RANK]
    everything += said_by_rules(defined, [e for e in accepted if e["type"] not in _RANK])
    for client in CLIENTS:
        if driver.has_card(client):
            assert driver.tags(client) == tags_after(client, everything)


_texts = st.sampled_from(["x", "y", "2026-01-01", "7", "a b"])
_values = st.one_of(_texts, st.integers(0, 8), st.booleans(), st.none(), st.lists(_texts, max_size=2))
_leaves = st.fixed_dictionaries({
    "field": st.sampled_from(["f", "g", "tags", "o.f"]), "op": st.sampled_from(["eq", "ne", "contains"]),
    "value": _texts,
})  # fmt: skip
_filters = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=4,
)
_bodies = st.dictionaries(st.sampled_from(["f", "g", "tags", "o"]), _values | st.fixed_dictionaries({"f": _values}))


@PROFILE
@given(st.lists(st.none() | _filters, min_size=1, max_size=6), st.lists(_bodies, min_size=1, max_size=4))
def test_d6_rules_are_found_as_if_each_was_asked(filters: list[dict[str, Any] | None], bodies: list[Any]) -> None:
    defined = [TagRule(rule_id=f"r{n}", on="x", where=where, add=["a"]) for n, where in enumerate(filters)]
    asked = TagRules(defined).on["x"]
    for body in [*bodies, *bodies]:  # what was found is remembered
        expected = [rule.rule_id for rule in defined if rule.where is None or for_events(rule.where)(body)]
        assert [one.rule.rule_id for one in asked.matching(body)] == expected


@given(st.lists(st.integers(2, 40), min_size=1, max_size=12), st.integers(2, 60))
def test_d3_an_addition_that_comes_last_is_noted_as_every_other(sayings: list[int], stamp: int) -> None:
    word, other = domain_tags.Word(), domain_tags.Word()
    for one in (word, other):
        one.rewrite(sorted(set(sayings)))
    if word.add_again(stamp):
        other.rewrite(sorted({*sayings, stamp}))
    assert word == other
