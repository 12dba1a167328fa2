"""First step of a record's way: bytes to an input event, or the reason why not (J1, J5). Stateless.

``DECODERS[topic].decode(value, headers, now + MAX_AHEAD)`` gives the event or raises topics.envelope.Unusable.
"""

from collections.abc import Mapping
from typing import Final

from topics.envelope import EventDecoder
from topics.moments import DAY
from topics.registry import INPUTS

MAX_AHEAD: Final = DAY
"""J5: how far an event's time may be ahead of the worker's clock, in microseconds."""

DECODERS: Final[Mapping[str, EventDecoder]] = {topic.name: EventDecoder(topic.name) for topic in INPUTS}
"""By the contract's name of an input topic."""
