"""D7, P2: what is said of tags, renames and deletions end the same in any order of arrival, among sweeps under way."""

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import BUSINESS, Driver, check_sequences
from tests.domain.histories import PROFILE, slot
from tests.kit.messages import cloud_event
from worker.domain.tags import MAX_SAYINGS

TAGS = ("a", "b", "c")
CLIENTS = ("c1", "c2", "c3")
KEEPER = "keeper"
"""Has every tag later than any edit, so that none is ever unknown for long (whether a tag is known is judged at
arrival)."""
_RANK = {"tags.remove": 0, "tag.delete": 0, "tags.add": 1, "client.imported": 1, "tag.rename": 2}


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
    for number in range(draw(st.integers(1, MAX_SAYINGS))):
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
