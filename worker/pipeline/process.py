"""Third step, and the heart of a task: every record of a batch is decoded, routed, decided on, and put in the outbox.

``TaskEngine`` is synchronous. A record that cannot be used leaves nothing but its dead letter; a record that meets a
bug of ours does so too: the transaction is computed again, a record at a time (J2).
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from topics import dead_letters
from topics.commands import ClientErase, Command
from topics.envelope import TYPE_OF_EVENT, Event, Malformed, Unusable
from topics.moments import SECOND, Micros, micros
from topics.outputs import CONTENT_TYPE, OutputEvent, encode
from topics.registry import COMMAND_RESULTS, DEAD_LETTERS, TOPIC_OF_TYPE
from worker.domain import sweeps, timers
from worker.domain.answers import Answer
from worker.domain.answers import tell as tell_answer
from worker.domain.business import Business
from worker.domain.decide import answer, decide
from worker.domain.forgotten import restored
from worker.domain.session import Origin, Refused, Session
from worker.domain.sweep import Sweep
from worker.pipeline.decode import DECODERS, MAX_AHEAD
from worker.pipeline.outbox import Item, Outbox
from worker.pipeline.ports import Batch, LimitExceeded, Record
from worker.pipeline.route import Router, resent
from worker.pipeline.store import Store
from worker.pipeline.sweeping import Sweeping
from worker.pipeline.waiting import Waiting

log = logging.getLogger(__name__)

FAILURE_WINDOW: Final = 1_000
"""J2: of how many of a task's latest records the failed ones are counted."""
MAX_TIMERS_PER_TRANSACTION: Final = 1_000
REFRESH_AFTER: Final = SECOND // 2
"""How long after a change the numbers of clients in ``business-settings`` are written again."""
OUTPUT_HEADERS: Final = (("content-type", CONTENT_TYPE),)
UNKNOWN_TYPE: Final = "unknown"
_ANSWERED: Final = (Command, Malformed)


class Limits(NamedTuple):
    """Settings of the engine. ``grace`` in microseconds (B6); ``dead_letters`` per FAILURE_WINDOW, 0: no limit (J2);
    ``sweep_step``: clients that one step of a sweep visits (K1)."""

    grace: Micros = 60 * SECOND
    dead_letters: int = 200
    topic_prefix: str = ""
    sweep_step: int = 2_000


class _Bug(Exception):
    """Something that is not the record's fault went wrong while it was processed."""


class TaskEngine:
    """The state of one partition number and everything that changes it (worker.pipeline.ports.Engine)."""

    def __init__(self, partition: int, partitions: int, limits: Limits) -> None:
        self._partition = partition
        self._limits = limits
        self._router = Router(partition, partitions)
        self._store = Store()
        self._waiting = Waiting()
        self._failures: deque[int] = deque()
        self._records = 0
        self._sweeping = Sweeping()
        self._stale: dict[str, Micros] = {}
        self._forget_next: Micros | None = None
        """When the oldest erasure need not be remembered any more."""

    # -- what others see ------------------------------------------------------------------------------------------

    @property
    def stores(self) -> Mapping[str, Mapping[bytes, bytes]]:
        """Encoded state by topic and key."""
        return self._store.raw

    @property
    def cards(self) -> int:
        """How many cards there are."""
        return self._store.card_count

    @property
    def state_bytes(self) -> int:
        """Bytes of encoded keys and values."""
        return self._store.bytes

    @property
    def timers(self) -> int:
        """How many timers wait."""
        return len(self._waiting)

    # -- restoring ------------------------------------------------------------------------------------------------

    def restore(self, topic: str, records: Iterable[Record]) -> None:
        """Take records of a changelog, in order."""
        self._store.restore(topic, records)

    def restored(self) -> None:
        """Rebuild what is derived: businesses, timers, sweeps under way, numbers to be written again."""
        self._store.restored()
        grace, next_due = self._limits.grace, timers.next_due
        self._waiting.fill((key, next_due(ends, overdue, grace)) for key, ends, overdue in self._store.waiting())
        for business in self._store.businesses.values():
            self._sweeping.look(business)
            if business.is_stale:
                self._stale[business.id] = 0
        self._look_for_forgotten()

    # -- records --------------------------------------------------------------------------------------------------

    def process(self, batches: Sequence[Batch], now: Micros) -> Outbox:
        """Decide on every record of the batches, in order. Raises LimitExceeded (J2)."""
        records, failures = self._records, tuple(self._failures)
        outbox = Outbox(self._partition)
        self._store.begin()
        try:
            self._process(outbox, batches, now)
            self._flush(outbox, now)
        except _Bug:
            self._store.revert()
            self._sweeping.forget_walks()
            self._records, self._failures = records, deque(failures)
            outbox = Outbox(self._partition)
            self._process_carefully(outbox, batches, now)
        return outbox

    def _process(self, outbox: Outbox, batches: Sequence[Batch], now: Micros) -> None:
        positions = {batch.topic: batch.start for batch in reversed(batches)}
        for batch in batches:
            topic = batch.topic
            decode = DECODERS[topic].decode
            latest = now + MAX_AHEAD
            for record in batch.records:
                self._records += 1
                try:
                    event = decode(record.value, record.headers, latest)
                    if self._router.lies_right(event.businessid, record):
                        self._decide(outbox, topic, event, now)
                    else:
                        self._resend(outbox, topic, event, record)
                except Unusable as exc:
                    self._dead_letter(outbox, topic, record, exc, now)
                except Refused as exc:
                    self._store.drop()
                    self._dead_letter(outbox, topic, record, Unusable(exc.code, exc.message), now)
                except Exception as exc:
                    raise _Bug from exc
                if self._failures and self._over_limit():
                    positions[topic] = record.offset + 1
                    self._flush(outbox, now)
                    raise LimitExceeded(self._limit_message(), outbox, positions)
            positions[topic] = batch.end

    def _process_carefully(self, outbox: Outbox, batches: Sequence[Batch], now: Micros) -> None:
        """J2: a record at a time, each in an outbox of its own; the one that meets the bug becomes a dead letter."""
        positions = {batch.topic: batch.start for batch in reversed(batches)}
        for batch in batches:
            for record in batch.records:
                one = Outbox(self._partition)
                alone = batch._replace(start=record.offset, end=record.offset + 1, records=[record])
                try:
                    self._store.begin()
                    self._process(one, [alone], now)
                    self._flush(one, now)
                except _Bug as bug:
                    self._store.revert()
                    place = f"{batch.topic}:{self._partition}:{record.offset}"
                    log.error("a bug: the record %s is dead-lettered", place, exc_info=bug.__cause__)  # noqa: TRY400  # the cause is what matters
                    message = f"{type(bug.__cause__).__name__}: a fault of the worker; its log has the trace"
                    one = Outbox(self._partition)
                    self._dead_letter(one, batch.topic, record, Unusable("internal_error", message), now)
                except LimitExceeded as exc:
                    outbox.take(one)
                    raise LimitExceeded(str(exc), outbox, positions | exc.positions) from None
                outbox.take(one)
                positions[batch.topic] = record.offset + 1
            positions[batch.topic] = batch.end

    def _resend(self, outbox: Outbox, topic: str, event: Event, record: Record) -> None:
        outbox.send(topic, self._router.partition_of(event.businessid), resent(event.businessid, record))
        outbox.count(topic, TYPE_OF_EVENT[type(event)], "rekeyed")

    def _decide(self, outbox: Outbox, topic: str, event: Event, now: Micros) -> None:
        type_ = TYPE_OF_EVENT[type(event)]
        data = event.data
        origin = Origin(event.source, event.id, type_, micros(event.time), event.traceparent)
        business = self._store.business(event.businessid)
        session = Session(business, self._store.cards_of(event.businessid), origin, now)
        if not isinstance(data, _ANSWERED):
            outcome = decide(session, data)
            self._save(outbox)
            outbox.count(topic, type_, outcome)
            if session.outputs:
                self._send(outbox, event.businessid, session.outputs)
            return
        known = self._store.answered.find(event.businessid, event.source, event.id)
        if known is not None:
            outbox.count(topic, type_, "duplicate")
            if isinstance(data, ClientErase):
                known = restored(known, data.client_id)
            self._send_value(outbox, COMMAND_RESULTS, event.businessid, known)
            return
        begun = sweeps.under_way(business, event.source, event.id)
        if begun is not None:
            begun.repeats += 1
            business.sweeps_dirty.add(begun.number)
            outbox.count(topic, type_, "duplicate")
            return
        answered = answer(session, data)
        self._save(outbox)
        self._send(outbox, event.businessid, session.outputs)
        outbox.count(topic, type_, self._remember(event.businessid, origin, session) if answered else "started")
        if session.erased:
            self._store.forget(business, session.erased)

    def _remember(self, business_id: str, origin: Origin, session: Session) -> str:
        """C6: the answer, which is the last that the session tells. Returns what it was."""
        result = session.outputs[-1]
        self._store.answered.remember(business_id, origin.source, origin.id, encode(result))
        return result.type.removeprefix("command.")

    def _send(self, outbox: Outbox, business_id: str, outputs: list[OutputEvent]) -> None:
        for output in outputs:
            self._send_value(outbox, TOPIC_OF_TYPE[output.type], business_id, encode(output))

    def _send_value(self, outbox: Outbox, topic: str, business_id: str, value: bytes) -> None:
        outbox.send(topic, self._partition, Item(business_id.encode(), value, None, OUTPUT_HEADERS))

    def _dead_letter(self, outbox: Outbox, topic: str, record: Record, why: Unusable, now: Micros) -> None:
        name = self._limits.topic_prefix + topic
        headers = dead_letters.headers(record.headers, why.code, why.message, name, self._partition, record.offset, now)
        value = why.masked if why.masked is not None else record.value
        outbox.send(DEAD_LETTERS, self._partition, Item(record.key, value, record.timestamp, headers))
        outbox.count(topic, UNKNOWN_TYPE, "dead_lettered")
        outbox.dead_letters[why.code] = outbox.dead_letters.get(why.code, 0) + 1
        self._failures.append(self._records)

    def _over_limit(self) -> bool:
        failures = self._failures
        while failures and failures[0] <= self._records - FAILURE_WINDOW:
            failures.popleft()
        return 0 < self._limits.dead_letters < len(failures)

    def _limit_message(self) -> str:
        return (
            f"partition {self._partition}: {len(self._failures)} of the latest {FAILURE_WINDOW} records could not be "
            f"processed (MAX_DEAD_LETTERS={self._limits.dead_letters}); what was done is committed. Look at them with "
            "`client-status dead-letters list`, mend the cause, start again; or raise MAX_DEAD_LETTERS (0: no limit)"
        )

    def _save(self, outbox: Outbox) -> None:
        """The cards that the input at work has changed, into the outbox; and when their timers are due."""
        store, waiting = self._store, self._waiting
        for key, card in store.changed.items():
            store.save(outbox, key, card)
            if card is None:
                waiting.set(key, 0)
                continue
            state = card.state
            if state.due or state.overdue_next or key in waiting:
                waiting.set(key, timers.next_due(state.due, state.overdue_next, self._limits.grace))
        store.drop()

    def _flush(self, outbox: Outbox, now: Micros) -> None:
        """What has changed of businesses into the outbox, and what follows: sweeps, numbers to be written again."""
        for business in self._store.touched:
            if business.tally_dirty and business.id not in self._stale and business.is_stale:
                self._stale[business.id] = now
            if business.sweeps_dirty:
                self._sweeping.look(business)
            for mark in business.forgotten_dirty & business.forgotten.keys():
                until = business.forgotten[mark].until
                self._forget_next = min(self._forget_next or until, until)
        self._store.flush(outbox)

    # -- timers ---------------------------------------------------------------------------------------------------

    def next_due(self) -> Micros | None:
        """When the next timer is due; None when none is waiting."""
        return self._waiting.next()

    def fire(self, as_of: Micros, now: Micros) -> Outbox:
        """K2: fire at most MAX_TIMERS_PER_TRANSACTION timers that are due at ``as_of``. J2: one that meets a bug is
        passed over until the card is changed or the worker starts again."""
        outbox = Outbox(self._partition)
        keys = self._waiting.take(as_of, MAX_TIMERS_PER_TRANSACTION)
        try:
            self._store.begin()
            for key in keys:
                self._fire(outbox, key, as_of, now)
            self._flush(outbox, now)
        except Exception:  # noqa: BLE001  # each key is tried again, and the trace is logged there
            self._store.revert()
            outbox = Outbox(self._partition)
            for key in keys:
                one = Outbox(self._partition)
                try:
                    self._store.begin()
                    self._fire(one, key, as_of, now)
                    self._flush(one, now)
                except Exception:
                    self._store.revert()
                    log.exception("a bug: the timers of the card %s are passed over", key.decode())
                    one = Outbox(self._partition)
                    one.count("timers", "card", "failed")
                outbox.take(one)
        return outbox

    def _fire(self, outbox: Outbox, key: bytes, as_of: Micros, now: Micros) -> None:
        business_id, _, client_id = key.decode().partition("/")
        session = self._session(business_id, now)
        card = session.cards.get(client_id)
        if card is None:
            return
        session.cards.put(card)
        timers.fire(session, card, as_of, self._limits.grace)
        self._save(outbox)
        self._send(outbox, business_id, session.outputs)
        outbox.count("timers", "card", "fired")

    def _session(self, business_id: str, now: Micros) -> Session:
        return Session(self._store.business(business_id), self._store.cards_of(business_id), sweeps.NOBODY, now)

    # -- other work -----------------------------------------------------------------------------------------------

    def wants_step(self, now: Micros) -> bool:
        """Is there work that waits for nothing: a sweep's next step, numbers of clients to be written again?"""
        if self._forget_next is not None and self._forget_next <= now:
            return True
        return bool(self._sweeping) or any(since + REFRESH_AFTER <= now for since in self._stale.values())

    def step(self, now: Micros) -> Outbox:
        """Do a bounded part of that work."""
        outbox = Outbox(self._partition)
        self._store.begin()
        for business_id in [b for b, since in self._stale.items() if since + REFRESH_AFTER <= now]:
            del self._stale[business_id]
            self._store.business(business_id).settings_dirty = True
        if self._forget_next is not None and self._forget_next <= now:
            self._forget_erasures(now)
        self._flush(outbox, now)
        if self._sweeping:
            self._sweep(outbox, self._sweeping.next_business(), now)
        return outbox

    def _look_for_forgotten(self) -> None:
        moments = [f.until for business in self._store.businesses.values() for f in business.forgotten.values()]
        self._forget_next = min(moments, default=None)

    def _forget_erasures(self, now: Micros) -> None:
        """G6: what was kept of them has been kept long enough."""
        for business_id, known in list(self._store.businesses.items()):
            for mark in [mark for mark, erased in known.forgotten.items() if erased.until <= now]:
                self._store.business(business_id).forget(mark, None)
        self._look_for_forgotten()

    def _sweep(self, outbox: Outbox, business_id: str, now: Micros) -> None:
        business = self._store.business(business_id)
        sweep = business.sweeps[0]
        found = self._sweeping.clients(business, sweep, self._store.keys, self._limits.sweep_step)
        if found is None:
            return
        clients, last = found
        one = Outbox(self._partition)
        try:
            self._store.begin()
            self._visit(one, business, sweep, clients, now, last=last)
        except Exception:  # noqa: BLE001  # each client is visited again, and the trace is logged there
            self._store.revert()
            self._store.business(business_id).sweeps[0].total = sweep.total
            self._visit_carefully(outbox, business_id, clients, now, last=last)
        else:
            outbox.take(one)

    def _visit(
        self, outbox: Outbox, business: Business, sweep: Sweep, clients: list[str], now: Micros, *, last: bool
    ) -> None:
        session = Session(business, self._store.cards_of(business.id), sweeps.NOBODY, now)
        result = sweeps.step(session, sweep, clients, last=last)
        if result is not None:
            self._answer(outbox, session, sweep, result)
        self._save(outbox)
        self._send(outbox, business.id, session.outputs)
        self._flush(outbox, now)

    def _visit_carefully(
        self, outbox: Outbox, business_id: str, clients: list[str], now: Micros, *, last: bool
    ) -> None:
        """J2: a client at a time; the one that meets the bug is named in the answer, and the sweep goes on."""
        for number, client_id in enumerate(clients, 1):
            one = Outbox(self._partition)
            is_last = last and number == len(clients)
            try:
                self._visit_one(one, business_id, [client_id], now, last=is_last)
            except Exception:
                self._store.revert()
                log.exception("a bug: a sweep passes over the client %s of %s", client_id, business_id)
                one = Outbox(self._partition)
                business = self._store.business(business_id)
                sweeps.failed(business, business.sweeps[0], client_id, skipped=True)
                self._visit_one(one, business_id, [], now, last=is_last)
            outbox.take(one)

    def _visit_one(self, outbox: Outbox, business_id: str, clients: list[str], now: Micros, *, last: bool) -> None:
        business = self._store.business(business_id)
        self._store.begin()
        self._visit(outbox, business, business.sweeps[0], clients, now, last=last)

    def _answer(self, outbox: Outbox, session: Session, sweep: Sweep, result: Answer) -> None:
        """C6: the one answer, and again as many times as the message came again."""
        tell_answer(session, result, dry_run=sweep.dry_run)
        outcome = self._remember(session.business.id, session.origin, session)
        session.outputs.extend([session.outputs[-1]] * sweep.repeats)
        outbox.count("sweeps", sweep.type, outcome)

    def committed(self, outbox: Outbox) -> None:
        """The transaction with this outbox is committed."""
        del outbox
        self._store.begin()
