"""Under which keys a card is found: sets, orders and words. Pure; the same for writing and for searching."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from worker.domain.tags import identity
from worker.readmodel.keys import NUL, Keys
from worker.readmodel.names import beginnings, digits, plain

MAX_WORDS: Final = 40
"""Words of a name that are found."""
MAX_TERM: Final = 40
"""Characters of a word or a number that count."""
MAX_ADDRESS: Final = 254
"""Characters of an e-mail address that count: as many as one can have."""
MAX_SORT: Final = 40
"""Characters of a name that decide its place."""
NATIONAL_DIGITS: Final = 9
"""Digits of a phone number that are left when country code and leading zeros are taken off."""
CLASSIFIED: Final = ("client_type", "industry", "headcount", "end_reason")

NEVER: Final = float("-inf")
"""The score of a client without any activity."""

Card = Mapping[str, Any]
Index = tuple[set[str], dict[str, tuple[str, float]], set[str]]
"""Keys of sets; keys of orders with member and score; members of the words."""


def sort_name(card: Card) -> str:
    """What a client is sorted by: its name, else its first address, else its id."""
    emails = card.get("emails") or [""]
    return plain(card.get("name") or emails[0] or card["client_id"])[:MAX_SORT]


def seconds(moment: str | None) -> float | None:
    """RFC 3339 as seconds since 1970."""
    return None if moment is None else datetime.fromisoformat(moment).timestamp()


def terms(card: Card) -> Iterator[str]:
    """What the client is found by, with its kind before it."""
    for word in beginnings(card.get("name") or "")[:MAX_WORDS]:
        yield f"n:{word[:MAX_TERM]}"
    for address in card.get("emails", ()):
        yield f"e:{plain(address)[:MAX_ADDRESS]}"
    for number in card.get("phones", ()):
        if found := digits(number):
            yield f"p:{found[::-1][:MAX_TERM]}"


def having(card: Card) -> Iterator[tuple[str, str]]:
    """What the client has, as kind and value."""
    yield "status", card["status"]
    for tag in card.get("tags", ()):
        yield "tag", identity(tag["tag"])
    if source := card.get("source"):
        yield "source", identity(source)
    for kind in CLASSIFIED:
        if value := card.get(kind):
            yield kind, value
    for audience in card.get("audiences", ()):
        yield "audience", audience
    if card.get("upcoming"):
        yield "has", "upcoming"
    if card.get("outstanding"):
        yield "has", "outstanding"


def spellings(card: Card | None) -> dict[str, str]:
    """How tags and the source are written, by kind and identity."""
    if card is None or "merged_into" in card:
        return {}
    found = {f"tag:{identity(tag['tag'])}": tag["tag"] for tag in card.get("tags", ())}
    if source := card.get("source"):
        found[f"source:{identity(source)}"] = source
    return found


def index(keys: Keys, card: Card | None) -> Index:
    """Everywhere that a card is found; nothing without one, or for one that was merged away."""
    if card is None or "merged_into" in card:
        return set(), {}, set()
    business, client = card["businessid"], card["client_id"]
    sets = {keys.having(business, what, value) for what, value in having(card)}
    sets.add(keys.of("all", business))
    orders = {keys.of("by", f"{business}:name"): (f"{sort_name(card)}{NUL}{client}", 0.0)}
    for name in ("created_at", "last_activity_at"):
        at = seconds(card.get(name))
        orders[keys.of("by", f"{business}:{name}")] = (client, at if at is not None else NEVER)
    return sets, orders, {f"{term}{NUL}{client}" for term in terms(card)}
