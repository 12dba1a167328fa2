"""How many clients have a value of a classification (G3), or a value in an own field (G2): exact, whatever happens.

Clients may have values that the business has not defined; they are counted as well, since it may define them later.
What cannot be a code is never defined, so it is not counted.
"""

import re
from typing import Final

from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.tags import identity

FIELD: Final = "field"
"""The kind of an own field, beside those of classifications."""
_CODE: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def clients_with(business: Business, kind: str, code: str) -> int:
    """How many clients have it."""
    return business.uses.get(f"{kind}/{code}", 0)


def moved(business: Business, kind: str, before: str | None, after: str | None) -> None:
    """A client has another value than before; None: it has none."""
    if before != after:
        _count(business, kind, before, -1)
        _count(business, kind, after, 1)


def leaves(business: Business, card: Card) -> None:
    """The card is no more: neither its status nor its tags, values or reason are any client's by it."""
    business.moved(card.status, None)
    for tag in card.tags:
        business.tagged(identity(tag.tag), -1)
    for kind in ("client_type", "industry", "headcount", "end_reason"):
        moved(business, kind, getattr(card, kind), None)
    for field_id in card.fields:
        moved(business, FIELD, field_id, None)


def _count(business: Business, kind: str, code: str | None, by: int) -> None:
    if code is None or not _CODE.fullmatch(code):
        return
    key = f"{kind}/{code}"
    uses = business.uses
    if count := uses.get(key, 0) + by:
        uses[key] = count
    else:
        uses.pop(key, None)
    business.uses_dirty.add(key)
