"""What the tests of rules share: an engine, and short ways to say what happened."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.driver import Driver


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
