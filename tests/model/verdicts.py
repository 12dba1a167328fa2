"""What each command and control message must be answered (C4), judged by the model at arrival."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from tests.domain.reference import when
from tests.model.cards import tag_key
from tests.model.model import Model
from tests.model.told import Entry, Event

Outcomes = Mapping[str, Collection[str]]
"""Per client what may become of it: ``applied``, ``unchanged``, or a code."""
DONE = {"applied", "unchanged"}
STATUS_CHANGED = "client.status.changed"
LINK = ("http://", "https://", "www.")


class Verdict(NamedTuple):
    """Refused with one of ``codes``; or, without any, done to each client as ``outcomes`` allow. ``both``: either."""

    codes: Collection[str] = ()
    outcomes: Outcomes | None = None
    both: bool = False


class Judge:
    """Reads the model, and the public records where a rule asks what they say."""

    def __init__(
        self, model: Model, records: Mapping[str, Mapping[str, Any]], *, sweeping: bool, undecided: bool
    ) -> None:
        self._model = model
        self._undecided = undecided
        self._sweeping = sweeping
        self._records = records

    def of(self, event: Event) -> Verdict:
        """The verdict on a command or control message."""
        found = getattr(self, "_" + event["type"].replace(".", "_"), None)
        if found is not None:
            verdict: Verdict = found(event)
            return verdict
        return Verdict(self._model.catalogue.refusals(event, self._in_use(), self._values_in_use()))

    def _in_use(self) -> dict[str, int]:
        statuses = [self._model.status(card) for card in self._model.clients()]
        return {code: statuses.count(code) for code in statuses}

    def _values_in_use(self) -> dict[tuple[str, str], int]:
        used = [(kind, record[kind]) for record in self._records.values() for kind in
                ("client_type", "industry", "headcount", "end_reason") if kind in record]  # fmt: skip
        return {key: used.count(key) for key in used}

    # -- by hand --------------------------------------------------------------------------------------------------

    def _status_set(self, event: Event) -> Verdict:
        model, data = self._model, event["data"]
        catalogue, status, reason = model.catalogue, data["status"], data.get("end_reason")
        if status not in catalogue.statuses:
            return Verdict((), self._moved(event)) if self._model.was_moved(event) else Verdict({"unknown_status"})
        ended = catalogue.ended(status)
        if reason is not None and ("end_reason", reason) not in catalogue.classes:
            return Verdict({"unknown_end_reason"} | (set() if ended else {"end_reason_not_applicable"}))
        if reason is not None and not ended:
            return Verdict({"end_reason_not_applicable"})
        if ended and reason is None and any(c["data"].get("require_end_reason") for c in model.control):
            return Verdict({"end_reason_required"}, self._set(event, status), both=True)
        return Verdict((), self._set(event, status))

    def _moved(self, event: Event) -> Outcomes:
        """An older change to a status that went (A5)."""
        return dict.fromkeys(self._named(event), (*DONE, "superseded", "unknown_client"))

    def _named(self, event: Event) -> list[str]:
        """E5: each card once, by the first id that means it; for a status by its own where that is named, and each id
        that was merged away later apart."""
        ids, found, old = event["data"]["client_ids"], {}, []
        for client in ids:
            card = self._model.card_of(client)
            is_status = event["type"] == "status.set"
            if is_status and client != card and self._model.card_at(client, when(event)) != card:
                old.append(client)
            else:
                found.setdefault(card, card if card in ids and is_status else client)
        return list(dict.fromkeys([*found.values(), *old]))

    def _set(self, event: Event, status: str) -> Outcomes:
        model, found = self._model, {}
        for client in self._named(event):
            card = model.card_of(client)
            order = Entry(client, card, event).order
            hands = model.hands(card)
            if model.is_forgotten(client, when(event)):
                found[client] = {"unknown_client"}
            elif model.card_at(client, when(event)) != card or (hands and order < hands[-1].order):
                found[client] = {"superseded"}
            elif model.knows(client):
                late = (
                    self._undecided
                    or card in model.moved
                    or (status == model.catalogue.roles["initial"] and model.status(card) != status)
                )
                found[client] = DONE if late else {"unchanged" if model.status(card) == status else "applied"}
            else:
                found[client] = DONE if status == model.catalogue.roles["initial"] else {"applied"}
        return found

    def _tags_add(self, event: Event) -> Verdict:
        if any(not tag.strip() or "," in tag or len(tag) > 64 for tag in event["data"]["tags"]):
            return Verdict({"invalid_tag"})
        return Verdict((), self._tagged(event))

    _tags_remove = _tags_add

    def _tagged(self, event: Event) -> Outcomes:
        model, adds, found = self._model, event["type"] == "tags.add", {}
        for client in self._named(event):
            if model.is_forgotten(client, when(event)):
                found[client] = {"unknown_client"}
            elif not model.knows(client):
                found[client] = {"applied"} if adds else DONE
            else:
                before = set(model.tags(model.card_of(client)))
                named = {tag_key(tag) for tag in event["data"]["tags"]}
                same = named <= before if adds else not named & before
                surprises = model.renames or any(r["on"] == STATUS_CHANGED for r in model.catalogue.rules.values())
                found[client] = {"unchanged"} if same and not surprises else DONE
        return found

    # -- whole businesses -----------------------------------------------------------------------------------------

    def _tag_delete(self, event: Event) -> Verdict:
        data = event["data"]
        if any(name in data and not data[name].strip() for name in ("tag", "from", "to")):
            return Verdict({"invalid_tag"})
        tag, model = tag_key(data.get("tag", data.get("from"))), self._model
        words = [w.tag for w in model.rule_words] + [t for e in model.entries for t in e.event["data"].get("tags", ())]
        if any(tag in model.tags(card) for card in model.clients()):
            return Verdict({"unknown_tag"}, both=True) if self._sweeping else Verdict()
        return Verdict({"unknown_tag"}, both=bool(words) or bool(model.renames) or bool(model.erased))

    _tag_rename = _tag_delete

    def _clients_merge(self, event: Event) -> Verdict:
        model, data = self._model, event["data"]
        ids = [data["primary_id"], *data["duplicate_ids"]]
        codes = set()
        if len(set(ids)) < len(ids):
            codes.add("duplicate_client")
        if len(ids) > 10:
            codes.add("too_many_clients")
        if any(not model.knows(id_) or model.is_forgotten(id_, when(event)) for id_ in ids):
            codes.add("unknown_client")
        if any(id_ in model.merged for id_ in ids):
            codes.add("already_merged")
        records = {id_: self._records.get(id_, {}) for id_ in set(ids)}
        linked = [id_ for id_, record in records.items() if record.get("linked_systems")]
        if len(linked) > 1:
            codes.add("several_linked")
        if linked and ids[0] not in linked:
            codes.add("linked_must_be_primary")
        if any(link in record.get("name", "") for record in records.values() for link in LINK):
            codes.add("link_in_name")
        return Verdict(codes)

    def _client_erase(self, event: Event) -> Verdict:
        client = event["data"]["client_id"]
        return Verdict({"unknown_client"}, both=True) if self._model.is_forgotten(client, when(event)) else Verdict()

    def _automation_set(self, event: Event) -> Verdict:
        model = self._model
        moments = [when(e) for e in model.control if when(e) >= when(event)]
        model.control.append(event)
        try:
            ats = [model.settings.at(moment) for moment in (when(event), *moments)]
        finally:
            model.control.pop()
        turns_none_off = not event["data"].get("triggers")
        return Verdict(() if turns_none_off or any(ats[0]["triggers"].values()) else {"no_trigger_enabled"})

    def _action_request(self, event: Event) -> Verdict:
        model, data = self._model, event["data"]
        card = model.card_of(data["client_id"])
        if not model.knows(card) or model.is_forgotten(data["client_id"], when(event)):
            return Verdict({"unknown_client"})
        things = model.things(card)
        if data["action"] == "payment_reminder":
            return Verdict(() if self._records[card].get("overdue") else {"nothing_overdue"})
        if data["action"] == "invite_to_book":
            return Verdict()
        booking = things.bookings.get(data["booking_id"])
        if self._undecided:
            return Verdict({"no_such_booking", "not_attended", "already_invoiced"}, both=True)
        if booking is None or booking.state == "none":
            return Verdict({"no_such_booking"})
        if booking.state != "attended":
            return Verdict({"not_attended"})
        invoiced = any(i.issued and i.data.get("booking_id") == data["booking_id"] for i in things.invoices.values())
        return Verdict({"already_invoiced"} if invoiced else ())


def disagreement(verdict: Verdict, answer: Mapping[str, Any]) -> str | None:
    """Why the answer is not the verdict; None when it is."""
    result = answer["type"].removeprefix("command.")
    data = answer["data"]
    codes = {(e.get("client_id"), e["code"]) for e in data["errors"]}
    if result == "rejected" and verdict.codes:
        refused = {code for _, code in codes} <= set(verdict.codes)
        if codes and refused:
            return None
        if not verdict.both:
            return f"refused with {codes}, not {set(verdict.codes)}"
    if verdict.codes and not verdict.both:
        return f"{result}, not refused with {set(verdict.codes)}"
    if verdict.outcomes is None:
        return None if result == "applied" else f"{result} with {codes}, not applied"
    said = [*((c, "applied") for c in data["applied"]), *((c, "unchanged") for c in data["unchanged"]), *codes]
    if sorted(str(client) for client, _ in said) != sorted(verdict.outcomes):
        return f"told of {said}, asked about {sorted(verdict.outcomes)}"
    wrong = [(client, what) for client, what in said if client is None or what not in verdict.outcomes[client]]
    if wrong:
        return f"{wrong}, expected {verdict.outcomes}"
    done = {"applied"} if not codes else {"rejected"} if len(codes) == len(said) else {"partly_applied"}
    return None if result in done else f"{result} with {said}"
