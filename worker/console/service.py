"""The composition root of the console: Redis to read from, Kafka to send commands to, HTTP around them."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import uvicorn
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from topics import outputs
from topics.registry import COMMAND_TOPICS
from worker import connecting, topic_admin
from worker.config import Settings
from worker.console.app import create_app
from worker.console.desk import NOT_WHOLE, Desk, in_time
from worker.console.limits import MAX_STREAMS
from worker.console.observed import Observed, Outermost
from worker.console.tokens import Tokens
from worker.dead_letters import letters
from worker.dead_letters.letters import Place
from worker.dead_letters.replay import Report, replay_letters
from worker.errors import StateMismatch
from worker.observability.health import address, listening
from worker.readmodel import keys as names
from worker.readmodel.connection import check, connect
from worker.readmodel.reading import whole
from worker.stopping import asked_to_stop, until_stopped
from worker.transport.clients import topic_name
from worker.transport.partitions import partition_of

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5
"""What an answer under way is given when the console is asked to stop; longer than who listens to changes takes to see
it."""
CONNECTIONS: Final = 100
"""To Redis, besides one for each listener to changes."""
REDIS_SECONDS: Final = 10.0
"""How long an answer of Redis is waited for; longer than a listener waits for changes at a time."""
CONTENT_TYPE: Final = [("content-type", outputs.CONTENT_TYPE)]


async def run_console(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Raises Unreachable, StateMismatch or SettingError when it cannot start."""
    stop = asked_to_stop()
    tokens = Tokens(settings.console_tokens_file)
    if not settings.console_tokens_file:
        log.warning("CONSOLE_TOKENS_FILE is not set: nobody can use the API. Make a token: client-status console token")
    listener = await listening(settings.http_host, settings.http_port)
    redis = connect(settings, max_connections=MAX_STREAMS + CONNECTIONS, socket_timeout=REDIS_SECONDS)
    try:
        await check(redis, settings)
        partitions = await until_stopped(_partitions(settings), stop)
        if partitions is None:
            return
        async with connecting.producer(settings) as producer:
            observed = Observed()

            async def send(topic: str, business: str, value: bytes) -> None:
                key = business.encode()
                await producer.send_and_wait(
                    topic_name(settings, topic),
                    value=value,
                    key=key,
                    partition=partition_of(key, partitions),
                    headers=CONTENT_TYPE,
                )

            async def replay(business: str, places: Sequence[Place]) -> Report:
                at = {place.partition for place in places}
                partitions = [tp for tp in await letters.partitions(settings) if tp.partition in at]

                def selected(letter: letters.Letter) -> bool:
                    return letter.place in places and letter.key == business.encode()

                return await replay_letters(settings, partitions, selected, places=places, dry_run=False, again=False)

            desk = Desk(redis, names.namespace(settings), tokens, in_time(send), replay)
            server = _Server(
                stop,
                desk,
                uvicorn.Config(
                    Outermost(create_app(desk, observed), observed),
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    lifespan="on",
                    ws="none",
                    timeout_graceful_shutdown=STOP_SECONDS,
                ),
            )
            log.info("the console is on %s", address(settings.http_host, listener.getsockname()[1]))
            async with _beating(desk, observed):
                await server.serve(sockets=[listener])
    finally:
        listener.close()
        await redis.aclose()


class _Server(uvicorn.Server):
    """Ends in order when it is asked to, with exit code 0."""

    def __init__(self, stop: asyncio.Event, desk: Desk, config: uvicorn.Config) -> None:
        """``stop``: set when that was before it served."""
        super().__init__(config)
        self._stop = stop
        self._desk = desk

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C; after the second one, answers under way are not waited for."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        if self._stop.is_set():
            self._end()
        yield

    def _end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = self._desk.ending = True


@contextlib.asynccontextmanager
async def _beating(desk: Desk, observed: Observed) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_beat(desk, observed)), asyncio.create_task(_keep_up(desk))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _keep_up(desk: Desk) -> None:
    """Tables follow the log while nobody asks, too, so that they need not be made anew."""
    while True:
        with contextlib.suppress(RedisError, OSError):  # the beat tells of it
            await desk.tables.keep_up()
        await asyncio.sleep(BEAT_SECONDS)


async def _beat(desk: Desk, observed: Observed) -> None:
    while True:
        observed.turned = time.monotonic()
        try:
            desk.whole = await whole(desk.redis, desk.space)
            observed.ready, observed.reason = desk.whole, "ready" if desk.whole else NOT_WHOLE
        except (RedisError, OSError) as exc:
            observed.ready, observed.reason = False, f"Redis cannot be used: {type(exc).__name__}"
        await asyncio.sleep(BEAT_SECONDS)


async def _partitions(settings: Settings) -> int:
    """Of the topics that commands are sent to."""
    async with connecting.admin(settings, patience=settings.broker_patience) as admin:
        try:
            found = await topic_admin.describe(admin, settings)
        except KafkaError as exc:
            raise connecting.unreachable(settings, exc) from exc
    missing = [topic_name(settings, topic) for topic in sorted(COMMAND_TOPICS) if topic not in found]
    if missing:
        raise StateMismatch(f"topics are missing: {', '.join(missing)}. Run client-status topics create")
    return int(found[min(COMMAND_TOPICS)].partitions)
