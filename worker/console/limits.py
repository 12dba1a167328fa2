"""How much one token may ask: a bucket of requests that fills again with time."""

import time
from typing import Final

REQUESTS_A_SECOND: Final = 100.0
"""What a token may ask in the long run."""
BURST: Final = 500.0
"""What it may ask at once."""
MAX_BODY_BYTES: Final = 1 << 20
"""Of a request."""
MAX_STREAMS: Final = 200
"""Listeners to changes at a time."""


class Limits:
    """The buckets of all tokens, by the hash of each; those of tokens that are gone are few and small."""

    def __init__(self, rate: float = REQUESTS_A_SECOND, burst: float = BURST) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, token: str) -> float:
        """Take one; 0 when there was one, else the seconds until there will be."""
        now = time.monotonic()
        left, at = self._buckets.get(token, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        if left < 1:
            self._buckets[token] = (left, now)
            return (1 - left) / self._rate
        self._buckets[token] = (left - 1, now)
        return 0.0
