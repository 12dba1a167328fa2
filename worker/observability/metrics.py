"""All metrics in one place: name, labels, meaning. The documentation and its test read the same list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One instance per process, passed down from the composition root."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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
