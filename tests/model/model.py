"""The model: what has arrived so far, folded from scratch at every question, and what each command must be answered."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.domain.reference import Evidence, Settings, when
from tests.model import cards
from tests.model.catalogue import Catalogue
from tests.model.naive_filters import matches, of_event
from tests.model.quiet import Ends, Span, alternate, days_of
from tests.model.told import Entry, Event, Fact, Key, Move, Rename, Word

GRACE = timedelta(seconds=60)
"""How long after its end a booking is decided (B6)."""
LATE = frozenset({"booking.cancelled", "booking.no_show", "booking.rescheduled", "automation.set"})
"""P2: what has been told is not taken back by these."""


class Model:
    """A business whose whole history is kept."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.control: list[Event] = []
        self.entries: list[Entry] = []
        self.late_hands: list[Entry] = []
        self.rule_words: list[Word] = []
        self.renames: list[Rename] = []
        self.moves: list[Move] = []
        self.merged: dict[str, tuple[str, datetime]] = {}
        self.erased: dict[str, datetime] = {}
        self.backfilled: dict[str, datetime] = {}
        self.told: dict[str, dict[Key, Fact]] = {}
        self._gone: set[tuple[Key, datetime]] = set()
        self._arrived = 0
        self.now = datetime.min.replace(tzinfo=UTC)
        """Until when timers have fired."""
        self.moved: set[str] = set()
        """Cards of which what was told is there at another time, or before a change by hand to a card that was merged
        away: whether that was taken back is left open."""
        self._elapsed: set[tuple[str, datetime]] = set()

    # -- who --------------------------------------------------------------------------------------------------------

    def card_of(self, client: str) -> str:
        """E5: whose card an id means."""
        while client in self.merged:
            client = self.merged[client][0]
        return client

    def chain(self, client: str) -> list[str]:
        """The client, and whom it was merged into."""
        found = [client]
        while found[-1] in self.merged:
            found.append(self.merged[found[-1]][0])
        return found

    def group(self, card: str) -> set[str]:
        """All ids that mean this card."""
        return {card} | {id_ for id_ in self.merged if self.card_of(id_) == card}

    def clients(self) -> list[str]:
        """All that have a card."""
        return sorted({self.card_of(e.named) for e in self.entries})

    def of(self, card: str) -> list[Entry]:
        """Everything about a card."""
        return [e for e in self.entries if self.card_of(e.named) == card]

    def knows(self, client: str) -> bool:
        """Has it a card?"""
        return bool(self.of(self.card_of(client)))

    def is_forgotten(self, client: str, time: datetime) -> bool:
        """G6: is this of the erasure's time or before it?"""
        return client in self.erased and time <= self.erased[client]

    def has_seen(self, event: Event) -> bool:
        """P3: was this input about a client processed before?"""
        return any((e.event["source"], e.event["id"]) == (event["source"], event["id"]) for e in self.entries)

    # -- status -----------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The automation by time."""
        return Settings(self.control)

    def things(self, card: str) -> cards.Things:
        """Bookings, invoices and payments of a card."""
        return cards.things_of(self.of(card), self.settings, lambda *end: end in self._elapsed)

    def hands(self, card: str) -> list[Entry]:
        """What was set by hand on this very card."""
        return [e for e in cards.by_hand(self.entries + self.late_hands) if e.card == card]

    def facts(self, card: str) -> list[Fact]:
        """B4, E3: the facts that convert this card, with those that were told and are no more."""
        facts = list(self.things(card).facts)
        here = {(f.key, f.time) for f in facts}
        kept = {k: f for id_ in self.group(card) for k, f in self.told.get(id_, {}).items()}
        facts += [f._replace(stands=False) for f in kept.values() if (f.key, f.time) not in here]
        mine = self.told.get(card, {})
        return [f for f in facts if self._qualifies(f, kept) and (f.key in mine or not self._is_void(f))]

    def _qualifies(self, fact: Fact, told: Mapping[Key, Fact]) -> bool:
        since = self._set_since(fact.key[0])
        is_told = fact.key in told and told[fact.key].time == fact.time
        return (is_told or self.automates(fact)) and (since is None or fact.time > since)

    def _is_void(self, fact: Fact) -> bool:
        """E3: had it been withdrawn when its card was merged away?"""
        gone = fact.withdrawn_at
        return gone is not None and any(fact.time < at and gone <= at for at in self._merge_times(fact))

    def _set_since(self, named: str, *, moves: bool = True) -> datetime | None:
        """The last change by hand, or, if ``moves``, by the removal of a status (A5)."""
        times = []
        for last in (found[-1] for card in self.chain(named) if (found := self.hands(card))):
            move = self._move_of(last) if moves else None
            times += [last.order[0], *([move.time] if move is not None else [])]
        return max(times, default=None)

    def was_moved(self, event: Event) -> bool:
        """A5: does it set a status that is not there any more, at a time before its clients were moved?"""
        status, moved = (
            event["data"].get("status"),
            [m.time for m in self.moves if m.from_ == event["data"].get("status")],
        )
        return status not in self.catalogue.statuses and bool(moved) and when(event) < moved[-1]

    def _move_of(self, hand: Entry) -> Move | None:
        """A5: where a status set by hand was moved in the end."""
        code, found = hand.event["data"]["status"], None
        for move in self.moves:
            had_it = found is not None or hand.number <= move.number or hand.order[0] < move.time
            if move.from_ == code and had_it:
                code, found = move.to, move
        return found

    def _base(self, card: str) -> tuple[str, datetime]:
        """The status without the automation, and since when."""
        hands = self.hands(card)
        if not hands:
            return self.catalogue.roles["initial"], cards.created_at(e.event for e in self.of(card))
        move = self._move_of(hands[-1])
        return (str(hands[-1].event["data"]["status"]), hands[-1].order[0]) if move is None else (move.to, move.time)

    def status(self, card: str) -> str:
        """The status that the rules come to."""
        return self.ends(card).status

    def ends(self, card: str) -> Ends:
        """The same, with what B10 makes of it."""
        (status, since), roles = self._base(card), self.catalogue.roles
        facts = self.facts(card) if status in (roles["initial"], roles["converted"]) else []
        if status == roles["initial"]:
            seen = [max([f.time, *self._merge_times(f)]) for f in facts]
            seen += [self.backfilled[card]] if card in self.backfilled else []
            status, since = (roles["converted"], min(seen)) if seen else (status, since)
        found = Ends(status, since, quiet=False)
        if not any("inactive_after_days" in e["data"] for e in self.control):
            return found
        entries, hands = self.of(card), self.hands(card)
        created = cards.created_at(e.event for e in entries)
        hand = hands[-1].order[0] if hands else created - GRACE
        spans = [*self.things(card).spans, *([] if hands else [Span(created, created)])]
        return alternate(found, [f.time for f in facts], spans, days_of(self.control), hand, self.now)

    def _merge_times(self, fact: Fact) -> list[datetime]:
        """E3: when the card that it came from was merged away, and that one."""
        return [self.merged[id_][1] for id_ in self.chain(fact.key[0])[:-1]]

    def statuses(self, card: str) -> set[str]:
        """The statuses that will do: one, but where the rules leave it open."""
        roles = self.catalogue.roles
        either = {roles["initial"], roles["converted"], *([roles["dormant"]] if self.ends(card).quiet else [])}
        return either if card in self.moved and self.status(card) in either else {self.status(card)}

    def end_reason(self, card: str) -> str | None:
        """A6: why the relationship is over."""
        hands = self.hands(card)
        return hands[-1].event["data"].get("end_reason") if self.catalogue.ended(self.status(card)) and hands else None

    # -- tags -------------------------------------------------------------------------------------------------------

    def tags(self, card: str) -> dict[str, set[datetime]]:
        """The tags that the rules come to, each with the times at which somebody said that it is there."""
        group = self.group(card)
        words = [w for w in cards.words_of(self.entries) + self.rule_words if w.client in group]
        return cards.fold_tags(words, self.renames)

    # -- what happens -----------------------------------------------------------------------------------------------

    def fired(self, now: datetime) -> None:
        """Timers fired as of ``now``."""
        self.now = now

        def decide(booking: str, counts_at: datetime) -> bool:
            if counts_at + GRACE <= now:
                self._elapsed.add((booking, counts_at))
            return False

        for card in self.clients():
            cards.things_of(self.of(card), self.settings, decide)
        self._remember("", self.clients())

    def event(self, event: Event) -> None:
        """An input event that was not dead-lettered."""
        client, time = event["data"]["client_id"], when(event)
        if self.has_seen(event) or self.is_forgotten(client, time):
            return
        self._enter(client, event)
        if event["data"].get("status") and (then := self.card_at(client, time)) != self.card_of(
            client
        ):  # E5: superseded
            self.moved.add(self.card_of(client))
            self.entries[-1] = self.entries[-1]._replace(card=then)
        self._rules(event["type"], event["data"], client, time)
        self._remember(event["type"], [self.card_of(client)])

    def answered(self, event: Event, answer: Event | None) -> None:
        """A command or control message, with its answer; None: that comes when a sweep is done."""
        type_ = event["type"]
        if event["data"].get("dry_run"):
            return
        if type_ == "status.set" and answer is not None:
            errors = answer["data"]["errors"]
            self._superseded(event, [e["client_id"] for e in errors if e["code"] == "superseded"])
        if answer is not None and answer["type"] == "command.rejected":
            return
        if (change := getattr(self, "_" + type_.replace(".", "_"), None)) is not None:
            change(event)
        elif "client_ids" in event["data"] and answer is not None:
            self._command(event, [*answer["data"]["applied"], *answer["data"]["unchanged"]])
        else:
            self.catalogue.apply(event)

    def _command(self, event: Event, clients: Collection[str]) -> None:
        """A command on clients, for those for which it was accepted."""
        for client in clients:
            self._enter(client, event)
            time = when(event)
            if event["data"].get("status") and self.backfilled.get(self.card_of(client), time) > time:
                del self.backfilled[self.card_of(client)]
        self._remember(event["type"], {self.card_of(client) for client in clients})
        for card in {self.card_of(client) for client in clients}:
            if (
                self._base(card)[0] != self.catalogue.roles["initial"]
            ):  # what was told is not what the status is from now on
                self.told.pop(card, None)
            elif event["type"] == "status.set" and (facts := self.facts(card)):  # B9: decided anew, and not told
                fact = min(facts, key=lambda f: f.time)
                self.told.setdefault(card, {})[fact.key] = fact

    def _superseded(self, event: Event, clients: Iterable[str]) -> None:
        """E3: a late manual change to a card that was merged away is what the facts of that card are judged by."""
        for client in clients:
            at = self.card_at(client, when(event))
            if client in self.merged and at != self.card_of(client):
                self.moved.add(self.card_of(client))
                self.late_hands.append(Entry(client, at, event, self._arrived))

    def card_at(self, client: str, time: datetime) -> str:
        """Whose card an id meant then."""
        while client in self.merged and time >= self.merged[client][1]:
            client = self.merged[client][0]
        return client

    def _enter(self, client: str, event: Event) -> None:
        self._arrived += 1
        self.entries.append(Entry(client, self.card_of(client), event, self._arrived))

    def _automation_set(self, event: Event) -> None:
        """An applied ``automation.set``."""
        self.control.append(event)
        self._remember(event["type"], self.clients())
        if event["data"].get("catch_up"):
            self._clients_reevaluate(event)

    def would_convert(self) -> list[str]:
        """B11: whom today's settings convert."""
        today = self.settings.at(datetime.max.replace(tzinfo=UTC))
        found = []
        for card in self.clients() if today["enabled"] else ():
            facts = [f for f in self.things(card).facts if f.stands and today["triggers"][f.trigger]]
            since = {f.key: self._set_since(f.key[0], moves=False) for f in facts}
            known = any(since[f.key] is None or f.time > since[f.key] for f in facts)  # type: ignore[operator]  # checked
            if self.status(card) == self.catalogue.roles["initial"] and known:
                found.append(card)
        return found

    def _clients_reevaluate(self, event: Event) -> None:
        """B11, applied."""
        self.backfilled |= dict.fromkeys(self.would_convert(), when(event))

    def _status_remove(self, event: Event) -> None:
        """A5: an applied ``status.remove``."""
        if event["data"].get("move_to"):
            self.moves.append(Move(self._arrived, when(event), event["data"]["code"], event["data"]["move_to"]))
        self.catalogue.apply(event)

    def _tag_rename(self, event: Event) -> None:
        """D7: an applied ``tag.rename`` or ``tag.delete``."""
        data = event["data"]
        to = cards.tag_key(data["to"]) if "to" in data else None
        self.renames.append(Rename(when(event), cards.tag_key(data.get("from", data.get("tag"))), to))

    _tag_delete = _tag_rename

    def _clients_merge(self, event: Event) -> None:
        """E: an applied ``clients.merge``."""
        ids = [event["data"]["primary_id"], *event["data"]["duplicate_ids"]]
        latest = max(e.order[0] for e in self.entries if self.card_of(e.named) in ids)
        for duplicate in ids[1:]:
            self.merged[duplicate] = ids[0], max(latest, when(event))
        self._remember(event["type"], ids[:1])

    def _client_erase(self, event: Event) -> None:
        """G6: an applied ``client.erase``."""
        gone = self.group(self.card_of(event["data"]["client_id"]))
        self.entries = [e for e in self.entries if e.named not in gone]
        self.late_hands = [e for e in self.late_hands if e.named not in gone]
        self.rule_words = [w for w in self.rule_words if w.client not in gone]
        for id_ in gone:
            self.erased[id_] = max(self.erased.get(id_, when(event)), when(event))
            self.told.pop(id_, None)
            self.backfilled.pop(id_, None)
            self.merged.pop(id_, None)

    def _action_request(self, event: Event) -> None:
        """Nothing changes on the card."""

    def status_told(self, output: Mapping[str, Any]) -> None:
        """A status change was told: by a fact that may, and rules may watch for it (D6)."""
        client, time, cause = output["subject"], datetime.fromisoformat(output["time"]), output["data"]["cause"]
        if "trigger" in cause and cause["type"] == "automation":
            late = [f.time for f in self.things(client).facts if f.trigger == cause["trigger"] and f.time < time]
            taken_back = late if output["data"]["from"] == self.catalogue.roles["dormant"] else []
            told_of = [Evidence(cause["trigger"], at, stands=True) for at in (time, *taken_back)]
            assert any(map(self.settings.automates, told_of)), output
            self.told.setdefault(client, {}).update({f.key: f for f in self._told_by(client, cause, time)})
        elif cause["type"] == "merge":
            self.told.setdefault(client, {}).update({f.key: f for f in self.facts(client)})
        self._rules(output["type"], output["data"], client, time)

    def _told_by(self, client: str, cause: Mapping[str, Any], time: datetime) -> list[Fact]:
        """The facts that a conversion may have told; more than one where their times are the same."""
        facts = [f for f in self.things(client).facts if f.trigger == cause["trigger"]]
        if found := [f for f in facts if f.time == time]:
            return found
        about = {  # a later input of the same transaction has moved it
            e.event["data"].get(f"{kind}_id")
            for e in self.of(client)
            for kind in ("booking", "invoice", "payment")
            if e.event["id"] == cause["event_id"] and e.event["type"].startswith(f"{kind}.")
        }
        return [f for f in facts if f.key[2] in about and self.automates(f)]

    def _rules(self, type_: str, data: Mapping[str, Any], client: str, time: datetime) -> None:
        for rule in self.catalogue.rules.values():
            if rule["on"] == type_ and (not rule.get("where") or matches(rule["where"], of_event(data))):
                self.rule_words += [
                    Word(client, time, tag, there)
                    for there, name in ((True, "add"), (False, "remove"))
                    for tag in cards.tag_list(rule.get(name))
                ]

    def _remember(self, type_: str, of: Iterable[str]) -> None:
        """What has been told stays told whatever the late ones say (P2), and goes where its fact goes otherwise."""
        for card in of:
            facts = self.things(card).facts
            here = {(f.key, f.time) for f in facts} | self._gone
            for id_ in self.group(card):
                told = self.told.get(id_, {})
                for key, fact in [(k, f) for k, f in told.items() if (k, f.time) not in here]:
                    now = next((f for f in facts if f.key == key), None)
                    if type_ in LATE or (type_ == "booking.scheduled" and now is None):
                        self._gone.add((key, fact.time))
                        self.moved |= {card} if now is not None else set()
                        continue
                    del told[key]
                    if now is not None and self.automates(now):
                        told[key] = now
                    elif now is not None and not self.automates(fact):
                        self.moved.add(card)

    def is_told_and_gone(self, card: str) -> bool:
        """C3: is there a booking that stays as it was told?"""
        told = [(k, f.time) for id_ in self.group(card) for k, f in self.told.get(id_, {}).items()]
        return any(gone in self._gone for gone in told)

    def automates(self, fact: Fact) -> bool:
        """Was its trigger on, and the automation?"""
        return self.settings.automates(Evidence(fact.trigger, fact.time, stands=True))
