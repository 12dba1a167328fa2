"""G6: after an erasure nothing that is kept, nor anything that comes later, brings personal data back."""

from tests.acceptance.conftest import Town
from tests.kit.story import Story, cause
from topics.registry import OUTPUTS

MARKED = "mark-4711"
"""Stands in everything personal that this test sends."""
OUT = [topic.name for topic in OUTPUTS]
COMPACTED = ("client-profiles", "business-settings")


def _kept(town: Town) -> bytes:
    """The compacted topics as compaction leaves them: the last record of each key, tombstones and all before gone."""
    last = {(topic, got.key): got.value for topic in COMPACTED for got in town.bus.read(topic)}
    return b"\n".join(key + value for (_, key), value in last.items() if value is not None)


def test_g6_nothing_marked_is_left(story: Story, town: Town) -> None:
    client = f"c1-{MARKED}"
    story.tell(
        "client.created", "09:00", client_id=client, name=f"Anna {MARKED}", email=f"{MARKED}@example.org", tags=["gold"]
    )
    story.tell("client.noted", "09:01", client_id=client, text=f"likes {MARKED}")
    story.tell("payment.received", "09:02", client_id=client, payment_id=MARKED, amount="1.00", currency="EUR")
    story.ask("status.set", "09:30", client_ids=[client, "c2"], status="vip")
    assert MARKED.encode() in _kept(town)

    command = story.tell("client.erase", "10:00", client_id=client, actor="privacy desk")
    answer = story.answer(command)
    assert (answer["type"], answer["data"]["applied"]) == ("command.applied", [client])
    told = story.wait_for(client, ">lead", "+gold", "lead>customer", "customer>vip", "client.erased")
    assert told[-1]["data"] == {
        "client_id": client, "cause": cause("manual", command, actor="privacy desk"), "sequence": 5,
    }  # fmt: skip
    assert MARKED.encode() not in _kept(town)
    after = {topic: len(town.bus.read(topic)) for topic in OUT}

    story.tell("client.noted", "10:00", client_id=client, text=f"too late {MARKED}")
    story.tell("invoice.issued", "09:59", client_id=client, invoice_id=MARKED, amount="1.00", currency="EUR")
    town.worker.kill()
    town.open()
    story.tell("client.noted", "11:00", client_id="c2", text="somebody else")
    town.bus.settle()
    assert MARKED.encode() not in _kept(town)
    for topic, seen in after.items():
        assert not any(MARKED.encode() in (got.value or b"") for got in town.bus.read(topic)[seen:]), topic
    for log in town.place.directory.rglob("*"):
        assert not log.is_file() or MARKED.encode() not in log.read_bytes(), log

    story.tell("client.noted", "12:00", client_id=client, text="back")
    story.wait_for(client, ">lead", "+gold", "lead>customer", "customer>vip", "client.erased", ">lead")
