"""Waits for what Redis will show, by looking again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

MAX_WAIT: Final = 60.0
"""Seconds that a request waits for an answer."""
POLL_SECONDS: Final = 0.05
POLL_GROWTH: Final = 1.25
POLL_AT_MOST: Final = 0.5
"""Between two looks: first POLL_SECONDS, then so many times as long as before, up to this; so an answer is seen when it
has taken a quarter longer than it did, at most."""


async def within(seconds: float, look: Callable[[], Awaitable[T | None]]) -> T | None:
    """The first that ``look`` finds within so many seconds, of which MAX_WAIT count; None: nothing.

    No look is cancelled: Redis's client may swallow a cancellation (``asyncio.wait_for`` of Python 3.11 does when what
    it waits for is done at that moment), and whoever waits for one would then wait for ever. Each has its own time-out.
    """
    clock = asyncio.get_running_loop().time
    until, pause = clock() + min(seconds, MAX_WAIT), POLL_SECONDS
    while (found := await look()) is None and (left := until - clock()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(POLL_GROWTH * pause, POLL_AT_MOST)
    return found
