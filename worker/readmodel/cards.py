"""Public cards out of the read model, as the domain's ``Card``: for filters (F4) and tables (H6)."""

from datetime import datetime
from typing import Final

import msgspec

from topics.moments import Micros, micros
from worker.domain.card import Card, State

_THINGS: Final = len(b",null,null,null]")
_STATE: Final = b',"state":' + msgspec.json.encode(State(created=0))[:-_THINGS] + b"]}"
_decode = msgspec.json.Decoder(Card).decode


class _Peek(msgspec.Struct):
    merged_into: str = ""


_peek = msgspec.json.Decoder(_Peek).decode


def is_shown(value: bytes | None) -> bool:
    """Is it a card, and neither nothing nor what stands for one that was merged away?"""
    return value is not None and not _peek(value).merged_into


def decode(value: bytes) -> Card:
    """The card; of its state only when it was created and when it was last active, which are public."""
    card = _decode(value[:-1] + _STATE)
    card.state.created = _micros(card.created_at)
    if card.last_activity_at is not None:
        card.state.active = _micros(card.last_activity_at)
    return card


def _micros(moment: str) -> Micros:
    return micros(datetime.fromisoformat(moment))
