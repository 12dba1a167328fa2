"""Sends the stream from a thread of its own, through whatever happens to the broker."""

import asyncio
import contextlib
import threading
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.faults.stream import Stream
from tests.kit.messages import Message

OUTLAST_SECONDS = 120
TICK_SECONDS = 0.05
GIVE_UP_SECONDS = 150.0


class Feeder:
    """``rate`` messages a second until ``stop``. ``acknowledged``: when the broker had a message, by its value."""

    def __init__(self, servers: str, prefix: str, stream: Stream, rate: int) -> None:
        self._servers, self._prefix, self._stream, self._rate = servers, prefix, stream, rate
        self._stop = threading.Event()
        self._pending: set[asyncio.Future[object]] = set()
        self.acknowledged: dict[bytes, float] = {}
        self.failed = 0
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def send_opening(self) -> None:
        """What must be there before the first worker."""

        async def send() -> None:
            producer = await self._producer()
            for one in self._stream.opening():
                await producer.send_and_wait(self._prefix + one.topic, one.value, one.key)
            await producer.stop()

        asyncio.run(send())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """No new messages; returns when what was begun is on the broker."""
        self._stop.set()
        self._thread.join(GIVE_UP_SECONDS)
        if self.error is not None:
            raise RuntimeError("the feeder failed") from self.error
        assert not self._thread.is_alive(), "the feeder cannot get rid of its messages"

    def _run(self) -> None:
        try:
            asyncio.run(self._feed())
        except BaseException as exc:  # noqa: BLE001 - kept for stop(), which raises it where the test sees it
            self.error = exc

    async def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=OUTLAST_SECONDS * 1000,
        )
        await producer.start()
        return producer

    async def _feed(self) -> None:
        producer = await self._producer()
        owed = 0.0
        while not self._stop.is_set():
            began = time.monotonic()
            owed += self._rate * TICK_SECONDS
            while owed > 0:
                for one in self._stream.next():
                    owed -= 1
                    await self._send(producer, one)
            await asyncio.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - began)))
        while self._stream.waiting:
            for one in self._stream.due():
                await self._send(producer, one)
            await asyncio.sleep(TICK_SECONDS)
        if self._pending:
            await asyncio.wait(self._pending, timeout=OUTLAST_SECONDS)
        with contextlib.suppress(KafkaError):
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, one: Message) -> None:
        future = await producer.send(self._prefix + one.topic, one.value, one.key, headers=list(one.headers))
        self._pending.add(future)

        def done(sent: asyncio.Future[object]) -> None:
            self._pending.discard(sent)
            if sent.cancelled() or sent.exception() is not None:
                self.failed += 1  # the check reads the log, so a message that is not there is nothing lost
            elif one.value is not None:
                self.acknowledged.setdefault(one.value, time.time())

        future.add_done_callback(done)
