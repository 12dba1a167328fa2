"""The records of a business: the one in ``business-settings`` that everybody reads, and the worker's own beside it."""

from typing import Any, Final

import msgspec

from worker.domain.audience_index import Audience
from worker.domain.business import Business, TagEntry, Tally
from worker.domain.catalogue import Catalogue
from worker.domain.history import Automation, History, Order, Patch
from worker.domain.status import Status
from worker.domain.tag_rules import TagRule, TagRules

VERSION: Final = 1


class Own(msgspec.Struct, array_like=True, gc=False):
    """The worker's own part of the record. Fields are only ever added at the end."""

    base: Automation
    patches: list[Patch]
    statuses: list[Status]
    catalogue: Catalogue | None = None
    named: dict[str, Order] = {}


class Record(msgspec.Struct, gc=False, kw_only=True):
    v: int
    businessid: str
    revision: int
    locale: str
    automation: dict[str, Any]
    statuses: list[dict[str, Any]]
    status_groups: list[dict[str, Any]] = []
    classifications: dict[str, list[dict[str, Any]]] = {}
    fields: list[dict[str, Any]] = []
    tag_rules: list[TagRule] = []
    audiences: list[Audience] = []
    state: Own


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode
_tally_of = msgspec.json.Decoder(Tally).decode
_tag_of = msgspec.json.Decoder(TagEntry).decode


def encode(business: Business) -> bytes:
    """The value of ``business-settings``: the settings in force, the clients per status, and the worker's own part."""
    latest = business.history.latest
    automation = {
        key: value for key, value in msgspec.to_builtins(latest).items() if key != "locale" and value is not None
    }
    statuses = [
        {
            "code": s.code,
            "label": s.label_in(latest.locale),
            "labels": s.labels,
            "color": s.color,
            "order": s.order,
            **({"role": s.role} if s.role is not None else {}),
            "project_allowed": s.project_allowed,
            "supplier_allowed": s.supplier_allowed,
            "ended": s.ended,
            "clients": business.count(s.code),
        }
        for s in business.statuses
    ]
    business.shown = {s.code: business.count(s.code) for s in business.statuses}
    catalogue = business.catalogue
    history = business.history
    own = Own(history.base, list(history.patches), business.statuses, catalogue, dict(history.named))
    value = _encode(
        Record(
            v=VERSION,
            businessid=business.id,
            revision=business.revision,
            locale=latest.locale,
            automation=automation,
            statuses=statuses,
            status_groups=catalogue.shown_groups(),
            classifications=catalogue.shown_classifications(latest.locale),
            fields=catalogue.shown_fields(latest.locale),
            tag_rules=business.tag_rules.defined(),
            audiences=list(business.audiences.values()),
            state=own,
        )
    )
    business.size = len(value)
    return value


def decode(value: bytes) -> Business:
    """The business in a record value. Raises msgspec.ValidationError."""
    record = _decode(value)
    business = Business(record.businessid)
    business.known = True
    business.size = len(value)
    business.revision = record.revision
    business.history = History(record.state.base, tuple(record.state.patches), record.state.named)
    business.shown = {s["code"]: s["clients"] for s in record.statuses}
    business.catalogue = record.state.catalogue or Catalogue()
    business.tag_rules = TagRules(record.tag_rules)
    business.audiences = {audience.audience_id: audience for audience in record.audiences}
    business.set_statuses(record.state.statuses)
    return business


def encode_tally(tally: Tally) -> bytes:
    """The value of the worker's own record of counts."""
    return _encode(tally)


def decode_tally(value: bytes) -> Tally:
    """The counts in a record value."""
    return _tally_of(value)


def encode_tag(entry: TagEntry) -> bytes:
    """The value of the worker's own record of a tag."""
    return _encode(entry)


def decode_tag(value: bytes) -> TagEntry:
    """The tag in a record value."""
    return _tag_of(value)
