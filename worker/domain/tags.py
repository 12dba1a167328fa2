"""Tags (D1-D4): what a tag is, when two are the same, and which word about a tag counts."""

import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

from topics.causes import Cause
from topics.moments import Micros, rfc3339

MAX_TAG_LENGTH: Final = 64
MAX_TAGS_PER_CLIENT: Final = 250
MAX_TAGS_PER_BUSINESS: Final = 5_000
MAX_REMOVED_TAGS: Final = 250
"""Tags a card no longer has whose removal is remembered, so that an older word that arrives late changes nothing."""
_SPACE_CONTROLS: Final = "\t\n\v\f\r\x85"


class InvalidTag(ValueError):
    """The text is no tag (D1); the message says why."""


def clean(text: str) -> str:
    """D1: trimmed, white space collapsed. Raises InvalidTag."""
    tag = " ".join(text.split())
    for character in text:
        if unicodedata.category(character) == "Cc" and character not in _SPACE_CONTROLS:
            raise InvalidTag(f"a tag must not contain control characters (U+{ord(character):04X})")
    if not tag:
        raise InvalidTag("a tag must not be empty")
    if len(tag) > MAX_TAG_LENGTH:
        raise InvalidTag(f"a tag must have at most {MAX_TAG_LENGTH} characters, this one has {len(tag)}")
    if "," in tag:
        raise InvalidTag("a tag must not contain a comma")
    return tag


def identity(tag: str) -> str:
    """D1: tags are equal when these are."""
    if tag.isascii():
        return tag.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", tag).casefold())


def clean_all(texts: Iterable[str]) -> dict[str, str]:
    """Clean tags by their identity, each once, in the order given. Raises InvalidTag."""
    found: dict[str, str] = {}
    for text in texts:
        tag = clean(text)
        found.setdefault(identity(tag), tag)
    return found


def split(text: str) -> list[str]:
    """D5: the tags of an imported row that brings one string; blanks between commas are no tags."""
    return [part for part in text.split(",") if part.strip()]


class TagOnCard(msgspec.Struct, gc=False):
    """D4: a tag, since when it is there, and why."""

    tag: str
    since: str
    cause: Cause


class Word(msgspec.Struct, array_like=True, gc=False):
    """The latest times at which a tag was added and removed; 0: never. D3: the later one wins, and of equal ones the
    addition."""

    added: Micros = 0
    removed: Micros = 0
    since: Micros = 0

    @property
    def present(self) -> bool:
        """Is the tag on the card?"""
        return self.added != 0 and self.added >= self.removed


def say_added(words: dict[str, Word], key: str, time: Micros) -> bool:
    """Someone adds the tag at ``time``. True when that puts it on the card."""
    word = words.get(key)
    if word is None:
        words[key] = Word(added=time, since=time)
        return True
    was = word.present
    if time >= word.removed and (not was or time < word.since):
        word.since = time
    word.added = max(word.added, time)
    return word.present and not was


def say_removed(words: dict[str, Word], key: str, time: Micros) -> bool:
    """Someone removes the tag at ``time``. True when that takes it off the card."""
    word = words.get(key)
    if word is None:
        words[key] = Word(removed=time)
        return False
    was = word.present
    word.removed = max(word.removed, time)
    if was and word.present and word.since < time:
        word.since = word.added
    return was and not word.present


def forget_old_removals(words: dict[str, Word]) -> None:
    """Keep at most MAX_REMOVED_TAGS removals, the latest ones."""
    gone = [key for key, word in words.items() if not word.present]
    if len(gone) > MAX_REMOVED_TAGS:
        gone.sort(key=lambda key: words[key].removed)
        for key in gone[: len(gone) - MAX_REMOVED_TAGS]:
            del words[key]


def on_card(tag: str, since: Micros, cause: Cause) -> TagOnCard:
    """The public entry of a tag."""
    return TagOnCard(tag, rfc3339(since), cause)
