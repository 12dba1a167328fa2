"""Client cards as the rows of a CSV file (H6): the columns, in their order, and what stands in each.

The columns of ``COLUMNS`` are always there; then come one for each own field of the business (G2), and four with money
(G1) for each currency that occurs. Columns that an import knows have the name by which it knows them: a file that was
exported can be imported again; the others are passed over by an import.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from topics.clients import FieldValue
from worker.domain.card import Card
from worker.spreadsheets.cells import guarded
from worker.spreadsheets.columns import OWN, Names
from worker.spreadsheets.known import Known

LIST: Final = ", "
"""Between several values in one cell."""
Read = Callable[[Card, Known], object]


def _several(values: Iterable[str]) -> str:
    return LIST.join(values)


def _attribute(name: str) -> Read:
    return lambda card, _: getattr(card, name)


def _count(name: str) -> Read:
    return lambda card, _: getattr(card.counts, name)


COLUMNS: Final[Mapping[str, Read]] = {
    "client_id": _attribute("client_id"),
    "name": _attribute("name"),
    "email": lambda card, _: card.emails[0] if card.emails else None,
    "phone": lambda card, _: card.phones[0] if card.phones else None,
    "other_emails": lambda card, _: _several(card.emails[1:]),
    "other_phones": lambda card, _: _several(card.phones[1:]),
    "status": _attribute("status"),
    "status_label": lambda card, known: known.status(card.status).label,
    "status_since": _attribute("status_since"),
    "ended": lambda card, known: known.status(card.status).ended,
    "end_reason": _attribute("end_reason"),
    "tags": lambda card, _: _several(tag.tag for tag in card.tags),
    "source": _attribute("source"),
    "staff_id": _attribute("staff_id"),
    "client_type": _attribute("client_type"),
    "industry": _attribute("industry"),
    "headcount": _attribute("headcount"),
    "linked_systems": lambda card, _: _several(card.linked_systems),
    "created_at": _attribute("created_at"),
    "last_activity_at": _attribute("last_activity_at"),
    "score": lambda card, _: card.score.average if card.score is not None else None,
    "reviews": lambda card, _: card.score.count if card.score is not None else None,
    "latest_note": _attribute("latest_note"),
    "upcoming": lambda card, _: _several(booking.starts_at for booking in card.upcoming),
    "attended": _count("attended"),
    "no_shows": _count("no_shows"),
    "cancelled": _count("cancelled"),
    "invoices": _count("invoices"),
    "payments": _count("payments"),
    "messages_in": _count("messages_in"),
    "messages_out": _count("messages_out"),
    "documents": _count("documents"),
    "overdue": lambda card, _: _several(card.overdue),
    "merged_ids": lambda card, _: _several(card.merged_ids),
    "audiences": lambda card, _: _several(card.audiences),
}
"""The columns that every export has, and what stands in them."""
MONEY: Final = ("invoiced", "paid", "refunded")


def table(cards: Iterable[Card], known: Known, separator: str = ",") -> Iterator[str]:
    """The lines of the file, the header first."""
    own = own_columns(known)
    rows = [_cells(card, known, own) for card in cards]
    currencies = sorted({name[-3:] for row in rows for name in row if name.startswith(_MONEY)})
    money = [f"{kind} {currency}" for currency in currencies for kind in (*MONEY, "outstanding")]
    columns = [*COLUMNS, *own.values(), *money]
    line = io.StringIO()
    writer = csv.writer(line, delimiter=separator)
    for cells in ([guarded(name) for name in columns], *([row.get(name, "") for name in columns] for row in rows)):
        writer.writerow(cells)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


_MONEY: Final = tuple(f"{kind} " for kind in (*MONEY, "outstanding"))


def own_columns(known: Known) -> dict[str, str]:
    """By the id of an own field its column: the label where it says which field it is, else ``fields.<field_id>``."""
    names = Names(known.own_fields)
    columns = {}
    for field_id, field in known.own_fields.items():
        label = (field.label or field_id).strip()
        taken = label in COLUMNS or label.startswith(_MONEY)
        says = not taken and names.holds(label) == OWN + field_id
        columns[field_id] = label if says else OWN + field_id
    return columns


def _cells(card: Card, known: Known, own: Mapping[str, str]) -> dict[str, str]:
    """What stands in a card's row; empty cells are left out."""
    values: dict[str, Any] = {name: read(card, known) for name, read in COLUMNS.items()}
    for field_id, value in card.fields.items():
        if field_id in own:
            values[own[field_id]] = value
    for currency, totals in card.totals.items():
        values |= {f"{kind} {currency}": getattr(totals, kind) for kind in MONEY}
    values |= {f"outstanding {currency}": amount for currency, amount in card.outstanding.items()}
    return {name: cell for name, value in values.items() if (cell := guarded(_text(value)))}


def _text(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
