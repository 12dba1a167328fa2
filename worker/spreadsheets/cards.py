"""Client cards as the rows of a CSV file (H6): the columns, in their order, and what stands in each.

The columns of ``COLUMNS`` are always there; then come one for each own field of the business (G2), and four with money
(G1) for each currency that occurs. Columns that an import knows have the name by which it knows them: a file that was
exported can be imported again; the others are passed over by an import.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

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


_MONEY: Final = tuple(f"{kind} " for kind in (*MONEY, "outstanding"))


class _Row(NamedTuple):
    """What stands in a card's row; ``money`` by column. A card takes far more memory, and is let go."""

    cells: tuple[str, ...]
    money: dict[str, str]


def table(cards: Iterable[Card], known: Known, separator: str = ",") -> Iterator[str]:
    """The lines of the file, the header first."""
    own = own_columns(known)
    rows = [_row(card, known) for card in cards]
    currencies = sorted({name[-3:] for row in rows for name in row.money})
    money = [f"{kind} {currency}" for currency in currencies for kind in (*MONEY, "outstanding")]
    line = io.StringIO()
    writer = csv.writer(line, delimiter=separator)
    writer.writerow([guarded(name) for name in (*COLUMNS, *own.values(), *money)])
    for row in [None, *rows]:
        if row is not None:
            writer.writerow((*row.cells, *(row.money.get(name, "") for name in money)))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


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


def _row(card: Card, known: Known) -> _Row:
    values = [read(card, known) for read in COLUMNS.values()]
    fields = card.fields
    values += [fields.get(field_id) for field_id in known.own_fields]
    money = {f"outstanding {currency}": amount for currency, amount in card.outstanding.items()}
    for currency, totals in card.totals.items():
        money |= {f"{kind} {currency}": getattr(totals, kind) for kind in MONEY}
    return _Row(tuple(guarded(_text(value)) for value in values), money)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"  # never 1e-05, which people's programs read in ways of their own
    return "" if value is None else str(value)
