"""What the entries of a timeline are about, told by the entries beside them: when the booking was that was cancelled,
and what happened that a change names as its cause (G4)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from worker.readmodel.reviewing import is_open

Json = dict[str, Any]
_THINGS: Final[Mapping[str, str]] = {"booking": "booking_id", "invoice": "invoice_id", "payment": "payment_id"}
_FACTS: Final = (
    "kind", "service", "staff_id", "starts_at", "ends_at", "number", "amount", "currency", "due_on", "method",
)  # fmt: skip
"""What is known of a booking, an invoice or a payment, beside its id."""
_STATUS: Final = "client.status.changed"
_REVIEW: Final = "client.status.review_suggested"


class Story:
    """All entries of one client, oldest first."""

    def __init__(self, entries: Iterable[Json]) -> None:
        self._entries: dict[tuple[str, str], Json] = {}
        self._about: dict[tuple[str, str], Json] = {}
        self._statuses: dict[tuple[str, str], Json] = {}
        self._review: Json | None = None
        known: dict[tuple[str, str], Json] = {}
        for entry in entries:
            ref = entry["source"], entry["id"]
            self._entries[ref] = entry
            kind = entry["type"].partition(".")[0]
            thing = entry["data"].get(_THINGS.get(kind, ""))
            if thing is not None:
                before = known.get((kind, thing), {})
                if before:
                    self._about[ref] = before
                said = {name: value for name, value in entry["data"].items() if name in _FACTS}
                if entry["type"] == "payment.refunded":
                    said = {}  # its amount is what was given back
                known[kind, thing] = {**before, **said}
            elif entry["type"] == _STATUS:
                self._statuses[entry["time"], entry["data"]["to"]] = entry
            elif entry["type"] == _REVIEW:
                self._review = entry

    def explain(self, entry: Json) -> Json:
        """The entry with ``about`` (what was known of its booking, invoice or payment until then) and ``because`` (the
        event that its cause names), where there is something."""
        about = self._about.get((entry["source"], entry["id"]))
        because = self.because(entry["data"].get("cause"))
        return {**entry, **({"about": about} if about else {}), **({"because": because} if because else {})}

    def because(self, cause: Mapping[str, Any] | None) -> Json | None:
        """The event that a cause names, with all that was known of its booking, invoice or payment."""
        if not cause:
            return None
        ref = str(cause.get("event_source")), str(cause.get("event_id"))
        found = self._entries.get(ref)
        if found is None:
            return None
        return {
            "type": found["type"], "time": found["time"], "data": {**self._about.get(ref, {}), **found["data"]},
        }  # fmt: skip

    def reasons(self, card: Mapping[str, Any]) -> Json:
        """Why a client has its status and its tags: the events that their causes name, as far as they are known; and
        whether a person should look at the status again (B7)."""
        status: Json = {"because": self.because(card["status_cause"])}
        told = self._statuses.get((card["status_since"], card["status"]))  # not the last: an older one may come later
        if told is not None:
            status["settings_revision"] = told["data"]["settings_revision"]
        if self._review is not None and self._review["data"]["status"] == card["status"]:
            status["review"] = is_open(self._review, card)
        tags = [{"tag": tag["tag"], "because": self.because(tag["cause"])} for tag in card.get("tags") or ()]
        return {"status": status, "tags": tags}
