"""Places between two steps of a commit, or of the opening of tasks, where a test can make the process die or freeze.

``CLIENT_STATUS_FAILPOINT=[freeze@]NAME[:NTH]`` arms one of them: the process kills itself when it gets there for the
NTH time (default: the first). ``freeze@`` stops it with SIGSTOP instead, once; whoever set it must send SIGCONT.
"""

import os
import signal
from collections.abc import Callable
from typing import Final

from worker.errors import SettingError

VARIABLE: Final = "CLIENT_STATUS_FAILPOINT"
FREEZE: Final = "freeze@"

POINTS: Final = (
    "evicted",  # other processes' open transactions are ended
    "offsets-fetched",  # the group's offsets are known
    "restored",  # the changelogs have been read
    "opened",  # the control topic has been read, and the inputs are about to flow
    "computed",  # a transaction's outputs are decided, memory has moved, nothing has left
    "begun",  # the transaction is open
    "some-sent",  # the first record batch is on its way
    "all-sent",  # every record batch is on its way
    "acknowledged",  # the broker has every record batch
    "offsets-sent",  # the offsets are part of the transaction
    "committed",  # the commit is answered, the next transaction has not begun
)


def _armed(text: str) -> Callable[[str], None]:
    freeze = text.startswith(FREEZE)
    name, _, nth = text.removeprefix(FREEZE).partition(":")
    if name not in POINTS or not (nth or "1").isdecimal():
        raise SettingError(f"{VARIABLE}: {text!r} is not [freeze@]NAME[:NTH] with NAME one of {', '.join(POINTS)}")
    left = int(nth or "1")

    def reached(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGSTOP if freeze else signal.SIGKILL)

    return reached


def _unarmed(_point: str) -> None:
    """Nothing is armed, as always outside of tests."""


reached: Callable[[str], None] = _armed(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else _unarmed
"""Call it with one of POINTS where that place is."""
