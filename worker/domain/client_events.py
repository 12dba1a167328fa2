"""Events of the topic ``clients``: who somebody is and how to reach them (B2, B3, D5, G1, G2)."""

from typing import TYPE_CHECKING

from msgspec import UNSET

from topics.clients import (
    ClientCardSaved,
    ClientCreated,
    ClientDocumented,
    ClientImported,
    ClientMessaged,
    ClientNoted,
    ClientReviewed,
    ClientUpdated,
)
from topics.moments import Micros, rfc3339
from worker.domain import own_fields, uses
from worker.domain.activity import be_active
from worker.domain.by_hand import set_by_hand
from worker.domain.card import (
    MAX_ADDRESSES,
    MAX_MESSAGES,
    MAX_PAYMENT_CARDS,
    MAX_THINGS,
    Card,
    Manual,
    Message,
    PaymentCard,
    Score,
)
from worker.domain.conversion import consider, stays_counted
from worker.domain.facts import Fact, Kind
from worker.domain.inactivity import sent
from worker.domain.merged import card_at
from worker.domain.session import Refused, Session
from worker.domain.status_moves import moved_at, status_by_hand
from worker.domain.tagging import add_tags, too_many_in_business, too_many_on_card
from worker.domain.tags import InvalidTag, clean_all, split

if TYPE_CHECKING:
    from topics.causes import CauseType

IMPLICIT = "implicit"
"""B2: the source of a card that no creation has named yet."""
_CLASSIFIED = ("client_type", "industry", "headcount")
BLANKS = ("name", "staff_id", *_CLASSIFIED)
_LISTS = {"email": "emails", "phone": "phones"}


def check_created(session: Session, card: Card | None, data: ClientCreated | ClientImported) -> None:
    """B3, D1, G2: raises Refused before anything is changed."""
    business = session.business
    try:
        tags = _tags_of(data)
    except InvalidTag as exc:
        raise Refused("invalid_data", f"data.tags: {exc}") from exc
    if too_many_on_card(business, card, tags, session.origin.time):
        raise Refused("invalid_data", "data.tags: the client would have more than 250 tags")
    if too_many_in_business(business, tags, session.origin.time):
        raise Refused("invalid_data", "data.tags: the business would have more than 5,000 different tags")
    if data.status is not None and status_by_hand(business, data.status, session.origin.time) is None:
        raise Refused(
            "unknown_status", f"data.status: business {business.id} has no status {data.status!r}; define it first"
        )
    own_fields.check_values(session, data.fields)


def check_updated(session: Session, _card: Card | None, data: ClientUpdated) -> None:
    """G2: raises Refused before anything is changed."""
    if isinstance(data.fields, dict):
        own_fields.check_values(session, data.fields)


def _tags_of(data: ClientCreated | ClientImported) -> dict[str, str]:
    tags = data.tags
    if not tags:
        return {}
    return clean_all(split(tags) if isinstance(tags, str) else tags)


def created(session: Session, card: Card, data: ClientCreated | ClientImported, *, is_new: bool) -> None:
    """A creation or an imported row fills in what is blank; a status it brings counts as set by hand (B3)."""
    origin = session.origin
    kind: CauseType = "import" if origin.type == "client.imported" else "created"
    fill(session, card, data)
    if data.email and not card.emails:
        card.emails = [data.email]
    if data.phone and not card.phones:
        card.phones = [data.phone]
    if data.linked_systems and not card.linked_systems:
        card.linked_systems = _distinct(data.linked_systems)
    if data.fields:
        own_fields.fill(session, card, data.fields)
    if data.status is not None:
        status = status_by_hand(session.business, data.status, origin.time)
        if status is not None:
            moved = moved_at(session.business, data.status, origin.time)
            manual = Manual(origin.time, origin.source, origin.id, status.code, moved)
            if is_new:
                card.state.manual, card.status_set_at = manual, rfc3339(origin.time)
            else:
                set_by_hand(session, card, status, manual, origin.cause(kind))
    add_tags(session, card, _tags_of(data), origin.time, origin.cause(kind))


def fill(session: Session, card: Card, other: ClientCreated | ClientUpdated | Card) -> None:
    """What is blank on the card is taken from the other."""
    for name in BLANKS:
        value = getattr(other, name)
        if value and not getattr(card, name):
            _put(session, card, name, value)
    if other.source and other.source != IMPLICIT and card.source in (None, "", IMPLICIT):
        card.source = other.source


def _put(session: Session, card: Card, name: str, value: str | None) -> None:
    """Write a field; G3: of a classification it is counted who has which value."""
    if name in _CLASSIFIED:
        uses.moved(session.business, name, getattr(card, name), value)
    setattr(card, name, value)


def _distinct(values: list[str] | None) -> list[str]:
    """Each once, and none that is empty."""
    return [value for value in dict.fromkeys(values or ()) if value]


def _with(values: list[str], value: str) -> list[str]:
    return values if value in values or len(values) >= MAX_ADDRESSES else [*values, value]


def updated(session: Session, card: Card, data: ClientUpdated) -> None:
    """Per field the later event time wins; null clears."""
    time, times = session.origin.time, card.state.field_times
    if session.named and card_at(card.state.merged, session.named, time):
        _updated_before_merge(session, card, data)
        return
    for name in (*BLANKS, "source"):
        value = getattr(data, name)
        if value is not UNSET and _is_newer(times, name, time):
            _put(session, card, name, value or None)
    for one, many in _LISTS.items():
        value, values = getattr(data, one), getattr(data, many)
        if values is not UNSET and _is_newer(times, many, time):
            known = _distinct(values)
            if not _is_newer(times, one, time):  # the first has been set since
                first = getattr(card, many)[:1]
                known = [*first, *(v for v in known[1:] if v not in first)]
            setattr(card, many, known)
        if value is not UNSET and _is_newer(times, one, time):
            rest = getattr(card, many)[1:]
            setattr(card, many, [value, *(v for v in rest if v != value)] if value else rest)
    if data.linked_systems is not UNSET and _is_newer(times, "linked_systems", time):
        card.linked_systems = _distinct(data.linked_systems)
    if data.fields is not UNSET:
        own_fields.update(session, card, data.fields)


def _updated_before_merge(session: Session, card: Card, data: ClientUpdated) -> None:
    """E2: what was said of a merged-away card before the merge fills what is blank."""
    fill(session, card, data)
    for one, many in _LISTS.items():
        for value in (getattr(data, one), *(getattr(data, many) or ())):
            if value:
                setattr(card, many, _with(getattr(card, many), value))
    if data.linked_systems and not card.linked_systems:
        card.linked_systems = _distinct(data.linked_systems)
    if data.fields:
        own_fields.fill(session, card, data.fields)


def _is_newer(times: dict[str, Micros], name: str, time: Micros) -> bool:
    if time < times.get(name, time):
        return False
    times[name] = time
    return True


def messaged(session: Session, card: Card, data: ClientMessaged) -> None:
    """B5: the client wrote; or the business did."""
    origin, state = session.origin, card.state
    be_active(card, origin.time)
    session.adds_activity = True
    if data.direction == "out":
        card.counts.messages_out += 1
        sent(session, card, origin.time)
        return
    card.counts.messages_in += 1
    message = Message(origin.time, session.ref(card, Kind.CLIENT_MESSAGED))
    state.messages.append(message)
    if len(state.messages) > MAX_MESSAGES:
        state.messages.sort(key=lambda m: m.time)
        oldest = state.messages.pop(0)
        stays_counted(card, Fact("message_received", oldest.time, oldest.ref))
    consider(session, card, [Fact("message_received", message.time, message.ref)])


def noted(session: Session, card: Card, data: ClientNoted) -> None:
    """The latest note by event time is on the card."""
    if session.origin.time >= card.state.noted:
        card.state.noted = session.origin.time
        card.latest_note = data.text


def documented(_session: Session, card: Card, data: ClientDocumented) -> None:
    """A document counts once by its id (P3)."""
    documents = card.state.documents
    if data.document_id not in documents:
        documents.append(data.document_id)
        del documents[:-MAX_THINGS]
        card.counts.documents += 1


def reviewed(_session: Session, card: Card, data: ClientReviewed) -> None:
    """The review score is the average of all reviews."""
    card.state.score_sum += data.score
    count = (card.score.count if card.score is not None else 0) + 1
    card.score = Score(round(card.state.score_sum / count, 2), count)


def card_saved(session: Session, card: Card, data: ClientCardSaved) -> None:
    """A payment card on file: brand, last four digits, expiry, and never more. Of one the later word counts (P3)."""
    times, saved = card.state.field_times, PaymentCard(data.brand, data.last4, data.expires or None)
    others = [c for c in card.cards if c.of != saved.of]
    if not _is_newer(times, saved.of, session.origin.time) and len(others) < len(card.cards):
        return
    card.cards = [*others, saved]
    for forgotten in card.cards[:-MAX_PAYMENT_CARDS]:
        times.pop(forgotten.of, None)
    del card.cards[:-MAX_PAYMENT_CARDS]
