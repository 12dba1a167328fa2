"""From a row to a ``client.imported`` event (B3, D5, H6): checked as the worker will, refused with reasons.

The event is the same whenever the row is the same: its ``id`` is a hash over the business and what the row says, so a
file that is imported twice counts once (P3). Its ``client_id`` is the row's, else a hash of the e-mail address, else of
the phone number, else of the name; with the business in it, and nothing personal to be read from it. Of two rows about
one client the later one is a microsecond later.
"""

import collections
import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import orjson

from topics import outputs
from topics.envelope import EventDecoder, Unusable
from topics.fields import ClientId
from topics.moments import Micros
from topics.registry import MAX_INPUT_BYTES
from worker.domain.field_values import InvalidValue
from worker.domain.tags import MAX_TAGS_PER_CLIENT, InvalidTag, clean_all, split
from worker.spreadsheets import values
from worker.spreadsheets.columns import OWN, Column
from worker.spreadsheets.known import Known
from worker.spreadsheets.tables import Cell, Row, shown

TYPE: Final = "client.imported"
TOPIC: Final = "clients"
SOURCE: Final = "client-status-import"
CONTENT_TYPE: Final = [("content-type", outputs.CONTENT_TYPE)]
MAX_REASONS: Final = 10
_DIGEST: Final = 16
_NAME: Final = ("first_name", "name", "middle_name", "last_name")
"""The parts of a name in the order in which they are written."""


class Refused(ValueError):
    """The row cannot be imported; the message has every reason, with its column and its code of the contract."""


class Ready(msgspec.Struct, frozen=True, gc=False):
    """An event to be sent. ``derived``: what the client's id was made from; empty when the row has one."""

    id: str
    client_id: str
    derived: str
    value: bytes


class Rows:
    """Makes events of the rows of one table. ``time``: of every event; ``latest``: what is not in the future (J5)."""

    def __init__(
        self,
        business: str,
        columns: Sequence[Column],
        width: int,
        known: Known,
        time: datetime,
        latest: Micros,
        slashes: values.SlashDates | None = None,
    ) -> None:
        self._business = business
        self._columns = columns
        self._width = width
        self._known = known
        self._time = time
        self._latest = latest
        self._slashes = slashes
        self._decoder = EventDecoder(TOPIC)
        self._rows_of: collections.Counter[str] = collections.Counter()

    def event(self, row: Row) -> Ready:
        """The event that a row is. Raises Refused."""
        reasons: list[str] = []
        data = self._data(row.cells, reasons)
        if any(cell not in ("", None) for cell in row.cells[self._width :]):
            reasons.append("more cells than the header has columns; is a separator in a text that is not quoted?")
        derived = ""
        if not reasons and "client_id" not in data:
            derived = next((name for name in ("email", "phone", "name") if name in data), "")
            if derived:
                data = {"client_id": self._derived(derived, str(data[derived])), **data}
            else:
                reasons.append("neither an id nor an e-mail address, a phone number or a name (invalid_data)")
        if reasons:
            raise Refused("; ".join(reasons[:MAX_REASONS]))
        id_ = _hash(orjson.dumps([self._business, data], option=orjson.OPT_SORT_KEYS))
        ready = Ready(id_, data["client_id"], derived, self._value(id_, data))
        self._rows_of[ready.client_id] += 1
        return ready

    def _data(self, cells: Sequence[Cell], reasons: list[str]) -> dict[str, Any]:
        """What the row says. A reason is added for each cell that cannot be used."""
        data: dict[str, Any] = {}
        names: dict[str, str] = {}
        for column in self._columns:
            cell = cells[column.at] if column.at < len(cells) else ""
            if cell in ("", None):
                continue
            if isinstance(cell, str) and len(cell) > values.MAX_CHARACTERS:
                reasons.append(f"{shown(column.name)}: {len(cell):,} characters are too many for an event (too_large)")
                continue
            try:
                self._put(column.holds, cell, data, names)
            except _Wrong as exc:
                reasons.append(f"{shown(column.name)}: {exc}")
        if names:
            data["name"] = _whole(names)
        return data

    def _put(self, holds: str, cell: Cell, data: dict[str, Any], names: dict[str, str]) -> None:
        if holds.startswith(OWN):
            field = self._known.own_fields.get(holds.removeprefix(OWN))
            if field is None:
                raise _Wrong(f"business {self._business} has no such field; define it first (unknown_field)")
            try:
                value = values.own(field, cell, self._slashes)
            except InvalidValue as exc:
                raise _Wrong(f"{exc} (invalid_field_value)") from exc
            if value is not None:
                data.setdefault("fields", {})[field.field_id] = value
        elif text := values.text(cell):
            if holds in _NAME:
                names[holds] = text
            else:
                data[holds] = self._checked(holds, text)

    def _checked(self, holds: str, text: str) -> object:
        """A value of the contract. Raises _Wrong."""
        try:
            match holds:
                case "client_id":
                    return msgspec.convert(text, ClientId)
                case "email":
                    return values.email(text)
                case "phone":
                    return values.phone(text)
                case "status":
                    return self._status(text)
                case "tags":
                    _check_tags(text)
                case "linked_systems":
                    return [name.strip() for name in text.split(",") if name.strip()]
        except msgspec.ValidationError:
            raise _Wrong(
                "an id has 1 to 64 characters of A-Z a-z 0-9 . _ : - (invalid_data); without such ids leave the column "
                "out, and ids are made from e-mail addresses"
            ) from None
        except (InvalidValue, InvalidTag) as exc:
            raise _Wrong(f"{exc} (invalid_data)") from exc
        return text

    def _status(self, text: str) -> str:
        code = self._known.status_named(text)
        if code is None:
            codes = ", ".join(status.code for status in self._known.statuses[:20])
            raise _Wrong(f"business {self._business} has no status {shown(text)}; it has {codes} (unknown_status)")
        return code

    def _derived(self, what: str, said: str) -> str:
        if what == "phone":
            digits = "".join(c for c in said if c.isdecimal())
            said = digits.removeprefix("00")
        same = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", said).casefold()).split())
        return f"{what}-{_hash(orjson.dumps([self._business, what, same]))}"

    def _value(self, id_: str, data: dict[str, Any]) -> bytes:
        """The event, decoded as the worker will decode it. Raises Refused."""
        value = orjson.dumps(
            {
                "specversion": "1.0",
                "id": id_,
                "source": SOURCE,
                "type": TYPE,
                "time": self._time_of(data["client_id"]),
                "businessid": self._business,
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        try:
            self._decoder.decode(value, CONTENT_TYPE, self._latest)
        except Unusable as exc:
            too_large = f"; at most {MAX_INPUT_BYTES} are possible" if exc.code == "too_large" else ""
            raise Refused(f"{exc.message}{too_large} ({exc.code})") from exc
        return value

    def _time_of(self, client_id: str) -> str:
        """What a later row says of a client counts more."""
        time = self._time + timedelta(microseconds=self._rows_of[client_id])
        return time.isoformat().replace("+00:00", "Z")


class _Wrong(ValueError):
    """What is wrong with one cell."""


def _whole(names: dict[str, str]) -> str:
    """The whole name. ``name`` beside a last name is the first one (as in Italian), unless it has that already."""
    name, last = names.get("name"), names.get("last_name", "")
    if name and ("first_name" in names or name.casefold().endswith(last.casefold())):
        return name
    return " ".join(names[part] for part in _NAME if part in names)


def _check_tags(text: str) -> None:
    """D1: raises InvalidTag. The text travels as it is (D5)."""
    tags = clean_all(split(text))
    if len(tags) > MAX_TAGS_PER_CLIENT:
        raise InvalidTag(f"a client has at most {MAX_TAGS_PER_CLIENT} tags, these are {len(tags)}")


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST).hexdigest()
