"""Changing the tags of one client (D1-D4), and telling it once."""

from collections.abc import Mapping

from topics.causes import Cause
from topics.moments import Micros, rfc3339
from topics.tag_changes import TagsChanged
from worker.domain.business import Business, TagEntry
from worker.domain.card import Card
from worker.domain.session import Session
from worker.domain.tags import (
    MAX_TAGS_PER_BUSINESS,
    MAX_TAGS_PER_CLIENT,
    forget_old_removals,
    identity,
    on_card,
    say_added,
    say_removed,
)

Tags = Mapping[str, str]
"""Tags by their identity, as ``tags.clean_all`` gives them."""


def too_many_in_business(business: Business, tags: Tags) -> bool:
    """D1: would these make more different tags than a business may have?"""
    new = sum(1 for key in tags if key not in business.tags)
    if not new or len(business.tags) + new <= MAX_TAGS_PER_BUSINESS:
        return False
    in_use = sum(1 for entry in business.tags.values() if entry.clients > 0)
    return in_use + new > MAX_TAGS_PER_BUSINESS


def too_many_on_card(card: Card | None, tags: Tags) -> bool:
    """D1: would these make more tags than a client may have?"""
    if card is None or not card.tags:
        return len(tags) > MAX_TAGS_PER_CLIENT
    words = card.state.words
    new = sum(1 for key in tags if key not in words or not words[key].present)
    return len(card.tags) + new > MAX_TAGS_PER_CLIENT


def add_tags(session: Session, card: Card, tags: Tags, time: Micros, cause: Cause) -> bool:
    """D2, D3: put tags on the card as of ``time``; True when that changed it."""
    business, words = session.business, card.state.words
    added: list[str] = []
    for key, tag in tags.items():
        entry = _entry(business, key, tag)
        since = words[key].since if key in words else 0
        if say_added(words, key, time):
            card.tags.append(on_card(entry.tag, words[key].since, cause))
            business.tagged(key, 1)
            added.append(entry.tag)
        elif words[key].since != since:
            _stands_since(card, key, words[key].since, cause)
    _tell(session, card, added, [], time, cause)
    return bool(added)


def remove_tags(session: Session, card: Card, tags: Tags, time: Micros, cause: Cause) -> bool:
    """D2, D3: take tags off the card as of ``time``; True when that changed it."""
    business, words = session.business, card.state.words
    removed: list[str] = []
    for key, tag in tags.items():
        since = words[key].since if key in words else 0
        if say_removed(words, key, time):
            entry = _entry(business, key, tag)
            card.tags = [t for t in card.tags if identity(t.tag) != key]
            business.tagged(key, -1)
            removed.append(entry.tag)
        elif words[key].present and words[key].since != since:
            _stands_since(card, key, words[key].since)
    forget_old_removals(words)
    _tell(session, card, [], removed, time, cause)
    return bool(removed)


def _stands_since(card: Card, key: str, since: Micros, cause: Cause | None = None) -> None:
    """D4: a late word changes since when the tag is there, and, if that word added it, why."""
    for tag in card.tags:
        if identity(tag.tag) == key:
            tag.since, tag.cause = rfc3339(since), cause or tag.cause


def _entry(business: Business, key: str, tag: str) -> TagEntry:
    entry = business.tags.get(key)
    if entry is None:
        if len(business.tags) >= MAX_TAGS_PER_BUSINESS:
            _forget_an_unused(business)
        entry = business.tags[key] = TagEntry(tag)
        business.tags_dirty.add(key)
    return entry


def _forget_an_unused(business: Business) -> None:
    for key, entry in business.tags.items():
        if entry.clients <= 0:
            del business.tags[key]
            business.tags_dirty.add(key)
            return


def _tell(session: Session, card: Card, added: list[str], removed: list[str], time: Micros, cause: Cause) -> None:
    if added or removed:
        session.tell(
            "client.tags.changed",
            card.client_id,
            time,
            TagsChanged(
                client_id=card.client_id,
                added=added,
                removed=removed,
                tags=[t.tag for t in card.tags],
                cause=cause,
                sequence=session.next_sequence(card),
            ),
        )
