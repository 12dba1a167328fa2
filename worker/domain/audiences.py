"""Audiences (F1): saved filters that are alive. Who begins, or stops, to match one is told in the transaction of the
change, behind status, review and tags.

While a sweep that settles an audience is under way, a client that it has not come to is left to it.
"""

from collections.abc import Collection, Mapping
from typing import Final

from topics.audience_changes import AudienceMoved
from topics.causes import Cause, CauseType
from topics.merges import ClientMerged
from topics.moments import Micros, rfc3339
from topics.outputs import OutputEvent
from topics.registry import BY_NAME
from topics.status_changes import StatusChanged
from topics.tag_changes import TagsChanged
from worker.domain.audience_index import Audience, Before, Index, index_for
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.finish import Turn, afterwards
from worker.domain.session import Origin, Session

_ALL: Final = 0
"""Instead of the number of a sweep."""
AUDIENCES: Final = "audiences"
"""The name in a sweep's ``args`` of the ids of the audiences that it settles."""


def index_of(business: Business) -> Index:
    """The audiences of the business, compiled."""
    found = business.indexes.get(_ALL)
    if found is None:
        found = business.indexes[_ALL] = _index(business, business.audiences)
    return found


def index_of_one(business: Business, number: int, audience: Audience) -> Index:
    """The audience that the sweep with this number settles, as it was defined then (F2)."""
    found = business.indexes.get(number)
    if found is None:
        found = business.indexes[number] = _index(business, {audience.audience_id: audience})
    return found


def _index(business: Business, audiences: Mapping[str, Audience]) -> Index:
    groups = business.catalogue.groups.values()
    standing = {s.code: (s.ended, frozenset(g.code for g in groups if s.code in g.statuses)) for s in business.statuses}
    return index_for(audiences, standing, business.catalogue.field_types)


def follow(session: Session, cards: Collection[Card]) -> None:
    """F1: bring the audiences of these clients up to date, and tell who has entered or left."""
    business = session.business
    if not business.audiences:
        return
    asked, why = index_of(business), None
    was, session.before = session.before, None
    for card in cards:
        if was is not None and was.card is card and was.asked_by is asked and not business.sweeps:
            belongs = asked.members_after(card, was.keys)
        else:
            belongs = asked.members(card)
        if belongs is not card.audiences and belongs != card.audiences:
            why = why or _Why(session, cards)
            _bring_up_to_date(session, card, belongs, why)


afterwards(Turn.AUDIENCES, follow)


def before(business: Business, card: Card, type_: str) -> Before | None:
    """What ``follow`` need not find out again if nothing else happens to this card than the event at work, which is of
    this type."""
    if business.sweeps:
        return None
    asked = index_of(business)
    return Before(card, asked, asked.keys(card, type_))


def _bring_up_to_date(session: Session, card: Card, belongs: Collection[str], why: "_Why") -> None:
    business, was = session.business, card.audiences
    if business.sweeps and (waiting := _waiting(business, card)):
        belongs = [id_ for id_ in business.audiences if id_ in (was if id_ in waiting else belongs)]
    card.audiences = list(belongs)
    index = index_of(business)
    for id_ in index.in_order(set(was).symmetric_difference(belongs)):
        time, cause = why.of(card, of_status=id_ in index.of_status, of_tags=id_ in index.of_tags)
        _tell(session, card, business.audiences[id_], time, cause, entered=id_ in belongs)


def _waiting(business: Business, card: Card) -> set[str]:
    """The audiences that a sweep will settle which has not come to this card."""
    return {
        id_
        for sweep in business.sweeps
        if sweep.number > card.state.swept and not sweep.dry_run
        for id_ in sweep.args.get(AUDIENCES, ())
    }


def tell_moved(session: Session, card: Card, audience: Audience, time: Micros, cause: Cause, *, entered: bool) -> None:
    """Tell that a client has entered, or left."""
    _tell(session, card, audience, rfc3339(time), cause, entered=entered)


def _tell(session: Session, card: Card, audience: Audience, time: str, cause: Cause, *, entered: bool) -> None:
    session.tell_as_of(
        "audience.entered" if entered else "audience.left",
        card.client_id,
        time,
        AudienceMoved(
            client_id=card.client_id,
            audience_id=audience.audience_id,
            audience_name=audience.name,
            cause=cause,
            sequence=session.next_sequence(card),
        ),
    )


def leave_all(session: Session, card: Card, time: Micros, cause: Cause) -> None:
    """E5, G6: the client is no more; it leaves every audience that it was in."""
    for id_ in card.audiences:
        audience = session.business.audiences.get(id_)
        if audience is not None:
            tell_moved(session, card, audience, time, cause, entered=False)
    card.audiences = []


# -- why ---------------------------------------------------------------------------------------------------------------

_BY_TOPIC: Final[Mapping[str, CauseType]] = {
    "bookings": "automation",
    "invoices": "automation",
    "payments": "automation",
    "engagement": "automation",
    "clients": "manual",
    "client-commands": "manual",
    "control": "catalogue",
}
_CAUSES: Final[Mapping[str, CauseType]] = {
    **{type_: cause for topic, cause in _BY_TOPIC.items() for type_ in BY_NAME[topic].types},
    "client.created": "created",
    "client.imported": "import",
    "client.messaged": "automation",
    "client.reviewed": "automation",
    "clients.merge": "merge",
    "clients.reevaluate": "backfill",
}
"""What an input is the cause of when it has changed a card beside its status and tags: what the business's own people
enter on it is by hand, what happens elsewhere is noticed by the automation."""
_When = tuple[str, Cause]
"""The time of a change, as it is told, and why."""


def cause_of(origin: Origin) -> Cause:
    """The input as the cause of what it has changed beside status and tags."""
    return origin.cause(_CAUSES.get(origin.type, "automation"))


class _Why:
    """When and why clients have changed in the input at work: a change of status or tags that was told says so of the
    audiences that ask for these; of others the input itself, a merge at its moment."""

    def __init__(self, session: Session, cards: Collection[Card]) -> None:
        self._input = (rfc3339(session.origin.time), cause_of(session.origin))
        self._status: dict[object, _When] = {}
        self._tags: dict[object, _When] = {}
        self._merged: dict[object, _When] = {}
        only = next(iter(cards)).client_id if len(cards) == 1 and session.origin.phase else None
        for at in range(len(session.outputs) - 1, -1, -1):
            output = session.outputs[at]
            if only is not None and output.subject != only:
                break  # a visit's outputs stand together, and a step of a sweep tells of thousands of clients
            if at >= session.finished.get(str(output.subject), 0):
                self._take(output)

    def _take(self, output: OutputEvent) -> None:
        data = output.data
        if isinstance(data, StatusChanged):
            self._status.setdefault(output.subject, (output.time, data.cause))
        elif isinstance(data, TagsChanged):
            self._tags.setdefault(output.subject, (output.time, data.cause))
        elif isinstance(data, ClientMerged):
            self._merged[output.subject] = (output.time, data.cause)

    def of(self, card: Card, *, of_status: bool, of_tags: bool) -> _When:
        """Of an audience whose filter asks for the status, or for tags."""
        told = self._status.get(card.client_id) if of_status else None
        if told is None and of_tags:
            told = self._tags.get(card.client_id)
        if told is None:
            told = self._merged.get(card.client_id)
        return told or self._input
