"""What every part of a task's work shares: the state, the timers, and how changes leave as records."""

from collections.abc import Callable
from typing import Final, NamedTuple

from topics.moments import SECOND, Micros
from topics.outputs import CONTENT_TYPE, OutputEvent, encode
from topics.registry import TOPIC_OF_TYPE
from worker.domain import sweeps, timers
from worker.domain.card import Card
from worker.domain.session import Origin, Session
from worker.pipeline.outbox import Item, Outbox
from worker.pipeline.store import Store
from worker.pipeline.sweeping import Sweeping
from worker.pipeline.waiting import Waiting

REFRESH_AFTER: Final = SECOND // 2
"""How long after a change the numbers of clients in ``business-settings`` are written again."""
OUTPUT_HEADERS: Final = (("content-type", CONTENT_TYPE),)


LINGER: Final = SECOND // 2
"""B6: how long a booking that is entered when it is due already is left undecided, so that what its sender sends right
behind it, its cancellation, is read first."""


class Limits(NamedTuple):
    """Settings of the engine. ``grace`` in microseconds (B6); ``dead_letters`` per FAILURE_WINDOW, 0: no limit (J2);
    ``sweep_step``: clients that one step of a sweep visits (K1); ``linger``: LINGER, where records come one by one."""

    grace: Micros = 60 * SECOND
    dead_letters: int = 200
    topic_prefix: str = ""
    sweep_step: int = 2_000
    linger: Micros = 0


class Desk:
    """Of one task."""

    def __init__(self, partition: int, limits: Limits) -> None:
        self.partition = partition
        self.limits = limits
        self.store = Store()
        self.waiting = Waiting(limits.linger)
        self.sweeping = Sweeping()
        self.stale: dict[str, Micros] = {}
        """Businesses whose record shows other numbers than there are, and since when."""
        self.forget_next: Micros | None = None
        """When the oldest erasure need not be remembered any more."""

    def restored(self) -> None:
        """Rebuild what is derived: businesses, timers, sweeps under way, numbers to be written again."""
        self.store.restored()
        grace, next_due = self.limits.grace, timers.next_due
        self.waiting.fill({key: next_due(ends, overdue, grace) for key, ends, overdue in self.store.waiting()})
        for business in self.store.businesses.values():
            self.sweeping.look(business)
            if business.is_stale:
                self.stale[business.id] = 0
        self.look_for_forgotten()

    def attempt(self, work: Callable[[Outbox], None], bug: type[Exception] = Exception) -> Outbox:
        """What the work puts out. J2: a ``bug`` is raised with no trace left, so that it can be tried in parts."""
        outbox = Outbox(self.partition)
        self.store.begin()
        try:
            work(outbox)
        except bug:
            self.store.revert()
            raise
        return outbox

    def session(self, business_id: str, now: Micros) -> Session:
        """For work that no input causes."""
        return Session(self.store.business(business_id), self.store.cards_of(business_id), sweeps.NOBODY, now)

    def save(self, outbox: Outbox) -> None:
        """The cards that inputs have changed, into the outbox; and when their timers are due. Raises CardTooLarge."""
        store, waiting = self.store, self.waiting
        store.settle()
        for key, card in store.unsaved.items():
            store.save(outbox, key, card)
            if not isinstance(card, Card):
                waiting.set(key, 0)
                continue
            state = card.state
            if state.due or state.overdue_next or key in waiting:
                waiting.set(key, timers.next_due(state.due, state.overdue_next, self.limits.grace))
        store.drop()

    def flush(self, outbox: Outbox, now: Micros) -> None:
        """What has changed of businesses into the outbox, and what follows: sweeps, numbers to be written again."""
        for business in self.store.touched:
            if business.tally_dirty and business.id not in self.stale and business.is_stale:
                self.stale[business.id] = now
            if business.sweeps_dirty:
                self.sweeping.look(business)
            for mark in business.forgotten_dirty & business.forgotten.keys():
                until = business.forgotten[mark].until
                self.forget_next = min(self.forget_next or until, until)
        self.store.flush(outbox)

    def send(self, outbox: Outbox, business_id: str, outputs: list[OutputEvent]) -> None:
        """Outputs, in their order."""
        key = business_id.encode()
        for output in outputs:
            item = Item(key, encode(output), None, OUTPUT_HEADERS)
            outbox.send(TOPIC_OF_TYPE[output.type], self.partition, item)

    def send_value(self, outbox: Outbox, topic: str, business_id: str, value: bytes) -> None:
        """An output event that is encoded already."""
        outbox.send(topic, self.partition, Item(business_id.encode(), value, None, OUTPUT_HEADERS))

    def remember(self, business_id: str, origin: Origin, session: Session) -> str:
        """C6: the answer, which is the last that the session tells. Returns what it was."""
        result = session.outputs[-1]
        self.store.answered.remember(business_id, origin.source, origin.id, encode(result))
        return result.type.removeprefix("command.")

    def look_for_forgotten(self) -> None:
        """G6: when the oldest erasure need not be remembered any more."""
        moments = [f.until for business in self.store.businesses.values() for f in business.forgotten.values()]
        self.forget_next = min(moments, default=None)
