"""What the tests of rules share: an engine, and short ways to say what happened."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.driver import Driver
from tests.domain.merging import pay


@pytest.fixture
def salon() -> Driver:
    """An engine with nothing in it, on a clock that is long after the examples' day."""
    return Driver()


@pytest.fixture
def booked(salon: Driver) -> Callable[..., list[dict[str, Any]]]:
    """Schedules booking b1 of c1, 10:00-11:00, entered 09:30; whatever is named differs."""

    def book(time: str = "09:30", starts: str = "10:00", ends: str = "11:00", **data: Any) -> list[dict[str, Any]]:
        about = {"client_id": "c1", "booking_id": "b1", "kind": "appointment", **data}
        return salon.tell("booking.scheduled", time, starts_at=starts, ends_at=ends, **about)

    return book


@pytest.fixture
def many(salon: Driver) -> Driver:
    """Clients c1 to c12."""
    for n in range(1, 13):
        salon.tell("client.created", "09:00", client_id=f"c{n}", name=f"Client {n}")
    return salon


@pytest.fixture
def pair(salon: Driver) -> Driver:
    """Example 12: c1 is a lead; c4 is a customer with two payments and the tag gold."""
    salon.tell("client.created", "09:00", client_id="c1", name="Anna Smit")
    salon.tell("client.created", "09:10", client_id="c4", name="A. Smit", tags=["gold"])
    pay(salon, "c4", "p1")
    pay(salon, "c4", "p2", "10:30")
    return salon
