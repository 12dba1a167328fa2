"""Everything that can stop a program of this project, with its exit code.

::

    StopError                     exit  whose fault
    ├── CommandFailed                1  what was asked for did not work out
    ├── SettingError                 2  the person who started it: a setting or flag is wrong
    ├── DeadLetterLimit             65  the input: too much of it cannot be used (J2)
    ├── Unreachable                 69  the broker (or Redis) is not there
    ├── Crash                       70  this program, or a broker that failed before the commit: nothing was committed
    ├── OutcomeUnknown              75  the broker did not answer a commit; the restart finds out which way it went
    ├── Fenced                      76  nobody: another process has taken over; the restart joins again
    ├── StateMismatch               78  topics or offsets do not fit the state: someone must look
    └── Stuck                       79  no progress: the watchdog ended it

Each message says what, where, and what to do. A supervisor may start the program again after 69, 70, 75, 76 and 79.
"""

from typing import ClassVar


class StopError(Exception):
    """Stops the program with ``exit_code`` and its message on one line."""

    exit_code: ClassVar[int] = 1


class CommandFailed(StopError):
    """What was asked for did not work out."""


class SettingError(StopError):
    """A setting or a flag is unknown or wrong; the message names it."""

    exit_code = 2


class DeadLetterLimit(StopError):
    """J2: too many of a task's latest records failed; what was done is committed."""

    exit_code = 65


class Unreachable(StopError):
    """The broker (or Redis) cannot be reached at start."""

    exit_code = 69


class Crash(StopError):
    """Ended before the commit: nothing of the open transaction is visible to anyone."""

    exit_code = 70


class OutcomeUnknown(StopError):
    """The commit's answer is lost; whichever way it went, a restart continues from it."""

    exit_code = 75


class Fenced(StopError):
    """Another process has taken over what this one held."""

    exit_code = 76


class StateMismatch(StopError):
    """Topics or offsets do not fit the state."""

    exit_code = 78


class Stuck(StopError):
    """No progress within the watchdog's limit."""

    exit_code = 79


RESTARTABLE = frozenset(
    {Unreachable.exit_code, Crash.exit_code, OutcomeUnknown.exit_code, Fenced.exit_code, Stuck.exit_code}
)
"""Exit codes after which starting the same program again is the right thing to do."""
