"""A business, as the rules work with it: statuses, automation by time (C3), revision (C1), tags (D1), and the rest."""

from collections.abc import Collection, Iterable
from copy import copy, deepcopy

import msgspec

from topics.control import Role
from topics.moments import Micros
from worker.domain.audience_index import Audience, Index
from worker.domain.catalogue import Catalogue
from worker.domain.forgotten import Forgotten, mark
from worker.domain.history import Automation, History
from worker.domain.status import Status, StatusMove, starting_statuses
from worker.domain.sweep import Sweep
from worker.domain.tag_edits import MAX_TAG_EDITS, NO_EDITS, TagEdit, TagEdits
from worker.domain.tag_rules import TagRules


class Tally(msgspec.Struct, array_like=True, gc=False):
    """What changes with the clients, kept apart from the settings because it changes often."""

    clients: dict[str, int] = {}
    latest: Micros = 0
    """The latest event time seen: a settings message that is not later may find facts to judge again."""
    sweeps: int = 0
    """How many sweeps there have been; the number of the last one (K1)."""


class TagEntry(msgspec.Struct, array_like=True, gc=False):
    """D1: the spelling first processed, and how many clients carry the tag."""

    tag: str
    clients: int = 0
    left: int = 0
    """The number of the sweep that takes it from everybody (D7); from its beginning on the tag is not known."""
    spelled: Micros = 0
    """When it was last spelled by a rename."""


class Business:
    """Everything that the rules ask about a business. Mutable; one per business and task."""

    __slots__ = (
        "_by_code", "_by_role", "_edits", "_edits_and", "audiences", "catalogue", "forgotten", "forgotten_dirty",
        "history", "id", "indexes", "known", "revision", "settings_dirty", "shown", "size", "status_moves",
        "status_moves_dirty", "statuses", "sweeps", "sweeps_dirty", "tag_edits", "tag_edits_dirty", "tag_rules", "tags",
        "tags_dirty", "tally", "tally_dirty", "uses", "uses_dirty",
    )  # fmt: skip

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.revision = 0
        self.known = False
        """Has its record been written? It is, with the first client or control message (C1)."""
        self.history = History(Automation(), ())
        self.tally = Tally()
        self.tags: dict[str, TagEntry] = {}
        self.tag_rules = TagRules()
        self.tag_edits: dict[str, TagEdit] = {}
        """Renames and deletions that are remembered (D7), by their number."""
        self.status_moves: dict[str, StatusMove] = {}
        """Removals of statuses that are remembered (A5), by their number."""
        self.status_moves_dirty: set[str] = set()
        self.shown: dict[str, int] = {}
        """The numbers of clients per status that its record shows."""
        self.sweeps: list[Sweep] = []
        """Those under way, the oldest first; each is a record of its own."""
        self.sweeps_dirty: set[int] = set()
        self.forgotten: dict[str, Forgotten] = {}
        """Erased clients by their ``forgotten.mark``; each is a record of its own (G6)."""
        self.forgotten_dirty: set[str] = set()
        self.size = 0
        """Bytes of its record, and what may have come since it was written (worker.domain.room)."""
        self.settings_dirty = False
        self.tally_dirty = False
        self.tags_dirty: set[str] = set()
        self.tag_edits_dirty: set[str] = set()
        self._edits: TagEdits | None = None
        self._edits_and: tuple[Collection[str], TagEdits] | None = None
        self.uses: dict[str, int] = {}
        """How many clients have each value of a classification and each own field (worker.domain.uses)."""
        self.uses_dirty: set[str] = set()
        self.catalogue = Catalogue()
        self.audiences: dict[str, Audience] = {}
        """F1: in the order in which they were first defined."""
        self.indexes: dict[int, Index] = {}
        """Made of these when they are asked for (worker.domain.audiences.index_of)."""
        self.set_statuses(starting_statuses())

    def set_statuses(self, statuses: Iterable[Status]) -> None:
        """Replace the catalogue, kept in order (A2)."""
        self.statuses = sorted(statuses, key=lambda s: (s.order, s.code))
        self._by_code = {s.code: s for s in self.statuses}
        self._by_role = {s.role: s for s in self.statuses if s.role is not None}
        self.catalogue.keep_statuses(self._by_code)
        self.redefined()

    def redefined(self) -> None:
        """What audiences are made of has changed: filters, statuses, their groups, own fields."""
        self.forget_texts()  # other businesses may use them still
        self.indexes.clear()

    def forget_texts(self) -> None:
        """G6: keep nothing of what clients and events had in the fields that filters ask."""
        for index in self.indexes.values():
            index.forget()
        self.tag_rules.forget()

    def applied(self) -> None:
        """C1: every applied control message gives the settings the next revision."""
        self.revision += 1
        self.settings_dirty = True
        self.redefined()

    def status(self, code: str) -> Status | None:
        """The status with this code, if the business has it; clients may have one that is being removed (A5)."""
        return self._by_code.get(code)

    def offered(self, code: str) -> Status | None:
        """The status with this code, if it can be given."""
        found = self._by_code.get(code)
        return found if found is not None and not found.leaving else None

    def role(self, role: Role) -> Status:
        """A3: the one status that has the role."""
        return self._by_role[role]

    @property
    def edits(self) -> TagEdits:
        """D7: the renames and deletions that are remembered, by the tags that they are about."""
        if not self.tag_edits:
            return NO_EDITS
        if self._edits is None:
            self._edits = TagEdits(self.tag_edits.values())
        return self._edits

    def edit_tags(self, edit: TagEdit) -> TagEdit | None:
        """D7: remember a rename or deletion; the one that is forgotten for it, which may be the same."""
        self.tag_edits[str(edit.number)] = edit
        self.tag_edits_dirty.add(str(edit.number))
        self._edits = self._edits_and = None
        if len(self.tag_edits) <= MAX_TAG_EDITS:
            return None
        oldest = self.edits.all[0]
        del self.tag_edits[str(oldest.number)]
        self.tag_edits_dirty.add(str(oldest.number))
        self._edits = None
        return oldest

    def edits_and(self, others: Iterable[TagEdit]) -> TagEdits:
        """Those that are remembered, and others."""
        more = {str(edit.number): edit for edit in others if str(edit.number) not in self.tag_edits}
        if not more:
            return self.edits
        if self._edits_and is None or self._edits_and[0] != more.keys():
            self._edits_and = more.keys(), TagEdits((*self.tag_edits.values(), *more.values()))
        return self._edits_and[1]

    def copy(self) -> "Business":
        """A business that can be changed apart from this one. Of what may be many, only what changes is copied."""
        tags = {key: copy(entry) for key, entry in self.tags.items()}
        return deepcopy(self, {id(self.forgotten): dict(self.forgotten), id(self.tags): tags})

    def moved(self, before: str | None, after: str | None) -> None:
        """A client left a status (None: it is new) and has another."""
        clients = self.tally.clients
        if before is not None:
            left = clients.get(before, 0) - 1
            if left:
                clients[before] = left
            else:  # J4: statuses come and go without end
                clients.pop(before, None)
        if after is not None:
            clients[after] = clients.get(after, 0) + 1
        self.tally_dirty = True

    def tagged(self, identity: str, by: int) -> None:
        """So many clients more carry the tag."""
        entry = self.tags[identity]
        entry.clients += by
        self.tags_dirty.add(identity)

    def forget(self, key: str, forgotten: Forgotten | None) -> None:
        """A client was erased; None: long enough ago to forget that, too (G6)."""
        if forgotten is None:
            del self.forgotten[key]
        else:
            self.forgotten[key] = forgotten
        self.forgotten_dirty.add(key)

    def is_forgotten(self, client_id: str, time: Micros) -> bool:
        """G6: was the client erased at this time or later?"""
        if not self.forgotten:
            return False
        found = self.forgotten.get(mark(self.id, client_id))
        return found is not None and time <= found.time

    def last_sequence(self, client_id: str) -> int:
        """G6: the last number told about a client that has no card, erased ones included."""
        found = self.forgotten.get(mark(self.id, client_id)) if self.forgotten else None
        return found.sequence if found is not None else 0

    def note_time(self, time: Micros) -> None:
        """A fact of this time has been judged: a settings message that is not later than it comes late."""
        if time > self.tally.latest:
            self.tally.latest = time
            self.tally_dirty = True

    @property
    def is_stale(self) -> bool:
        """Does the record in ``business-settings`` show other numbers of clients than there are?"""
        return self.known and any(self.count(code) != n for code, n in self.shown.items())

    def count(self, code: str) -> int:
        """How many clients have the status."""
        return self.tally.clients.get(code, 0)
