"""Labels (A2): one for all locales, or one for each; the same for statuses, classifications and own fields."""

from collections.abc import Mapping
from typing import Final

MAX_LABEL: Final = 200
"""Characters of a label, of the name of a status group, or of the name of a form."""
MAX_LOCALES: Final = 50
"""Locales for which one thing has a label."""


class InvalidLabel(ValueError):
    """Code ``invalid_data``; the message begins with the place."""


def label_in(locale: str, label: str | None, labels: Mapping[str, str], code: str) -> str:
    """A2: the label in the locale, else in its language, else English, else the one for all, else the code."""
    if not labels:
        return label or code
    language = locale.split("-", 1)[0]
    return labels.get(locale) or labels.get(language) or labels.get("en") or label or code


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
    if len(united := {**labels, **named}) > MAX_LOCALES:
        raise InvalidLabel(f"data.label: at most {MAX_LOCALES} locales have a label of their own")
    return label, united
