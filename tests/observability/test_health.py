"""Probes and metrics over HTTP, and a port that cannot be had."""

import socket
import urllib.error
import urllib.request
from asyncio import to_thread
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from worker.config import Settings
from worker.errors import SettingError
from worker.observability.health import HealthServer, address
from worker.observability.metrics import Metrics
from worker.observability.state import LIVE_SECONDS, WorkerState


class Served:
    """A server on a free port."""

    def __init__(self) -> None:
        self.state = WorkerState()
        self.metrics = Metrics()
        self.server = HealthServer(Settings(http_port=0), self.metrics.registry, self.state)

    async def get(self, path: str, accept: str = "*/*") -> tuple[int, str, str]:
        """Status, body, content type."""

        def ask() -> tuple[int, str, str]:
            request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{path}", headers={"Accept": accept})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own server
                    return answer.status, answer.read().decode(), answer.headers["Content-Type"]
            except urllib.error.HTTPError as exc:
                return exc.code, exc.read().decode(), exc.headers["Content-Type"]

        return await to_thread(ask)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    served = Served()
    await served.server.start()
    yield served
    await served.server.stop()


async def test_a_starting_worker_is_alive_and_not_ready(served: Served) -> None:
    assert await served.get("/livez") == (200, "starting\n", "text/plain; charset=utf-8")
    assert (await served.get("/readyz"))[:2] == (503, "starting\n")


async def test_ready_when_every_task_that_was_given_is_open(served: Served) -> None:
    served.state.phase, served.state.joined = "restoring", True
    served.state.assigned = frozenset({0, 1})
    served.state.open = frozenset({0})
    status, body, _ = await served.get("/readyz")
    assert (status, body) == (503, "restoring: 1 of 2 tasks are not open yet\n")
    served.state.phase, served.state.open = "running", frozenset({0, 1})
    assert (await served.get("/readyz"))[:2] == (200, "2 tasks run\n")
    served.state.phase = "stopping"
    assert (await served.get("/readyz"))[:2] == (503, "stopping\n")


async def test_a_worker_whose_loop_stands_still_is_neither_alive_nor_ready(served: Served) -> None:
    served.state.joined, served.state.phase = True, "running"
    assert (await served.get("/livez"))[0] == 200
    served.state._beat -= LIVE_SECONDS + 1
    assert (await served.get("/livez"))[0] == 503
    assert (await served.get("/readyz"))[0] == 503


async def test_metrics_are_what_prometheus_reads(served: Served) -> None:
    served.metrics.dead_letters.labels("not_json").inc(3)
    status, body, content_type = await served.get("/metrics")
    assert status == 200
    assert content_type.startswith("text/plain; version=")
    samples = [s for family in text_string_to_metric_families(body) for s in family.samples]
    assert [s.value for s in samples if s.name == "client_status_dead_letters_total" and s.value] == [3.0]
    _, body, content_type = await served.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith("# EOF\n")


async def test_nothing_else_is_served(served: Served) -> None:
    assert (await served.get("/"))[0] == 404
    assert (await served.get("/metrics/x"))[0] == 404


async def test_a_taken_port_is_refused_by_name(served: Served) -> None:
    other = HealthServer(Settings(http_port=served.server.port), served.metrics.registry, served.state)
    with pytest.raises(SettingError, match=rf"^HTTP_PORT: {served.server.port} on 127.0.0.1 is taken"):
        await other.start()
    await other.stop()
    assert (await served.get("/livez"))[0] == 200


async def test_an_address_of_another_machine_is_refused_by_name() -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(SettingError, match=r"^HTTP_HOST: "):
            await HealthServer(Settings(http_host=host, http_port=0), Metrics().registry, WorkerState()).start()


async def test_it_stops_listening(served: Served) -> None:
    port = served.server.port
    await served.server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_address_is_a_url_also_of_ipv6() -> None:
    assert [address(host, 8080) for host in ("127.0.0.1", "console.local", "::1")] == [
        "http://127.0.0.1:8080", "http://console.local:8080", "http://[::1]:8080",
    ]  # fmt: skip
