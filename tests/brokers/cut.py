"""A real Apache Kafka behind a wire that can be cut at a request of some kind: before it arrives, or its answer.

The wire is a second listener; whoever uses ``servers`` is not behind it.
"""

import contextlib
import socket
import struct
import threading
from pathlib import Path
from typing import Final

from tests.brokers.apache import ApacheKafka
from worker.embedded.child import HOST, free_port

END_TXN: Final = 26
"""The request that commits a transaction, or aborts it."""
_LENGTH: Final = 4
_LISTENERS: Final = """
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller},WIRED://{host}:{behind}
advertised.listeners=PLAINTEXT://{host}:{port},WIRED://{host}:{wire}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,WIRED:PLAINTEXT
"""


class CutKafka(ApacheKafka):
    """``through_the_wire``: the setting of a program behind it; ``cut_at`` arms it; ``mend`` joins it again."""

    def __init__(self, directory: Path) -> None:
        self._behind, self.wire = free_port(), free_port()
        self._kind: int | None = None
        self._answered = False
        self._for_good = False
        self._passed = 0
        self._down = False
        self.cuts = 0
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(directory)
        self._listener = socket.create_server((HOST, self.wire))
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    def _properties(self, controller: int) -> str:
        more = _LISTENERS.format(
            host=HOST, port=self.port, controller=controller, behind=self._behind, wire=self.wire
        )  # fmt: skip
        return super()._properties(controller) + more

    @property
    def through_the_wire(self) -> dict[str, str]:
        """For a program whose every connection goes through it."""
        return {"KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{self.wire}"}

    def cut_at(self, kind: int, *, passed: int = 0, answered: bool = False, for_good: bool = False) -> None:
        """Cut everything at the next request of this kind, after so many. ``answered``: the broker has done what it
        asks, and its answer is lost; else the request is lost. ``for_good``: nobody gets through until ``mend``."""
        with self._lock:
            self._kind, self._passed, self._answered, self._for_good = kind, passed, answered, for_good

    def mend(self) -> None:
        """Connections get through again."""
        self._down = False

    def kill(self) -> None:
        """The broker; the wire is closed with it."""
        super().kill()
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._down:
                client.close()
                continue
            try:
                broker = socket.create_connection((HOST, self._behind))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._ends |= {client, broker}
            waiting: set[int] = set()
            for move in (self._ask, self._answer):
                threading.Thread(target=self._until_hung_up, args=(move, client, broker, waiting), daemon=True).start()

    def _until_hung_up(self, move: object, client: socket.socket, broker: socket.socket, waiting: set[int]) -> None:
        with contextlib.suppress(OSError, EOFError):
            while move(client, broker, waiting):  # type: ignore[operator]  # one of the two below
                pass
        for end in (client, broker):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _ask(self, client: socket.socket, broker: socket.socket, waiting: set[int]) -> bool:
        frame = _frame(client)
        kind, _, correlation = struct.unpack(">hhi", frame[_LENGTH : _LENGTH + 8])
        if self._is_cut(kind):
            if not self._answered:
                self._cut()
                return False
            waiting.add(correlation)
        broker.sendall(frame)
        return True

    def _answer(self, client: socket.socket, broker: socket.socket, waiting: set[int]) -> bool:
        frame = _frame(broker)
        (correlation,) = struct.unpack(">i", frame[_LENGTH : _LENGTH + 4])
        if correlation in waiting:
            self._cut()
            return False
        client.sendall(frame)
        return True

    def _is_cut(self, kind: int) -> bool:
        with self._lock:
            if kind != self._kind:
                return False
            self._passed -= 1
            if self._passed >= 0:
                return False
            self._kind = None
            return True

    def _cut(self) -> None:
        self.cuts += 1
        self._down = self._for_good
        self._hang_up()


def _frame(end: socket.socket) -> bytes:
    """A request or an answer, with its length before it. Raises EOFError."""
    head = _exactly(end, _LENGTH)
    return head + _exactly(end, struct.unpack(">i", head)[0])


def _exactly(end: socket.socket, wanted: int) -> bytes:
    parts = []
    while wanted:
        part = end.recv(min(wanted, 1 << 16))
        if not part:
            raise EOFError
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
