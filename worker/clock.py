"""The one clock: everything that needs the time of day gets it from here, as an argument."""

import time

from topics.moments import Micros


def now() -> Micros:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000
