"""Defining tag rules (D6), and following them: behind every event that was processed, and every status change told.

A rule that would give the client, or the business, more tags than they may have adds none; what it removes goes. What
rules change is no event of theirs, so there are no loops.
"""

from collections.abc import Callable, Collection, Iterable

import msgspec
from msgspec import UNSET

from topics.causes import Cause
from topics.control import TagRuleDefine, TagRuleRemove
from topics.moments import Micros
from worker.domain.answers import Answer, Rejected
from worker.domain.business import Business
from worker.domain.card import Card
from worker.domain.filters import EventData, InvalidFilter
from worker.domain.finish import Turn, afterwards
from worker.domain.session import Session
from worker.domain.tag_rules import EVENTS, MAX_TAG_RULES, MAX_TAGS_PER_RULE, STATUS_CHANGED, Compiled, TagRule
from worker.domain.tagging import NOTHING, say_again, say_tags, show_tags, too_many_in_business, too_many_on_card
from worker.domain.tags import InvalidTag


def tag_rule_define(session: Session, data: TagRuleDefine) -> Answer:
    """D6: add a rule, or change the one with this id. Raises Rejected."""
    business = session.business
    known = business.tag_rules.get(data.rule_id)
    if known is None and len(business.tag_rules) >= MAX_TAG_RULES:
        raise Rejected(
            "invalid_data", f"data.rule_id: a business has at most {MAX_TAG_RULES} tag rules; remove one first."
        )
    rule = _after(known, data)
    _check(rule)
    try:
        business.tag_rules.define(rule)
    except InvalidFilter as exc:
        raise Rejected("invalid_filter", f"{exc}.") from exc
    except InvalidTag as exc:
        raise Rejected("invalid_tag", f"data.add, data.remove: {exc}.") from exc
    business.applied()
    return Answer()


def _after(known: TagRule | None, data: TagRuleDefine) -> TagRule:
    """C1: what the message does not name stays."""
    before = known or TagRule(rule_id=data.rule_id, on=data.on)
    return TagRule(
        rule_id=data.rule_id,
        on=data.on,
        where=before.where if data.where is UNSET else data.where,
        add=before.add if data.add is UNSET else data.add or [],
        remove=before.remove if data.remove is UNSET else data.remove or [],
    )


def _check(rule: TagRule) -> None:
    if rule.on not in EVENTS:
        raise Rejected("invalid_data", f"data.on: no rule can be about {rule.on!r}; use {', '.join(sorted(EVENTS))}.")
    if not rule.add and not rule.remove:
        raise Rejected("invalid_data", "data: a rule adds tags or removes them; name some in add or remove.")
    if max(len(rule.add), len(rule.remove)) > MAX_TAGS_PER_RULE:
        raise Rejected("invalid_data", f"data: a rule adds, and removes, at most {MAX_TAGS_PER_RULE} tags.")


def tag_rule_remove(session: Session, data: TagRuleRemove) -> Answer:
    """D6: tags that the rule has put stay. Raises Rejected."""
    business = session.business
    if business.tag_rules.get(data.rule_id) is None:
        raise Rejected("unknown_rule", f"There is no tag rule {data.rule_id!r}.")
    business.tag_rules.remove(data.rule_id)
    business.applied()
    return Answer()


def follow_event(session: Session, card: Card, message: object, body: Callable[[], EventData]) -> None:
    """The event at work was processed; the business has rules for such events. ``body``: its data as it came."""
    origin = session.origin
    rules = session.business.tag_rules.on[origin.type].about(message, body)
    if rules:
        _follow(session, card, rules, origin.time)


def _follow_status_changes(session: Session, cards: Collection[Card]) -> None:
    """What was told of the statuses of these cards: the time is that at which the change took effect."""
    if not session.status_changes or (rules := session.business.tag_rules.on.get(STATUS_CHANGED)) is None:
        return
    ids = {card.client_id for card in cards}
    ready = [change for change in session.status_changes if change.card.client_id in ids]
    session.status_changes = [change for change in session.status_changes if change.card.client_id not in ids]
    before = session.origin
    for change in ready:
        session.origin = change.origin
        body, cause = msgspec.to_builtins(change.data), change.data.cause
        why = Cause(type="rule", event_source=cause.event_source, event_id=cause.event_id, event_type=cause.event_type)
        _follow(session, change.card, rules.matching(body), change.time, why)
    session.origin = before


def _follow(session: Session, card: Card, rules: Iterable[Compiled], time: Micros, why: Cause | None = None) -> None:
    """``why``: of what the tags are told, but for the rule; else the event at work."""
    business = session.business
    for rule in rules:
        if not rule.remove and say_again(business, card, rule.add, time):
            continue
        add = NOTHING if _too_many(business, card, rule, time) else rule.add
        since = say_tags(business, card, add, rule.remove, time)
        if since:
            id_ = rule.rule.rule_id
            by = msgspec.structs.replace(why, rule_id=id_) if why else session.origin.cause("rule", rule_id=id_)
            show_tags(session, card, since, time, by)


def _too_many(business: Business, card: Card, rule: Compiled, time: Micros) -> bool:
    """D1."""
    if not (
        too_many_in_business(business, rule.add, time) or too_many_on_card(business, card, rule.add, time, rule.remove)
    ):
        return False
    words = card.state.words
    return not all(key in words and words[key].present for key in rule.add)


afterwards(Turn.TAG_RULES, _follow_status_changes)
