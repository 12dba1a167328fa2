"""The check itself: silent about what is right, loud about every kind of damage. Without a broker."""

import json
from collections.abc import Callable

import pytest

from tests.faults.check import Evidence, Findings, check
from tests.faults.hunts import HUNTS, hunt
from tests.faults.in_process import Simulation
from tests.faults.mutants import MUTANTS
from tests.faults.stream import Stream
from tests.kit.bus import Got

MESSAGES = 2_000
STATUSES, TAGS, LETTERS, RESULTS = "client-status-changes", "client-tag-changes", "dead-letters", "command-results"


@pytest.fixture(scope="module")
def right() -> tuple[Evidence, Stream]:
    """What comes of a stream when nothing goes wrong."""
    simulation = Simulation(7)
    return simulation.run(MESSAGES), simulation.stream


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_wrong_with_what_is_right(seed: int) -> None:
    simulation = Simulation(seed)
    findings, inputs = check(simulation.run(MESSAGES), simulation.stream)
    assert findings.lines() == []
    assert inputs.total >= MESSAGES
    assert inputs.unusable
    assert inputs.to_resend
    assert simulation.stream.prevented


def changed(evidence: Evidence, topic: str, change: Callable[[list[Got]], list[Got]]) -> Evidence:
    """The evidence with one topic tampered with."""
    return evidence._replace(records={**evidence.records, topic: change(list(evidence.records[topic]))})


def findings_of(right: tuple[Evidence, Stream], topic: str, change: Callable[[list[Got]], list[Got]]) -> Findings:
    """What the check finds after the change."""
    evidence, stream = right
    return check(changed(evidence, topic, change), stream)[0]


@pytest.mark.parametrize("topic", [STATUSES, TAGS, LETTERS, RESULTS, "client-merges"])
def test_a_record_that_is_missing_is_lost(right: tuple[Evidence, Stream], topic: str) -> None:
    assert findings_of(right, topic, lambda records: records[:10] + records[11:]).lost


@pytest.mark.parametrize("topic", [STATUSES, TAGS, LETTERS, RESULTS, "payments"])
def test_a_record_that_is_there_twice_is_noticed(right: tuple[Evidence, Stream], topic: str) -> None:
    def repeat(records: list[Got]) -> list[Got]:
        chosen = next((got for got in records if got.header("rekeyed")), records[5])
        return [*records, chosen]

    assert findings_of(right, topic, repeat).duplicated


def test_the_last_output_of_a_client_is_missed_as_well(right: tuple[Evidence, Stream]) -> None:
    assert findings_of(right, STATUSES, lambda records: records[:-1]).wrong


def test_outputs_of_a_client_in_the_wrong_order_are_noticed(right: tuple[Evidence, Stream]) -> None:
    assert findings_of(right, STATUSES, lambda records: records[::-1]).out_of_order


def test_dead_letters_in_the_wrong_order_are_noticed(right: tuple[Evidence, Stream]) -> None:
    assert findings_of(right, LETTERS, lambda records: records[::-1]).out_of_order


@pytest.mark.parametrize("field", ["value", "key"])
def test_a_dead_letter_that_differs_from_its_original_is_wrong(right: tuple[Evidence, Stream], field: str) -> None:
    def spoil(records: list[Got]) -> list[Got]:
        return [records[0]._replace(**{field: b"x"}), *records[1:]]

    assert findings_of(right, LETTERS, spoil).wrong


def test_a_card_of_an_older_moment_is_wrong(right: tuple[Evidence, Stream]) -> None:
    def forget_last(records: list[Got]) -> list[Got]:
        cards = [got for got in records if got.key and not got.key.startswith(b"\0")]
        twice = next(got for got in reversed(cards) if sum(other.key == got.key for other in cards) > 1)
        return [got for got in records if got is not twice]

    assert findings_of(right, "client-profiles", forget_last).wrong


@pytest.mark.parametrize(
    ("name", "value"), [("status", "vip?"), ("tags", []), ("totals", {}), ("counts", {}), ("sequence", 99)]
)
def test_a_card_with_another_value_is_wrong(right: tuple[Evidence, Stream], name: str, value: object) -> None:
    def spoil(records: list[Got]) -> list[Got]:
        at = max(
            n
            for n, got in enumerate(records)
            if got.key and got.key.startswith(b"shop-") and {"tags", "totals"} <= got.json.keys()
        )
        spoiled = records[at]._replace(value=json.dumps(records[at].json | {name: value}).encode())
        return [*records[:at], spoiled, *records[at + 1 :]]

    assert findings_of(right, "client-profiles", spoil).wrong


def test_another_answer_to_the_same_command_is_wrong(right: tuple[Evidence, Stream]) -> None:
    def answer_otherwise(records: list[Got]) -> list[Got]:
        ids = [got.json["data"]["command_id"] for got in records]
        at = next(n for n, id_ in enumerate(ids) if ids.count(id_) > 1)
        return [*records[:at], records[at]._replace(value=(records[at].value or b"") + b" "), *records[at + 1 :]]

    assert findings_of(right, RESULTS, answer_otherwise).wrong


def test_offsets_that_are_behind_are_a_loss(right: tuple[Evidence, Stream]) -> None:
    evidence, stream = right
    behind = {place: offset - 1 for place, offset in evidence.committed.items()}
    assert check(evidence._replace(committed=behind), stream)[0].lost


def test_numbers_of_clients_and_revisions_are_checked(right: tuple[Evidence, Stream]) -> None:
    def spoil(records: list[Got]) -> list[Got]:
        return [
            got._replace(value=(got.value or b"").replace(b'"revision":', b'"revision":9')) if got.key else got
            for got in records
        ]

    assert findings_of(right, "business-settings", spoil).wrong


def test_there_is_a_plan_for_every_planted_bug() -> None:
    assert set(HUNTS) == set(MUTANTS)
    assert all(hunt(mutant, 0, 1.0).mutant == mutant for mutant in MUTANTS)


def test_an_erased_client_that_is_back_is_wrong(right: tuple[Evidence, Stream]) -> None:
    def revive(records: list[Got]) -> list[Got]:
        gone = next(got for got in records if got.key and got.key.startswith(b"wide-") and got.value is None)
        before = next(got for got in records if got.key == gone.key and got.value is not None)
        return [*records, before]

    assert findings_of(right, "client-profiles", revive).wrong


def test_a_duplicate_that_is_no_alias_is_wrong(right: tuple[Evidence, Stream]) -> None:
    def forget(records: list[Got]) -> list[Got]:
        return [got for got in records if b'"merged_into"' not in (got.value or b"")]

    assert findings_of(right, "client-profiles", forget).wrong
