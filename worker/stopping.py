"""A program that is asked to stop, by SIGTERM or Ctrl-C, also while it starts."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def asked_to_stop() -> asyncio.Event:
    """Set when somebody asks, from now on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def until_stopped(coroutine: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """The coroutine's result; None when it was asked to stop before there was one."""
    task, asked = asyncio.ensure_future(coroutine), asyncio.ensure_future(stop.wait())
    await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        return None
    return task.result()
