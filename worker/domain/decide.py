"""The one entrance to the rules: an input event and the state it meets, turned into changed cards and output events.

Nothing here knows the clock, Kafka, or how state is kept. Every check comes before the first change, so a refusal
leaves no trace.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from topics import bookings, clients, engagement, invoices, payments
from topics.commands import Command
from topics.control import AutomationSet
from topics.envelope import Malformed
from topics.registry import CONTROL as CONTROL_TOPIC
from topics.registry import TOPIC_OF_TYPE
from worker.domain import booking_events, client_events, money_events, sweeps
from worker.domain.answers import Answer, Rejected, tell
from worker.domain.audiences import before
from worker.domain.card import Card, public
from worker.domain.commands import COMMANDS
from worker.domain.control import CONTROL, DEFINES
from worker.domain.finish import finish
from worker.domain.inactivity import watch
from worker.domain.known_events import digest, is_seen, remember
from worker.domain.opening import known_or_new
from worker.domain.room import take_room
from worker.domain.rule_following import follow_event
from worker.domain.session import Session
from worker.domain.status_moves import status_by_hand
from worker.domain.statuses import open_card
from worker.domain.sweep import Sweep

Outcome = Literal["processed", "duplicate", "forgotten"]


def decide(session: Session, data: Any) -> Outcome:
    """What an event about one client does (A-D, G). ``data`` is a message of ``topics``, not a command.

    Raises Refused, with nothing changed, when the business or the card does not allow it.
    """
    rule = RULES[type(data)]
    business, origin = session.business, session.origin
    card = session.find(data.client_id)
    mark = digest(origin.source, origin.id)
    if card is not None and mark in card.state.seen and is_seen(card.state, mark):
        return "duplicate"
    if business.forgotten and business.is_forgotten(data.client_id, origin.time):
        return "forgotten"
    if rule.check is not None:
        rule.check(session, card, data)
    business.note_time(origin.time)
    if business.audiences and card is not None:
        session.before = before(business, card, origin.type)
    if card is None and isinstance(data, clients.ClientCreated):
        card = _create(session, data)
    else:
        card = known_or_new(session, card, data.client_id)
        rule.apply(session, card, data)
    remember(card.state, mark)
    watch(session, card)
    if session.body is not None:
        follow_event(session, card, data, session.body)
    finish(session, (card,))
    return "processed"


def _create(session: Session, data: clients.ClientCreated) -> Card:
    """B1, B3: a creation opens the card with the status it brings, or the initial one."""
    business, origin = session.business, session.origin
    status = status_by_hand(business, data.status, origin.time) if data.status is not None else None
    kind: Literal["import", "created"] = "import" if origin.type == "client.imported" else "created"
    card = open_card(
        session,
        data.client_id,
        origin.time,
        origin.cause(kind),
        data.source or None,
        status or business.role("initial"),
    )
    client_events.created(session, card, data, is_new=True)
    return card


def _created_again(session: Session, card: Card, data: clients.ClientCreated) -> None:
    client_events.created(session, card, data, is_new=False)


def answer(session: Session, data: Command | Malformed) -> bool:
    """What a command or control message does, and its one answer (C4). With ``dry_run`` only the answer stays (C5).

    False: it has begun a sweep, which answers when it is done (K1).
    """
    if isinstance(data, Malformed):
        if not data.dry_run and TOPIC_OF_TYPE[session.origin.type] == CONTROL_TOPIC:
            session.business.settings_dirty = True  # C1, as below
        tell(session, rejected(Rejected("invalid_data", data.message)), dry_run=data.dry_run)
        return True
    if not data.dry_run and (isinstance(data, AutomationSet) or type(data) in CONTROL):
        session.business.settings_dirty = True  # C1: its record is written with the first one, whatever it says
    result = _handled(session.scratch() if data.dry_run else session, data)
    if isinstance(result, Sweep):
        sweeps.begin(session.business, result)
        return False
    tell(session, result, dry_run=data.dry_run)
    return True


def refuse(session: Session, data: Command | Malformed, refusal: Rejected) -> bool:
    """The answer to a message of which the state has no room for what it does (J4), or that has met a bug (J2). Nothing
    else was done."""
    tell(session, rejected(refusal), dry_run=data.dry_run)
    return True


def _handled(session: Session, data: Command) -> Answer | Sweep:
    handler = COMMANDS.get(type(data)) or CONTROL[type(data)]
    try:
        if type(data) in DEFINES:
            take_room(session.business, data)
        result = handler(session, data)
    except Rejected as refusal:
        return rejected(refusal)
    finish(session)
    if isinstance(result, Answer) and result.shown is not None:
        result.preview = public(result.shown)
    return result


def rejected(refusal: Rejected) -> Answer:
    """The answer that refuses a whole message."""
    return Answer(errors=[refusal.problem])


class Rule(NamedTuple):
    """What an event does to a card, and what is checked before anything changes."""

    apply: Callable[[Session, Card, Any], None]
    check: Callable[[Session, Card | None, Any], None] | None = None


def _seen_only(_session: Session, _card: Card, _data: engagement.CampaignEvent) -> None:
    """Marketing material changes nothing by itself; tag rules look at it (D6)."""


RULES: Final[Mapping[type[msgspec.Struct], Rule]] = {
    bookings.BookingScheduled: Rule(booking_events.booking, booking_events.check_booking),
    bookings.BookingRescheduled: Rule(booking_events.booking, booking_events.check_booking),
    bookings.BookingCancelled: Rule(booking_events.booking, booking_events.check_booking),
    bookings.BookingAttended: Rule(booking_events.booking, booking_events.check_booking),
    bookings.BookingNoShow: Rule(booking_events.booking, booking_events.check_booking),
    invoices.InvoiceIssued: Rule(money_events.invoice_issued),
    invoices.InvoiceCancelled: Rule(money_events.invoice_cancelled),
    payments.PaymentReceived: Rule(money_events.payment_received),
    payments.PaymentRefunded: Rule(money_events.payment_refunded),
    clients.ClientCreated: Rule(_created_again, client_events.check_created),
    clients.ClientImported: Rule(_created_again, client_events.check_created),
    clients.ClientUpdated: Rule(client_events.updated, client_events.check_updated),
    clients.ClientMessaged: Rule(client_events.messaged),
    clients.ClientNoted: Rule(client_events.noted),
    clients.ClientDocumented: Rule(client_events.documented),
    clients.ClientReviewed: Rule(client_events.reviewed),
    clients.ClientCardSaved: Rule(client_events.card_saved),
    engagement.CampaignEvent: Rule(_seen_only),
}
"""Every input event that is not a command."""
