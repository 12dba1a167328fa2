"""Invoices and payments (B7, G1): amounts as integers, what stands, what is outstanding, what the totals are."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain.facts import Fact, Ref
from worker.domain.things import Codec, Things

SCALE: Final = 4
"""Amounts are integers of 1/10^SCALE; a second number keeps how many decimals were written."""
MAX_REFUNDS: Final = 100
"""Partial refunds remembered one by one for a payment; older ones are added up."""
_UNITS: Final = [10 ** (SCALE - decimals) for decimals in range(SCALE + 1)]
"""What the last digit of an amount with so many decimals stands for."""
WHOLE: Final = -1
"""The amount of a refund that names none: all of it."""


def parse(amount: str) -> tuple[int, int]:
    """``"120.5"`` as (1205000, 1): the amount in 1/10^SCALE, and its decimals."""
    whole, _, fraction = amount.partition(".")
    decimals = len(fraction)
    return int(whole + fraction) * _UNITS[decimals], decimals


def text(amount: int, decimals: int) -> str:
    """(1205000, 2) as ``"120.50"``."""
    digits = str(amount // _UNITS[decimals])
    if decimals == 0:
        return digits
    digits = digits.rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def added(to: str, amount: int, decimals: int) -> str:
    """A decimal string with an amount added: as many decimals as the more precise of the two has (G1)."""
    before, before_decimals = parse(to)
    return text(before + amount, max(before_decimals, decimals))


class Sum(msgspec.Struct, array_like=True, gc=False):
    """A sum with as many decimals as its most precise addend (G1)."""

    amount: int = 0
    decimals: int = 0

    def add(self, amount: int, decimals: int) -> None:
        """Add an amount."""
        self.amount += amount
        self.decimals = max(self.decimals, decimals)

    @property
    def text(self) -> str:
        """As a decimal string."""
        return text(self.amount, self.decimals)


class Invoice(msgspec.Struct, array_like=True, gc=False, tag=1):
    """``first`` and ``ref``: the fact, at the time of the first version. ``time``: the version whose data count (P3).

    ``first`` is 0 while only a cancellation is known.
    """

    first: Micros = 0
    ref: Ref | None = None
    time: Micros = 0
    version: str = ""
    amount: int = 0
    decimals: int = 0
    currency: str = ""
    due_at: Micros = 0
    """When it becomes overdue: the day after ``due_on`` begins, UTC; 0: it never does."""
    booking_id: str | None = None
    number: str | None = None
    cancelled: Micros = 0
    cancelled_by: Ref | None = None
    paid: int = 0
    paid_decimals: int = 0
    """What payments that are no longer kept one by one have paid on it."""

    @property
    def issued(self) -> bool:
        """It exists and is not cancelled now."""
        return self.first != 0 and (not self.cancelled or self.time > self.cancelled)

    def fact(self, id_: str) -> Fact | None:
        """That it was issued, and whether that stands. ``id_``: its own."""
        if self.ref is None:
            return None
        if self.issued:
            return Fact("invoice_issued", self.first, self.ref, thing=id_)
        return Fact("invoice_issued", self.first, self.ref, self.cancelled, self.cancelled_by, id_)


class Refund(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One refund; ``amount`` is WHOLE for all of it."""

    time: Micros
    ref: Ref
    amount: int
    decimals: int


def latest_refunds(refunds: Iterable[Refund]) -> list[Refund]:
    """In the order of their time; the older ones beyond MAX_REFUNDS as one."""
    kept = sorted(refunds, key=lambda r: r.time)
    while len(kept) > MAX_REFUNDS:
        kept[:2] = [_together(*kept[:2])]
    return kept


def _together(one: Refund, other: Refund) -> Refund:
    """Two refunds as one, at the time of the other."""
    amount = WHOLE if WHOLE in (one.amount, other.amount) else one.amount + other.amount
    return Refund(other.time, other.ref, amount, max(one.decimals, other.decimals))


class Payment(msgspec.Struct, array_like=True, gc=False, tag=1):
    """``first`` is 0 while only refunds are known. Counts even when refunded; stands until all of it is (B7)."""

    first: Micros = 0
    ref: Ref | None = None
    time: Micros = 0
    version: str = ""
    amount: int = 0
    decimals: int = 0
    currency: str = ""
    invoice_id: str | None = None
    refunds: list[Refund] = []

    def refunded(self) -> tuple[int, int]:
        """How much of it was given back, never more than it was: (amount, decimals)."""
        total = Sum()
        for refund in self.refunds:
            if refund.amount == WHOLE:
                total.add(self.amount - total.amount, self.decimals)
            else:
                left = self.amount - total.amount
                total.add(min(refund.amount, left), max(refund.decimals, self.decimals if refund.amount > left else 0))
        return total.amount, total.decimals

    def kept(self) -> tuple[int, int]:
        """What was not given back: (amount, decimals)."""
        back, decimals = self.refunded() if self.refunds else (0, 0)
        return self.amount - back, max(self.decimals, decimals)

    def withdrawal(self) -> Refund | None:
        """The refund with which nothing was left, if any; refunds count in the order of their time."""
        left = self.amount
        for refund in self.refunds:
            if refund.amount == WHOLE or refund.amount >= left:
                return refund
            left -= refund.amount
        return None

    def fact(self, id_: str) -> Fact | None:
        """That it was paid, and whether that stands. ``id_``: its own."""
        if self.ref is None:
            return None
        if not self.refunds or (refund := self.withdrawal()) is None:
            return Fact("payment_made", self.first, self.ref, thing=id_)
        return Fact("payment_made", self.first, self.ref, refund.time, refund.ref, id_)


class _OneInvoice(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=0):
    """How an invoice of one version that was never cancelled is stored."""

    kind: int
    source: int
    id: str
    time: Micros
    amount: int
    decimals: int
    currency: str
    due_at: Micros
    booking_id: str | None
    number: str | None

    def invoice(self) -> Invoice:
        """The invoice."""
        return Invoice(
            first=self.time, ref=Ref(self.kind, self.source, self.id), time=self.time, version=self.id,
            amount=self.amount, decimals=self.decimals, currency=self.currency, due_at=self.due_at,
            booking_id=self.booking_id, number=self.number,
        )  # fmt: skip


def shorten_invoice(i: Invoice) -> Invoice | _OneInvoice:
    """The form in which an invoice is stored."""
    ref = i.ref
    if ref is None or i.cancelled or i.paid or i.time != i.first or i.version != ref.id:
        return i
    return _OneInvoice(
        ref.kind, ref.source, ref.id, i.time, i.amount, i.decimals, i.currency, i.due_at, i.booking_id, i.number
    )


class _OnePayment(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=0):
    """How a payment of one version, of which nothing was refunded, is stored."""

    kind: int
    source: int
    id: str
    time: Micros
    amount: int
    decimals: int
    currency: str
    invoice_id: str | None

    def payment(self) -> Payment:
        """The payment."""
        return Payment(
            first=self.time, ref=Ref(self.kind, self.source, self.id), time=self.time, version=self.id,
            amount=self.amount, decimals=self.decimals, currency=self.currency, invoice_id=self.invoice_id,
        )  # fmt: skip


def shorten_payment(p: Payment) -> Payment | _OnePayment:
    """The form in which a payment is stored."""
    ref = p.ref
    if ref is None or p.refunds or p.time != p.first or p.version != ref.id:
        return p
    return _OnePayment(ref.kind, ref.source, ref.id, p.time, p.amount, p.decimals, p.currency, p.invoice_id)


_decode_invoices = msgspec.json.Decoder(dict[str, Invoice | _OneInvoice]).decode
_decode_payments = msgspec.json.Decoder(dict[str, Payment | _OnePayment]).decode


def decode_invoices(raw: bytes) -> dict[str, Invoice]:
    """Stored invoices by id. Raises msgspec.ValidationError."""
    return {id_: i if isinstance(i, Invoice) else i.invoice() for id_, i in _decode_invoices(raw).items()}


def decode_payments(raw: bytes) -> dict[str, Payment]:
    """Stored payments by id. Raises msgspec.ValidationError."""
    return {id_: p if isinstance(p, Payment) else p.payment() for id_, p in _decode_payments(raw).items()}


INVOICES: Final = Codec(decode_invoices, shorten_invoice)
PAYMENTS: Final = Codec(decode_payments, shorten_payment)


class Turnover(msgspec.Struct, array_like=True, gc=False):
    """Per currency; what older invoices and payments, no longer kept one by one, came to."""

    invoiced: Sum
    paid: Sum
    refunded: Sum
    open: Sum
    """What had not been paid on those invoices."""


class Totals(msgspec.Struct, gc=False):
    """G1, per currency, as decimal strings. Cancelled invoices are left out; ``paid`` is gross."""

    invoiced: str
    paid: str
    refunded: str


NOTHING: Final = "0"


def totals(
    invoices: Iterable[Invoice], payments: Iterable[Payment], older: Mapping[str, Turnover]
) -> dict[str, Totals]:
    """What was invoiced, paid and refunded per currency, in the order of their codes."""
    sums = {
        currency: Turnover(
            Sum(t.invoiced.amount, t.invoiced.decimals),
            Sum(t.paid.amount, t.paid.decimals),
            Sum(t.refunded.amount, t.refunded.decimals),
            Sum(),
        )
        for currency, t in older.items()
    }
    for invoice in invoices:
        if invoice.issued:
            turnover(sums, invoice.currency).invoiced.add(invoice.amount, invoice.decimals)
    for payment in payments:
        if payment.first:
            sum_ = turnover(sums, payment.currency)
            sum_.paid.add(payment.amount, payment.decimals)
            if payment.refunds:
                sum_.refunded.add(*payment.refunded())
    return {c: Totals(t.invoiced.text, t.paid.text, t.refunded.text) for c, t in sorted(sums.items())}


def turnover(sums: dict[str, Turnover], currency: str) -> Turnover:
    """The sums of a currency, made when it is the first."""
    found = sums.get(currency)
    if found is None:
        found = sums[currency] = Turnover(Sum(), Sum(), Sum(), Sum())
    return found


def paid_on(invoices: Things[Invoice], payments: Iterable[Payment]) -> dict[str, Sum]:
    """G1: what was paid on each invoice in its currency, and not refunded."""
    paid = {id_: Sum(i.paid, i.paid_decimals) for id_, i in invoices.items() if i.paid}
    for payment in payments:
        invoice_id = payment.invoice_id
        invoice = invoices.get(invoice_id) if invoice_id is not None else None
        if invoice_id is not None and invoice is not None and payment.first and payment.currency == invoice.currency:
            paid.setdefault(invoice_id, Sum()).add(*payment.kept())
    return paid


def outstanding(
    invoices: Things[Invoice], payments: Iterable[Payment], older: Mapping[str, Turnover], now: Micros
) -> tuple[dict[str, str], list[str], Micros]:
    """G1: what is open per currency, which invoices are overdue at ``now`` (the oldest first), and when the next one
    becomes overdue (0: none will). Per invoice: issued less what was paid on it in its currency and not refunded, never
    below 0."""
    paid = paid_on(invoices, payments)
    open_ = {currency: Sum(t.open.amount, t.open.decimals) for currency, t in older.items() if t.open.amount}
    overdue: list[str] = []
    next_overdue = 0
    for invoice_id, invoice in invoices.items():
        if not invoice.issued:
            continue
        left, decimals = left_on(invoice, paid.get(invoice_id))
        if left <= 0:
            continue
        open_.setdefault(invoice.currency, Sum()).add(left, decimals)
        if invoice.due_at and invoice.due_at <= now:
            overdue.append(invoice_id)
        elif invoice.due_at and (not next_overdue or invoice.due_at < next_overdue):
            next_overdue = invoice.due_at
    return {currency: sum_.text for currency, sum_ in open_.items()}, sorted(overdue, key=age(invoices)), next_overdue


def age(invoices: Things[Invoice]) -> Callable[[str], tuple[Micros, str]]:
    """What overdue invoices are sorted by: the day on which they were due, then their id."""
    return lambda invoice_id: (invoices[invoice_id].due_at, invoice_id)


def left_on(invoice: Invoice, paid: Sum | None) -> tuple[int, int]:
    """What is still to be paid on an invoice (0 or less: nothing), and its decimals."""
    if paid is None:
        return invoice.amount, invoice.decimals
    return invoice.amount - paid.amount, max(invoice.decimals, paid.decimals)
