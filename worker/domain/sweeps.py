"""Sweeps (K1): work that touches every client of a business, in bounded steps; what is left to do is part of the state.

A handler returns the ``Sweep`` that it wants; from then on every input meets the state as if the sweep had been done at
once: a card that is opened before its turn is visited first. Each card remembers the last sweep that has visited it.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from topics.commands import Command
from topics.dead_letters import INTERNAL_ERROR
from topics.results import CommandProgress, Problem
from worker.domain.answers import Answer
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.finish import finish
from worker.domain.session import Origin, Session
from worker.domain.sweep import Sweep

MAX_LISTED: Final = 1_000
"""Clients that a final answer names, of those that were changed and of those that met a fault; the rest are in its
totals."""
MAX_PREVIEWED: Final = 20
"""Clients that the answer to a dry run names."""


class SweepRule(NamedTuple):
    """``visit`` does to one card what the sweep is for; is it changed? It may meet a card twice in a dry run only.
    ``finish`` is called when every card was visited; None: nobody asked for it, and nothing is answered."""

    visit: Callable[[Session, Card, Sweep], bool]
    finish: Callable[[Session, Sweep], Answer] | None = None


KINDS: Final[dict[str, SweepRule]] = {}
"""Every kind of sweep, by its name; the module that begins a kind also puts it here."""


def wanted(session: Session, kind: str, data: Command | None = None, **args: Any) -> Sweep:
    """The sweep that the input at work asks for. ``args``: plain JSON, kept until it is done."""
    origin = session.origin
    return Sweep(
        kind=kind,
        source=origin.source,
        id=origin.id,
        type=origin.type,
        time=origin.time,
        traceparent=origin.traceparent,
        actor=data.actor if data is not None else None,
        dry_run=data.dry_run if data is not None else False,
        args=args,
    )


def next_number(business: Business) -> int:
    """The number of the sweep that begins next."""
    return business.tally.sweeps + 1


def begin(business: Business, sweep: Sweep) -> None:
    """Put the sweep behind those that are under way."""
    sweep.number = business.tally.sweeps = next_number(business)
    business.tally_dirty = True
    business.sweeps.append(sweep)
    business.sweeps_dirty.add(sweep.number)


def drop(business: Business, kind: str) -> None:
    """Forget the sweeps of a kind that are under way: another one makes up for them."""
    for sweep in [s for s in business.sweeps if s.kind == kind]:
        _remove(business, sweep)


def _remove(business: Business, sweep: Sweep) -> None:
    business.sweeps.remove(sweep)
    business.sweeps_dirty.add(sweep.number)


def under_way(business: Business, source: str, id_: str) -> Sweep | None:
    """The sweep that will answer this message, while it is not done; it may have begun silent ones as well."""
    return next(
        (s for s in business.sweeps if s.source == source and s.id == id_ and KINDS[s.kind].finish is not None), None
    )


def bring_up_to_date(session: Session, card: Card) -> None:
    """Visit a card that an input opens, for each sweep that has not come to it."""
    for sweep in session.business.sweeps:
        if sweep.number > card.state.swept and not sweep.dry_run:
            _visit(session, card, sweep)


class Step:
    """One step of a sweep: some clients are visited, some more, and then it ends."""

    def __init__(self, session: Session, sweep: Sweep) -> None:
        self._session = session
        self._sweep = sweep
        self._copies = session.scratch() if sweep.dry_run else None

    def visit(self, clients: list[str]) -> None:
        """Visit these clients, who come next."""
        session, sweep, copies = self._session, self._sweep, self._copies
        cards = [session.cards.get(client_id) for client_id in clients]
        for client_id, card in zip(clients, cards, strict=True):
            if card is not None and card.client_id == client_id and card.state.swept < sweep.number:
                if copies is not None:
                    _rehearse(copies, client_id, sweep, session.business)
                else:
                    _visit(session, card, sweep)
        if clients:
            sweep.cursor = clients[-1]
        sweep.done += len(clients)

    def end(self, *, last: bool) -> Answer | None:
        """Tell how far the sweep has come, and, behind the ``last`` client, answer."""
        session, sweep = self._session, self._sweep
        sweep.steps += 1
        session.business.sweeps_dirty.add(sweep.number)
        rule = KINDS[sweep.kind]
        if rule.finish is not None:
            session.origin = _origin(sweep, f"step {sweep.steps}")
            _tell_progress(session, sweep)
        if not last:
            return None
        _remove(session.business, sweep)
        session.origin = _origin(sweep)
        return rule.finish(session, sweep) if rule.finish is not None else None


def forget(business: Business, sweep: Sweep, client_ids: list[str]) -> None:
    """G6: name these clients no more."""
    sweep.listed = [client_id for client_id in sweep.listed if client_id not in client_ids]
    sweep.errors = [problem for problem in sweep.errors if problem.client_id not in client_ids]
    business.sweeps_dirty.add(sweep.number)


def failed(business: Business, sweep: Sweep, client_id: str, *, skipped: bool) -> None:
    """A visit has met a bug of ours: the answer will say so, and the sweep goes on."""
    message = f"{client_id} was left as it is: a fault of the worker; its log has the trace."
    if len(sweep.errors) < MAX_LISTED:
        sweep.errors.append(Problem(client_id=client_id, code=INTERNAL_ERROR, message=message))
    if skipped:
        sweep.cursor = client_id
        sweep.done += 1
    business.sweeps_dirty.add(sweep.number)


def answered(sweep: Sweep, **totals: int) -> Answer:
    """How most sweeps end: which clients it changed (or would), how many, of how many."""
    counts = {"clients": sweep.total, "changed": sweep.changed, **totals}
    preview = {"clients": sweep.listed[:MAX_PREVIEWED]} if sweep.dry_run else None
    listed = sweep.listed[: MAX_PREVIEWED if sweep.dry_run else MAX_LISTED]
    return Answer(applied=listed, errors=list(sweep.errors), preview=preview, totals=counts)


def _visit(session: Session, card: Card, sweep: Sweep) -> None:
    before, named = session.origin, session.named
    session.origin, session.named = _origin(sweep, sweep.kind), ""
    card.state.swept = sweep.number
    if KINDS[sweep.kind].visit(session, card, sweep):
        session.cards.put(card)
        finish(session, [card])
        _count(session.business, sweep, card)
    session.origin, session.named = before, named


def _rehearse(copies: Session, client_id: str, sweep: Sweep, business: Business) -> None:
    """C5: what the visit would do. ``business``: the one that is no copy."""
    copies.origin = _origin(sweep, sweep.kind)
    card = copies.cards.get(client_id)
    if card is not None and KINDS[sweep.kind].visit(copies, card, sweep):
        _count(business, sweep, card)


def _count(business: Business, sweep: Sweep, card: Card) -> None:
    sweep.changed += 1
    if len(sweep.listed) < MAX_LISTED:
        sweep.listed.append(card.client_id)
    business.sweeps_dirty.add(sweep.number)


def _origin(sweep: Sweep, phase: str = "") -> Origin:
    return Origin(sweep.source, sweep.id, sweep.type, sweep.time, sweep.traceparent, phase)


def _tell_progress(session: Session, sweep: Sweep) -> None:
    session.tell(
        "command.progress",
        None,
        sweep.time,
        CommandProgress(
            command_id=sweep.id,
            command_source=sweep.source,
            command_type=sweep.type,
            done=sweep.done,
            total=max(sweep.total, sweep.done),
        ),
    )


NOBODY: Final = Origin("", "", "", 0)
"""Of work that no single input event causes; each part of it names its own origin."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Sweep).decode


def encode(sweep: Sweep) -> bytes:
    """The value of the worker's own record of a sweep."""
    return _encode(sweep)


def decode(value: bytes) -> Sweep:
    """The sweep in a record value. Raises msgspec.ValidationError."""
    return _decode(value)
