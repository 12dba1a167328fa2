"""Tags (D1-D4): what a tag is, when two are the same, and which word about a tag counts."""

import unicodedata
from bisect import insort
from collections.abc import Container, Iterable
from typing import Final

import msgspec

from topics.causes import Cause
from topics.moments import Micros, rfc3339

MAX_TAG_LENGTH: Final = 64
MAX_TAGS_PER_CLIENT: Final = 250
MAX_TAGS_PER_BUSINESS: Final = 5_000
MAX_REMOVED_TAGS: Final = 250
"""Tags a card no longer has whose removal is remembered, so that an older word that arrives late changes nothing."""
MAX_SAYINGS: Final = 8
"""How many times a tag of a client was added or removed that are kept apart, for renames that arrive late (D7)."""
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
    """What was said about a tag of a client: the latest times at which it was added and removed (0: never), since when
    it is there, and what was said before. D3: the later one wins, and of equal ones the addition."""

    added: Micros = 0
    removed: Micros = 0
    since: Micros = 0
    earlier: list[int] = []
    """The other sayings, as stamps: for a rename that arrives late (D7)."""

    @property
    def present(self) -> bool:
        """Is the tag there, for all that was said of it?"""
        return self.added != 0 and self.added >= self.removed

    @property
    def sayings(self) -> list[int]:
        """Everything that was said, as stamps in order."""
        latest = {added_at(time) for time in (self.added, self.since) if time}
        if self.removed:
            latest.add(removed_at(self.removed))
        return sorted(latest.union(self.earlier))

    def say_again(self, stamp: int) -> bool:
        """If the last two sayings of many were the same as this one, and earlier, it takes the place of the last, which
        then decides nothing by itself. Otherwise False."""
        added, removed = added_at(self.added), removed_at(self.removed)
        mine, other = (added, removed) if is_addition(stamp) else (removed, added)
        if not (stamp > mine > other and len(self.earlier) >= MAX_SAYINGS - 3 and self.earlier[-1] > other):
            return False
        if is_addition(stamp):
            self.added = stamp >> 1
        else:
            self.removed = stamp >> 1
        return True

    def add_again(self, stamp: int) -> bool:
        """If the tag is there, and this is an addition that is later than all that was said, note it. Otherwise False.
        What ``rewrite`` or ``say_again`` would come to, for what is said most of all."""
        time, added, removed, earlier = stamp >> 1, self.added, self.removed, self.earlier
        if not (time > added >= removed and added and stamp & 1):
            return False
        if len(earlier) < MAX_SAYINGS - 3:
            earlier.append(2 * added + 1)
        elif earlier[-1] <= 2 * removed:
            return False
        self.added = time
        return True

    def rewrite(self, sayings: list[int]) -> None:
        """Take these for everything that was said; stamps in order."""
        self.added = self.removed = self.since = 0
        for stamp in sayings:
            if is_addition(stamp):
                self.added = stamp >> 1
                self.since = self.since or self.added
            else:
                self.removed, self.since = stamp >> 1, 0
        latest = (added_at(self.added), removed_at(self.removed))
        self.earlier = [stamp for stamp in sayings if stamp not in latest]


def added_at(time: Micros) -> int:
    """The stamp of an addition. Stamps are in the order of D3: at equal times a removal comes before an addition."""
    return 2 * time + 1


def removed_at(time: Micros) -> int:
    """The stamp of a removal."""
    return 2 * time


def is_addition(stamp: int) -> bool:
    """Or a removal?"""
    return stamp & 1 == 1


def say(words: dict[str, Word], key: str, stamp: int) -> None:
    """Someone adds or removes the tag."""
    word = words.get(key)
    if word is None:
        time = stamp >> 1
        words[key] = Word(added=time, since=time) if is_addition(stamp) else Word(removed=time)
        return
    if word.add_again(stamp) or word.say_again(stamp):
        return
    sayings = word.sayings
    if stamp not in sayings:
        insort(sayings, stamp)
        if len(sayings) > MAX_SAYINGS:
            _forget_one(sayings)
        word.rewrite(sayings)


def _forget_one(sayings: list[int]) -> None:
    """The earliest that stands between two of its kind; else the oldest."""
    kinds = [is_addition(stamp) for stamp in sayings]
    between = (i for i in range(1, len(kinds) - 1) if kinds[i - 1] == kinds[i] == kinds[i + 1])
    del sayings[next(between, 0)]


def forget_old_removals(words: dict[str, Word], kept: Container[str] = ()) -> None:
    """Keep at most MAX_REMOVED_TAGS removals, the latest ones, besides the tags in ``kept``."""
    gone = [key for key, word in words.items() if not word.present and key not in kept]
    if len(gone) > MAX_REMOVED_TAGS:
        gone.sort(key=lambda key: words[key].removed)
        for key in gone[: len(gone) - MAX_REMOVED_TAGS]:
            del words[key]


def on_card(tag: str, since: Micros, cause: Cause) -> TagOnCard:
    """The public entry of a tag."""
    return TagOnCard(tag, rfc3339(since), cause)
