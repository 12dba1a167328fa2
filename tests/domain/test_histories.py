"""P1-P3 over made-up histories: the order of arrival does not decide, twice is once, sequences have no gaps."""

from datetime import UTC, datetime
from typing import Any

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver, check_sequences
from tests.domain.histories import CLIENTS, PROFILE, histories
from tests.domain.reference import Client, client_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def told_about(driver: Driver) -> dict[str, list[Any]]:
    """All outputs by client."""
    return {client: driver.about(client) for client in CLIENTS}


def as_client(driver: Driver, client: str) -> Client:
    """The client's card, in the reference's terms; its reviews are checked apart."""
    card = driver.card(client)
    return Client(
        status=card["status"],
        tags=driver.tags(client),
        counts=card["counts"],
        totals=card.get("totals", {}),
        outstanding=card.get("outstanding", {}),
        overdue=set(card.get("overdue", ())),
        review_is_due=False,
    )


def check(driver: Driver, history: list[dict[str, Any]]) -> None:
    check_sequences(driver.outputs)
    assert driver.dead_codes == []
    for client in CLIENTS:
        expected = client_of(client, history, NOW)
        if not driver.has_card(client):
            assert expected.counts["payments"] == 0
            continue
        assert as_client(driver, client) == expected._replace(review_is_due=False)
        if expected.review_is_due:  # it may have been suggested, and become unfounded, on the way
            assert any(o["type"] == "client.status.review_suggested" for o in driver.about(client))


def accepted(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history without settings messages that are refused (C2)."""
    driver = Driver()
    return [e for e in history if e["type"] != "automation.set" or "applied" in driver.feed([e])[0]["type"]]


@PROFILE
@given(histories(), st.data())
def test_p2_any_order_and_repeats_end_as_the_rules_say(history: list[dict[str, Any]], data: st.DataObject) -> None:
    history = accepted(history)
    settings = [e for e in history if e["type"] == "automation.set"]
    others = [e for e in history if e["type"] != "automation.set"]
    arrival = data.draw(st.permutations([*others, *others[: data.draw(st.integers(0, len(others)))]]))
    driver = Driver()
    driver.feed(settings)
    driver.feed(arrival)
    driver.settle()
    check(driver, history)


@PROFILE
@given(histories(), st.data())
def test_p2_events_that_come_as_they_happen_end_the_same(history: list[dict[str, Any]], data: st.DataObject) -> None:
    """A worker that is never late, on a clock that goes with the events."""
    history = accepted(sorted(history, key=lambda e: e["time"]))  # whether a trigger is left is judged at arrival (C2)
    driver = Driver()
    for event in history:
        driver.at(event["time"])
        driver.feed([event])
    driver.at("2024-06-01T00:00:00Z")
    check(driver, history)


@PROFILE
@given(histories(), st.data())
def test_p1_batches_and_restarts_do_not_show(history: list[dict[str, Any]], data: st.DataObject) -> None:
    history = accepted(history)
    whole, parts = Driver(), Driver()
    whole.feed(history)
    whole.settle()
    rest = list(history)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        parts.feed(rest[:size])
        del rest[:size]
        if data.draw(st.booleans()):
            parts.restart()
    parts.settle()
    parts.restart()
    assert told_about(parts) == told_about(whole)
    for client in CLIENTS:
        if whole.has_card(client):
            assert parts.card(client) == whole.card(client)


@PROFILE
@given(histories(), st.data())
def test_p2_a_late_settings_message_takes_nothing_back(history: list[dict[str, Any]], data: st.DataObject) -> None:
    """Settings in any order with the rest: who ends otherwise than the rules say was told a conversion before."""
    history = accepted(history)
    arrival = data.draw(st.permutations(history))
    driver = Driver()
    refused = {e["id"] for e in arrival for o in driver.feed([e]) if o["type"] == "command.rejected"}
    driver.settle()
    hypothesis.assume(not any(e["type"] == "automation.set" and e["id"] in refused for e in history))
    check_sequences(driver.outputs)
    for client in CLIENTS:
        if driver.has_card(client):
            expected = client_of(client, history, NOW)
            if driver.status(client) != expected.status:
                assert (driver.status(client), expected.status) == ("customer", "lead")
            assert driver.tags(client) == expected.tags


@PROFILE
@given(histories(ties=True), st.data())
def test_p2_ties_are_not_decided_by_the_order_of_arrival(history: list[dict[str, Any]], data: st.DataObject) -> None:
    history = list({(e["source"], e["id"]): e for e in history}.values())
    settings = [e for e in accepted(history) if e["type"] == "automation.set"]
    others = [e for e in history if e["type"] != "automation.set"]
    ends = []
    for arrival in (others, data.draw(st.permutations(others))):
        driver = Driver()
        driver.feed(settings)
        driver.feed(arrival)
        driver.settle()
        check_sequences(driver.outputs)
        ends.append({client: as_client(driver, client) for client in CLIENTS if driver.has_card(client)})
    assert ends[0] == ends[1]


@PROFILE
@given(histories(), st.data())
def test_p2_what_comes_after_a_decision_takes_nothing_back(history: list[dict[str, Any]], data: st.DataObject) -> None:
    """Timers fire between events in any order: who ends otherwise than the rules say was told a conversion before."""
    history = accepted(history)
    driver = Driver()
    driver.feed(e for e in history if e["type"] == "automation.set")
    for event in data.draw(st.permutations([e for e in history if e["type"] != "automation.set"])):
        driver.feed([event])
        if data.draw(st.booleans()):
            driver.settle()
            driver.restart()
    driver.settle()
    check_sequences(driver.outputs)
    for client in CLIENTS:
        if driver.has_card(client):
            expected, found = client_of(client, history, NOW), as_client(driver, client)
            if found.status != expected.status:
                assert (found.status, expected.status) == ("customer", "lead")
            assert found == expected._replace(status=found.status, review_is_due=False)
