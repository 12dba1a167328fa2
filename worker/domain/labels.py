"""Labels (A2): one for all locales, or one for each; the same for statuses, classifications and own fields."""

from collections.abc import Callable, Mapping
from typing import Final

MAX_LABEL: Final = 200
"""Characters of a label, of the name of a status group, or of the name of a form."""
MAX_LOCALES: Final = 50
"""Locales for which one thing has a label."""


class InvalidLabel(ValueError):
    """Code ``invalid_data``; the message begins with the place."""


def canonical(locale: str) -> str:
    """A BCP 47 language as it is usually written, since case has no meaning there: ``NL-be`` is ``nl-BE``."""
    language, *subtags = locale.lower().split("-")
    own = next((place for place, subtag in enumerate(subtags) if len(subtag) == 1), len(subtags))
    usual = [_SUBTAG_CASE.get(len(subtag), str)(subtag) for subtag in subtags[:own]]
    return "-".join((language, *usual, *subtags[own:]))


_SUBTAG_CASE: Final[Mapping[int, Callable[[str], str]]] = {2: str.upper, 4: str.title}
"""Regions have two letters, scripts four; not so behind a subtag of one letter, where extensions begin."""


def label_in(locale: str, label: str | None, labels: Mapping[str, str], code: str) -> str:
    """A2: the label in the locale, else in what it is a variant of, else English, else the one for all, else the
    code."""
    if not labels:
        return label or code
    wanted = locale
    while wanted:
        if wanted in labels:
            return labels[wanted]
        wanted = wanted.rpartition("-")[0]
    return labels.get("en") or label or code


def relabelled(
    label: str | None, labels: Mapping[str, str], named: str | dict[str, str]
) -> tuple[str | None, dict[str, str]]:
    """C1: the label for all and the labels by locale, after a message that names one or several of them.

    Raises InvalidLabel.
    """
    texts = [named] if isinstance(named, str) else list(named.values())
    if not texts or any(not text.strip() or len(text) > MAX_LABEL for text in texts):
        raise InvalidLabel(f"data.label: a text of 1 to {MAX_LABEL} characters is needed, for all locales or for each")
    if isinstance(named, str):
        return named, {}
    united = {**labels, **{canonical(locale): text for locale, text in named.items()}}
    if len(united) > MAX_LOCALES:
        raise InvalidLabel(f"data.label: at most {MAX_LOCALES} locales have a label of their own")
    return label, united
