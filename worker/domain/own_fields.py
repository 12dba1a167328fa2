"""Own fields of clients (G2): values on cards by who said them last, definitions, and removal with all values."""

from collections.abc import Callable, Mapping

from topics.clients import FieldValue
from topics.control import FieldDefine, FieldRemove
from topics.moments import Micros
from worker.domain import sweeps, uses
from worker.domain.answers import Answer, Rejected
from worker.domain.audience_commands import settle_again
from worker.domain.card import Card
from worker.domain.field_values import InvalidField, check_all, define
from worker.domain.field_words import FieldWord, say_filled, say_updated
from worker.domain.filters import OWN
from worker.domain.session import Session
from worker.domain.sweep import Sweep

REMOVAL = "field removed"
Say = Callable[[FieldWord, FieldValue, Micros, FieldValue], FieldValue]


def check_values(session: Session, values: Mapping[str, FieldValue] | None) -> dict[str, FieldValue]:
    """The values as they are kept; None for a blank one. Raises Refused."""
    business = session.business
    return check_all(business.catalogue.fields, values, business.id) if values else {}


def fill(session: Session, card: Card, values: Mapping[str, FieldValue]) -> None:
    """A creation or an imported row fills in what is blank."""
    for field_id, value in check_values(session, values).items():
        if value is not None:
            _say(session, card, field_id, say_filled, value)


def take_over(session: Session, card: Card, other: Card) -> None:
    """E2: values of a card that is merged into this one fill what is blank."""
    for field_id, value in other.fields.items():
        if field_id not in card.fields:
            if (word := other.state.field_words.get(field_id)) is not None:
                card.state.field_words[field_id] = word
            _put(session, card, field_id, value)


def update(session: Session, card: Card, values: Mapping[str, FieldValue] | None) -> None:
    """Per field the later update wins; None clears a field, or all of them."""
    if values is None:
        values = dict.fromkeys(session.business.catalogue.fields)
    for field_id, value in check_values(session, values).items():
        _say(session, card, field_id, say_updated, value)


def _say(session: Session, card: Card, field_id: str, say: Say, value: FieldValue) -> None:
    words = card.state.field_words
    if field_id not in words:
        _forget_removed(session, card)
        words[field_id] = FieldWord()
    before = card.fields.get(field_id)
    _put(session, card, field_id, say(words[field_id], before, session.origin.time, value))


def _put(session: Session, card: Card, field_id: str, value: FieldValue) -> None:
    had = field_id in card.fields
    if value is not None:
        card.fields[field_id] = value
    elif had:
        del card.fields[field_id]
    has = value is not None
    uses.moved(session.business, uses.FIELD, field_id if had else None, field_id if has else None)


def _forget_removed(session: Session, card: Card) -> None:
    """What was said of fields that are gone is not kept for ever."""
    words, fields = card.state.field_words, session.business.catalogue.fields
    for field_id in [field_id for field_id in words if field_id not in fields]:
        del words[field_id]


def field_define(session: Session, data: FieldDefine) -> Answer:
    """G2: add a field, or change the one with this id. Values that clients have stay as they are, also when they do not
    fit any more; the next value must."""
    business = session.business
    fields = business.catalogue.fields
    known = fields.get(data.field_id)
    try:
        fields[data.field_id] = define(data, fields)
    except InvalidField as exc:
        raise Rejected("invalid_data", f"{exc}.") from exc
    business.applied()
    if known is not None and known.type != data.type:
        settle_again(session, f"{OWN}{data.field_id}")
    return Answer()


def field_remove(session: Session, data: FieldRemove) -> Answer | Sweep:
    """G2: the field is gone at once; where clients have values, these go with it (K1)."""
    business = session.business
    if data.field_id not in business.catalogue.fields:
        raise Rejected("unknown_field", f"There is no field {data.field_id!r}.")
    del business.catalogue.fields[data.field_id]
    clients = uses.clients_with(business, uses.FIELD, data.field_id)
    if clients and not data.dry_run:
        business.settings_dirty = True
        business.redefined()
        return sweeps.wanted(session, REMOVAL, data, field_id=data.field_id)
    business.applied()
    return Answer(totals={"clients": sum(business.tally.clients.values()), "changed": clients})


def _remove_value(session: Session, card: Card, sweep: Sweep) -> bool:
    field_id: str = sweep.args["field_id"]
    card.state.field_words.pop(field_id, None)
    if field_id not in card.fields:
        return False
    _put(session, card, field_id, None)
    return True


def _removed(session: Session, sweep: Sweep) -> Answer:
    session.business.applied()
    return sweeps.answered(sweep)


sweeps.KINDS[REMOVAL] = sweeps.SweepRule(_remove_value, _removed)
