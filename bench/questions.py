"""What people ask of a console: every kind of search, filter and count, with values of the data that is measured."""

import json
import random
from typing import Final

FIRST_NAMES: Final = (
    "Anna", "Émile", "Zoë", "Jan", "Piet", "Sofia", "Marco", "Aino", "Lena", "Luc", "Marta", "Tim"
)  # fmt: skip
LAST_NAMES: Final = (
    "Smit", "Zola", "de Vries", "Rossi", "Virtanen", "Müller", "Martin", "García", "Jansen", "Bakker"
)  # fmt: skip
TAGS: Final = tuple(f"tag {n}" for n in range(50))
STATUSES: Final = ("lead", "customer", "vip", "inactive")
AUDIENCES: Final = 3
LETTERS: Final = "abcdefghijklmnoprstvz"
_PRESETS: Final = ("new_this_month", "upcoming", "outstanding", "quiet_90_days", "status:vip")
Asked = dict[str, str]
"""The parameters; ``path`` is none of them, but what is asked instead of ``/clients``."""


def questions(dice: random.Random, clients: int) -> dict[str, Asked]:
    """One of each kind."""
    name, family = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    days = sorted((_day(dice), _day(dice)))
    return {
        "all, by name": {},
        "all, in another order": {"sort": dice.choice(("created_at", "last_activity_at"))},
        "part of a name": {"q": f"{name[:3]} {family[:3]}"},
        "a letter or two": {"q": dice.choice(LETTERS) + dice.choice(("", "a", "e", "o"))},
        "an e-mail address": {"q": f"client{dice.randrange(clients)}@example.org"},
        "a phone number": {"q": f"06 {dice.randrange(clients):08d}"},
        "a status": {"status": dice.choice(STATUSES)},
        "a tag": {"tag": dice.choice(TAGS)},
        "a status and a tag": {"status": dice.choice(STATUSES), "tag": dice.choice(TAGS), "sort": "created_at"},
        "a preset": {"preset": dice.choice(_PRESETS)},
        "created between two days": {"created_from": days[0], "created_to": days[1]},
        "a source and part of a name": {"source": "web", "q": name[:4]},
        "a filter over names": _all(("name", dice.choice(("contains", "starts_with")), family[:4])),
        "a filter over addresses": _all(("email", "contains", str(dice.randrange(clients)))),
        "a filter over counts and times": _all(
            ("counts.payments", "gte", dice.randrange(9)),
            ("last_activity_at", "lt", days[0]),
            ("score", "exists", True),
        ),
        "a filter over own fields": _all(
            ("fields.size", "gt", dice.randrange(90)), ("fields.motto", "contains", str(dice.randrange(99)))
        ),
        "a filter over tags": _all(
            ("tags", "has_none", dice.sample(TAGS, 2)), ("tags", "has_any", dice.sample(TAGS, 3))
        ),
        "much together": {
            "q": name[:2], "preset": "outstanding", "created_from": "2024-06-01", "ended": "include",
            "sort": "last_activity_at", **_all(("tags", "has_any", dice.sample(TAGS, 20))),
        },
        "counts": {"path": "/counts"},
        "members of an audience": {"path": f"/audiences/aud{dice.randrange(AUDIENCES)}/members"},
    }  # fmt: skip


def _day(dice: random.Random) -> str:
    return f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"


def _all(*leaves: tuple[str, str, object]) -> Asked:
    parts = [{"field": field, "op": op, "value": value} for field, op, value in leaves]
    return {"filter": json.dumps({"all": parts})}
