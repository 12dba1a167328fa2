"""D7: tags renamed and deleted in the whole business, and older words about them that arrive later."""

from typing import Any

import pytest

from tests.domain.driver import Driver, check_sequences, short
from worker.domain import business


def add(salon: Driver, time: str, *tags: str, client: str = "c1", **data: Any) -> dict[str, Any]:
    return salon.ask("tags.add", time, client_ids=[client], tags=list(tags), **data)


def remove(salon: Driver, time: str, *tags: str, client: str = "c1") -> dict[str, Any]:
    return salon.ask("tags.remove", time, client_ids=[client], tags=list(tags))


def rename(salon: Driver, time: str, old: str, new: str, **data: Any) -> dict[str, Any]:
    return swept(salon, "tag.rename", time, from_=old, to=new, **data)


def delete(salon: Driver, time: str, tag: str, **data: Any) -> dict[str, Any]:
    return swept(salon, "tag.delete", time, tag=tag, **data)


def swept(salon: Driver, type_: str, time: str, **data: Any) -> dict[str, Any]:
    """The answer that comes when the sweep is done."""
    told = salon.tell(type_, time, **data) + salon.settle()
    (answer,) = [o for o in told if o["topic"] == "command-results" and o["type"] != "command.progress"]
    return {"result": answer["type"].removeprefix("command."), **answer["data"]}


def tag_events(salon: Driver, client: str = "c1") -> list[dict[str, Any]]:
    return [o for o in salon.about(client) if o["type"] == "client.tags.changed"]


def since(salon: Driver, client: str = "c1") -> dict[str, str]:
    """Since when each tag is there, as HH:MM."""
    return {t["tag"]: t["since"][11:16] for t in salon.card(client).get("tags", [])}


def test_d7_a_rename_reaches_every_client_and_tells_each_once(salon: Driver) -> None:
    add(salon, "09:00", "regular", actor="Ann")
    add(salon, "09:30", "Regular", "new", client="c2")
    add(salon, "09:30", "new", client="c3")
    answer = rename(salon, "10:00", "REGULAR", "Loyal", actor="Mia", id="r1", source="console")
    assert (answer["result"], answer["applied"], answer["errors"]) == ("applied", ["c1", "c2"], [])
    assert answer["totals"] == {"clients": 3, "changed": 2}
    event = tag_events(salon)[-1]
    assert event["time"] == "2024-05-06T10:00:00Z"
    assert event["data"] == {
        "client_id": "c1",
        "added": ["Loyal"],
        "removed": ["regular"],
        "tags": ["Loyal"],
        "cause": {
            "type": "manual", "event_source": "console", "event_id": "r1", "event_type": "tag.rename", "actor": "Mia"
        },
        "sequence": 3,
    }  # fmt: skip
    assert since(salon) == {"Loyal": "09:00"}
    assert salon.card("c1")["tags"][0]["cause"]["actor"] == "Ann"
    assert salon.tags("c2") == {"Loyal", "new"}
    assert len(tag_events(salon, "c3")) == 1
    check_sequences(salon.outputs)
    salon.restart()


def test_d7_a_deletion_reaches_every_client(salon: Driver) -> None:
    add(salon, "09:00", "old", "kept")
    add(salon, "09:30", "Old", client="c2")
    answer = delete(salon, "10:00", "OLD")
    assert (answer["result"], answer["totals"]) == ("applied", {"clients": 2, "changed": 2})
    assert short(tag_events(salon)[-1:]) == [(set(), {"old"})]
    assert (salon.tags("c1"), salon.tags("c2")) == ({"kept"}, set())
    salon.restart()


def test_d7_a_rename_to_a_tag_that_is_there_makes_them_one(salon: Driver) -> None:
    add(salon, "09:00", "Gold", client="c2")
    add(salon, "09:10", "gold")
    add(salon, "08:00", "best", actor="Ann")
    rename(salon, "10:00", "best", "GOLD")
    assert short(tag_events(salon)[-1:]) == [(set(), {"best"})]
    assert since(salon) == {"Gold": "08:00"}
    assert salon.card("c1")["tags"][0]["cause"]["actor"] == "Ann"
    assert len(tag_events(salon, "c2")) == 1
    add(salon, "11:00", "BEST", client="c3")
    assert salon.tags("c3") == {"BEST"}


def test_d1_a_rename_to_another_spelling_of_the_same_tag_tells_so(salon: Driver) -> None:
    add(salon, "09:00", "gold", "x")
    answer = rename(salon, "10:00", "GOLD", " Gold ")
    assert (answer["applied"], answer["totals"]) == (["c1"], {"clients": 1, "changed": 1})
    assert [(e["data"]["added"], e["data"]["removed"], e["data"]["tags"]) for e in tag_events(salon)[-1:]] == [
        (["Gold"], ["gold"], ["Gold", "x"])
    ]
    assert since(salon)["Gold"] == "09:00"
    add(salon, "11:00", "gOLD", client="c2")
    assert salon.tags("c2") == {"Gold"}
    salon.restart()
    again = rename(salon, "12:00", "gold", "Gold")
    assert (again["result"], again["applied"], again["totals"]) == ("applied", [], {"clients": 2, "changed": 0})
    assert rename(salon, "09:30", "gold", "GOLD")["totals"]["changed"] == 0
    assert salon.tags("c1") == {"Gold", "x"}


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("tag.rename", {"from_": "a", "to": "b"}, "unknown_tag"),
        ("tag.rename", {"from_": "known", "to": "b,c"}, "invalid_tag"),
        ("tag.rename", {"from_": " ", "to": "b"}, "invalid_tag"),
        ("tag.rename", {"from_": "known"}, "invalid_data"),
        ("tag.delete", {"tag": "a"}, "unknown_tag"),
        ("tag.delete", {"tag": "x" * 65}, "invalid_tag"),
        ("tag.delete", {"tag": 1}, "invalid_data"),
    ],
)
def test_c4_what_is_refused(salon: Driver, type_: str, data: dict[str, Any], code: str) -> None:
    add(salon, "09:00", "known")
    answer = swept(salon, type_, "10:00", **data)
    assert (answer["result"], [e["code"] for e in answer["errors"]]) == ("rejected", [code])
    assert salon.tags("c1") == {"known"}


def test_d7_a_tag_that_is_gone_is_not_known_from_the_command_on(salon: Driver) -> None:
    add(salon, "09:00", "a")
    salon.tell("tag.delete", "10:00", tag="a")
    assert salon.ask("tag.delete", "10:01", tag="A")["errors"][0]["code"] == "unknown_tag"
    salon.settle()
    assert salon.ask("tag.rename", "10:02", from_="a", to="b")["errors"][0]["code"] == "unknown_tag"
    add(salon, "11:00", "A")
    assert rename(salon, "12:00", "a", "b")["totals"]["changed"] == 1


def test_d7_an_older_tag_that_arrives_after_a_rename_is_the_new_one(salon: Driver) -> None:
    add(salon, "09:00", "a", client="c9")
    rename(salon, "10:00", "a", "B")
    salon.restart()
    assert add(salon, "09:30", "A")["applied"] == ["c1"]
    salon.tell("client.imported", "09:30", client_id="c2", tags="a, z")
    salon.tell("client.created", "10:00", client_id="c3", tags=["a"])
    assert (salon.tags("c1"), salon.tags("c2"), salon.tags("c3")) == ({"B"}, {"B", "z"}, {"B"})
    assert short(tag_events(salon)) == [({"B"}, set())]
    add(salon, "10:01", "A")
    assert salon.tags("c1") == {"A", "B"}


def test_d7_an_older_tag_that_arrives_after_a_deletion_is_not_put(salon: Driver) -> None:
    add(salon, "09:00", "a", client="c9")
    delete(salon, "10:00", "a")
    assert add(salon, "09:30", "A")["unchanged"] == ["c1"]
    assert (salon.tags("c1"), tag_events(salon)) == (set(), [])
    assert salon.ask("tag.delete", "10:01", tag="a")["errors"][0]["code"] == "unknown_tag"
    add(salon, "10:01", "A")
    assert salon.tags("c1") == {"A"}


def test_d7_an_older_removal_that_arrives_later_is_of_the_tag_that_it_became(salon: Driver) -> None:
    add(salon, "09:00", "a")
    rename(salon, "10:00", "a", "b")
    remove(salon, "08:59", "a")
    assert salon.tags("c1") == {"b"}
    assert remove(salon, "09:30", "a")["applied"] == ["c1"]
    assert short(tag_events(salon)[-1:]) == [(set(), {"b"})]


def test_d7_a_removal_before_two_tags_became_one_takes_only_its_own(salon: Driver) -> None:
    add(salon, "09:00", "a", "b")
    rename(salon, "10:00", "a", "b")
    remove(salon, "09:30", "a")
    assert salon.tags("c1") == {"b"}
    remove(salon, "09:30", "b")
    assert salon.tags("c1") == set()


def test_d7_a_rename_or_deletion_that_arrives_late_leaves_what_is_newer(salon: Driver) -> None:
    add(salon, "09:00", "a")
    add(salon, "12:00", "a")
    add(salon, "12:00", "a", client="c2")
    assert rename(salon, "10:00", "a", "b")["applied"] == ["c1"]
    assert (since(salon), salon.tags("c2")) == ({"a": "12:00", "b": "09:00"}, {"a"})
    assert short(tag_events(salon)[-1:]) == [({"b"}, set())]
    assert delete(salon, "11:00", "a")["applied"] == []
    assert salon.tags("c1") == {"a", "b"}


def test_d7_chains(salon: Driver) -> None:
    add(salon, "09:00", "a")
    for old, new, time in (("a", "b", "10:00"), ("b", "c", "11:00")):
        rename(salon, time, old, new)
    add(salon, "09:30", "a", client="c2")
    assert (salon.tags("c1"), salon.tags("c2")) == ({"c"}, {"c"})
    delete(salon, "12:00", "c")
    add(salon, "09:30", "a", client="c3")
    assert [salon.tags(c) for c in ("c1", "c2", "c3")] == [set(), set(), set()]
    add(salon, "10:30", "a", client="c3")
    assert salon.tags("c3") == {"a"}


def test_d7_there_and_back(salon: Driver) -> None:
    add(salon, "09:00", "a")
    rename(salon, "10:00", "a", "b")
    rename(salon, "11:00", "b", "a")
    add(salon, "10:30", "a", client="c2")
    add(salon, "10:30", "b", client="c3")
    assert [salon.tags(c) for c in ("c1", "c2", "c3")] == [{"a"}, {"a"}, {"a"}]


def test_c5_a_dry_run_counts_and_changes_nothing(salon: Driver) -> None:
    add(salon, "09:00", "a")
    add(salon, "09:00", "a", "b", client="c2")
    add(salon, "09:00", "b", client="c3")
    for answer in (
        rename(salon, "10:00", "a", "b", dry_run=True),
        delete(salon, "10:00", "a", dry_run=True),
        rename(salon, "10:00", "a", "A", dry_run=True),
        rename(salon, "10:00", "a", "not there yet", dry_run=True),
    ):
        assert (answer["result"], answer["dry_run"]) == ("applied", True)
        assert answer["totals"] == {"clients": 3, "changed": 2}
        assert answer["preview"] == {"clients": ["c1", "c2"]}
    assert [salon.tags(c) for c in ("c1", "c2", "c3")] == [{"a"}, {"a", "b"}, {"b"}]
    add(salon, "08:00", "a", client="c4")
    assert salon.tags("c4") == {"a"}
    salon.restart()


def test_k1_every_input_meets_the_tags_as_if_the_sweeps_were_done() -> None:
    salon = Driver(sweep_step=2)
    for number in range(7):
        add(salon, "09:00", "a", client=f"c{number}")
    salon.tell("tag.rename", "10:00", from_="a", to="b", id="r1")
    salon.tell("tag.rename", "11:00", from_="b", to="c", id="r2")
    salon.commit(salon.engine.step(salon.now))
    remove(salon, "10:30", "b", client="c6")
    salon.restart()
    assert short(tag_events(salon, "c6")) == [({"a"}, set()), ({"b"}, {"a"}), ({"c"}, {"b"}), (set(), {"c"})]
    add(salon, "09:30", "a", client="c7")
    assert short(tag_events(salon, "c7")) == [({"c"}, set())]
    answers = [o["data"] for o in salon.settle() if o["type"] == "command.applied"]
    assert [a["totals"]["changed"] for a in answers] == [7, 7]
    assert {n: salon.tags(f"c{n}") for n in range(8)} == {n: {"c"} if n != 6 else set() for n in range(8)}
    assert {e["data"]["cause"]["event_id"] for n in range(6) for e in tag_events(salon, f"c{n}")[1:]} == {"r1", "r2"}
    check_sequences(salon.outputs)


def test_d1_a_client_with_250_tags_can_be_given_one_that_it_has_under_a_new_name(salon: Driver) -> None:
    for part in range(5):
        add(salon, "09:00", *(f"t{part}-{n}" for n in range(50)))
    rename(salon, "10:00", "t0-0", "first")
    assert add(salon, "09:30", "t0-0")["unchanged"] == ["c1"]
    assert add(salon, "11:00", "t0-0")["errors"][0]["code"] == "too_many_tags"


def test_d7_the_last_ones_are_remembered_and_older_ones_stand(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert business.MAX_TAG_EDITS == 1_000
    monkeypatch.setattr(business, "MAX_TAG_EDITS", 2)
    add(salon, "09:00", "a", "b", "x", "y")
    add(salon, "09:00", "a", "x", client="c2")
    remove(salon, "09:10", "x", client="c2")
    rename(salon, "10:00", "a", "b")
    rename(salon, "10:01", "x", "z")
    rename(salon, "10:02", "y", "w")
    salon.restart()
    assert (salon.tags("c1"), salon.tags("c2")) == ({"b", "z", "w"}, {"b"})
    add(salon, "10:05", "a")
    remove(salon, "10:03", "z")
    assert (salon.tags("c1"), since(salon)["a"]) == ({"a", "b", "w"}, "10:05")
    add(salon, "09:30", "a", client="c3")  # what it became is forgotten
    add(salon, "09:30", "x", client="c3")
    assert salon.tags("c3") == {"a", "z"}
    rename(salon, "08:00", "b", "v")  # older than all that are remembered, and than the tags
    assert (salon.tags("c1"), salon.tags("c2")) == ({"a", "b", "w"}, {"b"})
    salon.restart()


def test_d7_a_forgotten_rename_reaches_a_card_that_two_sweeps_have_still_to_visit(
    salon: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(business, "MAX_TAG_EDITS", 1)
    add(salon, "09:00", "a", "x")
    for time, old, new in (("10:00", "a", "b"), ("10:01", "x", "y"), ("10:02", "b", "c")):
        salon.tell("tag.rename", time, from_=old, to=new)
    salon.restart()
    answers = [o["data"]["totals"]["changed"] for o in salon.settle() if o["type"] == "command.applied"]
    assert (answers, salon.tags("c1")) == ([1, 1, 1], {"c", "y"})
    assert short(tag_events(salon)[1:]) == [({"b"}, {"a"}), ({"y"}, {"x"}), ({"c"}, {"b"})]
    add(salon, "11:00", "b", "c", "y")
    assert salon.tags("c1") == {"b", "c", "y"}


def test_d1_d7_who_keeps_a_tag_that_was_renamed_and_who_gets_it_again_have_it_in_one_spelling() -> None:
    """The rename is older than the tags, so that everybody keeps them; somebody gets the tag while the sweep runs."""
    driver = Driver(sweep_step=1)
    driver.tell("tags.add", "10:00", client_ids=["c1", "c2", "c3"], tags=["gold"])
    driver.tell("tag.rename", "09:00", from_="gold", to="silver")
    driver.commit(driver.engine.step(driver.now))
    driver.tell("tags.add", "11:00", client_ids=["c4"], tags=["GOLD"])
    driver.settle()
    assert [driver.tags(client) for client in ("c1", "c2", "c3", "c4")] == [{"gold"}] * 4
