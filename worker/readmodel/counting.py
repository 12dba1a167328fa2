"""H4: how many clients a business has of what, from its table."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from worker.domain.tags import identity
from worker.readmodel.columns import Coded, Sets
from worker.readmodel.table import Table

CLASSIFIED: Final = ("client_type", "industry", "headcount", "end_reason")
Json = dict[str, Any]


def counts(settings: Json, table: Table) -> Json:
    """Clients per status, per group, per tag, per classification; also per source and per audience."""
    by_status = _each(table.status)
    kinds: Mapping[str, Sequence[Json]] = settings.get("classifications") or {}
    by_kind = {kind: _each(table.end_reason if kind == "end_reason" else table.coded(kind)) for kind in CLASSIFIED}
    return {
        "total": len(table),
        "statuses": [
            {
                **{name: status[name] for name in ("code", "label", "color", "ended")},
                "clients": by_status[status["code"]],
            }
            for status in settings["statuses"]
        ],
        "status_groups": [
            {
                "code": group["code"],
                "name": group["name"],
                "clients": sum(by_status[code] for code in set(group["statuses"])),
            }
            for group in settings.get("status_groups") or ()
        ],
        "tags": _spelled("tag", table.tags),
        "classifications": {
            kind: [
                {"code": value["code"], "label": value["label"], "clients": by_kind[kind][value["code"]]}
                for value in kinds.get(kind, ())
            ]
            for kind in CLASSIFIED
        },
        "sources": _spelled("source", table.coded("source")),
        "audiences": [
            {"audience_id": audience["audience_id"], "name": audience["name"], "clients": audience["clients"]}
            for audience in audiences(settings, table)
        ],
    }


def audiences(settings: Json, table: Table) -> list[Json]:
    """F1: the saved filters, with the number of their members."""
    members = _each(table.audiences)
    return [{**found, "clients": members[found["audience_id"]]} for found in settings.get("audiences") or ()]


def _each(column: Coded | Sets) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, clients in column.counts():
        for value in key:
            found[value] += clients
    return found


def _spelled(what: str, column: Coded | Sets) -> list[Json]:
    """As most clients have it spelled."""
    spellings: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for spelling, clients in _each(column).items():
        spellings[identity(spelling)].append((-clients, spelling))
    return [
        {what: min(found)[1], "clients": -sum(clients for clients, _ in found)}
        for _, found in sorted(spellings.items())
    ]
