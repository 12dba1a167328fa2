"""What staff ask for from a client's card (G5): checked, then told with what a mailer needs."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from topics.actions import ActionContext, ActionRequested, AttendedBooking, OverdueInvoice
from topics.commands import ActionRequest
from topics.moments import DAY, Micros, moment, rfc3339
from worker.domain.answers import Answer, Rejected
from worker.domain.bookings import State, fold
from worker.domain.card import Card
from worker.domain.finish import finish
from worker.domain.money import Sum, age, left_on, paid_on, text
from worker.domain.opening import known_or_new
from worker.domain.session import Session
from worker.domain.sweeps import bring_up_to_date


def action_request(session: Session, data: ActionRequest) -> Answer:
    """G5: makes no card. With ``dry_run`` the context is in the answer's preview."""
    card = session.cards.get(data.client_id)
    if card is None or session.business.is_forgotten(data.client_id, session.origin.time):
        raise Rejected("unknown_client", f"There is no client {data.client_id}.")
    if session.business.sweeps:
        bring_up_to_date(session, card)
        session.cards.put(card)  # it has been visited, also where the command is refused
    context = ActionContext(
        locale=session.business.history.latest.locale,
        name=card.name,
        email=card.emails[0] if card.emails else None,
        phone=card.phones[0] if card.phones else None,
    )
    if (add_to := ACTIONS[data.action]) is not None:
        add_to(context, card, data)
    origin = session.origin
    card = known_or_new(session, card, data.client_id)
    finish(session, [card])  # what follows from naming the client comes before the action
    session.tell(
        "action.requested",
        card.client_id,
        origin.time,
        ActionRequested(
            client_id=card.client_id,
            action=data.action,
            context=context,
            cause=origin.cause("manual", data.actor),
            sequence=session.next_sequence(card),
        ),
    )
    # The preview names the client: an erasure then finds it in the answer that is kept (G6).
    preview = {"client_id": card.client_id, "context": msgspec.to_builtins(context)} if data.dry_run else None
    return Answer(applied=[data.client_id], preview=preview)


def _remind(context: ActionContext, card: Card, data: ActionRequest) -> None:
    """What is overdue, or the one invoice that is named, if it is."""
    invoices = card.state.invoices
    overdue = [id_ for id_ in card.overdue if data.invoice_id in (None, id_)]
    if not overdue:
        what = "Nothing" if data.invoice_id is None else f"No invoice {data.invoice_id}"
        raise Rejected("nothing_overdue", f"{what} is overdue from {card.client_id}.")
    paid = paid_on(invoices, card.state.payments.values())
    totals: dict[str, Sum] = {}
    found = []
    for invoice_id in sorted(overdue, key=age(invoices)):
        invoice = invoices[invoice_id]
        left, decimals = left_on(invoice, paid.get(invoice_id))
        totals.setdefault(invoice.currency, Sum()).add(left, decimals)
        found.append(
            OverdueInvoice(
                invoice_id=invoice_id,
                number=invoice.number,
                outstanding=text(left, decimals),
                currency=invoice.currency,
                due_on=moment(invoice.due_at - DAY).date().isoformat(),
            )
        )
    context.invoices, context.totals = found, {currency: sum_.text for currency, sum_ in totals.items()}


def _invoice(context: ActionContext, card: Card, data: ActionRequest) -> None:
    """A booking that took place and that no invoice is for."""
    booking_id = data.booking_id
    if booking_id is None:
        raise Rejected("invalid_data", "data.booking_id: name the booking that the invoice is for.")
    booking = card.state.bookings.get(booking_id)
    if booking is None:
        raise Rejected("no_such_booking", f"{card.client_id} has no booking {booking_id}.")
    if booking.state != State.ATTENDED:
        raise Rejected("not_attended", f"The booking {booking_id} did not take place, or not yet.")
    for invoice_id, invoice in card.state.invoices.items():
        if invoice.issued and invoice.booking_id == booking_id:
            raise Rejected("already_invoiced", f"There is an invoice for {booking_id} already: {invoice_id}.")
    attended = [fact.time for fact in fold(booking.events).facts if fact.stands]
    context.booking = AttendedBooking(
        booking_id=booking_id,
        kind=booking.kind,
        starts_at=_moment(booking.starts),
        ends_at=_moment(booking.ends),
        attended_at=rfc3339(attended[-1]) if attended else _moment(booking.ends),
    )


def _moment(micros: Micros) -> str | None:
    return rfc3339(micros) if micros else None


ACTIONS: Final[Mapping[str, Callable[[ActionContext, Card, ActionRequest], None] | None]] = {
    "payment_reminder": _remind,
    "invoice_booking": _invoice,
    "invite_to_book": None,
}
"""What an action needs and adds to its context; an invitation to book has the contact data only."""
