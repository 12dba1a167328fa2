"""J4: what is allowed, and large, is neither kept for ever nor takes the time of others."""

import time
from collections.abc import Callable
from itertools import permutations
from typing import Any

import orjson
import pytest

from tests.domain.driver import Driver, moment
from tests.domain.merging import merge, pay
from topics import payment_cards
from topics.moments import MINUTE, rfc3339
from topics.registry import PROFILES
from worker.domain.answers import MAX_MESSAGE
from worker.domain.bookings import MAX_EVENTS
from worker.domain.card import decode
from worker.domain.filters import MAX_ITEMS, for_events

SECONDS = 5.0
"""Enough for a busy machine; without a bound each of these takes minutes."""


def quick(work: Callable[[], Any]) -> Any:
    """What the work returns, which must not take long."""
    began = time.monotonic()
    result = work()
    assert time.monotonic() - began < SECONDS
    return result


def test_j4_a_thousand_card_numbers_are_masked_as_quickly_as_one() -> None:
    numbers = [f"4242{n:012d}" for n in range(50_000)]
    data = {"client_id": "c1", "brand": ",".join(numbers)}
    masked = quick(lambda: payment_cards.mask(orjson.dumps({"id": "1", "data": data}), data))
    assert orjson.loads(masked) == {
        "id": "1", "data": {"client_id": "c1", "brand": ",".join(f"{'*' * 12}{n[-4:]}" for n in numbers)}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "items"),
    [
        (list(range(1_000)), [str(5_000 + n) for n in range(50_000)]),
        ([f"20{n // 28:02}-01-{n % 28 + 1:02}" for n in range(1_000)], [f"text {n}" for n in range(50_000)]),
        ([f"{n}" for n in range(999)] + [5, True, "2026-01-31"], ["x", 4.5, False] * 20_000),
    ],
    ids=["numbers", "days", "all kinds"],
)
def test_j4_long_lists_are_compared_with_long_lists_quickly(values: list[Any], items: list[Any]) -> None:
    matches = for_events({"field": "x", "op": "in", "value": values[:1_000]})
    assert not quick(lambda: matches({"x": items}))
    assert matches({"x": [*items[:10], values[500]]})


def test_j4_filters_look_at_the_first_items_of_a_list() -> None:
    matches = for_events({"field": "x", "op": "contains", "value": "here"})
    tagged = for_events({"field": "tags", "op": "contains", "value": "here"})
    for before, is_seen in ((MAX_ITEMS - 1, True), (MAX_ITEMS, False)):
        items = [*(f"no {n}" for n in range(before)), "here"]
        assert (matches({"x": items}), tagged({"tags": items}), tagged({"tags": ",".join(items)})) == (is_seen,) * 3


def test_j4_long_texts_are_compared_with_many_quickly() -> None:
    where = {"any": [{"field": "text", "op": "contains", "value": f"É{n}"} for n in range(40)]}
    rules = [for_events(where) for _ in range(50)]
    text = "Éa" * 250_000
    assert not quick(lambda: any(matches({"text": text}) for matches in rules))
    assert rules[0]({"text": f"{text}é7"})


def test_j4_a_booking_that_is_moved_for_ever_stays_small(salon: Driver) -> None:
    def move(n: int) -> int:
        starts, ends = (rfc3339(moment("09:00") + (2 * n + m) * MINUTE) for m in (0, 1))
        about = {"client_id": "c1", "booking_id": "b1", "starts_at": starts, "ends_at": ends}
        salon.tell("booking.rescheduled", starts, **about)
        salon.settle()
        return len(decode(salon.engine.stores[PROFILES][b"salon/c1"]).state.bookings["b1"].events)

    assert max(move(n) for n in range(2 * MAX_EVENTS)) == MAX_EVENTS
    assert (salon.card("c1")["status"], salon.card("c1")["counts"]["attended"]) == ("customer", 1)


def test_j4_a_refusal_shows_little_of_what_was_written(salon: Driver) -> None:
    answer = salon.ask("status.set", "10:00", client_ids=["c1"], status="\x7f" * 900_000)
    (problem,) = answer["errors"]
    assert (problem["code"], len(problem["message"])) == ("unknown_status", MAX_MESSAGE)


def test_p2_plans_of_one_moment_and_id_count_in_one_order(salon: Driver) -> None:
    plans = [
        salon.event(
            "booking.rescheduled", "09:30", id="1", source=source, client_id="c1", booking_id="b1", starts_at=hour,
            ends_at=hour,
        )
        for source, hour in (("a", "12:00"), ("b", "14:00"), ("c", "13:00"))
    ]  # fmt: skip
    since = set()
    for events in permutations(plans):
        other = Driver()
        other.feed(events)
        other.settle()
        since.add(other.card("c1")["status_since"])
    assert len(since) == 1


def test_b7_e3_a_message_that_counted_for_nothing_does_so_when_it_is_no_longer_kept(pair: Driver) -> None:
    pair.tell("automation.set", "08:00", triggers={"message_received": True})
    pair.tell("automation.set", "09:25", triggers={"message_received": False})
    pair.tell("client.created", "09:00", client_id="c5")
    pair.tell("client.messaged", "09:20", client_id="c5", direction="in")
    pair.ask("status.set", "09:30", client_ids=["c5"], status="lead")
    merge(pair, "c1", "c5")
    pay(pair, "c1", "p9", "13:00")
    pair.feed(pair.event("client.messaged", "13:30", client_id="c1", direction="in") for _ in range(100))
    told = pair.tell("payment.refunded", "14:00", client_id="c1", payment_id="p9")
    assert [output["type"] for output in told] == ["client.status.review_suggested"]


def test_f2_whom_a_refused_command_has_named_is_counted_once(salon: Driver) -> None:
    for client in ("c1", "c2", "c3"):
        salon.tell("client.created", "09:00", client_id=client)
    audience = {"audience_id": "a", "name": "A", "filter": {"field": "status", "op": "eq", "value": "lead"}}
    salon.tell("audience.define", "10:00", **audience)
    salon.settle()
    salon.tell("audience.define", "11:00", **audience | {"filter": {"field": "status", "op": "ne", "value": "vip"}})
    request = {"client_id": "c2", "action": "payment_reminder"}
    assert salon.ask("action.request", "11:00", **request)["errors"][0]["code"] == "nothing_overdue"
    assert salon.settle()[-1]["data"]["totals"]["members"] == 3
