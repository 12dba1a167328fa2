"""How much one token may ask: a bucket of requests that fills again with time."""

import time
from typing import Final

REQUESTS_A_SECOND: Final = 400.0
"""What a token may ask in the long run."""
BURST: Final = 4_000.0
"""What it may ask at once."""
MAX_BODY_BYTES: Final = 1 << 20
"""Of a request."""
MAX_SESSIONS_BEGUN: Final = 20.0
"""Attempts to sign in at once, of all people together; as many come again in a second."""
MAX_STREAMS: Final = 200
"""Listeners to changes at a time."""
MAX_IMPORTS: Final = 4
"""Files that are imported, or wait for that, at a time: each is in memory as a whole."""


class Limits:
    """The buckets of all tokens, by the hash of each; those of tokens that are gone are few and small."""

    def __init__(self, rate: float = REQUESTS_A_SECOND, burst: float = BURST) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, token: str, burst: float | None = None) -> float:
        """Take one; 0 when there was one, else the seconds until there will be."""
        most, rate = (self._burst, self._rate) if burst is None else (burst, burst)
        now = time.monotonic()
        left, at = self._buckets.get(token, (most, now))
        left = min(most, left + (now - at) * rate)
        if left < 1:
            self._buckets[token] = (left, now)
            return (1 - left) / rate
        self._buckets[token] = (left - 1, now)
        return 0.0
