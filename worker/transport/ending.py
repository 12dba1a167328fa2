"""How a worker ends when going on could be wrong: at once, with one line and an exit code (crash only).

What is not committed is computed again by whoever opens the task next; so nothing is tidied up on the way out.
"""

import logging
import os
import sys
from typing import NoReturn

from worker.errors import StopError

log = logging.getLogger(__name__)


def end(error: StopError) -> NoReturn:
    """Log the error and leave the process with its exit code, from whatever thread or task."""
    log.critical("%s (exit %d)", error, error.exit_code)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(error.exit_code)
