"""J1, J2: whatever its schema allows, at whatever time, an input meets no bug, and the work that it brings ends."""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from msgspec import inspect

from tests.domain import driver
from tests.domain.driver import Driver, check_sequences
from topics.moments import HOUR
from topics.registry import INPUT_TYPES
from worker.domain.filter_kinds import OPERATORS
from worker.domain.filters import CLIENT_FIELDS

INPUTS = 1_500
ROUNDS = 20_000
CLOCK = "2024-06-01T00:00:00Z"
TIMES = (
    "0002-01-02T00:00:00Z", "1969-12-31T23:59:59Z", "2024-05-06T09:00:00Z", "2024-05-06T09:00:00.000001Z",
    "2024-05-06T10:00:00Z", "2024-05-06T11:00:00+14:00", "2024-05-20T00:00:00Z", "2024-05-31T23:59:60Z",
    "2024-06-01T23:59:59Z",
)  # fmt: skip
MOMENTS = (*TIMES, "2024-06-02T00:00:00Z", "2025-05-06T12:00:00Z", "9998-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z")
TEXTS = (
    "",
    " ",
    "x",
    "lead",
    "a,b",
    "ß",
    "SS",
    "e\u0301",
    "\x00",
    "🙂" * 10,
    "x" * 70,
    "https://x.y/z",
    "1" * 40,
    "2024-01-01",
)
NUMBERS = (0, 1, 2, 5, 30, 3_650, 10**6)
NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("client_id", "primary_id", "client_ids", "duplicate_ids"), tuple(f"c{n}" for n in range(9))),
    **dict.fromkeys(("code", "move_to", "status", "statuses"), ("lead", "vip", "customer", "inactive", "s1", "s2")),
    **dict.fromkeys(
        ("tags", "add", "remove", "from", "to", "tag"), ("a", "b", "A", "d e", "d  e", "ß", "ss", "x" * 64)
    ),
    "field_id": ("f1", "f2"),
    "on": (*INPUT_TYPES, "client.status.changed"),
    "amount": ("0", "0.0000", "1.00", "120.5", "999999999999999.9999"),
    "currency": ("EUR", "JPY"),
    "color": ("#000000", "#ABCDEF"),
    "locale": ("nl", "pt-BR"),
    "last4": ("1234",),
    "industry": ("hair", "food"),
}
"""Texts that mean something under these names; ids that are not here are a few as well."""
IDS = ("x1", "x2", "a:b", ".")
SELDOM = {"linked_systems": 0.02, "dry_run": 0.1, "status": 0.1}
"""How often optional fields are there after which not much else happens."""


class Anything:
    """Makes up messages of every type, by their schema."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._schemas = {type_: inspect.type_info(data) for type_, data in INPUT_TYPES.items()}
        self._makers: dict[type, Callable[[Any, str], Any]] = {
            inspect.UnionType: self._of_union,
            inspect.StrType: self._text,
            inspect.IntType: lambda node, _: self._pick([n for n in NUMBERS if (node.ge or 0) <= n <= (node.le or n)]),
            inspect.FloatType: lambda *_: self._pick((0.0, -0.0, 1.5, 1e308)),
            inspect.BoolType: lambda *_: self._pick((True, False)),
            inspect.NoneType: lambda *_: None,
            inspect.LiteralType: lambda node, _: self._pick(node.values),
            inspect.DateTimeType: lambda *_: self._pick(MOMENTS),
            inspect.DateType: lambda *_: self._pick(("0001-01-01", "1969-01-01", "2024-05-06", "9999-12-31")),
            inspect.ListType: lambda node, name: [
                self._value(node.item_type, name) for _ in range(self._pick((1, 2, 3)))
            ],
            inspect.DictType: self._object,
            inspect.StructType: self._struct,
        }

    def event(self, salon: Driver) -> dict[str, Any]:
        """Some input event."""
        type_ = self._pick(tuple(self._schemas))
        source, time = self._pick(("a", "b")), self._pick(TIMES)
        return {**salon.event(type_, time, source=source), "data": self._struct(self._schemas[type_])}

    def _pick(self, among: Any) -> Any:
        return self.chance.choice(among)

    def _value(self, node: Any, name: str = "") -> Any:
        return self._makers[type(node)](node, name)

    def _of_union(self, node: Any, name: str) -> Any:
        return self._value(self._pick([one for one in node.types if type(one) in self._makers]), name)

    def _text(self, node: Any, name: str) -> str:
        among = NAMED.get(name, IDS if node.pattern is not None else TEXTS)
        return str(self._pick(among))

    def _struct(self, node: Any, _name: str = "") -> dict[str, Any]:
        fields = [f for f in node.fields if f.required or self.chance.random() < SELDOM.get(f.encode_name, 0.4)]
        return {field.encode_name: self._value(field.type, field.encode_name) for field in fields}

    def _object(self, node: Any, name: str) -> dict[str, Any]:
        if name in ("where", "filter"):
            return self._filter()
        keys = ("en", "nl", "en-GB") if name == "label" else NAMED["field_id"]
        return {self._pick(keys): self._value(node.value_type)}

    def _filter(self, level: int = 1) -> dict[str, Any]:
        shape = self._pick(("all", "any", "not", "field", "field", "field")) if level < 4 else "field"
        if shape in ("all", "any"):
            return {shape: [self._filter(level + 1) for _ in range(self._pick((0, 1, 2)))]}
        if shape == "not":
            return {"not": self._filter(level + 1)}
        value = self._pick(
            (1, 1.5, True, "lead", "a", "2024-05-06", MOMENTS[2], ["lead", "a"], [1, 2.5], "120.5", 10**30)
        )
        return {
            "field": self._pick((*CLIENT_FIELDS, "fields.f1", "amount", "x.y")),
            "op": self._pick(OPERATORS),
            "value": value,
        }


@pytest.mark.parametrize("seed", range(4))
def test_j2_no_input_that_its_schema_allows_meets_a_bug(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MAX_ROUNDS", ROUNDS)
    anything, salon = Anything(seed), Driver(now=CLOCK, dead_letters=0, sweep_step=2)
    for number in range(INPUTS):
        salon.feed([anything.event(salon)])
        if salon.wants_step and number % 3:
            salon.commit(salon.engine.step(salon.now, lambda: False))
        if number % 100 == 0:
            salon.now += HOUR
            salon.settle()
            salon.restart()
    salon.settle()
    assert "internal_error" not in salon.dead_codes
    check_sequences(output for output in salon.outputs if output["topic"] != "command-results")
