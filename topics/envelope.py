"""CloudEvents 1.0 on the way in: structured and binary mode, strict; and what is refused, with its code (J1).

A usable record is decoded in one pass by ``EventDecoder``; one that is not is looked at again, step by step, so that it
gets the first code that applies, in the order of the contract, and a message that a person understands.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
import orjson

from topics import payment_cards
from topics.clients import ClientCardSaved
from topics.fields import MAX_EVENT_ID_LENGTH, MAX_SOURCE_LENGTH, BusinessId, Moment
from topics.in_words import in_words
from topics.moments import MAX_YEAR, MIN_YEAR, Micros, micros, moment
from topics.registry import BY_NAME, COMMAND_TOPICS, MAX_INPUT_BYTES, TOPIC_OF_TYPE
from topics.spellings import lacks_colon, may_lack_colon, usual

Struct = TypeVar("Struct", bound=msgspec.Struct)

Headers = Sequence[tuple[str, bytes]]
MAX_DEPTH: Final = 64
"""J4: levels of nesting, from the outermost bracket."""
STRUCTURED: Final = b"application/cloudevents"
USUAL: Final = ("content-type", b"application/cloudevents+json; charset=UTF-8")
"""The header of nearly all records."""
FIRST: Final = datetime(MIN_YEAR, 1, 2, tzinfo=UTC)
BINARY: Final = {f"ce_{name}": name for name in ("specversion", "id", "source", "type", "time", "businessid")}
"""The headers of binary mode, to the attributes in them."""
BINARY_TRACE: Final = "ce_traceparent"
PLUS: Final = ord("+")
MAX_SHOWN: Final = 64
"""Characters of what a sender wrote that a message shows."""

EventId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_EVENT_ID_LENGTH)]
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SOURCE_LENGTH)]
TypeName = Annotated[str, msgspec.Meta(min_length=1)]
TRACEPARENT: Final = r"\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z"
TraceParent = Annotated[str, msgspec.Meta(pattern=TRACEPARENT)]


class Event(msgspec.Struct, gc=False, kw_only=True):
    """A usable input event. Its class stands for its type: ``TYPE_OF_EVENT[type(event)]``."""

    specversion: Literal["1.0"]
    id: EventId
    source: Source
    time: Moment
    businessid: BusinessId
    traceparent: TraceParent | None = None
    data: Any  # each type narrows it to its own message


class Malformed(msgspec.Struct, gc=False, frozen=True):
    """The ``data`` of a command or control message that cannot be read: it is answered, not dead-lettered (C4)."""

    message: str
    dry_run: bool = False


class Unusable(Exception):
    """The record cannot be processed (J1). ``masked`` replaces a value that must not be kept."""

    def __init__(self, code: str, message: str, masked: bytes | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.masked = masked


class _Attributes(msgspec.Struct, kw_only=True):
    specversion: Literal["1.0"]
    id: EventId
    source: Source
    type: TypeName
    time: Moment
    businessid: BusinessId


def _event_class(type_: str, data: type[msgspec.Struct]) -> type[Event]:
    name = "".join(part.capitalize() for part in re.split(r"[._]", type_)) + "Event"
    event: type[Event] = msgspec.defstruct(  # type: ignore[assignment]  # its base is Event
        name, [("data", data)], bases=(Event,), tag_field="type", tag=type_, gc=False, kw_only=True
    )
    return event


EVENT_OF_TYPE: Final[Mapping[str, type[Event]]] = {
    type_: _event_class(type_, data)
    for topic in BY_NAME.values()
    if topic.direction == "in"
    for type_, data in topic.types.items()
}
TYPE_OF_EVENT: Final[Mapping[type[Event], str]] = {event: type_ for type_, event in EVENT_OF_TYPE.items()}


TIMED: Final = frozenset(
    event
    for type_, event in EVENT_OF_TYPE.items()
    if "starts_at" in BY_NAME[TOPIC_OF_TYPE[type_]].types[type_].__struct_fields__
)
"""Those with moments in their data."""


def _is_away(data: Any) -> bool:
    """Are the moments in it written with another offset than that of UTC?"""
    starts, ends = data.starts_at, data.ends_at
    return (starts is not None and starts.tzinfo is not UTC) or (ends is not None and ends.tzinfo is not UTC)


class EventDecoder:
    """Decodes the records of one input topic."""

    __slots__ = ("_decode", "_latest", "_latest_micros", "_topic")

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._latest_micros = 0
        self._latest = FIRST
        union: Any = None
        for type_ in BY_NAME[topic].types:
            event = EVENT_OF_TYPE[type_]
            union = event if union is None else union | event
        self._decode = msgspec.json.Decoder(union).decode

    def decode(self, value: bytes | None, headers: Headers, latest: Micros) -> Event:
        """The event in a record. ``latest`` is the greatest time that is not in the future (J5).

        Raises Unusable with the first code that applies.
        """
        if latest != self._latest_micros:
            self._latest_micros, self._latest = latest, moment(latest)
        if value is None or len(value) > MAX_INPUT_BYTES:
            return self._step_by_step(value, headers, latest)
        if headers and headers[0] != USUAL and _mode(headers) == "binary":
            return self._step_by_step(value, headers, latest)
        if _is_too_deep(value):
            return self._step_by_step(value, headers, latest)
        try:
            if not value.isascii():
                value.decode()
            event: Event = self._decode(value)
            usable = FIRST <= event.time <= self._latest
        except (msgspec.MsgspecError, ValueError, OverflowError):
            return self._step_by_step(value, headers, latest)
        if not usable or isinstance(event.data, ClientCardSaved):
            return self._step_by_step(value, headers, latest)
        if (
            PLUS in value or event.time.tzinfo is not UTC or (event.__class__ in TIMED and _is_away(event.data))
        ) and may_lack_colon(value):
            return self._step_by_step(value, headers, latest)
        return event

    def _step_by_step(self, value: bytes | None, headers: Headers, latest: Micros) -> Event:
        parsed = _parse(value)
        attributes = _from_headers(headers, parsed) if _mode(headers) == "binary" else parsed
        if not isinstance(attributes, dict):
            raise Unusable("not_cloudevents", "the value is not a CloudEvent: a JSON object with its attributes")
        known = _known_attributes(attributes)
        type_ = known.type
        topic = TOPIC_OF_TYPE.get(type_)
        if topic is None:
            raise Unusable("unknown_type", f"no event has the type {_shown(type_)}")
        if topic != self._topic:
            raise Unusable("wrong_topic", f"events of type {type_} belong on the topic {topic}, not on {self._topic}")
        if known.time.year > MAX_YEAR or micros(known.time) > latest:
            raise Unusable("time_in_future", f"time {_shown(attributes['time'])} is more than 24 hours ahead")
        data = attributes.get("data")
        if type_ == "client.card_saved":
            refuse_card_numbers(data, value or b"")
        return EVENT_OF_TYPE[type_](
            specversion=known.specversion,
            id=known.id,
            source=known.source,
            time=known.time,
            businessid=known.businessid,
            traceparent=_traceparent(attributes),
            data=self._data(type_, data),
        )

    def _data(self, type_: str, data: object) -> object:
        try:
            return _converted(data, BY_NAME[self._topic].types[type_])
        except (msgspec.ValidationError, OverflowError) as exc:
            message = f"data of {type_}: {in_words(exc, BY_NAME[self._topic].types[type_])}"
            if self._topic not in COMMAND_TOPICS:
                raise Unusable("invalid_data", message) from exc
            return Malformed(message, isinstance(data, dict) and data.get("dry_run") is True)


def data_as_it_came(value: bytes | None, headers: Headers) -> dict[str, object]:
    """The ``data`` of a usable event about a client, with fields that this version does not know. Raises Unusable."""
    try:
        parsed = orjson.loads(value or b"")
    except orjson.JSONDecodeError as exc:
        raise _not_json(exc) from exc
    data: dict[str, object] = parsed if _mode(headers) == "binary" else parsed["data"]
    return data


def refuse_card_numbers(data: object, value: bytes) -> None:
    """Raises Unusable when something in ``data`` looks like a full card number; the dead letter is masked."""
    found = payment_cards.find(data)
    if found is not None:
        raise Unusable(
            "card_number_refused",
            f"data{found[0]} looks like a full card number; send the last four digits only",
            payment_cards.mask(value, data),
        )


def _mode(headers: Headers) -> Literal["structured", "binary"]:
    binary = False
    for name, content in headers:
        if name.lower() == "content-type" and content is not None and content.lower().startswith(STRUCTURED):
            return "structured"
        if name in BINARY:
            binary = True
    return "binary" if binary else "structured"


def _is_too_deep(value: bytes) -> bool:
    """Are brackets nested deeper than MAX_DEPTH, outside strings? However large the value, it is soon known (J4)."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _TOKEN.finditer(value):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif first in b"]}":
            depth -= 1
    return False


_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def _parse(value: bytes | None) -> object:
    if value is None:
        raise Unusable("not_json", "the record has no value")
    if len(value) > MAX_INPUT_BYTES:
        raise Unusable("too_large", f"the value has {len(value)} bytes; at most {MAX_INPUT_BYTES} are taken")
    if _is_too_deep(value):
        raise Unusable("too_large", f"the value is nested deeper than {MAX_DEPTH} levels")
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as exc:
        raise _not_json(exc) from exc


def _not_json(exc: orjson.JSONDecodeError) -> Unusable:
    return Unusable("not_json", f"the value is not JSON: {exc}")


def _from_headers(headers: Headers, data: object) -> dict[str, object]:
    attributes: dict[str, object] = {}
    for name, content in headers:
        if name in BINARY and content is not None:
            try:
                attributes[BINARY[name]] = content.decode()
            except UnicodeDecodeError as exc:
                raise Unusable("not_cloudevents", f"the header {_shown(name)} is not UTF-8") from exc
        elif name == BINARY_TRACE and content is not None:
            attributes["traceparent"] = content.decode(errors="replace")
    attributes["data"] = data
    return attributes


def _known_attributes(attributes: dict[str, object]) -> _Attributes:
    try:
        known = _converted(attributes, _Attributes)
        if known.time.year < MIN_YEAR:
            raise Unusable("not_cloudevents", f"time: the year must not be before {MIN_YEAR}")
    except (msgspec.ValidationError, ValueError, OverflowError) as exc:
        raise Unusable("not_cloudevents", f"not a CloudEvent 1.0 of ours: {in_words(exc, _Attributes)}") from exc
    return known


def _converted(found: object, type_: type[Struct]) -> Struct:
    """``found`` as the type, also in an odd spelling. Raises msgspec.ValidationError, OverflowError."""
    try:
        read = msgspec.convert(found, type_)
    except msgspec.ValidationError:
        read = msgspec.convert(usual(found), type_)
    if (name := lacks_colon(found, type_.__struct_fields__)) is not None:
        raise msgspec.ValidationError(f"Invalid RFC3339 encoded datetime - at `$.{name}`")
    return read


def _traceparent(attributes: dict[str, object]) -> str | None:
    value = attributes.get("traceparent")
    return value if isinstance(value, str) and re.match(TRACEPARENT, value) else None


def _shown(text: object) -> str:
    """What a sender wrote, short and on one line."""
    return repr(text if not isinstance(text, str) or len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")
