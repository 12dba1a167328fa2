"""What the routes work with: the read model, the way to the worker, the tokens. Made once, by the service."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

from aiokafka.errors import KafkaTimeoutError

from worker.console.limits import Limits
from worker.console.tokens import Tokens
from worker.dead_letters.letters import Place
from worker.dead_letters.replay import Report
from worker.readmodel.reading import Reader, reader
from worker.readmodel.table import Table
from worker.readmodel.tables import Tables

Replay = Callable[[str, Sequence[Place]], Awaitable[Report]]
"""Replays dead letters of a business (J3); those of others are not seen. Raises KafkaError, Unreachable."""
Send = Callable[[str, str, bytes], Awaitable[None]]
"""Puts an event on a topic (the contract's name) under its business. Raises KafkaError."""
SEND_SECONDS: Final = 12.0
"""How long a confirmation of Kafka is waited for: a little longer than its client waits for one request."""
NOT_WHOLE: Final = "the projector is still filling the read model; try again"


def in_time(send: Send, seconds: float = SEND_SECONDS) -> Send:
    """``send`` that ends after so many seconds, whatever Kafka's client tries yet. Raises KafkaTimeoutError then."""

    async def sending(topic: str, business: str, value: bytes) -> None:
        try:
            async with asyncio.timeout(seconds):
                await send(topic, business, value)
        except TimeoutError as exc:
            raise KafkaTimeoutError from exc

    return sending


class Desk:
    """Shared by all requests."""

    def __init__(
        self, redis: Any, space: str, tokens: Tokens, send: Send, replay: Replay, limits: Limits | None = None
    ) -> None:
        self.redis = redis
        self.space = space
        self.tokens = tokens
        self.send = send
        self.replay = replay
        self.limits = limits or Limits()
        self.streams = 0
        self.imports = 0
        self.reading_a_file = asyncio.Lock()
        self.whole = True
        """Is nothing missing from the read model? Until then what is read would be wrong."""
        self.ending = False
        """Was the console asked to stop? Then those who listen to changes go, and come back to another one."""
        self.tables = Tables(redis, space)

    @contextlib.contextmanager
    def importing(self) -> Iterator[None]:
        """Counts a file that is being imported, or waits for that."""
        self.imports += 1
        try:
            yield
        finally:
            self.imports -= 1

    async def reader(self, business: str) -> Reader:
        """The read model of a business, as it is now. Raises RedisError."""
        return await reader(self.redis, self.space, business)

    async def table(self, business: str) -> tuple[Reader, Table]:
        """The same, with the table in which its clients are found. Raises RedisError."""
        return await self.tables.reader(business)
