"""The embedded broker as tests see it: the same attributes as ``ApacheKafka``, on the product's own launcher."""

from pathlib import Path
from typing import Final

from worker.embedded.broker import SETTINGS, EmbeddedBroker, binary
from worker.errors import CommandFailed


class Unavailable(Exception):
    """The broker's binary is not installed; the message says how to install it."""


class EmbeddedKafka:
    """One broker, in memory: what it held is gone when it is stopped."""

    guarantee: Final = SETTINGS["PROCESSING_GUARANTEE"]
    transactions: Final = False
    name: Final = "embedded"
    replication: Final = 1

    def __init__(self, directory: Path, port: int = 0) -> None:
        try:
            binary()
        except CommandFailed as exc:
            raise Unavailable(str(exc)) from exc
        self._broker = EmbeddedBroker(directory, port)
        self.log = self._broker.log

    @property
    def servers(self) -> str:
        """For KAFKA_BOOTSTRAP_SERVERS."""
        return self._broker.servers

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a worker, or another program of ours, on this broker."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.servers, **SETTINGS}

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        return self._broker.pid

    def stop(self) -> None:
        """Shut it down."""
        self._broker.stop()

    def log_tail(self) -> str:
        """The end of its log, for a failed test."""
        return self._broker.log_tail()
