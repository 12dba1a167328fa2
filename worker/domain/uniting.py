"""What two cards of one client have between them, on one card (E2). Nothing is told here.

What the primary has stays; blank fields are filled; a thing counts once by its id (P3), and what was said of it on
both cards was said of one thing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain import money, own_fields
from worker.domain.activity import is_past
from worker.domain.booking_events import COUNTED, forget_oldest, next_ahead
from worker.domain.bookings import MAX_EVENTS, Booking, refold
from worker.domain.card import (
    MAX_ADDRESSES,
    MAX_MESSAGES,
    MAX_PAYMENT_CARDS,
    MAX_THINGS,
    Card,
    Counts,
    Message,
    Score,
)
from worker.domain.client_events import BLANKS, fill
from worker.domain.conversion import stays_counted
from worker.domain.facts import Fact, Ref, keep_latest
from worker.domain.known_events import DIGEST, MAX_SEEN, source_index
from worker.domain.merged import Merged, named, plain
from worker.domain.money import Invoice, Payment
from worker.domain.money_events import forget_oldest_invoices, forget_oldest_payments, sum_up
from worker.domain.session import Session
from worker.domain.tagging import hear

_NOT_DIALLED: Final = re.compile(r"[^\d+]")
Moved = Callable[[Ref], Ref]
_COUNTS: Final = tuple(Counts.__struct_fields__)


def unite(session: Session, card: Card, others: Sequence[Card], at: Micros) -> None:
    """Put on the card what the others have, in their order; all but the status, and without telling the tags."""
    state = card.state
    kept = [_counted(one) for one in (card, *others)]
    for other in others:
        _take_person(session, card, other)
        _take_history(card, other)
        _take_older(card, other)
        _remember_merged(card, other, at)
    _take_things(card, others)
    _add_up(card.counts, (other.counts for other in others), 1)
    _add_up(card.counts, kept, -1)
    _add_up(card.counts, (_counted(card),), 1)
    state.seen = _seen([card, *others])
    hear(state.words, others)
    _forget_surplus(card)
    sum_up(card, session.now)
    next_ahead(card, session.now)


def _take_person(session: Session, card: Card, other: Card) -> None:
    """Who somebody is and how to reach them."""
    blank = [name for name in (*BLANKS, "source") if not getattr(card, name)]
    fill(session, card, other)
    times = other.state.field_times
    card.state.field_times |= {name: times[name] for name in blank if name in times}
    own_fields.take_over(session, card, other)
    card.emails = [*card.emails, *further_emails(card.emails, other.emails)][: max(MAX_ADDRESSES, len(card.emails))]
    card.phones = [*card.phones, *further_phones(card.phones, other.phones)][: max(MAX_ADDRESSES, len(card.phones))]
    card.linked_systems = list(dict.fromkeys((*card.linked_systems, *other.linked_systems)))
    on_file = {c.of for c in card.cards}
    card.cards = [*card.cards, *(c for c in other.cards if c.of not in on_file)][:MAX_PAYMENT_CARDS]
    card.state.field_times |= {c.of: times[c.of] for c in card.cards if c.of not in on_file and c.of in times}


def further_emails(mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """Those of theirs that are not among mine, however they are written."""
    return _further(mine, theirs, str.casefold)


def further_phones(mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """Those of theirs that are not among mine, in whatever notation."""
    return _further(mine, theirs, lambda phone: _NOT_DIALLED.sub("", phone) or phone)


def _further(mine: Iterable[str], theirs: Iterable[str], compared: Callable[[str], str]) -> list[str]:
    there = {compared(value) for value in mine}
    return [value for value in theirs if compared(value) not in there]


def _take_history(card: Card, other: Card) -> None:
    """When the client came, was last active, and what others said of it."""
    state, theirs = card.state, other.state
    if theirs.created < state.created:
        state.created, card.created_at = theirs.created, other.created_at
    state.active = max(state.active, theirs.active)
    state.sent = sorted({*state.sent, *theirs.sent})[-MAX_MESSAGES - 1 :]
    state.latest = max(state.latest, theirs.latest)
    state.waiting = state.waiting or theirs.waiting
    if other.score is not None:
        state.score_sum += theirs.score_sum
        count = other.score.count + (card.score.count if card.score is not None else 0)
        card.score = Score(round(state.score_sum / count, 2), count)


def _take_things(card: Card, others: Sequence[Card]) -> None:
    """Bookings, invoices, payments, documents and messages move over, with the events that said so."""
    state = card.state
    bookings, invoices = dict(state.bookings.items()), dict(state.invoices.items())
    payments = dict(state.payments.items())
    documents, messages = dict.fromkeys(state.documents), list(state.messages)
    number = sum(map(_number_of_things, (card, *others)))
    for other in others:
        theirs, moved = other.state, _moving(card, other)
        for id_, booking in theirs.bookings.items():
            _take_booking(bookings, id_, booking, moved)
        for id_, traces in theirs.traces.items():
            state.traces[id_] = state.traces.get(id_, {}) | traces
        for id_, invoice in theirs.invoices.items():
            _take_invoice(invoices, id_, invoice, moved)
        for id_, payment in theirs.payments.items():
            _take_payment(payments, id_, payment, moved)
        documents |= dict.fromkeys(theirs.documents)
        messages += [Message(m.time, moved(m.ref)) for m in theirs.messages]
    state.traces = {id_: traces for id_, traces in state.traces.items() if id_ in bookings and bookings[id_].due}
    state.bookings.replace(dict(sorted(bookings.items(), key=lambda item: item[1].events[0].order)))
    state.invoices.replace(dict(sorted(invoices.items(), key=lambda item: item[1].first or item[1].cancelled)))
    state.payments.replace(dict(sorted(payments.items(), key=lambda item: item[1].first)))
    state.documents, state.messages = list(documents), sorted(messages, key=lambda m: m.time)
    if _number_of_things(card) < number:  # what was told of one thing to two cards may mean that it was no activity
        is_past(card, state.active)


def _number_of_things(card: Card) -> int:
    return len(card.state.bookings) + len(card.state.invoices) + len(card.state.payments)


def _take_older(card: Card, other: Card) -> None:
    """P3: what is no longer kept one by one."""
    state, theirs = card.state, other.state
    hand = theirs.manual.since if theirs.manual is not None else 0
    for trigger, time in theirs.older_facts.items():
        if time > hand:
            keep_latest(state.older_facts, trigger, time)
    for currency, more in theirs.older.items():
        sums = money.turnover(state.older, currency)
        for name in ("invoiced", "paid", "refunded", "open"):
            sum_: money.Sum = getattr(more, name)
            getattr(sums, name).add(sum_.amount, sum_.decimals)


def _moving(card: Card, other: Card) -> Moved:
    """Turns references on the other card into such on this one."""
    numbers = [source_index(card.state, plain(s), named(s) or other.client_id) for s in other.state.sources]
    return lambda ref: Ref(ref.kind, numbers[ref.source], ref.id)


def _take_booking(mine: dict[str, Booking], id_: str, theirs: Booking, moved: Moved) -> None:
    events = [msgspec.structs.replace(event, ref=moved(event.ref)) for event in theirs.events]
    found = mine.get(id_)
    if found is None:
        mine[id_] = msgspec.structs.replace(theirs, events=events)
        return
    found.events = sorted((*found.events, *events), key=lambda e: e.order)[-MAX_EVENTS:]
    found.has_kind(theirs.kind, theirs.kind_at)
    refold(found)


def _take_invoice(mine: dict[str, Invoice], id_: str, theirs: Invoice, moved: Moved) -> None:
    ref = moved(theirs.ref) if theirs.ref is not None else None
    by = moved(theirs.cancelled_by) if theirs.cancelled_by is not None else None
    found = mine.setdefault(id_, Invoice())
    if theirs.first and (not found.first or theirs.first < found.first):
        found.first, found.ref = theirs.first, ref
    if theirs.first and (theirs.time, theirs.version) >= (found.time, found.version):
        found.time, found.version, found.number, found.booking_id = (
            theirs.time, theirs.version, theirs.number, theirs.booking_id,
        )  # fmt: skip
        found.amount, found.decimals, found.currency, found.due_at = (
            theirs.amount, theirs.decimals, theirs.currency, theirs.due_at,
        )  # fmt: skip
    if theirs.cancelled > found.cancelled:
        found.cancelled, found.cancelled_by = theirs.cancelled, by
    found.paid, found.paid_decimals = found.paid + theirs.paid, max(found.paid_decimals, theirs.paid_decimals)


def _take_payment(mine: dict[str, Payment], id_: str, theirs: Payment, moved: Moved) -> None:
    found = mine.setdefault(id_, Payment())
    if theirs.ref is not None and (not found.first or theirs.first < found.first):
        found.first, found.ref = theirs.first, moved(theirs.ref)
    if theirs.first and (theirs.time, theirs.version) >= (found.time, found.version):
        found.time, found.version, found.invoice_id = theirs.time, theirs.version, theirs.invoice_id
        found.amount, found.decimals, found.currency = theirs.amount, theirs.decimals, theirs.currency
    refunds = (msgspec.structs.replace(refund, ref=moved(refund.ref)) for refund in theirs.refunds)
    found.refunds = money.latest_refunds((*found.refunds, *refunds))


def _counted(card: Card) -> Counts:
    """What the things that are kept one by one count for; the rest of a card's counts is older, or messages (P3)."""
    state, counts = card.state, Counts()
    for booking in state.bookings.values():
        if (name := COUNTED.get(booking.state)) is not None:
            setattr(counts, name, getattr(counts, name) + 1)
    counts.invoices = sum(invoice.issued for invoice in state.invoices.values())
    counts.payments = sum(payment.first != 0 for payment in state.payments.values())
    counts.documents = len(state.documents)
    return counts


def _add_up(counts: Counts, more: Iterable[Counts], sign: int) -> None:
    for addend in more:
        for name in _COUNTS:
            setattr(counts, name, getattr(counts, name) + sign * getattr(addend, name))


def _remember_merged(card: Card, other: Card, at: Micros) -> None:
    """E5: the ids of both, and what later events that name them are judged by (E3)."""
    state, theirs = card.state, other.state
    hand = theirs.manual.since if theirs.manual is not None else 0
    state.merged[other.client_id] = Merged(at, other.sequence, hand)
    for client_id, merged in theirs.merged.items():
        state.merged[client_id] = msgspec.structs.replace(merged, into=merged.into or other.client_id)
    card.merged_ids = [*card.merged_ids, other.client_id, *other.merged_ids]


def _seen(cards: Iterable[Card]) -> bytes:
    """P3: the last events of each card in turn, as many as are remembered."""
    marks = [
        [card.state.seen[at : at + DIGEST] for at in range(len(card.state.seen) - DIGEST, -1, -DIGEST)]
        for card in cards
    ]
    in_turn = [mark for turn in zip_longest(*marks) for mark in turn if mark is not None]
    return b"".join(reversed(in_turn[:MAX_SEEN]))


def _forget_surplus(card: Card) -> None:
    """P3: of each kind the last are kept; older ones stay counted."""
    state = card.state
    forget_oldest(card)
    forget_oldest_payments(card, max(len(state.payments) - MAX_THINGS, 0))
    forget_oldest_invoices(card, max(len(state.invoices) - MAX_THINGS, 0))
    del state.documents[:-MAX_THINGS]
    for message in state.messages[:-MAX_MESSAGES]:
        stays_counted(card, Fact("message_received", message.time, message.ref))
    del state.messages[:-MAX_MESSAGES]
