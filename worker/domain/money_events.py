"""Events about invoices and payments (B5, B7, G1, P3): the thing is brought up to date, then its fact speaks."""

from bisect import insort
from itertools import islice

from topics.invoices import InvoiceCancelled, InvoiceIssued
from topics.moments import DAY, Micros, day_micros
from topics.payments import PaymentReceived, PaymentRefunded
from worker.domain import money
from worker.domain.activity import be_active, is_past
from worker.domain.card import MAX_THINGS, Card
from worker.domain.conversion import consider, stays_counted
from worker.domain.facts import KIND_OF_TYPE, Fact
from worker.domain.money import WHOLE, Invoice, Payment, Refund, Totals
from worker.domain.session import Session


def invoice_issued(session: Session, card: Card, data: InvoiceIssued) -> None:
    """P3: of two versions the data of the later time count; the fact stays at the time of the first."""
    origin, state = session.origin, card.state
    session.adds_activity = True
    found = state.invoices.get(data.invoice_id)
    is_new = found is None
    if found is None:
        found = _new_invoice(card, data.invoice_id, session.now)
    was = found.issued
    before = found.first
    first = not before or origin.time < before
    if first:
        found.first = origin.time
        found.ref = session.ref(card, KIND_OF_TYPE[origin.type])
        session.adds_activity = not before
        is_past(card, before)
    order, kept = (origin.time, origin.id), (found.time, found.version)
    if order > kept or (order == kept and _said_of_invoice(data) > _kept_of_invoice(found)):
        found.time, found.version = order
        found.amount, found.decimals = money.parse(data.amount)
        found.currency, found.number, found.booking_id = data.currency, data.number, data.booking_id
        found.due_at = _due_at(data)
    if is_new and not state.payments.mention(data.invoice_id):
        _add_invoice(card, data.invoice_id, found, session.now)
    else:
        sum_up(card, session.now)
    _invoice_changed(session, card, data.invoice_id, found, was=was, first=first)


def _due_at(data: InvoiceIssued) -> Micros:
    return day_micros(data.due_on) + DAY if data.due_on is not None else 0


def _said_of_invoice(data: InvoiceIssued) -> tuple[int | str, ...]:
    """What decides when two senders gave two versions the same time and id: not the order of arrival (P2)."""
    return (*money.parse(data.amount), data.currency, _due_at(data), data.number or "", data.booking_id or "")


def _kept_of_invoice(i: Invoice) -> tuple[int | str, ...]:
    return (i.amount, i.decimals, i.currency, i.due_at, i.number or "", i.booking_id or "")


def invoice_cancelled(session: Session, card: Card, data: InvoiceCancelled) -> None:
    """B7: a withdrawal. It may arrive before the invoice itself."""
    origin, state = session.origin, card.state
    session.adds_activity = True
    found = state.invoices.get(data.invoice_id)
    if found is None:
        found = _new_invoice(card, data.invoice_id, session.now)
    was = found.issued
    if origin.time > found.cancelled:
        found.cancelled = origin.time
        found.cancelled_by = session.ref(card, KIND_OF_TYPE[origin.type])
    sum_up(card, session.now)
    _invoice_changed(session, card, data.invoice_id, found, was=was, withdrawal=True)


def _invoice_changed(
    session: Session,
    card: Card,
    invoice_id: str,
    found: Invoice,
    *,
    was: bool,
    first: bool = False,
    withdrawal: bool = False,
) -> None:
    card.counts.invoices += found.issued - was
    fact = found.fact(invoice_id)
    if fact is not None:
        be_active(card, fact.time)
        if first or withdrawal:
            consider(session, card, [fact], withdrawal)


def _new_invoice(card: Card, invoice_id: str, now: Micros) -> Invoice:
    invoices = card.state.invoices
    found = invoices.add(invoice_id, Invoice())
    if invoices.more_than(MAX_THINGS):
        forget_oldest_invoices(card)
        sum_up(card, now)
    return found


def forget_oldest_invoices(card: Card, count: int = 1) -> None:
    """P3: they stay counted, also in what is outstanding, and can no longer change. To be summed up after that."""
    invoices = card.state.invoices
    paid = money.paid_on(invoices, card.state.payments.values())
    for oldest in list(islice(invoices, count)):
        old = invoices[oldest]
        fact = old.fact(oldest)
        if fact is not None and fact.stands:
            stays_counted(card, fact)
            older = money.turnover(card.state.older, old.currency)
            older.invoiced.add(old.amount, old.decimals)
            left, decimals = money.left_on(old, paid.get(oldest))
            if left > 0:
                older.open.add(left, decimals)
        del invoices[oldest]


def payment_received(session: Session, card: Card, data: PaymentReceived) -> None:
    """B5, P3: paid online or entered by hand."""
    origin, state = session.origin, card.state
    session.adds_activity = True
    found = state.payments.get(data.payment_id)
    is_new = found is None
    if found is None:
        found = _new_payment(card, data.payment_id)
    before = found.first
    first = not before or origin.time < before
    if not before:
        card.counts.payments += 1
    if first:
        found.first = origin.time
        found.ref = session.ref(card, KIND_OF_TYPE[origin.type])
        session.adds_activity = not before
        is_past(card, before)
    order, kept = (origin.time, origin.id), (found.time, found.version)
    if order > kept or (order == kept and _said_of_payment(data) > _kept_of_payment(found)):
        found.time, found.version = order
        found.amount, found.decimals = money.parse(data.amount)
        found.currency, found.invoice_id = data.currency, data.invoice_id
    if is_new and (found.invoice_id is None or found.invoice_id not in state.invoices):
        total = _total(card, found.currency)
        total.paid = money.added(total.paid, found.amount, found.decimals)
    else:
        sum_up(card, session.now)
    be_active(card, found.first)
    fact = found.fact(data.payment_id)
    if fact is not None and (first or not fact.stands):
        consider(session, card, [fact])


def _said_of_payment(data: PaymentReceived) -> tuple[int | str, ...]:
    return (*money.parse(data.amount), data.currency, data.invoice_id or "")


def _kept_of_payment(p: Payment) -> tuple[int | str, ...]:
    return (p.amount, p.decimals, p.currency, p.invoice_id or "")


def payment_refunded(session: Session, card: Card, data: PaymentRefunded) -> None:
    """B7: a payment stands until all of it is refunded. A refund may arrive before its payment."""
    origin = session.origin
    found = card.state.payments.get(data.payment_id)
    if found is None:
        found = _new_payment(card, data.payment_id)
    refund_ref = session.ref(card, KIND_OF_TYPE[origin.type])
    if any(r.ref == refund_ref for r in found.refunds):
        return
    amount, decimals = money.parse(data.amount) if data.amount is not None else (WHOLE, 0)
    refunds = [*found.refunds, Refund(origin.time, refund_ref, amount, decimals)]
    found.refunds = money.latest_refunds(refunds)
    sum_up(card, session.now)
    fact = found.fact(data.payment_id)
    if fact is not None:
        consider(session, card, [fact], withdrawal=True)


def _new_payment(card: Card, payment_id: str) -> Payment:
    payments = card.state.payments
    found = payments.add(payment_id, Payment())
    if payments.more_than(MAX_THINGS):
        forget_oldest_payments(card)
    return found


def forget_oldest_payments(card: Card, count: int = 1) -> None:
    """P3: they stay counted and can no longer change."""
    payments = card.state.payments
    for oldest in list(islice(payments, count)):
        old = payments[oldest]
        del payments[oldest]
        fact = old.fact(oldest)
        if fact is not None:
            _payment_stays_counted(card, old, fact)


def _payment_stays_counted(card: Card, old: Payment, fact: Fact) -> None:
    sums = money.turnover(card.state.older, old.currency)
    sums.paid.add(old.amount, old.decimals)
    sums.refunded.add(*old.refunded())
    if fact.stands:
        stays_counted(card, fact)
    invoice = card.state.invoices.get(old.invoice_id) if old.invoice_id is not None else None
    if invoice is not None and invoice.currency == old.currency:
        amount, decimals = old.kept()
        invoice.paid, invoice.paid_decimals = invoice.paid + amount, max(invoice.paid_decimals, decimals)


def _add_invoice(card: Card, invoice_id: str, invoice: Invoice, now: Micros) -> None:
    """The short way to what ``sum_up`` comes to: an invoice that is new, and on which nothing was paid."""
    amount, decimals = invoice.amount, invoice.decimals
    total = _total(card, invoice.currency)
    total.invoiced = money.added(total.invoiced, amount, decimals)
    if amount <= 0:
        return
    card.outstanding[invoice.currency] = money.added(
        card.outstanding.get(invoice.currency, money.NOTHING), amount, decimals
    )
    due, state = invoice.due_at, card.state
    if due and due <= now:
        insort(card.overdue, invoice_id, key=money.age(state.invoices))
    elif due and (not state.overdue_next or due < state.overdue_next):
        state.overdue_next = due


def _total(card: Card, currency: str) -> Totals:
    found = card.totals.get(currency)
    if found is None:
        found = Totals(money.NOTHING, money.NOTHING, money.NOTHING)
        card.totals = dict(sorted([*card.totals.items(), (currency, found)]))
    return found


def sum_up(card: Card, now: Micros) -> None:
    """G1: totals, what is outstanding, which invoices are overdue at ``now``; and the next timer."""
    state = card.state
    card.totals = money.totals(state.invoices.values(), state.payments.values(), state.older)
    card.outstanding, card.overdue, state.overdue_next = money.outstanding(
        state.invoices, state.payments.values(), state.older, now
    )
