"""D1-D5: what a tag is, when it is there, and what is told of it."""

import itertools
from typing import Any

import pytest

from tests.domain.driver import Driver, short
from worker.domain.tags import InvalidTag, clean, identity


def add(salon: Driver, time: str, *tags: str, client: str = "c1", **data: Any) -> dict[str, Any]:
    return salon.ask("tags.add", time, client_ids=[client], tags=list(tags), **data)


def remove(salon: Driver, time: str, *tags: str, client: str = "c1", **data: Any) -> dict[str, Any]:
    return salon.ask("tags.remove", time, client_ids=[client], tags=list(tags), **data)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (" New ", "New"),
        ("a \t\n b", "a b"),
        ("a\u00a0\u2003b", "a b"),
        ("\u3000x\u3000", "x"),
        ("x" * 64, "x" * 64),
        (" " + "x" * 64 + " ", "x" * 64),
        ("🎂", "🎂"),
    ],
)
def test_d1_trimmed_and_white_space_collapsed(text: str, tag: str) -> None:
    assert clean(text) == tag


@pytest.mark.parametrize(
    "text", ["", " ", "\u2003", "a,b", ",", "x" * 65, "a\u0000b", "a\u0007", "a\u007fb", "a\u0081b"]
)
def test_d1_no_tag(text: str) -> None:
    with pytest.raises(InvalidTag):
        clean(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("New", "nEW"), ("Straße", "STRASSE"), ("e\u0301t\u00e9", "\u00c9TE\u0301"), ("\u212b", "\u00e5"), ("Σ", "ς")],
)
def test_d1_equal_when_their_nfc_case_folded_forms_are(one: str, other: str) -> None:
    assert identity(one) == identity(other)


def test_d1_the_spelling_first_processed_in_the_business_is_kept(salon: Driver) -> None:
    add(salon, "12:00", "Gold Club")
    add(salon, "11:00", "GOLD  club", client="c2")
    assert salon.tags("c2") == {"Gold Club"}
    salon.restart()
    add(salon, "13:00", "gold club", client="c3")
    assert salon.tags("c3") == {"Gold Club"}


def test_d1_at_most_250_tags_on_a_client(salon: Driver) -> None:
    for part in range(5):
        add(salon, "10:00", *(f"t{part}-{n}" for n in range(50)))
    answer = salon.ask("tags.add", "11:00", client_ids=["c1", "c2"], tags=["one-more"])
    assert (answer["result"], answer["applied"]) == ("partly_applied", ["c2"])
    assert [(e["client_id"], e["code"]) for e in answer["errors"]] == [("c1", "too_many_tags")]
    assert add(salon, "11:00", "T0-0")["unchanged"] == ["c1"]
    remove(salon, "12:00", "t0-0")
    assert add(salon, "13:00", "one-more")["applied"] == ["c1"]


def test_d1_at_most_5000_different_tags_in_a_business(salon: Driver) -> None:
    salon.feed(
        salon.event("tags.add", "10:00", client_ids=[f"c{part // 5}"], tags=[f"t{part}-{n}" for n in range(50)])
        for part in range(100)
    )
    answer = add(salon, "11:00", "one-more", client="c99")
    assert (answer["result"], answer["errors"][0]["code"]) == ("rejected", "too_many_tags_in_business")
    salon.tell("client.created", "11:00", client_id="c98", tags=["one-more"])
    assert salon.dead_codes == ["invalid_data"]
    assert add(salon, "11:00", "t0-0", client="c99")["applied"] == ["c99"]
    remove(salon, "12:00", "t1-0", client="c0")
    assert add(salon, "13:00", "one-more", client="c99")["applied"] == ["c99"]
    salon.restart()


def test_example_10(salon: Driver) -> None:
    told = salon.tell("tags.add", "10:00", client_ids=["c1", "c2"], tags=["New", "new ", " important"])
    events = [o for o in told if o["type"] == "client.tags.changed"]
    assert [(o["subject"], o["data"]["added"], o["data"]["tags"]) for o in events] == [
        ("c1", ["New", "important"], ["New", "important"]),
        ("c2", ["New", "important"], ["New", "important"]),
    ]
    again = salon.tell("tags.add", "10:01", client_ids=["c1", "c2"], tags=["New", "new ", " important"])
    assert [o["type"] for o in again] == ["command.applied"]
    assert again[0]["data"]["unchanged"] == ["c1", "c2"]


def test_d2_removing_what_is_not_there_tells_nothing(salon: Driver) -> None:
    add(salon, "10:00", "a")
    answer = remove(salon, "11:00", "b", "A")
    assert answer["applied"] == ["c1"]
    assert short(salon.about("c1")[-1:]) == [(set(), {"a"})]
    assert remove(salon, "12:00", "a")["unchanged"] == ["c1"]


def test_d3_the_later_time_wins_in_any_order() -> None:
    words = [("add", "10:00"), ("remove", "11:00"), ("add", "12:00"), ("remove", "11:30")]
    for length in range(1, len(words) + 1):
        for order in itertools.permutations(words[:length]):
            salon = Driver()
            for what, time in (*order, *order[:2]):
                (add if what == "add" else remove)(salon, time, "x")
            last = max(words[:length], key=lambda w: w[1])
            assert salon.tags("c1") == ({"x"} if last[0] == "add" else set()), order


@pytest.mark.parametrize("first", ["add", "remove"])
def test_d3_at_equal_times_removal_loses_whoever_did_either(salon: Driver, first: str) -> None:
    for what in ("add", "remove") if first == "add" else ("remove", "add"):
        (add if what == "add" else remove)(salon, "10:00", "x", source="z" if what == "remove" else "a")
    assert salon.tags("c1") == {"x"}


def test_d4_since_when_and_why(salon: Driver) -> None:
    add(salon, "12:00", "x", actor="Ann", id="m1", source="console")
    (tag,) = salon.card("c1")["tags"]
    assert tag == {
        "tag": "x", "since": "2024-05-06T12:00:00Z",
        "cause": {
            "type": "manual", "event_source": "console", "event_id": "m1", "event_type": "tags.add", "actor": "Ann"
        },
    }  # fmt: skip


def test_d4_an_older_word_that_comes_late_is_since_when(salon: Driver) -> None:
    add(salon, "12:00", "x")
    assert add(salon, "11:00", "x", actor="Ann")["unchanged"] == ["c1"]
    (tag,) = salon.card("c1")["tags"]
    assert (tag["since"], tag["cause"].get("actor")) == ("2024-05-06T11:00:00Z", "Ann")
    remove(salon, "11:30", "x")
    assert salon.card("c1")["tags"][0]["since"] == "2024-05-06T12:00:00Z"
    assert len([c for c in salon.changes("c1") if len(c) == 2]) == 1


def test_d5_imported_tags_as_a_list_or_as_one_string(salon: Driver) -> None:
    salon.tell("client.imported", "10:00", client_id="c1", tags=["a b", "c"])
    salon.tell("client.imported", "10:00", client_id="c2", tags=" a  b ,c,, ")
    assert salon.tags("c1") == salon.tags("c2") == {"a b", "c"}
    assert {t["cause"]["type"] for t in salon.card("c2")["tags"]} == {"import"}
    salon.tell("client.created", "10:00", client_id="c3", tags="a,b")
    assert salon.dead_codes == ["invalid_data"]


def test_d5_a_tag_that_is_none_refuses_the_row(salon: Driver) -> None:
    salon.tell("client.imported", "10:00", client_id="c1", name="Ann", tags=["fine", "not, fine"])
    salon.tell("client.created", "10:00", client_id="c1", tags=["x" * 65])
    assert salon.dead_codes == ["invalid_data", "invalid_data"]
    assert not salon.has_card("c1")


def test_a_creation_s_tags_come_after_its_status_in_one_transaction(salon: Driver) -> None:
    salon.tell("client.created", "10:00", client_id="c1", tags=["b", "a"])
    status, tags = salon.about("c1")
    assert (status["type"], tags["type"]) == ("client.status.changed", "client.tags.changed")
    assert tags["data"]["cause"]["type"] == "created"
    assert tags["time"] == "2024-05-06T10:00:00Z"


@pytest.mark.parametrize("time", ["1970-01-01T00:00:00Z", "1965-01-01T00:00:00Z"])
def test_words_from_before_computers_are_words(salon: Driver, time: str) -> None:
    assert add(salon, time, "x")["applied"] == ["c1"]
    assert add(salon, time, "x")["unchanged"] == ["c1"]
    assert remove(salon, "10:00", "x")["applied"] == ["c1"]
