"""Topic ``dead-letters``: records that could not be processed, byte for byte, with KIP-1034's headers (J1)."""

from collections.abc import Sequence
from typing import Final

from topics.moments import Micros, rfc3339

CODES: Final = (
    "too_large", "not_json", "not_cloudevents", "unknown_type", "wrong_topic", "time_in_future", "card_number_refused",
    "invalid_data", "unknown_status", "unknown_field", "invalid_field_value", "internal_error",
)  # fmt: skip
"""In the order in which they are tried."""
INTERNAL_ERROR: Final = "internal_error"
"""A fault of the worker's own (J2); answers name it so, too."""
MASKED: Final = "card_number_refused"
"""Of these the value is not the original's, so they cannot be replayed."""
EXCEPTION: Final = "__streams.errors.exception"
MESSAGE: Final = "__streams.errors.message"
TOPIC: Final = "__streams.errors.topic"
PARTITION: Final = "__streams.errors.partition"
OFFSET: Final = "__streams.errors.offset"
AT: Final = "error.at"
ADDED: Final = frozenset({EXCEPTION, MESSAGE, TOPIC, PARTITION, OFFSET, AT})
"""The headers that a dead letter has and its original had not; a replay takes them off."""
MAX_MESSAGE: Final = 500
"""Characters of the message; a longer one is cut."""


def headers(
    original: Sequence[tuple[str, bytes]], code: str, message: str, topic: str, partition: int, offset: int, at: Micros
) -> list[tuple[str, bytes]]:
    """The headers of a dead letter. ``topic`` is the real name, with the configured prefix."""
    return [
        *original,
        (EXCEPTION, code.encode()),
        (MESSAGE, message[:MAX_MESSAGE].encode()),
        (TOPIC, topic.encode()),
        (PARTITION, b"%d" % partition),
        (OFFSET, b"%d" % offset),
        (AT, rfc3339(at).encode()),
    ]
