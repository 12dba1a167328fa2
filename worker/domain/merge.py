"""Merging duplicates (E1-E7): one card is left, every id means it, and nothing that happened counts twice."""

from collections.abc import Sequence
from typing import Final

from topics.causes import Cause
from topics.commands import ClientsMerge
from topics.merges import ClientMerged
from topics.moments import Micros
from worker.domain.answers import Answer, Rejected
from worker.domain.audiences import leave_all
from worker.domain.business import Business
from worker.domain.card import MAX_CARD_BYTES, Card, Conversion, encode
from worker.domain.conversion import all_facts, older_qualifying, qualifies, review_if_nothing_stands
from worker.domain.inactivity import watch
from worker.domain.links import has_link
from worker.domain.merge_note import note_of
from worker.domain.opening import known_or_new
from worker.domain.session import Session
from worker.domain.statuses import change_status
from worker.domain.tagging import show_heard, united_tags
from worker.domain.tags import MAX_TAGS_PER_CLIENT
from worker.domain.uniting import unite
from worker.domain.uses import leaves

MAX_DUPLICATES: Final = 9
"""E1: besides the primary."""
MAX_MESSAGES_MERGED: Final = 1_000
"""E6: of more than one card."""


def clients_merge(session: Session, data: ClientsMerge) -> Answer:
    """Merge up to MAX_DUPLICATES cards into the primary, or none."""
    ids = _ids(data)
    primary, *duplicates = _cards(session, ids)
    for refused in (_linked, _messages, _names, _tags, _size):
        refused(session.business, [primary, *duplicates])
    for card in (primary, *duplicates):
        known_or_new(session, card, card.client_id)
    at = max(session.origin.time, *(max(card.state.latest, card.state.active) for card in (primary, *duplicates)))
    cause = session.origin.cause("merge", data.actor)
    unite(session, primary, duplicates, at)
    for duplicate in duplicates:
        leaves(session.business, duplicate)
        for client_id in (duplicate.client_id, *duplicate.merged_ids):
            session.cards.merge_away(client_id, primary)
    _tell(session, primary, duplicates, at, cause)
    for duplicate in duplicates:
        leave_all(session, duplicate, at, cause)
        primary.state.merged[duplicate.client_id].sequence = duplicate.sequence
    return Answer(applied=ids, shown=primary if data.dry_run else None)


def _tell(session: Session, primary: Card, duplicates: Sequence[Card], at: Micros, cause: Cause) -> None:
    """E3, E4: merged, status, review, tags, in this order."""
    business = session.business
    converts = _conversion(business, primary)
    status = business.role("converted") if converts is not None else None
    note = note_of(business, primary, duplicates, status.code if status is not None else primary.status, at, cause)
    primary.latest_note, primary.state.noted, primary.state.latest = note, at, at
    session.tell(
        "client.merged",
        primary.client_id,
        at,
        ClientMerged(
            primary_id=primary.client_id,
            merged_ids=[duplicate.client_id for duplicate in duplicates],
            note=note,
            cause=cause,
            sequence=session.next_sequence(primary),
        ),
    )
    if status is not None:
        primary.state.conversion = converts
        change_status(session, primary, status, at, cause)
    watch(session, primary)
    review_if_nothing_stands(session, primary, (at, cause))
    show_heard(session, primary, duplicates, at, cause)


def _conversion(business: Business, card: Card) -> Conversion | None:
    """E3: the first fact of all together that stands and qualifies, if the status is the initial one."""
    if card.status != business.role("initial").code:
        return None
    facts = (fact for fact in all_facts(card) if fact.stands and qualifies(business, card, fact))
    first = min(facts, key=lambda fact: fact.time, default=None)
    if first is not None:
        return Conversion(first.time, first.trigger, thing=first.thing)
    older = min(older_qualifying(business, card), default=None)
    return Conversion(*older) if older is not None else None


# -- what is refused (E6) ------------------------------------------------------------------------------------------


def _ids(data: ClientsMerge) -> list[str]:
    """All ids that are named, the primary first."""
    ids = [data.primary_id, *data.duplicate_ids]
    if len(data.duplicate_ids) > MAX_DUPLICATES:
        raise Rejected(
            "too_many_clients",
            f"At most {MAX_DUPLICATES} duplicates can be merged at once; merge them in several steps.",
        )
    for client_id in data.duplicate_ids:
        if ids.count(client_id) > 1:
            what = "the primary, too" if client_id == data.primary_id else "named twice"
            raise Rejected(
                "duplicate_client", f"The duplicate {client_id} is {what}; name each client once.", client_id
            )
    return ids


def _cards(session: Session, ids: Sequence[str]) -> list[Card]:
    found = []
    for client_id in ids:
        card = session.cards.get(client_id)
        if card is None or session.business.is_forgotten(client_id, session.origin.time):
            raise Rejected("unknown_client", f"There is no client {client_id}.", client_id)
        found.append(card)
    for client_id, card in zip(ids, found, strict=True):
        if card.client_id != client_id:
            message = f"{client_id} was merged into {card.client_id} before; name that one."
            raise Rejected("already_merged", message, client_id)
    return found


def _linked(_business: Business, cards: Sequence[Card]) -> None:
    linked = [card.client_id for card in cards if card.linked_systems]
    if len(linked) > 1:
        message = f"{' and '.join(linked)} are linked to other systems; only one of the clients may be."
        raise Rejected("several_linked", message)
    if linked and linked[0] != cards[0].client_id:
        message = f"{linked[0]} is linked to another system; make it the primary."
        raise Rejected("linked_must_be_primary", message, linked[0])


def _messages(_business: Business, cards: Sequence[Card]) -> None:
    many = [c.client_id for c in cards if c.counts.messages_in + c.counts.messages_out > MAX_MESSAGES_MERGED]
    if len(many) > 1:
        message = f"{' and '.join(many)} have more than {MAX_MESSAGES_MERGED} messages each; only one of them may."
        raise Rejected("too_many_messages", message)


def _names(_business: Business, cards: Sequence[Card]) -> None:
    for card in cards:
        if card.name and has_link(card.name):
            message = f"There is a link in the name of {card.client_id}; correct the name first."
            raise Rejected("link_in_name", message, card.client_id)


def _tags(business: Business, cards: Sequence[Card]) -> None:
    """D1."""
    count = len(united_tags(business, cards))
    if count > MAX_TAGS_PER_CLIENT:
        message = f"The client would have {count} tags, at most {MAX_TAGS_PER_CLIENT} are possible; remove some first."
        raise Rejected("too_many_tags", message)


def _size(_business: Business, cards: Sequence[Card]) -> None:
    """J4."""
    if sum(len(encode(card)) for card in cards) > MAX_CARD_BYTES:
        raise Rejected("too_large", "The cards have more on them than one card can hold.")
