"""Defining and removing audiences (F2), and what makes their members others without any client changing: sweeps."""

from typing import Final

import msgspec

from topics.control import AudienceDefine, AudienceRemove, Filter
from worker.domain import sweeps
from worker.domain.answers import Answer, Rejected
from worker.domain.audience_index import Audience
from worker.domain.audiences import AUDIENCES, cause_of, follow, index_of, index_of_one, tell_moved
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.filters import InvalidFilter, for_clients
from worker.domain.labels import MAX_LABEL
from worker.domain.session import Session
from worker.domain.sweep import Sweep

MAX_AUDIENCES: Final = 100
"""Of a business."""
DEFINED: Final = "audience defined"
REMOVED: Final = "audience removed"
SETTLED_AGAIN: Final = "audiences settled again"

_encode = msgspec.json.Encoder().encode


def audience_define(session: Session, data: AudienceDefine) -> Answer | Sweep:
    """F2: add an audience, or change the one with this id; its members are settled in a sweep. Raises Rejected."""
    business, id_ = session.business, data.audience_id
    known = business.audiences.get(id_)
    if known is None and len(business.audiences) >= MAX_AUDIENCES:
        message = f"data.audience_id: a business has at most {MAX_AUDIENCES} audiences; remove one first."
        raise Rejected("invalid_data", message)
    if not data.name.strip() or len(data.name) > MAX_LABEL:
        raise Rejected("invalid_data", f"data.name: a text of 1 to {MAX_LABEL} characters is needed.")
    try:
        for_clients(data.filter, business.catalogue.field_types)
    except InvalidFilter as exc:
        raise Rejected("invalid_filter", f"{exc}.") from exc
    audience = business.audiences[id_] = Audience(audience_id=id_, name=data.name, filter=data.filter)
    if known is not None and _same(known.filter, data.filter):
        business.applied()
        return Answer(totals={"clients": _clients(business), "changed": 0})
    business.redefined()
    return sweeps.wanted(
        session,
        DEFINED,
        data,
        **{AUDIENCES: [id_]},
        audience=msgspec.to_builtins(audience),
        entered=0,
        left=0,
        members=0,
    )


def _same(one: Filter, other: Filter) -> bool:
    """As text: to a filter 1, 1.0 and true are not the same."""
    return _encode(one) == _encode(other)


def _clients(business: Business) -> int:
    return sum(business.tally.clients.values())


def _settle(session: Session, card: Card, sweep: Sweep) -> bool:
    """One client enters or leaves, or stays where it is."""
    args = sweep.args
    if not args[AUDIENCES]:
        return False
    audience = msgspec.convert(args["audience"], Audience)
    id_ = audience.audience_id
    belongs = id_ in index_of_one(session.business, sweep.number, audience).members(card)
    if card.client_id > sweep.cursor:  # else it was counted, and is visited once more since nothing was changed
        args["members"] += belongs
        session.business.sweeps_dirty.add(sweep.number)
    if belongs == (id_ in card.audiences):
        return False
    args["entered" if belongs else "left"] += 1
    inside = {*card.audiences, id_} if belongs else {*card.audiences} - {id_}
    card.audiences = [known for known in session.business.audiences if known in inside]
    tell_moved(session, card, audience, sweep.time, cause_of(session.origin), entered=belongs)
    return True


def _settled(session: Session, sweep: Sweep) -> Answer:
    if not sweep.dry_run:
        session.business.applied()
    counts = {name: sweep.args[name] for name in ("entered", "left", "members")}
    return sweeps.answered(sweep, **counts)


def audience_remove(session: Session, data: AudienceRemove) -> Answer:
    """F2: the audience is gone at once, and nothing is told of its members. Raises Rejected."""
    business, id_ = session.business, data.audience_id
    if id_ not in business.audiences:
        raise Rejected("unknown_audience", f"There is no audience {id_!r}.")
    del business.audiences[id_]
    for sweep in business.sweeps:
        if not sweep.dry_run and id_ in sweep.args.get(AUDIENCES, ()):
            sweep.args[AUDIENCES].remove(id_)
            business.sweeps_dirty.add(sweep.number)
    if _clients(business):
        sweeps.begin(business, sweeps.wanted(session, REMOVED, audience_id=id_))
    business.applied()
    return Answer()


def _forget(_session: Session, card: Card, sweep: Sweep) -> bool:
    if sweep.args["audience_id"] not in card.audiences:
        return False
    card.audiences.remove(sweep.args["audience_id"])
    return True


def settle_again(session: Session, *fields: str) -> None:
    """F1: what these fields mean is defined anew, so clients may match audiences that ask for them, or stop to."""
    business = session.business
    asking = [id_ for id_, reads in index_of(business).reads.items() if not reads.isdisjoint(fields)]
    if asking and _clients(business):
        sweeps.begin(business, sweeps.wanted(session, SETTLED_AGAIN, None, **{AUDIENCES: asking}))


def _visit_again(session: Session, card: Card, _sweep: Sweep) -> bool:
    """``finish`` brings the audiences up to date."""
    before = card.audiences
    follow(session, [card])
    return card.audiences != before


sweeps.KINDS[DEFINED] = sweeps.SweepRule(_settle, _settled)
sweeps.KINDS[REMOVED] = sweeps.SweepRule(_forget)
sweeps.KINDS[SETTLED_AGAIN] = sweeps.SweepRule(_visit_again)
