"""The way in: an agent for every input topic, which puts each fetched batch into the inbox of its task."""

from collections.abc import AsyncIterable
from typing import Any

from topics.registry import INPUTS
from worker.pipeline.ports import Batch
from worker.transport.consumer import BatchSchema
from worker.transport.wiring import Wiring


def declare_agents(app: Any, wiring: Wiring) -> None:
    """One agent a topic, all the same. ``acks=False``: Faust neither tracks nor acknowledges what it passes on."""
    for topic in INPUTS:
        channel = app.topic(wiring.topic(topic.name), schema=BatchSchema(), acks=False)
        app.agent(channel, name=f"on_{topic.name}")(_agent(app))


def _agent(app: Any) -> Any:
    async def agent(stream: AsyncIterable[Batch]) -> None:
        async for batch in stream:
            app.tables.submit(batch)  # never waits: a task that has too much pauses its partitions

    return agent
