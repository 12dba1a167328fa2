"""How a program ends that goes on until it is told to stop: the last line of its log says why, its exit code, too."""

from collections.abc import Callable
from typing import Final

import structlog

from worker.errors import RESTARTABLE, Crash, SettingError, StopError

STOPPED_IN_ORDER: Final = 0

log = structlog.get_logger(__name__)


def exit_code_of(run: Callable[[], object]) -> int:
    """Run it; the exit code. What is wrong with a setting is for the person who started it: raises SettingError."""
    try:
        run()
    except SettingError:
        raise
    except StopError as exc:
        return _stopped(exc)
    except Exception as exc:
        log.exception("the program crashed")
        return _stopped(Crash(f"a defect of this program ended it: {exc!r}. Nothing of what was under way is visible"))
    log.info("stopped in order")
    return STOPPED_IN_ORDER


def _stopped(error: StopError) -> int:
    """The last line: why, and what to do."""
    again = error.exit_code in RESTARTABLE
    todo = "Starting it again is safe." if again else "Started again it would end in the same way: see to that first."
    log.error("stopped: %s. %s", " ".join(str(error).split()).rstrip("."), todo, exit_code=error.exit_code)
    return error.exit_code
