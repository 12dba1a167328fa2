"""B10 as the rules say it: one client's status, folded from all that is known of it, whatever order it arrived in."""

from collections.abc import Iterable, Sequence
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
    points = [(time, "") for time in facts]
    points += [(when(e), str(e["data"]["status"])) for e in known if "status" in e["data"]]
    created = when(known[0])
    found, hand = Ends("lead", created, quiet=False), created - GRACE
    for time, by_hand in [*sorted(points), (now, "")]:
        last = time == now
        active = spans if hand >= created else [Span(created, created), *spans]
        goes = _goes_quiet(found, active, settings, hand, now if last else time)
        if goes is not None:
            found = Ends("inactive", goes, quiet=True)
        if by_hand:
            found, hand = Ends(by_hand, time, quiet=False), time
        elif not last and (found.status == "lead" or found.quiet):
            found = Ends("customer", time, quiet=False)
    return found


def _goes_quiet(
    found: Ends, spans: Sequence[Span], settings: Sequence[Days], hand: datetime, until: datetime
) -> datetime | None:
    """When a customer goes quiet before ``until``; not if the status was set by ``hand`` after the last activity, for
    which its creation counts without any other, and without a change by hand."""
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
