"""Status and tag changes, and why they came about, in a line that a person reads."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from worker.cli.output import printable

TRIGGERS: Final[Mapping[str, str]] = {
    "booking_attended": "a booking took place",
    "invoice_issued": "an invoice was issued",
    "payment_made": "a payment was made",
    "message_received": "the client wrote",
}
"""B5: what makes a customer of a lead, as the reason of a change."""
CAUSES: Final[Mapping[str, str]] = {
    "created": "the client is new",
    "automation": "by automation",
    "manual": "set by hand",
    "rule": "by a tag rule",
    "merge": "duplicates were merged",
    "import": "the client was imported",
    "catalogue": "the business's catalogue was changed",
    "inactivity": "the client has been quiet",
    "backfill": "today's settings were applied to what had happened before",
}
Event = Mapping[str, Any]
"""An output event, as decoded from JSON."""


def reason(cause: Event) -> str:
    """Why, in words: ``a payment was made (payment.received p1 of shop)``."""
    trigger = cause.get("trigger")
    words = TRIGGERS.get(str(trigger)) or CAUSES.get(cause["type"], cause["type"])
    if trigger and cause["type"] != "automation":
        words = f"{CAUSES[cause['type']]}: {words}"
    if actor := cause.get("actor"):
        words += f" by {actor}"
    if why := cause.get("reason"):
        words += f", “{why}”"
    if rule := cause.get("rule_id"):
        words += f" {rule}"
    origin = " ".join(cause[name] for name in ("event_type", "event_id") if cause.get(name))
    source = f" of {cause['event_source']}" if cause.get("event_source") else ""
    return f"{words} ({origin}{source})" if origin else words


def change(event: Event) -> str:
    """What changed for whom: ``c1  lead → customer: …``. An event that is not known here is told by its type."""
    say = _WORDS.get(event["type"])
    data = event["data"]
    told = say(data) if say is not None else event["type"]
    why = f": {reason(data['cause'])}" if "cause" in data else ""
    return printable(f"{data.get('client_id', '-')}  {told}{why}")


def line(event: Event, *, business: bool = False) -> str:
    """The whole line: when it took effect, which business (if asked for), what, and why."""
    whose = f"{event['businessid']}  " if business else ""
    return f"{event['time']}  {whose}{change(event)}"


def _status(data: Event) -> str:
    if data["from"] is None:
        return f"is {data['to']}"
    ending = f" ({data['end_reason']})" if data.get("end_reason") else ""
    return f"{data['from']} → {data['to']}{ending}"


def _tags(data: Event) -> str:
    changes = [f"+{tag!r}" for tag in data["added"]] + [f"-{tag!r}" for tag in data["removed"]]
    return f"tags {' '.join(changes)}"


def _review(data: Event) -> str:
    return f"please review: is {data['status']}, and nothing that made it so stands any more"


_WORDS: Final[Mapping[str, Callable[[Event], str]]] = {
    "client.status.changed": _status,
    "client.status.review_suggested": _review,
    "client.tags.changed": _tags,
}
