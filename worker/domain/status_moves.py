"""Statuses that were removed with ``move_to`` (A5): what is remembered of it, for manual changes that arrive late."""

from collections.abc import Iterable
from typing import Final

import msgspec

from topics.moments import Micros
from worker.domain.business import Business
from worker.domain.status import Status, StatusMove

MAX_STATUS_MOVES: Final = 1_000
"""A5, J4: removals of a business that are remembered, the last."""


def remember_move(business: Business, code: str, to: str, time: Micros) -> None:
    """From now on what was older than ``time`` and gave the one status gives the other."""
    moves = business.status_moves
    number = max(map(int, moves), default=0) + 1
    moves[str(number)] = StatusMove(number, time, code, to)
    business.status_moves_dirty.add(str(number))
    if len(moves) > MAX_STATUS_MOVES:
        oldest = min(moves, key=int)
        del moves[oldest]
        business.status_moves_dirty.add(oldest)


def status_by_hand(business: Business, code: str, time: Micros) -> Status | None:
    """The status that a manual change of this time gives; None: the business does not have it.

    What was set before the status was removed went with the others that had it, also when the status has been defined
    again since; from there on it goes wherever later removals lead.
    """
    if business.status_moves:
        code, _ = _moved_on(business.status_moves.values(), code, time)
    return business.offered(code)


def moved_at(business: Business, code: str, time: Micros) -> Micros:
    """When the client of such a manual change came to the status that ``status_by_hand`` gives; 0: at its own time."""
    return _moved_on(business.status_moves.values(), code, time)[1] if business.status_moves else 0


def _moved_on(moves: Iterable[StatusMove], code: str, time: Micros) -> tuple[str, Micros]:
    at = 0
    for move in sorted(moves, key=lambda m: m.number):
        if move.code == code and (at or time < move.time):
            code, at = move.to, max(at, move.time)
    return code, at


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(StatusMove).decode


def encode(move: StatusMove) -> bytes:
    """The value of the worker's own record of a removal."""
    return _encode(move)


def decode(value: bytes) -> StatusMove:
    """The removal in a record value. Raises msgspec.ValidationError."""
    return _decode(value)
