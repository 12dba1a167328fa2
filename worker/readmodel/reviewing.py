"""Suggestions to review a status (B7): does one still wait for a person, or has it been decided?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from topics.moments import Micros, micros


def is_open(suggested: Mapping[str, Any], card: Mapping[str, Any]) -> bool:
    """``suggested``: the event ``client.status.review_suggested``; ``card``: the client's as it is now. Setting the
    status by hand, also the same one, decides it, and so does any other change of the status."""
    at = _moment(suggested["time"])
    by_hand = card.get("status_set_at")
    return (
        card.get("status") == suggested["data"]["status"]
        and _moment(card["status_since"]) <= at
        and (by_hand is None or _moment(by_hand) < at)
    )


def _moment(text: str) -> Micros:
    return micros(datetime.fromisoformat(text))
