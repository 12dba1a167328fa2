"""``client-status worker``: the stream processor, one process or several."""

import asyncio
from typing import Annotated

import structlog
from cyclopts import Parameter

from worker.cli.ending import exit_code_of
from worker.cli.flags import AppFlags, BrokerFlags, EnvFile, PatienceFlags, WorkerFlags, start
from worker.config import Settings


def worker(
    *,
    processes: Annotated[
        int,
        Parameter(
            help="Run so many workers under one parent, which starts again what dies. They serve HTTP on HTTP_PORT, "
            "HTTP_PORT + 1, and so on; their slots are WORKER_SLOT x N, + 1, and so on."
        ),
    ] = 1,
    broker: BrokerFlags = BrokerFlags(),
    app_flags: AppFlags = AppFlags(),
    worker_flags: WorkerFlags = WorkerFlags(),
    patience: PatienceFlags = PatienceFlags(),
    env_file: EnvFile = None,
) -> int:
    """Process what happens: read the inputs, change statuses and tags, tell everyone downstream.

    SIGTERM and Ctrl-C stop it in order within 30 s. Exit codes: 0 stopped in order, 2 a setting is wrong, 65 too many
    dead letters, 69 no broker at start, 70 crash, 75 outcome of a commit unknown, 76 fenced by a successor, 78 topics
    or offsets do not fit the state, 79 stuck. Start it again after 69, 70, 75, 76 and 79.
    """
    settings = start(broker, app_flags, worker_flags, patience, env_file=env_file, quiet=False).settings
    if processes != 1:
        return _supervise(settings, processes)
    return exit_code_of(lambda: _run(settings))


def _supervise(settings: Settings, processes: int) -> int:
    from worker.supervisor import Supervisor

    async def run() -> int:
        return await Supervisor(settings, processes).run()

    return asyncio.run(run())


def _run(settings: Settings) -> None:
    from worker.bootstrap import run_worker

    if settings.worker_slot:
        structlog.contextvars.bind_contextvars(slot=settings.worker_slot)
    asyncio.run(run_worker(settings))
