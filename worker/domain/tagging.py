"""Changing the tags of one client (D1-D4, D7), and telling it once."""

from collections.abc import Iterable, Mapping
from typing import Final

from topics.causes import Cause
from topics.moments import Micros, rfc3339
from topics.tag_changes import TagsChanged
from worker.domain.business import Business, TagEntry
from worker.domain.card import Card
from worker.domain.session import Session
from worker.domain.tag_edits import TagEdit, TagEdits
from worker.domain.tags import (
    MAX_TAGS_PER_BUSINESS,
    MAX_TAGS_PER_CLIENT,
    TagOnCard,
    Word,
    added_at,
    forget_old_removals,
    identity,
    on_card,
    removed_at,
    say,
)

Tags = Mapping[str, str]
"""Tags by their identity, as ``tags.clean_all`` gives them."""
NOTHING: Final[Tags] = {}


def too_many_in_business(business: Business, tags: Tags, time: Micros) -> bool:
    """D1: would these make more different tags than a business may have?"""
    if not business.tag_edits and tags.keys() <= business.tags.keys():
        return False
    new = sum(1 for key in _become(business, tags, time) if key not in business.tags)
    if not new or len(business.tags) + new <= MAX_TAGS_PER_BUSINESS:
        return False
    in_use = sum(1 for entry in business.tags.values() if entry.clients > 0)
    return in_use + new > MAX_TAGS_PER_BUSINESS


def too_many_on_card(business: Business, card: Card | None, tags: Tags, time: Micros, remove: Tags = NOTHING) -> bool:
    """D1: would these make more tags than a client may have, when others are removed at the same time?"""
    there = len(card.tags) if card is not None else 0
    if there + len(tags) <= MAX_TAGS_PER_CLIENT:
        return False
    present = tags_of(card) if card is not None else frozenset[str]()
    words = card.state.words if card is not None else {}
    go = sum(1 for key in remove if key in present and key not in tags and key in words and words[key].added < time)
    return there - go + len(_become(business, tags, time) - present) > MAX_TAGS_PER_CLIENT


def _become(business: Business, tags: Tags, time: Micros) -> set[str]:
    """The tags that these are if they are added as of ``time`` (D7)."""
    if not business.tag_edits:
        return set(tags)
    stamp, edits = added_at(time), business.edits
    return {key for tag in tags if (key := edits.becomes(tag, stamp))}


def add_tags(session: Session, card: Card, tags: Tags, time: Micros, cause: Cause) -> bool:
    """D2, D3: put tags on the card as of ``time``; True when that changed it."""
    return _change(session, card, tags, NOTHING, time, cause)


def remove_tags(session: Session, card: Card, tags: Tags, time: Micros, cause: Cause) -> bool:
    """D2, D3: take tags off the card as of ``time``; True when that changed it."""
    return _change(session, card, NOTHING, tags, time, cause)


def _change(session: Session, card: Card, add: Tags, remove: Tags, time: Micros, cause: Cause) -> bool:
    since = say_tags(session.business, card, add, remove, time)
    return bool(since) and show_tags(session, card, since, time, cause)


def say_tags(business: Business, card: Card, add: Tags, remove: Tags, time: Micros) -> dict[str, Micros]:
    """Note what is said of the client's tags. Returns since when those are there, as ``show_tags`` takes it, that may
    have changed by that; 0: not. Empty: nothing has."""
    words, known = card.state.words, len(card.state.words)
    since: dict[str, Micros] = {}
    for key in remove:
        _say(words, key, removed_at(time), since)
    if len(words) > known:
        forget_old_removals(words, business.edits)
    stamp = added_at(time)
    for key, tag in add.items():
        _say(words, key, stamp, since)
        if not business.tag_edits or business.edits.becomes(key, stamp) == key:
            known_as(business, key, tag)
    return _standing(words, (*remove, *add), business.edits) if business.tag_edits else since


def say_again(business: Business, card: Card, add: Tags, time: Micros) -> bool:
    """Note that these tags were added once more, later than all that was said of them, if nothing else follows from
    that. Otherwise False; what is noted then may be said again."""
    if business.tag_edits:
        return False
    words, stamp = card.state.words, added_at(time)
    for key in add:
        word = words.get(key)
        if word is None or not word.add_again(stamp):
            return False
    return True


def show_tags(session: Session, card: Card, since: Mapping[str, Micros], time: Micros, cause: Cause) -> bool:
    """Put on the card, and tell, what ``say_tags`` has found; True when that changed a tag."""
    return _show(session, card, since, time, cause)


def _say(words: dict[str, Word], key: str, stamp: int, changed: dict[str, Micros]) -> None:
    before = _since(words, key)
    say(words, key, stamp)
    after = _since(words, key)
    if after != before:
        changed[key] = after


def _since(words: Mapping[str, Word], key: str) -> Micros:
    word = words.get(key)
    return word.since if word is not None and word.present else 0


def edit_tag(session: Session, card: Card, edit: TagEdit, edits: TagEdits, cause: Cause) -> bool:
    """D7: a rename, or deletion, comes to this card; True when that changed it. ``edits`` has it, and all before."""
    group = edits.about(edit.key)
    words = card.state.words
    if group is None or words.keys().isdisjoint(group.keys):
        return False
    renamed = next((tag for tag in card.tags if identity(tag.tag) == edit.key), None)
    return _show(session, card, group.standing(words, edit.number), edit.time, cause, renamed, {edit.to: edit.tag})


def hear(words: dict[str, Word], others: Iterable[Card]) -> None:
    """E3: what was said of these clients' tags was said of one client's. Changes ``words``."""
    for card in others:
        for key, word in card.state.words.items():
            for stamp in word.sayings:
                say(words, key, stamp)


def united_tags(business: Business, cards: Iterable[Card]) -> frozenset[str]:
    """The tags, by their identity, of one client of whom all was said that was said of these."""
    words: dict[str, Word] = {}
    hear(words, cards)
    return frozenset(key for key, since in _standing(words, words, business.edits).items() if since)


def show_heard(session: Session, card: Card, others: Iterable[Card], time: Micros, cause: Cause) -> None:
    """Bring the tags up to date after ``hear``. A tag that came from another card is there for its reason (D4)."""
    words, edits = card.state.words, session.business.edits
    forget_old_removals(words, edits)
    why = {(identity(tag.tag), tag.since): tag.cause for one in (*others, card) for tag in one.tags}
    _show(session, card, _standing(words, words, edits), time, cause)
    for tag in card.tags:
        tag.cause = why.get((identity(tag.tag), tag.since), tag.cause)


def respell(session: Session, card: Card, key: str, tag: str, time: Micros, cause: Cause) -> bool:
    """D1: the tag is spelled so from now on; True when the card had it in another spelling."""
    for shown in card.tags:
        if identity(shown.tag) == key and shown.tag != tag:
            before, shown.tag = shown.tag, tag
            _tell(session, card, [tag], [before], time, cause)
            return True
    return False


def tags_of(card: Card) -> frozenset[str]:
    """The tags of the client, by their identity."""
    return frozenset(identity(tag.tag) for tag in card.tags)


def _standing(words: Mapping[str, Word], keys: Iterable[str], edits: TagEdits) -> dict[str, Micros]:
    """Since when these tags, and those that they have become, are on the card; 0: they are not."""
    since: dict[str, Micros] = {}
    for key in keys:
        group = edits.about(key)
        if group is None:
            since[key] = _since(words, key)
        elif key not in since:
            since |= group.standing(words)
    return since


def _show(
    session: Session,
    card: Card,
    since: Mapping[str, Micros],
    time: Micros,
    cause: Cause,
    renamed: TagOnCard | None = None,
    spelled: Tags = NOTHING,
) -> bool:
    """Bring the card's tags up to date and tell what has changed. ``renamed``: the tag that those which are new were
    until now, so that they are there for its reason (D4); ``spelled``: tags whose spelling is not the business's at the
    moment."""
    tags = card.tags
    shown = {tag.tag.lower() if tag.tag.isascii() else identity(tag.tag): tag for tag in tags}
    added: list[str] = []
    removed: list[str] = []
    for key, from_ in since.items():
        tag = shown.get(key)
        if from_ and tag is None:
            spelling = spelled.get(key) or _spelling(session.business, key)
            if key not in session.business.tags:  # a rehearsal knows nothing of what its command would have made known
                known_as(session.business, key, spelling)
            tags.append(on_card(spelling, from_, renamed.cause if renamed is not None else cause))
            session.business.tagged(key, 1)
            added.append(spelling)
        elif tag is not None and not from_:
            tags.remove(tag)
            session.business.tagged(key, -1)
            removed.append(tag.tag)
        elif tag is not None and tag.since != (since_now := rfc3339(from_)):
            tag.since = since_now
            if since_now == (renamed.since if renamed is not None else rfc3339(time)):
                tag.cause = renamed.cause if renamed is not None else cause
    _tell(session, card, added, removed, time, cause)
    return bool(added or removed)


def _spelling(business: Business, key: str) -> str:
    entry = business.tags.get(key)
    return (entry or known_as(business, key, business.edits.spelling(key) or key)).tag


def known_as(business: Business, key: str, tag: str) -> TagEntry:
    """The tag as the business knows it; one that it does not know (any more) is spelled as it comes."""
    entry = business.tags.get(key)
    if entry is not None and entry.left:
        if entry.clients <= 0:  # else those who keep it, or have it still, have it in its spelling
            entry.tag = tag
        entry.left = 0
        business.tags_dirty.add(key)
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
