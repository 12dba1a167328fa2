"""Columns of moments, and the orders in which pages are shown."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from topics.moments import Micros
from worker.domain.filter_kinds import NEGATED, Kind, Test, test_of
from worker.readmodel.columns import Asked, Mask, everybody, mask_of

NEVER: Final[Micros] = -(1 << 63)
"""The time of what has not been."""
_SPANS: Final = frozenset({"eq", "lt", "lte", "gt", "gte"})


class Order:
    """Places in the order of their keys, of which no two are alike."""

    def __init__(self, key: Callable[[int], Any]) -> None:
        self.key = key
        self.places = array("I")

    def settle(self, places: Iterable[int]) -> None:
        """All, in their order."""
        self.places = array("I", places)

    def add(self, place: int) -> None:
        """One more."""
        insort(self.places, place, key=self.key)

    def remove(self, place: int) -> None:
        """One less; before its key changes."""
        del self.places[self.at(self.key(place))]

    def at(self, key: Any) -> int:
        """How many are before it."""
        return bisect_left(self.places, key, key=self.key)

    def past(self, key: Any) -> int:
        """How many are up to it."""
        return bisect_right(self.places, key, key=self.key)


class Times:
    """Moments, with the places in their order: a question finds where its answer begins and ends."""

    def __init__(self, ids: Sequence[str]) -> None:
        """``ids`` decide between those of the same time."""
        micros = self.micros = array("q")
        self.order = Order(lambda place: (micros[place], ids[place]))

    def mask(self, *all_asked: Asked) -> Mask:
        """Those whose times are so; of several comparisons, all must hold."""
        if len(all_asked) > 1 and all(asked.operator in _SPANS for asked in all_asked):
            spans = [self._span(asked.kind, asked.operator, asked.value) for asked in all_asked]
            return self._between(max(first for first, _ in spans), min(last for _, last in spans))
        found = everybody(len(self.micros))
        for asked in all_asked:
            found &= self._one(asked)
        return found

    def _one(self, asked: Asked) -> Mask:
        operator = NEGATED.get(asked.operator, asked.operator)
        if operator == "exists":
            found = self._between(self._existing(), len(self.order.places))
            negated = asked.value is False
        else:
            found = 0
            for value in asked.value if operator == "in" else [asked.value]:
                found |= self._between(*self._span(asked.kind, "eq" if operator == "in" else operator, value))
            negated = operator != asked.operator
        return everybody(len(self.micros)) ^ found if negated else found

    def _span(self, kind: Kind, operator: str, value: object) -> tuple[int, int]:
        """A test of what has an order is true from some moment on, or up to one: the moment is searched for."""
        first, last = self._existing(), len(self.order.places)
        if operator in ("eq", "gt", "gte"):
            first = self._turn(test_of(kind, "gte" if operator == "eq" else operator, value), becomes=True)
        if operator in ("eq", "lt", "lte"):
            last = self._turn(test_of(kind, "lte" if operator == "eq" else operator, value), becomes=False)
        return first, last

    def _turn(self, test: Test, *, becomes: bool) -> int:
        return bisect_left(
            self.order.places, x=True, lo=self._existing(), key=lambda place: test((self.micros[place],)) is becomes
        )

    def _existing(self) -> int:
        """From here on there is a time at all."""
        return bisect_left(self.order.places, NEVER + 1, key=self.micros.__getitem__)

    def after(self, moment: Micros) -> Mask:
        """Those of a later time."""
        places = self.order.places
        return self._between(bisect_left(places, moment + 1, key=self.micros.__getitem__), len(places))

    def _between(self, first: int, last: int) -> Mask:
        """The fewer are marked: those within, or those outside."""
        places, few = self.order.places, 2 * (last - first) <= len(self.order.places)
        flags = bytearray(len(self.micros))
        for part in (places[first:last],) if few else (places[:first], places[max(last, first) :]):
            for place in part:
                flags[place] = 1
        return mask_of(flags) if few else everybody(len(self.micros)) ^ mask_of(flags)
