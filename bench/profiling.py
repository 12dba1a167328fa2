"""Where the worker's time goes: py-spy's samples of the running process, given to shares by module."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

RATE: Final = 250
"""Samples a second."""
SHARES: Final = ("decode", "domain", "encode", "send", "commit", "receive", "engine", "other")
_PLACES: Final = (
    ("topics/moments.py:rfc3339", "encode"), ("topics/outputs.py", "encode"), ("domain/card.py:encode", "encode"),
    ("domain/things.py:Things.encoded", "encode"), ("pipeline/desk.py", "engine"),
    ("pipeline/task.py", "commit"), ("topics/envelope.py", "decode"),
    ("topics/moments.py", "decode"), ("pipeline/decode.py", "decode"),
    ("domain/card.py:decode", "decode"), ("worker/domain/", "domain"),
    ("pipeline/store.py", "encode"), ("pipeline/process.py", "engine"), ("pipeline/", "commit"),
    ("aiokafka/producer/", "send"), ("aiokafka/record/", "send"), ("aiokafka/consumer/", "receive"),
    ("worker/transport/consumer.py", "receive"), ("worker/transport/", "commit"), ("faust/", "receive"),
)  # fmt: skip
"""The innermost frame that is in one of these places says what a sample was for; the first that fits counts."""

_WAITS: Final = (
    "selectors.py:EpollSelector.select", "transport/watchdog.py:Watchdog.run", "concurrent/futures/thread.py:_worker",
    "threading.py:Condition.wait",
)  # fmt: skip
"""Innermost frames of threads that only wait: py-spy takes them for busy when the machine is."""

Shares = dict[str, float]
"""Share of the samples, 0 to 1, by name (SHARES)."""


class Sampling:
    """py-spy at work; it ends with ``shares``."""

    def __init__(self, pid: int, path: Path) -> None:
        self._path = path
        tool = Path(sys.executable).with_name("py-spy")
        options: list[str | Path] = ["--rate", str(RATE), "--format", "raw", "--output", path]
        command = [tool, "record", "--pid", str(pid), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def shares(self) -> Shares:
        """Stop sampling. Raises RuntimeError when py-spy could not sample, as without the right to."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        said = self._process.communicate(timeout=60)[1]
        if not self._path.exists():
            raise RuntimeError(f"py-spy took no samples: {said.strip()[-400:]}")
        return shares(self._path.read_text().splitlines())


def record(pid: int, path: Path) -> Sampling:
    """Begin to sample a process."""
    return Sampling(pid, path)


def shares(lines: Iterable[str]) -> Shares:
    """From py-spy's raw format: frames from the outermost to the innermost, joined by ``;``, and a count."""
    counted: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if not _where(stack.rpartition(";")[2]).endswith(_WAITS):
            counted[share_of(stack)] += int(count)
    total = counted.total() or 1
    return {name: counted[name] / total for name in SHARES}


def share_of(stack: str) -> str:
    """The share that a stack counts for."""
    for frame in reversed(stack.split(";")):
        where = _where(frame)
        for part, share in _PLACES:
            if part in where:
                return share
    return "other"


def _where(frame: str) -> str:
    """``function (file:line)`` as ``file:function``."""
    function, _, place = frame.partition(" (")
    return f"{place.rpartition(':')[0]}:{function}"
