"""Third step, and the heart of a task: every record of a batch is decoded, routed, decided on, and put in the outbox.

``TaskEngine`` is synchronous. A record that cannot be used leaves nothing but its dead letter; a record that meets a
bug of ours does so too: the transaction is computed again, a record at a time (J2).
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from topics import dead_letters
from topics.commands import ClientErase
from topics.dead_letters import INTERNAL_ERROR
from topics.envelope import TYPE_OF_EVENT, Event, Unusable, data_as_it_came
from topics.moments import Micros, micros
from topics.registry import COMMAND_RESULTS, COMMAND_TOPICS, DEAD_LETTERS
from worker.domain import sweeps
from worker.domain.answers import Rejected
from worker.domain.card import CardTooLarge
from worker.domain.decide import answer, decide, refuse
from worker.domain.forgotten import restored
from worker.domain.session import Origin, Refused, Session
from worker.pipeline.chores import Chores
from worker.pipeline.decode import DECODERS, MAX_AHEAD
from worker.pipeline.desk import Desk, Limits
from worker.pipeline.outbox import Item, Outbox
from worker.pipeline.ports import Batch, LimitExceeded, More, Record, always
from worker.pipeline.route import Router, check_size, resent
from worker.pipeline.store import Place

log = logging.getLogger(__name__)

FAILURE_WINDOW: Final = 1_000
"""J2: of how many of a task's latest records the failed ones are counted."""
STAGE: Final = 64
"""Records of a batch that are taken together, step by step: what a step needs, code and data, is then in the
processor's caches. With more of them, their cards would not be."""
COMMAND_STAGE: Final = 8
"""The same of commands, which may be about a thousand clients each: between two stages the clock is looked at."""
LARGE_RECORD: Final = 2_048
"""Bytes. Behind a larger one cards are saved at once, and so are cards that are large: STAGE smaller ones cannot make a
card too large, so what becomes of a record does not depend on those that are taken together with it."""
UNKNOWN_TYPE: Final = "unknown"
FAULT: Final = "A fault of the worker; its log has the trace. Nothing was changed; the message is a dead letter, too."


class _Bug(Exception):
    """Something that is not the record's fault went wrong while it was processed."""


def _decoded(decode: Callable[..., Event], record: Record, latest: Micros) -> Event | Unusable:
    try:
        return decode(record.value, record.headers, latest)
    except Unusable as exc:
        return exc


def _stages(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches in parts of STAGE records, or of COMMAND_STAGE commands."""
    for batch in batches:
        start, records = batch.start, batch.records
        size = COMMAND_STAGE if batch.topic in COMMAND_TOPICS else STAGE
        for at in range(size, len(records), size):
            end = records[at].offset
            yield batch._replace(start=start, end=end, records=records[at - size : at])
            start = end
        last = records[(len(records) - 1) // size * size :] if records else records
        yield batch._replace(start=start, records=last)


class TaskEngine:
    """The state of one partition number and everything that changes it (worker.pipeline.ports.Engine)."""

    def __init__(self, partition: int, partitions: int, limits: Limits) -> None:
        self._partition = partition
        self._limits = limits
        self._desk = Desk(partition, limits)
        self._store = self._desk.store
        self._chores = Chores(self._desk)
        self._router = Router(partition, partitions)
        self._failures: deque[int] = deque()
        self._records = 0
        self._refusal: Rejected | None = None
        """What the command at work is answered, whatever it says."""

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
        return len(self._desk.waiting)

    # -- restoring ------------------------------------------------------------------------------------------------

    def restore(self, topic: str, records: Iterable[Record]) -> None:
        """Take records of a changelog, in order."""
        self._store.restore(topic, records)

    def restored(self) -> None:
        """Rebuild what is derived: businesses, timers, sweeps under way, numbers to be written again."""
        self._desk.restored()

    # -- records --------------------------------------------------------------------------------------------------

    def process(self, batches: Sequence[Batch], now: Micros, more: More = always) -> Outbox:
        """Decide on the records of the batches, in order, as long as there is time for ``more``; on some in any case.
        Raises LimitExceeded (J2)."""
        records, failures = self._records, tuple(self._failures)
        self._desk.waiting.now = now
        try:
            return self._desk.attempt(partial(self._process_all, batches=batches, now=now, more=more), _Bug)
        except _Bug:
            self._desk.sweeping.forget_walks()
            self._records, self._failures = records, deque(failures)
            outbox = Outbox(self._partition)
            self._process_carefully(outbox, batches, now, more)
        return outbox

    def _process_all(self, outbox: Outbox, batches: Sequence[Batch], now: Micros, more: More = always) -> None:
        self._process(outbox, batches, now, more)
        self._desk.flush(outbox, now)

    def _process(self, outbox: Outbox, batches: Sequence[Batch], now: Micros, more: More) -> None:
        positions = {batch.topic: batch.start for batch in reversed(batches)}
        places: dict[str, Place] = {}
        before = self._records
        for stage in _stages(batches):
            topic = stage.topic
            if self._records > before and not more():
                outbox.stopped = positions
                return
            treat = self._command if topic in COMMAND_TOPICS else self._decide
            for record, event in self._opened(outbox, stage, now):
                self._records += 1
                try:
                    if isinstance(event, Unusable):
                        self._dead_letter(outbox, topic, record, event, now)
                    elif (place := places.get(event.businessid)) is not None and place.key == record.key:
                        treat(outbox, topic, event, place, record, now)
                    elif self._router.lies_right(event.businessid, record):
                        place = places[event.businessid] = self._store.place(event.businessid)
                        treat(outbox, topic, event, place, record, now)
                    else:
                        self._resend(outbox, topic, event, record)
                except Unusable as exc:
                    self._dead_letter(outbox, topic, record, exc, now)
                except Refused as exc:
                    self._dead_letter(outbox, topic, record, Unusable(exc.code, exc.message), now)
                except Exception as exc:
                    raise _Bug from exc
                if self._failures and self._over_limit():
                    positions[topic] = record.offset + 1
                    self._desk.save(outbox)
                    self._desk.flush(outbox, now)
                    raise LimitExceeded(self._limit_message(), outbox, positions)
            positions[topic] = stage.end

    def _opened(self, outbox: Outbox, stage: Batch, now: Micros) -> Iterator[tuple[Record, Event | Unusable]]:
        """Decode all records of a stage, and the cards of events; yield one after the other; save the cards."""
        decode, latest = DECODERS[stage.topic].decode, now + MAX_AHEAD
        store, records = self._store, stage.records
        try:
            events = [_decoded(decode, record, latest) for record in records]
            if stage.topic not in COMMAND_TOPICS:
                store.open(events)
            for record, event in zip(records, events, strict=True):
                yield record, event
                if store.has_large or len(record.value or b"") > LARGE_RECORD:
                    self._desk.save(outbox)
            self._desk.save(outbox)
        except Exception as exc:
            raise _Bug from exc

    def _process_carefully(self, outbox: Outbox, batches: Sequence[Batch], now: Micros, more: More) -> None:
        """J2: a record at a time, each in an outbox of its own; the one that meets the bug becomes a dead letter."""
        positions = {batch.topic: batch.start for batch in reversed(batches)}
        before = self._records
        for batch in batches:
            for record in batch.records:
                if self._records > before and not more():
                    outbox.stopped = positions
                    return
                alone = batch._replace(start=record.offset, end=record.offset + 1, records=[record])
                number = self._records + 1
                try:
                    one = self._desk.attempt(partial(self._process_all, batches=[alone], now=now), _Bug)
                except _Bug as bug:
                    self._records = number  # the bug may have been met before it was counted
                    one = self._set_aside(alone, record, bug, now)
                except LimitExceeded as exc:
                    outbox.take(exc.outbox)
                    raise LimitExceeded(str(exc), outbox, positions | exc.positions) from None
                outbox.take(one)
                positions[batch.topic] = record.offset + 1
                if self._failures and self._over_limit():
                    raise LimitExceeded(self._limit_message(), outbox, positions)
            positions[batch.topic] = batch.end

    def _set_aside(self, alone: Batch, record: Record, bug: _Bug, now: Micros) -> Outbox:
        """A record that has met a bug. C4: a command is answered all the same; one that would make a card too large is
        refused, and is no dead letter."""
        topic, cause = alone.topic, bug.__cause__
        if isinstance(cause, CardTooLarge) and topic in COMMAND_TOPICS:
            return self._refused(alone, now, Rejected("too_large", f"{cause}."))
        outbox = Outbox(self._partition)
        place = f"{topic}:{self._partition}:{record.offset}"
        why = self._why(cause, place)
        if topic in COMMAND_TOPICS:
            try:
                outbox = self._refused(alone, now, Rejected(INTERNAL_ERROR, FAULT))
            except _Bug:
                log.exception("a bug: the record %s is not answered", place)
        self._dead_letter(outbox, topic, record, why, now)
        return outbox

    def _refused(self, alone: Batch, now: Micros, refusal: Rejected) -> Outbox:
        """The answer to the command in a batch of one record, whatever the command says."""
        number = self._records
        self._records, self._refusal = number - 1, refusal
        try:
            return self._desk.attempt(partial(self._process_all, batches=[alone], now=now), _Bug)
        finally:
            self._records, self._refusal = number, None

    @staticmethod
    def _why(cause: BaseException | None, place: str) -> Unusable:
        if isinstance(cause, CardTooLarge):
            return Unusable("too_large", str(cause))
        log.error("a bug: the record %s is dead-lettered", place, exc_info=cause)
        return Unusable(INTERNAL_ERROR, f"{type(cause).__name__}: a fault of the worker; its log has the trace")

    def _resend(self, outbox: Outbox, topic: str, event: Event, record: Record) -> None:
        """Raises Unusable."""
        check_size(record)
        outbox.send(topic, self._router.partition_of(event.businessid), resent(event.businessid, record))
        outbox.count(topic, TYPE_OF_EVENT[type(event)], "rekeyed")

    def _decide(self, outbox: Outbox, topic: str, event: Event, place: Place, record: Record, now: Micros) -> None:
        type_ = TYPE_OF_EVENT[type(event)]
        origin = Origin(event.source, event.id, type_, micros(event.time), event.traceparent)
        session = Session(place.business, place.cards, origin, now)
        rules = place.business.tag_rules.on
        if rules and type_ in rules:
            session.body = partial(data_as_it_came, record.value, record.headers)
        outcome = decide(session, event.data)
        self._store.settle()
        outbox.count(topic, type_, outcome)
        if session.outputs:
            self._desk.send(outbox, event.businessid, session.outputs)

    def _command(self, outbox: Outbox, topic: str, event: Event, place: Place, _record: Record, now: Micros) -> None:
        """C4, C6: a command or control message is answered; one that is known, again."""
        type_ = TYPE_OF_EVENT[type(event)]
        business, data = place.business, event.data
        known = self._store.answered.find(event.businessid, event.source, event.id)
        if known is not None:
            outbox.count(topic, type_, "duplicate")
            if isinstance(data, ClientErase):
                known = restored(known, data.client_id)
            self._desk.send_value(outbox, COMMAND_RESULTS, event.businessid, known)
            return
        begun = sweeps.under_way(business, event.source, event.id)
        if begun is not None:
            begun.repeats += 1
            business.sweeps_dirty.add(begun.number)
            outbox.count(topic, type_, "duplicate")
            return
        origin = Origin(event.source, event.id, type_, micros(event.time), event.traceparent)
        session = Session(business, place.cards, origin, now)
        refusal = self._refusal
        answered = answer(session, data) if refusal is None else refuse(session, data, refusal)
        self._desk.save(outbox)
        self._desk.send(outbox, event.businessid, session.outputs)
        if refusal is not None and refusal.problem.code == INTERNAL_ERROR:
            return  # it was counted as a dead letter, and may come again when the bug is mended (J3)
        outbox.count(topic, type_, self._desk.remember(event.businessid, origin, session) if answered else "started")
        if session.erased:
            self._store.forget(business, session.erased)

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

    # -- other work -----------------------------------------------------------------------------------------------

    def next_due(self) -> Micros | None:
        """When the next timer is due; None when none is waiting."""
        return self._desk.waiting.next()

    def fire(self, as_of: Micros, now: Micros) -> Outbox:
        """K2: fire timers that are due at ``as_of``, a bounded number."""
        return self._chores.fire(as_of, now)

    def wants_step(self, now: Micros) -> bool:
        """Is there work that waits for nothing: a sweep's next step, records of businesses to be written again?"""
        return self._chores.wants_step(now)

    def step(self, now: Micros, more: More = always) -> Outbox:
        """Do a bounded part of that work. ``more`` is asked now and then: is there time for more of it?"""
        return self._chores.step(now, more)

    def committed(self, outbox: Outbox) -> None:
        """The transaction with this outbox is committed."""
        del outbox
        self._store.begin()
