"""Events about bookings, invoices and payments (B5-B7, G1, P3): the thing is brought up to date, then its facts speak."""

from datetime import datetime

from topics.bookings import (
    BookingAttended,
    BookingCancelled,
    BookingNoShow,
    BookingRescheduled,
    BookingScheduled,
)
from topics.causes import Trigger
from topics.invoices import InvoiceCancelled, InvoiceIssued
from topics.moments import DAY, MAX_YEAR, MIN_YEAR, Micros, day_micros, micros, rfc3339
from topics.payments import PaymentReceived, PaymentRefunded
from worker.domain import money
from worker.domain.activity import be_active
from worker.domain.bookings import STEP_OF_KIND, Booking, BookingEvent, Outcome, add, fold
from worker.domain.bookings import State as BookingState
from worker.domain.card import MAX_OPEN_BOOKINGS, MAX_THINGS, MAX_UPCOMING, Card, Counts, Upcoming, ref
from worker.domain.conversion import consider
from worker.domain.facts import KIND_OF_TYPE
from worker.domain.money import MAX_REFUNDS, WHOLE, Invoice, Payment, Refund
from worker.domain.session import Refused, Session

BookingData = BookingScheduled | BookingRescheduled | BookingCancelled | BookingAttended | BookingNoShow
_COUNTED = {BookingState.ATTENDED: "attended", BookingState.NO_SHOW: "no_shows", BookingState.CANCELLED: "cancelled"}
_WITHDRAWING = frozenset({"booking.scheduled", "booking.rescheduled", "booking.cancelled", "booking.no_show"})


def check_booking(_session: Session, card: Card | None, data: BookingData) -> None:
    """J4: raises Refused when the client would have more than MAX_OPEN_BOOKINGS, or when it ends before it starts."""
    if not isinstance(data, BookingCancelled | BookingNoShow):
        _check_times(data.starts_at, data.ends_at)
    if card is None or len(card.state.bookings) < MAX_OPEN_BOOKINGS or data.booking_id in card.state.bookings:
        return
    if sum(b.state == BookingState.OPEN for b in card.state.bookings.values()) >= MAX_OPEN_BOOKINGS:
        raise Refused("invalid_data", f"client {card.client_id} has {MAX_OPEN_BOOKINGS} open bookings already")


def _check_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment is not None and not MIN_YEAR <= moment.year <= MAX_YEAR:
            raise Refused("invalid_data", f"data.{name}: the year must be between {MIN_YEAR} and {MAX_YEAR}")
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise Refused("invalid_data", "data.ends_at: the booking ends before it starts")


def booking(session: Session, card: Card, data: BookingData) -> None:
    """B6: any event of a booking."""
    origin, state = session.origin, card.state
    found = state.bookings.get(data.booking_id)
    if found is None:
        found = state.bookings[data.booking_id] = Booking([])
        _keep_latest_bookings(card)
    starts = ends = 0
    if not isinstance(data, BookingCancelled | BookingNoShow):
        starts = micros(data.starts_at) if data.starts_at is not None else 0
        ends = micros(data.ends_at) if data.ends_at is not None else 0
    if isinstance(data, BookingScheduled | BookingAttended) and data.kind is not None:
        found.kind = data.kind
    kind = KIND_OF_TYPE[origin.type]
    before = found.state
    if starts or ends:
        be_active(card, origin.time)
    event = BookingEvent(origin.time, STEP_OF_KIND[kind], ref(state, kind, origin.source, origin.id), starts, ends)
    outcome = add(found, event)
    if outcome is not None:
        booking_changed(session, card, data.booking_id, before, outcome, withdrawal=origin.type in _WITHDRAWING)


def booking_changed(
    session: Session, card: Card, booking_id: str, before: int, outcome: Outcome, *, withdrawal: bool = False
) -> None:
    """Counts, what is upcoming, the next timer, and the facts of a booking that has changed."""
    found = card.state.bookings[booking_id]
    count_booking(card.counts, before, found.state)
    if found.state == BookingState.OPEN or before == BookingState.OPEN:
        show_upcoming(card, booking_id, found, session.now)
    set_due(card)
    for fact in outcome.facts:
        be_active(card, fact.time)
    consider(session, card, outcome.facts, withdrawal)


def count_booking(counts: Counts, before: int, after: int) -> None:
    """G1: a booking is in one of attended, no-shows, cancelled, or in none."""
    if before == after:
        return
    for state, by in ((before, -1), (after, 1)):
        name = _COUNTED.get(BookingState(state))
        if name is not None:
            setattr(counts, name, getattr(counts, name) + by)


def show_upcoming(card: Card, booking_id: str, changed: Booking, now: Micros) -> None:
    """G1: the next ten open bookings."""
    bookings = card.state.bookings
    before = len(card.upcoming)
    shown = [u for u in card.upcoming if u.booking_id != booking_id]
    if changed.state == BookingState.OPEN and changed.ends > now:
        shown.append(_upcoming(booking_id, changed))
    elif len(shown) < before and before >= MAX_UPCOMING:
        shown = [_upcoming(id_, b) for id_, b in bookings.items() if b.state == BookingState.OPEN and b.ends > now]
    if len(shown) > 1:
        shown.sort(key=lambda u: (bookings[u.booking_id].starts, u.booking_id))
    card.upcoming = shown[:MAX_UPCOMING]


def _upcoming(booking_id: str, b: Booking) -> Upcoming:
    kind = b.kind if b.kind in ("appointment", "group_event") else None
    return Upcoming(booking_id, rfc3339(b.starts), rfc3339(b.ends), kind)  # type: ignore[arg-type]  # checked above


def _keep_latest_bookings(card: Card) -> None:
    """P3: of bookings that are not open the latest MAX_THINGS are kept; older ones stay counted."""
    bookings = card.state.bookings
    if len(bookings) <= MAX_THINGS:
        return
    for booking_id, old in bookings.items():
        if old.state not in (BookingState.OPEN, BookingState.UNKNOWN):
            for fact in fold(old.events).facts:
                if fact.stands:
                    _stays_counted(card, "booking_attended", fact.time)
            del bookings[booking_id]
            return


def _stays_counted(card: Card, trigger: Trigger, time: Micros) -> None:
    older = card.state.older_facts
    older[trigger] = max(older.get(trigger, 0), time)


def invoice_issued(session: Session, card: Card, data: InvoiceIssued) -> None:
    """P3: of two versions the data of the later time count; the fact stays at the time of the first."""
    origin, state = session.origin, card.state
    found = state.invoices.get(data.invoice_id)
    if found is None:
        found = state.invoices[data.invoice_id] = Invoice()
        _keep_latest_invoices(card)
    was = found.issued
    first = not found.first or origin.time < found.first
    if first:
        found.first = origin.time
        found.ref = ref(state, KIND_OF_TYPE[origin.type], origin.source, origin.id)
    if (origin.time, origin.id) >= (found.time, found.version):
        found.time, found.version = origin.time, origin.id
        found.amount, found.decimals = money.parse(data.amount)
        found.currency, found.number, found.booking_id = data.currency, data.number, data.booking_id
        found.due_on = data.due_on.isoformat() if data.due_on is not None else None
        found.due_at = day_micros(data.due_on) + DAY if data.due_on is not None else 0
    _invoice_changed(session, card, found, was=was, first=first)


def invoice_cancelled(session: Session, card: Card, data: InvoiceCancelled) -> None:
    """B7: a withdrawal. It may arrive before the invoice itself."""
    origin, state = session.origin, card.state
    found = state.invoices.get(data.invoice_id)
    if found is None:
        found = state.invoices[data.invoice_id] = Invoice()
        _keep_latest_invoices(card)
    was = found.issued
    if origin.time > found.cancelled:
        found.cancelled = origin.time
        found.cancelled_by = ref(state, KIND_OF_TYPE[origin.type], origin.source, origin.id)
    _invoice_changed(session, card, found, was=was, first=False, withdrawal=True)


def _invoice_changed(
    session: Session, card: Card, found: Invoice, *, was: bool, first: bool, withdrawal: bool = False
) -> None:
    card.counts.invoices += found.issued - was
    sum_up(card, session.now)
    fact = found.fact()
    if fact is not None:
        be_active(card, fact.time)
        if first or withdrawal:
            consider(session, card, [fact], withdrawal)


def _keep_latest_invoices(card: Card) -> None:
    invoices = card.state.invoices
    if len(invoices) <= MAX_THINGS:
        return
    old = invoices.pop(next(iter(invoices)))
    fact = old.fact()
    if fact is not None and fact.stands:
        _stays_counted(card, "invoice_issued", fact.time)
        money.turnover(card.state.older, old.currency).invoiced.add(old.amount, old.decimals)


def payment_received(session: Session, card: Card, data: PaymentReceived) -> None:
    """B5, P3: paid online or entered by hand."""
    origin, state = session.origin, card.state
    found = _payment(card, data.payment_id)
    first = not found.first or origin.time < found.first
    if not found.first:
        card.counts.payments += 1
    if first:
        found.first = origin.time
        found.ref = ref(state, KIND_OF_TYPE[origin.type], origin.source, origin.id)
    if (origin.time, origin.id) >= (found.time, found.version):
        found.time, found.version = origin.time, origin.id
        found.amount, found.decimals = money.parse(data.amount)
        found.currency, found.invoice_id = data.currency, data.invoice_id
    sum_up(card, session.now)
    be_active(card, found.first)
    fact = found.fact()
    if fact is not None and (first or not fact.stands):
        consider(session, card, [fact])


def payment_refunded(session: Session, card: Card, data: PaymentRefunded) -> None:
    """B7: a payment stands until all of it is refunded. A refund may arrive before its payment."""
    origin = session.origin
    found = _payment(card, data.payment_id)
    refund_ref = ref(card.state, KIND_OF_TYPE[origin.type], origin.source, origin.id)
    if any(r.ref == refund_ref for r in found.refunds):
        return
    amount, decimals = money.parse(data.amount) if data.amount is not None else (WHOLE, 0)
    refunds = sorted((*found.refunds, Refund(origin.time, refund_ref, amount, decimals)), key=lambda r: r.time)
    found.refunds = refunds[-MAX_REFUNDS:]
    sum_up(card, session.now)
    fact = found.fact()
    if fact is not None:
        consider(session, card, [fact], withdrawal=True)


def _payment(card: Card, payment_id: str) -> Payment:
    payments = card.state.payments
    found = payments.get(payment_id)
    if found is not None:
        return found
    found = payments[payment_id] = Payment()
    if len(payments) > MAX_THINGS:
        old = payments.pop(next(iter(payments)))
        fact = old.fact()
        if fact is not None:
            sums = money.turnover(card.state.older, old.currency)
            sums.paid.add(old.amount, old.decimals)
            sums.refunded.add(*old.refunded())
            if fact.stands:
                _stays_counted(card, "payment_made", fact.time)
    return found


def sum_up(card: Card, now: Micros) -> None:
    """G1: totals, what is outstanding, which invoices are overdue at ``now``; and the next timer."""
    state = card.state
    card.totals = money.totals(state.invoices.values(), state.payments.values(), state.older)
    card.outstanding, card.overdue, state.overdue_next = money.outstanding(
        state.invoices, state.payments.values(), now
    )
    set_due(card)


def set_due(card: Card) -> None:
    """K2: when the next booking of this card is to be decided."""
    due = 0
    for b in card.state.bookings.values():
        if b.due and (not due or b.due < due):
            due = b.due
    card.state.due = due

