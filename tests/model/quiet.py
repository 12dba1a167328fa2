"""B10 as the rules say it: one client's status, folded from all that is known of it, whatever order it arrived in."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.domain.reference import when
from tests.model.told import Event

GRACE = timedelta(seconds=60)
FACTS = ("payment.received", "invoice.issued")
ACTIVITIES = (*FACTS, "client.messaged")


class Span(NamedTuple):
    """A time during which a client was active; of most activity a moment."""

    begins: datetime
    ends: datetime


class Days(NamedTuple):
    """From when on clients go quiet after how many days; None: not at all."""

    since: datetime
    days: int | None


class Ends(NamedTuple):
    """A client's status in the end, since when; ``quiet``: it has it because it went quiet."""

    status: str
    since: datetime
    quiet: bool


def fold(events: Iterable[Event], settings: Sequence[Days], now: datetime) -> Ends:
    """What the client is at ``now``. ``settings`` in order of time."""
    known = sorted(events, key=when)
    spans, facts = _spans_and_facts(known, now)
    created = when(known[0])
    found, hand = Ends("lead", created, quiet=False), created - GRACE
    for event in known:
        if "status" in event["data"]:
            hand = when(event)
            found = Ends(str(event["data"]["status"]), hand, quiet=False)
    facts = sorted(time for time in facts if time > hand)
    if found.status == "lead" and facts:
        found = Ends("customer", facts[0], quiet=False)
    spans += [Span(created, created)] if hand < created else []
    return alternate(found, facts, spans, settings, hand, now)


def days_of(control: Iterable[Event]) -> list[Days]:
    """Messages that change settings, as the days that clients have; with the automation off nobody goes quiet."""
    found, days, enabled = [], None, True
    for event in sorted(control, key=lambda e: (when(e), e["source"], e["id"])):
        enabled = event["data"].get("enabled", enabled)
        days = event["data"].get("inactive_after_days", days)
        found.append(Days(when(event), days if enabled else None))
    return found


def alternate(
    found: Ends,
    facts: Collection[datetime],
    spans: Sequence[Span],
    settings: Sequence[Days],
    hand: datetime,
    now: datetime,
) -> Ends:
    """From what the client was made last, as often as it has gone quiet and come back by the next of its facts."""
    while (goes := _goes_quiet(found, spans, settings, hand, now)) is not None:
        found = Ends("inactive", goes, quiet=True)
        back = min((time for time in facts if time > goes), default=None)
        if back is not None:
            found = Ends("customer", back, quiet=False)
    return found


def _goes_quiet(
    found: Ends, spans: Sequence[Span], settings: Sequence[Days], hand: datetime, until: datetime
) -> datetime | None:
    """When a customer goes quiet before ``until``; not if the status was set by ``hand`` after the last activity."""
    if found.status != "customer":
        return None
    ends = [span.ends for span in spans if span.ends >= hand]
    candidates = []
    for last in ends:
        for n, (since, days) in enumerate(settings):
            over = settings[n + 1].since if n + 1 < len(settings) else datetime.max.replace(tzinfo=until.tzinfo)
            if days is None:
                continue
            at = max(last + timedelta(days=days), since, found.since)
            active = any(span.begins <= at and span.ends > last for span in spans)
            if at < over and at <= until and not active:
                candidates.append(at)
    return min(candidates, default=None)


def _spans_and_facts(events: Sequence[Event], now: datetime) -> tuple[list[Span], list[datetime]]:
    spans = [Span(when(e), when(e)) for e in events if e["type"] in ACTIVITIES]
    facts = [when(e) for e in events if e["type"] in FACTS]
    cancelled = {e["data"]["booking_id"] for e in events if e["type"] == "booking.cancelled"}
    for event in events:
        if event["type"] == "booking.scheduled" and event["data"]["booking_id"] not in cancelled:
            made = when(event)
            counts = max(made, datetime.fromisoformat(event["data"]["ends_at"]))
            spans.append(Span(made, counts))
            if counts + GRACE <= now:
                facts.append(counts)
    return spans, facts
