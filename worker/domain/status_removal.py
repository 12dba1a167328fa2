"""Removing a status (A5): at once when no client has it; else a sweep moves them first, and it goes when the last has
left.

From the sweep's beginning on the status cannot be given, but those who still have it need it. Defining it again
meanwhile makes another status of that code, whose clients stay.
"""

from typing import Final

import msgspec

from topics.control import StatusRemove
from worker.domain import sweeps
from worker.domain.answers import Answer, Rejected
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.conversion import all_facts, consider
from worker.domain.session import Session
from worker.domain.status import Status
from worker.domain.status_moves import remember_move
from worker.domain.statuses import change_status
from worker.domain.sweep import Sweep

MOVE: Final = "status removed"


def status_remove(session: Session, data: StatusRemove) -> Answer | Sweep:
    """A5: remove a status without a role. Raises Rejected."""
    business, code, to = session.business, data.code, data.move_to
    status = _checked(business, data)
    clients = _clients_with(business, code)
    if clients and to is None:
        have = "client has" if clients == 1 else "clients have"
        message = f"{clients} {have} the status {code!r}; give them another one first, or say move_to."
        raise Rejected("status_in_use", message)
    totals = {"clients": sum(business.tally.clients.values()), "changed": clients}
    if data.dry_run:
        return Answer(totals=totals)
    if to is not None:
        remember_move(business, code, to, session.origin.time)
    if to is not None and clients:
        _replace(business, code, msgspec.structs.replace(status, leaving=sweeps.next_number(business)))
        business.settings_dirty = True
        return sweeps.wanted(session, MOVE, data, code=code, to=to, clients=clients)
    _replace(business, code, _kept_for(business, status))
    business.applied()
    return Answer(totals=totals)


def _kept_for(business: Business, status: Status) -> Status | None:
    """None; but where an earlier removal is still moving clients away from a status of this code, they need it so
    long."""
    if not business.count(status.code):
        return None
    under_way = [s.number for s in business.sweeps if s.kind == MOVE and s.args["code"] == status.code]
    return msgspec.structs.replace(status, leaving=max(under_way)) if under_way else None


def _checked(business: Business, data: StatusRemove) -> Status:
    if data.move_to == data.code:
        raise Rejected("invalid_data", f"data.move_to: name another status than {data.code!r}.")
    status = business.offered(data.code)
    if status is None:
        raise Rejected("unknown_status", f"There is no status {data.code!r}.")
    if data.move_to is not None and business.offered(data.move_to) is None:
        raise Rejected("unknown_status", f"data.move_to: there is no status {data.move_to!r}.")
    if status.role is not None:
        raise Rejected(
            "status_has_role", f"{data.code!r} has the role {status.role!r}; give that role to another status first."
        )
    return status


def _clients_with(business: Business, code: str) -> int:
    """How many clients have the status once the sweeps that are under way are done; they leave those be that were given
    a status of this code when it had been defined again."""
    clients = business.count(code)
    for sweep in business.sweeps:
        if sweep.kind == MOVE:
            left = sweep.args["clients"] - sweep.changed
            clients += left * ((sweep.args["to"] == code) - (sweep.args["code"] == code))
    return clients


def _replace(business: Business, code: str, by: Status | None) -> None:
    others = [status for status in business.statuses if status.code != code]
    business.set_statuses([*others, by] if by is not None else others)


def _visit(session: Session, card: Card, sweep: Sweep) -> bool:
    if card.status != sweep.args["code"]:
        return False
    to = session.business.status(sweep.args["to"]) or session.business.role("initial")
    card.state.conversion = None
    if (manual := card.state.manual) is not None:
        card.state.manual = msgspec.structs.replace(manual, moved=max(manual.moved, sweep.time))
    change_status(session, card, to, sweep.time, session.origin.cause("catalogue", sweep.actor))
    if to.role == "initial":  # P2: facts that are later than the move have been here before it
        consider(session, card, [fact for fact in all_facts(card) if fact.time > sweep.time])
    return True


def _finish(session: Session, sweep: Sweep) -> Answer:
    """The status is gone, unless it has been defined again, or a client was left behind by a fault of the worker."""
    business, code = session.business, sweep.args["code"]
    status = business.status(code)
    if status is not None and status.leaving == sweep.number:
        stays = business.count(code) > 0
        _replace(business, code, msgspec.structs.replace(status, leaving=0) if stays else None)
    business.applied()
    return sweeps.answered(sweep)


sweeps.KINDS[MOVE] = sweeps.SweepRule(_visit, _finish)
