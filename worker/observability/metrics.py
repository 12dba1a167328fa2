"""All metrics in one place: name, labels, meaning. The documentation, the alerts and their tests read the same list."""

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
)

from topics.dead_letters import CODES

_LATENCY = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def _registry() -> CollectorRegistry:
    """With what is told of every process: its memory, processor time, open files, garbage collections."""
    registry = CollectorRegistry()
    for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    return registry


class Metrics:
    """Of a worker. One instance per process, passed down from the composition root; so the others."""

    def __init__(self) -> None:
        self.registry = _registry()
        r = self.registry
        self.events = Counter(
            "client_status_events",
            "Input records by what became of them: processed, duplicate, forgotten, dead_lettered, rekeyed, started, "
            "the results of commands; also timers and sweeps",
            ("topic", "type", "outcome"),
            registry=r,
        )
        self.dead_letters = Counter("client_status_dead_letters", "Dead letters by code", ("code",), registry=r)
        self.transactions = Counter(
            "client_status_transactions", "Transactions: committed, failed, unknown, fenced", ("outcome",), registry=r
        )
        for code in CODES:  # from 0 on: Prometheus sees no increase in a series that begins with 1
            self.dead_letters.labels(code)
        for outcome in ("committed", "failed", "unknown", "fenced"):
            self.transactions.labels(outcome)
        self.transaction_seconds = Histogram(
            "client_status_transaction_seconds", "From begin to committed", buckets=_LATENCY, registry=r
        )
        self.end_to_end_seconds = Histogram(
            "client_status_end_to_end_seconds",
            "From the input record's timestamp to its transaction's commit",
            buckets=_LATENCY,
            registry=r,
        )
        self.lag = Gauge(
            "client_status_lag_records", "Input records not yet committed", ("topic", "partition"), registry=r
        )
        self.restore_seconds = Gauge("client_status_restore_seconds", "Duration of the latest restore", registry=r)
        self.rebalances = Counter("client_status_rebalances", "Assignments taken from the group", registry=r)
        self.tasks = Gauge("client_status_tasks", "Partitions this process runs", registry=r)
        self.cards = Gauge("client_status_cards", "Client cards in the state", registry=r)
        self.state_bytes = Gauge("client_status_state_bytes", "Bytes of encoded state", registry=r)
        self.timers = Gauge("client_status_timers_waiting", "Timers waiting", registry=r)
        self.backlog = Gauge("client_status_backlog_records", "Records fetched and not yet processed", registry=r)


class ProjectorMetrics:
    """Of a projector."""

    def __init__(self) -> None:
        self.registry = _registry()
        r = self.registry
        self.records = Counter("client_status_projector_records", "Records read", registry=r)
        self.batches = Counter("client_status_projector_batches", "Batches written", registry=r)
        self.lag = Gauge(
            "client_status_projector_lag_records", "Records that are not in the read model yet", ("topic",), registry=r
        )
        self.generation = Gauge("client_status_projector_generation", "The read model at work", registry=r)


class ConsoleMetrics:
    """Of a console."""

    def __init__(self) -> None:
        self.registry = _registry()
        r = self.registry
        self.requests = Counter(
            "client_status_console_requests", "Requests answered", ("method", "route", "status"), registry=r
        )
        self.seconds = Histogram(
            "client_status_console_seconds",
            "Seconds until an answer was complete; a stream counts until its end",
            ("route",),
            buckets=_ANSWERS,
            registry=r,
        )
        self.clients = Gauge("client_status_console_clients", "Clients held in memory", registry=r)
        self.streams = Gauge(
            "client_status_console_streams", "Who listens to changes, at most 200 at a time", registry=r
        )
