"""Renaming and deleting a tag in the whole business (D7): two sweeps, and what a command of either kind is checked for.

A tag that no client has any more is known until it is deleted, or renamed. A rename to a tag that other clients have
keeps that one's spelling (D1), and to another spelling of the same tag changes nothing but that.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from topics.commands import TagDelete, TagRename
from worker.domain import sweeps
from worker.domain.answers import Answer, Rejected
from worker.domain.business import Business, TagEntry
from worker.domain.card import Card
from worker.domain.session import Session
from worker.domain.sweep import Sweep
from worker.domain.tag_edits import TagEdit, settle_for_good
from worker.domain.tagging import edit_tag, known_as, respell
from worker.domain.tags import InvalidTag, clean, identity

EDIT: Final = "tag edited"
SPELLING: Final = "tag respelled"


def tag_rename(session: Session, data: TagRename) -> Answer | Sweep:
    """D7: every client that has the one tag has the other from now on. Raises Rejected."""
    business, time = session.business, session.origin.time
    key, tag = identity(_checked("from", data.from_)), _checked("to", data.to)
    to = identity(tag)
    entry = _known(business, data.from_, key)
    if key == to:
        return _respell(session, data, entry, key, tag)
    target = known_as(business, to, tag)
    if target.clients <= 0 and target.spelled <= time:
        target.tag, target.spelled = tag, time
    return _edit(session, data, entry, key, to, target.tag)


def tag_delete(session: Session, data: TagDelete) -> Sweep:
    """D7: no client has the tag from now on. Raises Rejected."""
    key = identity(_checked("tag", data.tag))
    return _edit(session, data, _known(session.business, data.tag, key), key)


def _checked(name: str, text: str) -> str:
    try:
        return clean(text)
    except InvalidTag as exc:
        raise Rejected("invalid_tag", f"data.{name}: {exc}.") from exc


def _known(business: Business, text: str, key: str) -> TagEntry:
    entry = business.tags.get(key)
    if entry is None or entry.left:
        raise Rejected("unknown_tag", f"No client has the tag {text.strip()!r}.")
    return entry


def _respell(session: Session, data: TagRename, entry: TagEntry, key: str, tag: str) -> Answer | Sweep:
    business, time = session.business, session.origin.time
    if entry.tag == tag or time < entry.spelled:
        return Answer(totals={"clients": sum(business.tally.clients.values()), "changed": 0})
    entry.tag, entry.spelled = tag, time
    business.tags_dirty.add(key)
    return sweeps.wanted(session, SPELLING, data, key=key, tag=tag)


def _edit(
    session: Session, data: TagRename | TagDelete, entry: TagEntry, key: str, to: str = "", tag: str = ""
) -> Sweep:
    business, origin = session.business, session.origin
    number = sweeps.next_number(business)
    edit = TagEdit(number, origin.time, origin.source, origin.id, key, to, tag)
    entry.left = number
    business.tags_dirty |= {key, to} if to else {key}
    forgotten = business.edit_tags(edit)
    return sweeps.wanted(session, EDIT, data, edit=msgspec.to_builtins(edit), forgotten=msgspec.to_builtins(forgotten))


def _visit(session: Session, card: Card, sweep: Sweep) -> bool:
    business = session.business
    edit = _edit_in(sweep.args["edit"])
    edits = business.edits_and((edit, *_not_yet_forgotten(business)))
    changed = edit_tag(session, card, edit, edits, session.origin.cause("manual", sweep.actor))
    if sweep.args["forgotten"] is not None:
        settle_for_good(card.state.words, _edit_in(sweep.args["forgotten"]))
        session.cards.put(card)
    return changed


def _not_yet_forgotten(business: Business) -> Iterator[TagEdit]:
    """What the business forgets, but not every card has settled for good."""
    for sweep in business.sweeps:
        if sweep.kind == EDIT and sweep.args["forgotten"] is not None and not sweep.dry_run:
            yield _edit_in(sweep.args["forgotten"])


def _edit_in(plain: Any) -> TagEdit:
    return msgspec.convert(plain, TagEdit)


def _visit_spelling(session: Session, card: Card, sweep: Sweep) -> bool:
    cause = session.origin.cause("manual", sweep.actor)
    return respell(session, card, sweep.args["key"], sweep.args["tag"], sweep.time, cause)


def _finish(session: Session, sweep: Sweep) -> Answer:
    """The tag is gone, unless somebody has it again."""
    if not sweep.dry_run:
        business, key = session.business, _edit_in(sweep.args["edit"]).key
        entry = business.tags.get(key)
        if entry is not None and entry.left == sweep.number:
            business.tags_dirty.add(key)
            if entry.clients > 0:
                entry.left = 0
            else:
                del business.tags[key]
    return sweeps.answered(sweep)


sweeps.KINDS[EDIT] = sweeps.SweepRule(_visit, _finish)
sweeps.KINDS[SPELLING] = sweeps.SweepRule(_visit_spelling, lambda _session, sweep: sweeps.answered(sweep))
