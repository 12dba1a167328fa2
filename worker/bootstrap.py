"""The composition root of the worker: everything is made here, once, and passed down.

``run_worker`` is all that a command needs. Errors before the group is joined are raised; later ones end the process.
"""

import asyncio
import logging
from typing import Any, Final

from topics.moments import SECOND
from topics.registry import TOPICS
from worker import topic_admin
from worker.config import Settings
from worker.connecting import admin
from worker.errors import Crash, StateMismatch
from worker.observability.health import HealthServer, address
from worker.observability.metrics import Metrics
from worker.observability.state import WorkerState
from worker.pipeline.desk import LINGER, Limits
from worker.pipeline.ports import Engine
from worker.pipeline.process import TaskEngine
from worker.stopping import asked_to_stop, until_stopped
from worker.transport.app import WorkerApp, create_app
from worker.transport.clients import FORBIDDEN, forbidden, topic_name
from worker.transport.ending import end
from worker.transport.loop_thread import LoopThread
from worker.transport.pinned import check_pinned
from worker.transport.versions import check_versions
from worker.transport.watchdog import Watchdog
from worker.transport.wiring import Wiring

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 20.0
"""For an orderly stop; the contract gives 30."""
START_SECONDS: Final = 8.0
"""For a start that is under way when the worker is asked to stop."""
BEAT_SECONDS: Final = 1.0
STOPPED: Final = 0


async def run_worker(settings: Settings, *, metrics: Metrics | None = None, state: WorkerState | None = None) -> int:
    """Run the worker until SIGTERM or SIGINT; returns 0 after an orderly stop.

    Logging must be configured. Raises StopError (with the exit code) when it cannot start: SettingError, Unreachable,
    StateMismatch, Crash. Later failures leave the process at once with their exit code (worker.transport.ending).
    """
    check_pinned()
    metrics, state = metrics or Metrics(), state or WorkerState()
    stop = asked_to_stop()
    health, aside = HealthServer(settings, metrics.registry, state), LoopThread("health")
    await aside.run(health.start())  # an answer takes some turns of a loop, and the main loop may take 5 s for one
    log.info("health and metrics on %s", address(settings.http_host, health.port))
    beating = asyncio.create_task(_beat(state))
    try:
        wiring = await until_stopped(_wiring(settings, metrics, state), stop)
        if wiring is not None:
            await _serve(create_app(wiring), wiring, stop)
    finally:
        beating.cancel()
        await aside.run(health.stop())
        aside.stop()
    return STOPPED


async def _wiring(settings: Settings, metrics: Metrics, state: WorkerState) -> Wiring:
    """Look at the broker and the topics. Raises Unreachable, SettingError or StateMismatch."""
    state.phase = "waiting for the broker"
    async with admin(settings, patience=settings.broker_patience) as client:
        found = await topic_admin.describe(client, settings)
        if settings.processing_guarantee == "exactly_once":
            await check_versions(client, settings)
    partitions = _same_partitions(settings, {name: topic.partitions for name, topic in found.items()})
    limits = Limits(
        grace=round(settings.completion_grace * SECOND),
        dead_letters=settings.max_dead_letters,
        topic_prefix=settings.topic_prefix,
        sweep_step=settings.sweep_step,
        linger=LINGER,
    )

    def new_engine(partition: int) -> Engine:
        return TaskEngine(partition, partitions, limits)

    return Wiring(settings, partitions, metrics, state, new_engine)


def _same_partitions(settings: Settings, sizes: dict[str, int]) -> int:
    missing = [topic_name(settings, topic.name) for topic in TOPICS if topic.name not in sizes]
    if missing:
        raise StateMismatch(
            f"topics are missing at {settings.kafka_bootstrap_servers}: {', '.join(missing)}. Run "
            "`client-status topics create`, or check TOPIC_PREFIX; with ACLs the Kafka user needs Describe on them"
        )
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{topic_name(settings, name)} {size}" for name, size in sizes.items())
        raise StateMismatch(
            f"all topics must have the same number of partitions, but they have: {shown}. Of those that differ "
            "delete only what is empty, and make it again by `client-status topics create`; a topic with records must "
            "be copied into one of the right size"
        )
    return next(iter(sizes.values()))


async def _started(app: WorkerApp, asked: asyncio.Future[Any]) -> None:
    """Start the app. Ends the process when that fails, or takes too long while it is asked to stop."""
    starting = asyncio.ensure_future(app.start())
    await asyncio.wait([starting, asked], return_when=asyncio.FIRST_COMPLETED)
    try:
        await asyncio.wait_for(starting, START_SECONDS if asked.done() else None)
    except Exception as exc:
        log.exception("the start failed")
        end(Crash(f"the start failed: {exc!r}. Start again; look at the broker if this repeats"))


def _group_failed(task: asyncio.Future[None], settings: Settings) -> None:
    if not task.cancelled():
        end(_consumer_failed(task.exception(), settings))


def _consumer_failed(cause: BaseException | None, settings: Settings) -> Crash:
    if isinstance(cause, FORBIDDEN):
        return forbidden(settings, cause)
    return Crash(f"the consumer failed: {cause!r}. Start again; look at the broker if this repeats")


async def _beat(state: WorkerState) -> None:
    """Signs of life of the main loop, while it turns."""
    while True:
        state.beat()
        await asyncio.sleep(BEAT_SECONDS)


async def _serve(app: WorkerApp, wiring: Wiring, stop: asyncio.Event) -> None:
    """Run the app until it is asked to stop. Ends the process when the app crashes or does not stop in time."""
    loop = asyncio.get_running_loop()
    state = wiring.state
    state.phase = "joining the group"
    app.in_worker = True
    watchdog = Watchdog(loop, lambda: app.signs, wiring.settings.watchdog_seconds)
    watchdog.start()
    asked, crashed = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(app.crashed.wait())
    group = asyncio.ensure_future(app.watch_group())
    group.add_done_callback(lambda task: _group_failed(task, wiring.settings))
    await _started(app, asked)
    await asyncio.wait([asked, crashed], return_when=asyncio.FIRST_COMPLETED)
    group.cancel()
    if app.crashed.is_set():  # nothing is lost by leaving, and a crashed Faust app cannot be stopped in order
        end(_consumer_failed(app.crash_reason, wiring.settings))
    state.phase = "stopping"
    watchdog.stop()
    crashed.cancel()
    try:
        await asyncio.wait_for(app.stop(), STOP_SECONDS)
    except TimeoutError:
        end(Crash(f"no orderly stop within {STOP_SECONDS:.0f} s; what is not committed will be computed again"))
