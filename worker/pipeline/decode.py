"""First step of a record's way: bytes to an input event, or the reason why not (J1, J5). Stateless."""

from collections.abc import Mapping
from typing import Final

from topics.envelope import Event, EventDecoder
from topics.moments import DAY, Micros
from topics.registry import INPUTS
from worker.pipeline.ports import Record

MAX_AHEAD: Final = DAY
"""J5: how far an event's time may be ahead of the worker's clock."""

DECODERS: Final[Mapping[str, EventDecoder]] = {topic.name: EventDecoder(topic.name) for topic in INPUTS}


def decode(topic: str, record: Record, now: Micros) -> Event:
    """The event in a record of an input topic. Raises topics.envelope.Unusable."""
    return DECODERS[topic].decode(record.value, record.headers, now + MAX_AHEAD)
