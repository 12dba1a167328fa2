"""The Faust app: agents, topics and group membership are Faust's; fetching, committing and restoring are replaced."""

import asyncio
import logging
from typing import Any, Final

import faust
from faust.app.base import BootStrategy

from worker.pipeline.agents import declare_agents
from worker.pipeline.tables import TaskTable, TaskTables, declare_tables
from worker.transport.clients import client_options
from worker.transport.consumer import MAX_POLL_SECONDS, REBALANCE_SECONDS, BatchTransport
from worker.transport.wiring import Wiring

GROUP_SECONDS: Final = 1.0
"""Between two looks at how the group is."""
NEVER_SECONDS: Final = 86_400.0
"""For timers of Faust that have nothing to do here."""


class _ConsumerOnly(BootStrategy):  # type: ignore[misc]  # Faust ships no types that hold
    def kafka_consumer(self) -> Any:
        """Faust's own adds the leader assignor, which has a topic of its own, and the consumer of replies."""
        return [self.app.consumer]

    def kafka_producer(self) -> Any:
        """Faust's own sends nothing here, and would connect without our TLS and SASL settings."""
        return []


class _NoEnvironment(faust.App.Settings):  # type: ignore[misc]  # Faust ships no types that hold
    """Faust lets environment variables win over what it is given, and one of them is PROCESSING_GUARANTEE."""

    def getenv(self, env_name: str) -> None:
        """Nothing is set."""


class WorkerApp(faust.App):  # type: ignore[misc]  # Faust ships no types that hold
    """Start it with ``await app.start()``; Faust's command line is not used."""

    logger = logging.getLogger("faust.worker")
    BootStrategy = _ConsumerOnly
    Settings = _NoEnvironment
    wiring: Wiring

    def _new_transport(self) -> Any:  # where Faust would look up an entry point by the broker's URL
        return BatchTransport(self.conf.broker_consumer, self)

    async def _on_partitions_revoked(self, revoked: Any) -> None:
        await self.tables.close_all()  # before Faust empties its queues: the running transaction ends first
        await super()._on_partitions_revoked(revoked)

    def _on_rebalance_when_stopped(self) -> None:
        """Faust's own closes the consumer from the wrong thread."""

    def _create_directories(self) -> None:
        """Faust's own makes ./{id}-data."""

    @property
    def crashed(self) -> asyncio.Event:
        """Set when a part of Faust has failed; ``crash_reason`` says how."""
        event: asyncio.Event = self._crashed
        return event

    @property
    def signs(self) -> tuple[int | None, float | None]:
        """For the watchdog: turns of the fetch loop (None: there is none), and when the running transaction began."""
        polls = None if self._consumer is None else self._consumer.polls
        return polls, self.tables.busy_since

    async def watch_group(self) -> None:
        """Until the group has a fault that does not mend itself, which is raised."""
        while True:
            await asyncio.sleep(GROUP_SECONDS)
            if self._consumer is not None:
                await self._consumer.thread.check_group()

    async def let_flow(self) -> None:
        """What Faust's recovery would do at its end: take up the flow again that a rebalance has stopped."""
        self.on_rebalance_end()
        self.flow_control.resume()
        self.consumer.resume_flow()
        await self._fetcher.maybe_start()


def create_app(wiring: Wiring) -> WorkerApp:
    """The app with an agent for every input topic and the tables of the state."""
    settings = wiring.settings

    class App(WorkerApp):
        pass

    App.wiring = wiring  # a class attribute: Faust makes the table manager while it constructs itself
    servers = client_options(settings)["bootstrap_servers"]
    app = App(
        settings.app_id,
        broker=[f"kafka://{server}" for server in servers],
        TableManager=TaskTables,
        Table=TaskTable,
        processing_guarantee="at_least_once",  # keeps Faust's own transactions asleep; ours do the work
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=max(90.0, settings.session_timeout),
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_max_poll_interval=MAX_POLL_SECONDS,
        broker_commit_interval=NEVER_SECONDS,
        worker_redirect_stdouts=False,
    )
    declare_tables(app)
    declare_agents(app, wiring)
    return app
