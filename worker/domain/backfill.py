"""Re-evaluation (B11): today's settings applied to every client, in a sweep that ``clients.reevaluate`` begins, or
``catch_up`` with new settings.

What counts as today's is laid down when the sweep begins, so that every client meets the same, however long it takes.
A client whose conversion waits for a booking to be decided (B6) is left to that: it becomes a customer anyway.
"""

from collections.abc import Iterator
from typing import NamedTuple, get_args

import msgspec

from topics.causes import Trigger
from topics.commands import Command
from topics.control import AutomationSet
from topics.moments import Micros
from worker.domain import sweeps
from worker.domain.answers import Answer
from worker.domain.card import Card, Conversion
from worker.domain.conversion import all_facts, earliest_qualifying, is_before_hand, judge_without_move, older_facts
from worker.domain.session import Session
from worker.domain.statuses import change_status
from worker.domain.sweep import Sweep

KIND = "re-evaluated"


class _Evidence(NamedTuple):
    time: Micros
    trigger: Trigger
    thing: str = ""


def wanted(session: Session, data: Command) -> Answer | Sweep:
    """The sweep that a command or settings message asks for; where there is nobody, its answer."""
    business = session.business
    in_force = business.history.at(max(session.now, session.origin.time))
    sweep = sweeps.wanted(
        session,
        KIND,
        data,
        triggers=[trigger for trigger in get_args(Trigger) if in_force.automates(trigger)],
        initial=business.role("initial").code,
        converted=business.role("converted").code,
        is_settings=isinstance(data, AutomationSet),
    )
    return sweep if any(business.tally.clients.values()) else _finish(session, sweep)


def _visit(session: Session, card: Card, sweep: Sweep) -> bool:
    triggers: list[Trigger] = sweep.args["triggers"]
    if card.status != sweep.args["initial"] or not triggers:
        return False
    found = [evidence for evidence in _standing(card) if evidence.trigger in triggers]
    if not found or (card.state.waiting and earliest_qualifying(session, card, all_facts(card)) is not None):
        return False
    first, last = min(found), max(found)
    business = session.business
    told = Conversion(last.time, last.trigger, thing=last.thing, caught_up=sweep.time, caught_up_by=triggers)
    card.state.conversion = told
    judge_without_move(card, told)
    cause = msgspec.structs.replace(session.origin.cause("backfill", sweep.actor), trigger=first.trigger)
    to = business.status(sweep.args["converted"]) or business.role("converted")
    change_status(session, card, to, sweep.time, cause)
    return True


def _standing(card: Card) -> Iterator[_Evidence]:
    """What stands and is later than the last manual change of the client, and of the card it came from (E3). That a
    removed status was left since is no such change (A5)."""
    for fact in all_facts(card):
        if fact.stands and not is_before_hand(card, fact, moves=False):
            yield _Evidence(fact.time, fact.trigger, fact.thing)
    for time, trigger in older_facts(card, moves=False):
        yield _Evidence(time, trigger)


def _finish(session: Session, sweep: Sweep) -> Answer:
    if sweep.args["is_settings"] and not sweep.dry_run:
        session.business.applied()
    return sweeps.answered(sweep)


sweeps.KINDS[KIND] = sweeps.SweepRule(_visit, _finish)
