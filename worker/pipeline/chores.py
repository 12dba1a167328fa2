"""What a task does between records: timers that are due, steps of sweeps, records of businesses to be written again.

J2: a timer, or a client's visit by a sweep, that meets a bug of ours is passed over; the rest goes on.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from topics.moments import Micros
from worker.domain import sweeps, timers
from worker.domain.answers import Answer, tell
from worker.domain.business import Business
from worker.domain.session import Session
from worker.domain.sweep import Sweep
from worker.pipeline.desk import REFRESH_AFTER, Desk
from worker.pipeline.outbox import Outbox
from worker.pipeline.ports import More, always

log = logging.getLogger(__name__)

MAX_TIMERS_PER_TRANSACTION: Final = 1_000
VISITS: Final = 64
"""Clients that a sweep visits between two looks at the clock; their cards are saved together."""


class _Clients:
    """The clients of one step of a sweep, VISITS at a time: as many as there is time for, and at most ``most``."""

    def __init__(self, take: Callable[[int], tuple[list[str], bool]], most: int, more: More) -> None:
        self._take = take
        self._most = most
        self._more = more
        self.taken: list[str] = []
        self.last = False
        """Is there none behind those that were taken?"""

    def __iter__(self) -> Iterator[list[str]]:
        going_on = True
        while going_on:
            some, self.last = self._take(min(VISITS, self._most - len(self.taken)))
            self.taken += some
            yield some
            going_on = not self.last and len(self.taken) < self._most and self._more()


class Chores:
    """Of one task."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- timers ---------------------------------------------------------------------------------------------------

    def fire(self, as_of: Micros, now: Micros) -> Outbox:
        """K2: fire at most MAX_TIMERS_PER_TRANSACTION timers that are due at ``as_of``. J2: one that meets a bug is
        passed over until the card is changed or the worker starts again."""
        keys = self._desk.waiting.take(as_of, MAX_TIMERS_PER_TRANSACTION)
        try:
            return self._desk.attempt(partial(self._fire_all, keys=keys, as_of=as_of, now=now))
        except Exception:  # noqa: BLE001  # each key is tried again, and the trace is logged there
            outbox = Outbox(self._desk.partition)
        for key in keys:
            try:
                outbox.take(self._desk.attempt(partial(self._fire_all, keys=[key], as_of=as_of, now=now)))
            except Exception:
                log.exception("a bug: the timers of the card %s are passed over", key.decode())
                outbox.count("timers", "card", "failed")
        return outbox

    def _fire_all(self, outbox: Outbox, keys: Iterable[bytes], as_of: Micros, now: Micros) -> None:
        for key in keys:
            self._fire(outbox, key, as_of, now)
        self._desk.flush(outbox, now)

    def _fire(self, outbox: Outbox, key: bytes, as_of: Micros, now: Micros) -> None:
        business_id, _, client_id = key.decode().partition("/")
        session = self._desk.session(business_id, now)
        card = session.cards.get(client_id)
        if card is None:
            return
        session.cards.put(card)
        timers.fire(session, card, as_of, self._desk.limits.grace)
        self._desk.save(outbox)
        self._desk.send(outbox, business_id, session.outputs)
        outbox.count("timers", "card", "fired")

    # -- other work -----------------------------------------------------------------------------------------------

    def wants_step(self, now: Micros) -> bool:
        """Is there work that waits for nothing: a sweep's next step, numbers of clients to be written again?"""
        if self._desk.forget_next is not None and self._desk.forget_next <= now:
            return True
        return bool(self._desk.sweeping) or any(since + REFRESH_AFTER <= now for since in self._desk.stale.values())

    def step(self, now: Micros, more: More = always) -> Outbox:
        """Do a bounded part of that work: of a sweep VISITS clients, and others while there is ``more`` time."""
        outbox = Outbox(self._desk.partition)
        self._desk.store.begin()
        for business_id in [b for b, since in self._desk.stale.items() if since + REFRESH_AFTER <= now]:
            del self._desk.stale[business_id]
            self._desk.store.business(business_id).settings_dirty = True
        if self._desk.forget_next is not None and self._desk.forget_next <= now:
            self._forget_erasures(now)
        self._desk.flush(outbox, now)
        if self._desk.sweeping:
            self._sweep(outbox, self._desk.sweeping.next_business(), now, more)
        return outbox

    def _forget_erasures(self, now: Micros) -> None:
        """G6: what was kept of them has been kept long enough."""
        for business_id, known in list(self._desk.store.businesses.items()):
            for mark in [mark for mark, erased in known.forgotten.items() if erased.until <= now]:
                self._desk.store.business(business_id).forget(mark, None)
        self._desk.look_for_forgotten()

    def _sweep(self, outbox: Outbox, business_id: str, now: Micros, more: More) -> None:
        business = self._desk.store.business(business_id)
        sweep = business.sweeps[0]
        store = self._desk.store
        walk = self._desk.sweeping.walk(business, sweep, store.keys, store.aliases, more)
        if walk is None:
            return
        clients = _Clients(walk.take, self._desk.limits.sweep_step, more)
        try:
            outbox.take(self._desk.attempt(lambda one: self._visit(one, business, sweep, clients, now)))
        except Exception:  # noqa: BLE001  # each client is visited again, and the trace is logged there
            self._desk.store.business(business_id).sweeps[0].total = sweep.total
            self._visit_carefully(outbox, business_id, clients.taken, now, last=clients.last)

    def _visit(self, outbox: Outbox, business: Business, sweep: Sweep, clients: _Clients, now: Micros) -> None:
        session = Session(business, self._desk.store.cards_of(business.id), sweeps.NOBODY, now)
        step = sweeps.Step(session, sweep)
        for some in clients:
            step.visit(some)
            self._desk.save(outbox)
        result = step.end(last=clients.last)
        if result is not None:
            self._answer(outbox, session, sweep, result)
        self._desk.send(outbox, business.id, session.outputs)
        self._desk.flush(outbox, now)

    def _visit_carefully(
        self, outbox: Outbox, business_id: str, clients: list[str], now: Micros, *, last: bool
    ) -> None:
        """J2: a client at a time; the one that meets the bug is named in the answer, and the sweep goes on."""
        for number, client_id in enumerate(clients, 1):
            is_last = last and number == len(clients)
            try:
                outbox.take(self._visit_one(business_id, [client_id], now, last=is_last))
            except Exception:
                log.exception("a bug: a sweep passes over the client %s of %s", client_id, business_id)
                business = self._desk.store.business(business_id)
                sweeps.failed(business, business.sweeps[0], client_id, skipped=True)
                outbox.take(self._visit_one(business_id, [], now, last=is_last))

    def _visit_one(self, business_id: str, clients: list[str], now: Micros, *, last: bool) -> Outbox:
        business, some = self._desk.store.business(business_id), _Clients(lambda _: (clients, last), 1, lambda: False)
        return self._desk.attempt(lambda one: self._visit(one, business, business.sweeps[0], some, now))

    def _answer(self, outbox: Outbox, session: Session, sweep: Sweep, result: Answer) -> None:
        """C6: the one answer, and again as many times as the message came again."""
        tell(session, result, dry_run=sweep.dry_run)
        outcome = self._desk.remember(session.business.id, session.origin, session)
        session.outputs.extend([session.outputs[-1]] * sweep.repeats)
        outbox.count("sweeps", sweep.type, outcome)
