"""As many bad records as good ones, in any order, with the limit of J2 off: every bad one is kept byte for byte with
its code, every good one counts, memory stays bounded, and a replay after the cause is mended loses and doubles nothing.

``CLIENT_STATUS_RUBBISH=100000`` says how many of each.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit.messages import Message, cloud_event, message, new_id
from tests.kit.place import Place

HOW_MANY = int(os.environ.get("CLIENT_STATUS_RUBBISH", "3000"))
BUSINESSES = 20
CLIENTS = 500
SEND_AT_ONCE = 2_000
MAX_GROWTH_MB = 400
"""What the worker may take beyond what it had at the start: its inbox is bounded, whatever is in it."""

LARGE = 0.005
"""Of the unknown ones so many have 900 kB."""


def _event(rng: random.Random, type_: str, data: object, **attributes: Any) -> bytes:
    event = cloud_event(type_, f"biz-{rng.randrange(BUSINESSES)}", data, time="10:00") | attributes
    return json.dumps({k: v for k, v in event.items() if v is not None}).encode()


def _payment(rng: random.Random, **changes: Any) -> dict[str, Any]:
    return {
        "client_id": f"c{rng.randrange(CLIENTS)}",
        "payment_id": new_id("p"),
        "amount": "1.00",
        "currency": "EUR",
    } | changes


def _broken(rng: random.Random) -> bytes:
    good = _event(rng, "payment.received", _payment(rng))
    return good[: rng.randrange(1, len(good) - 1)]


def _noise(rng: random.Random) -> bytes:
    return b"\xff" + rng.randbytes(rng.randrange(1, 300))


def _deep(rng: random.Random) -> bytes:
    levels = rng.choice([65, 200, 5_000])
    return b'{"a":' * levels + b"1" + b"}" * levels


def _odd_attribute(rng: random.Random) -> bytes:
    name, values = rng.choice(
        [
            ("id", [None, "", 7, "x" * 129]),
            ("source", [None, "", [], "x" * 257]),
            ("time", ["noon", "2024-05-06T10:00:00", 5, None]),
            ("businessid", [None, "a b", "é", "x" * 65]),
            ("specversion", [None, "0.3", 1]),
        ]
    )
    return _event(rng, "payment.received", _payment(rng), **{name: rng.choice(values)})


def _odd_data(rng: random.Random) -> bytes:
    amounts = [1, "1,00", "-1", "1.00000", 10**300, None]
    data = rng.choice(
        [
            _payment(rng, amount=rng.choice(amounts)),
            _payment(rng, client_id=rng.choice(["", "a b", "ü", "x" * 65, True])),
            rng.choice([None, [], "text", {}, {"client_id": 1}]),
        ]
    )
    return _event(rng, "payment.received", data)


def _unknown(rng: random.Random) -> bytes:
    size = 900_000 if rng.random() < LARGE else 10
    return _event(rng, rng.choice(["payment.lost", "x", "🦆"]), {"blob": "x" * size})


def _one_of(*values: bytes | None) -> Callable[[random.Random], bytes | None]:
    return lambda rng: rng.choice(values)


KINDS: list[tuple[str, Callable[[random.Random], bytes | None]]] = [
    ("not_json", _noise),
    ("not_json", _broken),
    ("not_json", _one_of(b"", None, b"NaN", b'{"a":Infinity}', b"{} {}", b'{"id":"\xc3"}', b'"\\ud800"')),
    ("too_large", _deep),
    ("not_cloudevents", _one_of(b"[]", b"1", b'"text"', b"null", b"{}", b"1e5")),
    ("not_cloudevents", _odd_attribute),
    ("unknown_type", _unknown),
    ("wrong_topic", lambda rng: _event(rng, rng.choice(["client.created", "client.status.changed"]), {})),
    ("time_in_future", lambda rng: _event(rng, "payment.received", _payment(rng), time="9000-01-01T00:00:00Z")),
    ("invalid_data", _odd_data),
]


def _good(rng: random.Random) -> Message:
    kind = rng.randrange(3)
    if kind == 0:  # of a name that is given twice the last counts
        value = _event(rng, "payment.received", _payment(rng)).replace(
            b'"currency": "EUR"', b'"currency": 5, "currency": "EUR"'
        )
        return Message("payments", json.loads(value)["businessid"].encode(), value)
    business = f"biz-{rng.randrange(BUSINESSES)}"
    data = _payment(rng, more={"a": [{}] * 20}) if kind == 1 else _payment(rng)
    return message(cloud_event("payment.received", business, data, time="10:00"))


@pytest.fixture(params=[pytest.param(None, marks=pytest.mark.slow)], ids=[""])
def place(broker: Any, new_place: Callable[..., Place]) -> Place:
    return new_place(broker, "rubbish")


def _memory_mb(worker: Any) -> float:
    status = Path(f"/proc/{worker.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def test_every_bad_record_is_kept_and_every_good_one_counts(place: Place) -> None:
    rng = random.Random(HOW_MANY)
    worker = place.worker(MAX_DEAD_LETTERS="0")
    bus = place.bus()
    before = most = _memory_mb(worker)
    expected: dict[tuple[int, int], tuple[str, Message]] = {}
    messages: list[tuple[str, Message]] = []
    for number in range(HOW_MANY):
        code, make = KINDS[number % len(KINDS)]
        value = make(rng)
        messages.append(
            (
                code,
                Message(
                    "payments",
                    rng.choice([b"any", b"biz-1"] if value is None else [None, b"any", b"biz-1"]),
                    value,
                    timestamp=1_700_000_000_000 + number,
                    partition=rng.randrange(4),
                ),
            )
        )
        messages.append(("", _good(rng)))
    rng.shuffle(messages)
    for start in range(0, len(messages), SEND_AT_ONCE):
        part = messages[start : start + SEND_AT_ONCE]
        for (code, bad), sent in zip(part, bus.send(*(m for _, m in part)), strict=True):
            if code:
                expected[sent.partition, sent.offset] = (code, bad)
        most = max(most, _memory_mb(worker))
    bus.settle(within=80 + HOW_MANY / 50)

    letters = bus.read("dead-letters")
    assert len(letters) == len(expected) == HOW_MANY
    for letter in letters:
        at = int(letter.header("__streams.errors.partition")), int(letter.header("__streams.errors.offset"))
        code, bad = expected.pop(at)
        assert letter.header("__streams.errors.exception") == code, (bad, letter.header("__streams.errors.message"))
        assert (letter.value, letter.key, letter.timestamp) == (bad.value, bad.key, bad.timestamp)
        assert letter.header("__streams.errors.topic") == f"{place.prefix}payments"
    assert not expected
    _check_counts(bus, HOW_MANY)
    assert max(most, _memory_mb(worker)) - before < MAX_GROWTH_MB
    bus.close()
    worker.stop()


def _check_counts(bus: Any, payments: int) -> None:
    cards = {got.key: got.json for got in bus.read("client-profiles") if got.key and not got.key.startswith(b"\0")}
    assert sum(card["counts"]["payments"] for card in cards.values()) == payments
    sequences: Counter[tuple[bytes, str]] = Counter()
    for got in bus.read("client-status-changes"):
        event = got.json
        sequences[got.key, event["subject"]] += 1
        assert event["data"]["sequence"] == sequences[got.key, event["subject"]]


def test_a_replay_after_the_cause_is_mended_loses_and_doubles_nothing(place: Place) -> None:
    """The cause: imports bring a status that the business does not have yet."""
    worker = place.worker(MAX_DEAD_LETTERS="0")
    bus = place.bus()
    rows = min(HOW_MANY, 2_000)
    imports = [
        cloud_event("client.imported", "shop", {"client_id": f"c{n}", "status": "partner"}, time="10:00")
        for n in range(rows)
    ]
    bus.send(*map(message, imports))
    bus.settle()
    letters = bus.read("dead-letters")
    assert Counter(got.header("__streams.errors.exception") for got in letters) == {"unknown_status": rows}

    bus.send(message(cloud_event("status.define", "shop", {"code": "partner"}, time="11:00")))
    bus.wait_for("command-results", lambda got: got.json["data"]["command_type"] == "status.define")
    for number, again in enumerate(([], ["--again"])):  # safe to repeat, even when it sends everything once more
        command = [sys.executable, "-m", "worker", "dead-letters", "replay", "--all", *again]
        subprocess.run(command, env=place.environment, check=True, capture_output=True, timeout=60)
        last = cloud_event("client.created", "shop", {"client_id": f"last-{number}"}, time="12:00")
        bus.send(message(last))  # to the topic that the letters came from, behind them
        bus.wait_for("client-status-changes", lambda got, last=last: got.json["subject"] == last["data"]["client_id"])
    changes = [got.json for got in bus.read("client-status-changes") if not got.json["subject"].startswith("last-")]
    assert Counter(e["subject"] for e in changes) == Counter(f"c{n}" for n in range(rows))
    assert {(e["data"]["to"], e["data"]["sequence"]) for e in changes} == {("partner", 1)}
    assert len(bus.read("dead-letters")) == rows
    bus.close()
    worker.stop()
