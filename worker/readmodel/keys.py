"""Names of all keys of the read model, in one place (plain data structures; no search module is needed).

Everything lies under ``client-status:{TOPIC_PREFIX}``. A generation is one whole read model; a rebuild makes the next
beside it, and ``current`` says which one counts; ``sent:{business}:{command}`` says that a console has sent a command,
for a while, whichever counts. Inside a generation are ``positions``, ``businesses``, a stream
``log`` of whose cards have changed (business → ids, with a space between), and per business:

- ``cards:{business}`` hash: client id → the public card as JSON, or ``{"merged_into": id}``
- ``settings:{business}`` string: the public part of the ``business-settings`` record
- ``aliases:{business}`` hash: merged-away id → the id it means
- ``timeline:{business}:{client}`` sorted set: entries as JSON by time
- ``changes:{business}`` stream: status and tag changes, the latest
- ``reviews:{business}`` sorted set: suggestions to review a status, as JSON by time, the latest
- ``refused:{business}``, ``dead:{business}`` streams: answers that refuse, dead letters without their value
- ``control:{business}``, ``answered:{business}`` sorted sets: control messages, and what became of them, by their time
- ``results:{business}:{command}`` string: a command's answer, for a while
- ``erased:{business}`` hash: hash of an erased id → what the worker remembers of the erasure
"""

from typing import Final

from worker.config import Settings

ROOT: Final = "client-status"
MADE: Final = "made"
"""Among the positions: a text that is another one when the read model was made anew, also after Redis was emptied."""

WHOLE: Final = "whole"
"""Among the positions: the same text, once everything that there was has been read. Until then clients are missing."""


def namespace(settings: Settings) -> str:
    """What all keys of one installation begin with."""
    return f"{ROOT}:{settings.topic_prefix}"


def current(space: str) -> str:
    """The number of the generation that counts."""
    return f"{space}:current"


def is_whole(made: bytes | None, whole: bytes | None) -> bool:
    """Is nothing missing from a read model whose positions say this?"""
    return made is not None and whole == made


class Keys:
    """The keys of one generation."""

    def __init__(self, space: str, generation: int) -> None:
        self.generation = generation
        self._space = space
        self.prefix = f"{space}:{generation}:"

    @property
    def current(self) -> str:
        """The number of the generation that counts, whether it is this one or not."""
        return current(self._space)

    @property
    def positions(self) -> str:
        """Hash: ``topic/partition`` → the next offset; written with everything that follows from what is before it.
        And ``MADE`` and ``WHOLE``."""
        return f"{self.prefix}positions"

    @property
    def businesses(self) -> str:
        """Set of the ids of all businesses."""
        return f"{self.prefix}businesses"

    @property
    def log(self) -> str:
        """Stream: whose cards have changed, the latest; from it a console keeps what it has in memory up to date."""
        return f"{self.prefix}log"

    def of(self, kind: str, business: str) -> str:
        """A key that a business has once."""
        return f"{self.prefix}{kind}:{business}"

    def timeline(self, business: str, client: str) -> str:
        """What happened to a client."""
        return f"{self.prefix}timeline:{business}:{client}"

    def result(self, business: str, command: str) -> str:
        """A command's answer."""
        return f"{self.prefix}results:{business}:{command}"

    def sent(self, business: str, command: str) -> str:
        """That a console has sent a command; no rebuild makes that undone."""
        return f"{self._space}:sent:{business}:{command}"
