"""Topic ``invoices``."""

from topics.fields import Amount, ClientId, Currency, Day, Message, ThingId


class InvoiceIssued(Message):
    client_id: ClientId
    invoice_id: ThingId
    amount: Amount
    currency: Currency
    number: str | None = None
    due_on: Day | None = None
    booking_id: ThingId | None = None


class InvoiceCancelled(Message):
    client_id: ClientId
    invoice_id: ThingId
