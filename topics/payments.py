"""Topic ``payments``: payments and refunds."""

from topics.fields import Amount, ClientId, Currency, Message, ThingId


class PaymentReceived(Message):
    """Paid online; ``payment.recorded`` has the same data and was entered by hand."""

    client_id: ClientId
    payment_id: ThingId
    amount: Amount
    currency: Currency
    invoice_id: ThingId | None = None
    method: str | None = None


class PaymentRefunded(Message):
    """Without ``amount``: all of it. Partial refunds add up."""

    client_id: ClientId
    payment_id: ThingId
    amount: Amount | None = None
