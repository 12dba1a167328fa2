"""What one task wants to leave the process in one transaction: outputs, re-sent records, dead letters, changelog."""

from collections.abc import Sequence
from typing import NamedTuple

Headers = Sequence[tuple[str, bytes]]


class Item(NamedTuple):
    """One record to send. ``timestamp`` is in milliseconds; None means now."""

    key: bytes | None
    value: bytes | None
    timestamp: int | None
    headers: Headers


class Outbox:
    """Filled by the engine of one task, emptied by the transaction.

    Topics are names of the contract, without the configured prefix. ``sends`` keeps the order of the records per
    (topic, partition). ``changelog`` holds the last write per key. ``outcomes`` counts (topic, type, outcome),
    ``dead_letters`` counts by code: both reach the metrics only when the transaction is committed. ``stopped``: where
    there was no time for more, by input topic; None: everything was processed.
    """

    __slots__ = ("changelog", "dead_letters", "outcomes", "partition", "sends", "stopped")

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.sends: dict[tuple[str, int], list[Item]] = {}
        self.changelog: dict[str, dict[bytes, bytes | None]] = {}
        self.outcomes: dict[tuple[str, str, str], int] = {}
        self.dead_letters: dict[str, int] = {}
        self.stopped: dict[str, int] | None = None

    def send(self, topic: str, partition: int, item: Item) -> None:
        """Queue a record for a partition of a topic."""
        items = self.sends.get((topic, partition))
        if items is None:
            items = self.sends[topic, partition] = []
        items.append(item)

    def write(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Set a key of a changelog; None deletes it."""
        writes = self.changelog.get(topic)
        if writes is None:
            writes = self.changelog[topic] = {}
        writes[key] = value

    def count(self, topic: str, type_: str, outcome: str) -> None:
        """Count a record by what became of it."""
        key = (topic, type_, outcome)
        self.outcomes[key] = self.outcomes.get(key, 0) + 1

    def take(self, other: "Outbox") -> None:
        """Add what another outbox of the same task holds."""
        for place, items in other.sends.items():
            self.sends.setdefault(place, []).extend(items)
        for topic, writes in other.changelog.items():
            self.changelog.setdefault(topic, {}).update(writes)
        for counted, n in other.outcomes.items():
            self.outcomes[counted] = self.outcomes.get(counted, 0) + n
        for code, n in other.dead_letters.items():
            self.dead_letters[code] = self.dead_letters.get(code, 0) + n
