"""The internal note of a merge (E4): who was merged, when, by whom, and what of the duplicates was not taken over."""

from collections.abc import Iterator, Sequence
from typing import Final

from topics.causes import Cause
from topics.moments import Micros, rfc3339
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.client_events import IMPLICIT
from worker.domain.labels import label_in
from worker.domain.tagging import united_tags
from worker.domain.tags import identity
from worker.domain.uniting import further_emails, further_phones

MAX_NOTE: Final = 8_000
"""Characters of the note; what does not fit is cut off."""
MAX_SHOWN: Final = 200
"""Characters of one value that was not taken over."""
_PLAIN: Final = (
    ("staff_id", "staff member"), ("source", "source"), ("client_type", "client type"), ("industry", "industry"),
    ("headcount", "head count"),
)  # fmt: skip


def note_of(
    business: Business, primary: Card, duplicates: Sequence[Card], status: str, at: Micros, cause: Cause
) -> str:
    """Plain English. ``primary``: with all that was taken over; ``status``: the code of what it will have."""
    by = cause.actor or f"{cause.event_source} (no person was named)"
    moment = rfc3339(at)
    who = ", ".join(_who(duplicate) for duplicate in duplicates)
    lines = [f"Merged on {moment[:10]} at {moment[11:16]} UTC by {by}: {who}."]
    tags = united_tags(business, [primary])
    for duplicate in duplicates:
        left = list(_left(business, primary, duplicate, status, tags))
        if left:
            lines.append(f"Not taken over from {duplicate.client_id}: {'; '.join(left)}.")
    if len(lines) == 1:
        lines.append(f"All that was on {'them' if len(duplicates) > 1 else 'it'} was taken over.")
    return _short(" ".join(lines), MAX_NOTE)


def _who(card: Card) -> str:
    name = f" ({_short(card.name)})" if card.name else ""
    before = f", with {', '.join(card.merged_ids)} that had been merged into it" if card.merged_ids else ""
    return f"{card.client_id}{name}{before}"


def _left(business: Business, primary: Card, duplicate: Card, status: str, tags: frozenset[str]) -> Iterator[str]:
    if duplicate.name and duplicate.name != primary.name:
        yield f'name "{_short(duplicate.name)}"'
    if duplicate.status != status:
        found = business.status(duplicate.status)
        label = found.label_in(business.history.latest.locale) if found is not None else duplicate.status
        reason = f" for the reason {duplicate.end_reason}" if duplicate.end_reason else ""
        yield f"status {label} since {duplicate.status_since[:10]}{reason}"
    for field, what in _PLAIN:
        value = getattr(duplicate, field)
        if value and value != IMPLICIT and value != getattr(primary, field):
            yield f'{what} "{_short(value)}"'
    for field_id, own in duplicate.fields.items():
        if own != primary.fields.get(field_id):
            yield f'{_label(business, field_id)} "{_short(str(own))}"'
    on_file = {(c.brand, c.last4) for c in primary.cards}
    for what, values in (
        ("tag", [t.tag for t in duplicate.tags if identity(t.tag) not in tags]),
        ("e-mail address", further_emails(primary.emails, duplicate.emails)),
        ("phone number", further_phones(primary.phones, duplicate.phones)),
        ("payment card", [f"{c.brand} {c.last4}" for c in duplicate.cards if (c.brand, c.last4) not in on_file]),
    ):
        yield from (f'{what} "{_short(value)}"' for value in values)
    if duplicate.latest_note:
        yield f'the note "{_short(duplicate.latest_note)}"'


def _label(business: Business, field_id: str) -> str:
    field = business.catalogue.fields.get(field_id)
    if field is None:
        return field_id
    return label_in(business.history.latest.locale, field.label, field.labels, field_id)


def _short(text: str, most: int = MAX_SHOWN) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
