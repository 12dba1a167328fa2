"""Waiting for a condition instead of sleeping: returns as soon as it holds, fails in words when it does not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds; long enough for a busy machine, since a condition that holds costs nothing."""
POLL = 0.02


def until(condition: Callable[[], T], what: str | Callable[[], str], within: float = PATIENCE) -> T:
    """The first truthy value of ``condition()``. Raises AssertionError that says ``what`` was waited for."""
    give_up = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {within:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(POLL)
    return value


async def until_async(condition: Callable[[], Awaitable[T]], what: str, within: float = PATIENCE) -> T:
    """The same, for a condition that is awaited."""
    give_up = time.monotonic() + within
    while not (value := await condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {within:g} s: {what}")
        await asyncio.sleep(POLL)
    return value
