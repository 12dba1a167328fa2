"""The read model follows committed records: restarts, a lost Redis, rebuilds, merges and erasures (G4, G6, H5)."""

import json
import time
from collections.abc import Callable

import pytest

from tests.kit.messages import message
from tests.kit.place import Program, WorkerProcess
from tests.kit.story import Story
from tests.kit.waiting import until
from tests.readmodel.model import Model, shown, tell


@pytest.mark.usefixtures("worker")
def test_g4_cards_and_timelines_follow(story: Story, model: Model, project: Callable[..., Program]) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    assert "state" not in model.card("c1")
    assert model.having("status", "customer") == {"c1"}
    assert model.having("status", "lead") == {"c2"}
    assert model.having("tag", "gold") == {"c1"}
    assert model.timeline("c1") == [
        "client.created", "client.status.changed", "client.tags.changed", "client.noted", "payment.received",
        "client.status.changed",
    ]  # fmt: skip
    story.tell("tags.remove", "11:00", client_ids=["c1"], tags=["gold"])
    until(lambda: not model.having("tag", "gold"), "the tag to go")


def test_h5_what_the_worker_has_not_committed_is_not_shown(
    story: Story, model: Model, project: Callable[..., Program], start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker()
    tell(story)
    project()
    until(lambda: shown(model), "the day in the read model")
    worker.kill()
    for client in ("c1", "c9"):
        story.bus.send(message(story.event("client.noted", "12:00", client_id=client, text="not processed")))
    program = project()
    until(lambda: "records behind" in program.get("/readyz")[1], "the second projector to follow")
    assert len(model.timeline("c1")) == 6
    assert model.card("c9") is None
    start_worker()
    until(lambda: len(model.timeline("c1")) == 7, "the note")
    until(lambda: model.card("c9") is not None, "the new client")


def test_h5_c4_settings_messages_stand_once_the_worker_has_committed_them(
    story: Story, model: Model, project: Callable[..., Program], start_worker: Callable[..., WorkerProcess]
) -> None:
    worker = start_worker()
    program = project()
    applied = story.event("automation.set", "09:00", enabled=False, actor="Mia")
    refused = story.event("status.remove", "09:30", code="lead")
    for event in (applied, refused):
        story.bus.send(message(event))
    whole = [(applied["id"], "applied"), (refused["id"], "rejected")]
    until(lambda: model.settings_history() == whole, "both in the history")
    worker.kill()
    late = story.event("automation.set", "08:00", enabled=True)
    story.bus.send(message(late))
    program = project()
    until(lambda: "records behind" in program.get("/readyz")[1], "the second projector to follow")
    assert model.settings_history() == whole
    start_worker()
    until(lambda: model.settings_history() == [(late["id"], "applied"), *whole], "the late one, by its time")


@pytest.mark.usefixtures("worker")
def test_h5_killed_and_started_again_and_a_redis_that_came_back_empty(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    first = project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    whole, made = model.everything(), model.made
    first.kill()
    project()
    story.tell("client.noted", "11:00", client_id="c2", text="more")
    until(lambda: len(model.timeline("c2")) == 3, "the note")
    later = model.everything()
    assert later != whole
    assert model.made == made
    model.flush()
    until(lambda: model.everything() == later, "the read model to heal")
    assert model.made not in (made, None)


@pytest.mark.usefixtures("worker")
def test_h5_a_rebuild_takes_the_place_of_the_old_one(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    old = project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    whole, root = model.everything(), model.root
    old.kill()
    project("--rebuild")
    until(lambda: model.root != root, "the new generation")
    assert model.everything() == whole
    until(lambda: not list(model._redis.scan_iter(match=f"{root}*")), "the old one to go")


@pytest.mark.usefixtures("worker")
def test_h5_of_the_old_read_model_nothing_is_left_while_another_projector_runs(
    story: Story, model: Model, project: Callable[..., Program]
) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    for number in range(2):
        root = model.root
        project("--rebuild")
        until(lambda root=root: model.root != root, "the new generation")
        story.tell("client.noted", "12:00", client_id="c2", text=str(number))
        until(lambda number=number: shown(model, messages=3 + number), "the note")
        time.sleep(3)  # whoever still follows the old one has looked again
        assert not list(model._redis.scan_iter(match=f"{root}*"))


@pytest.mark.usefixtures("worker")
def test_g6_an_erased_client_is_nowhere(story: Story, model: Model, project: Callable[..., Program]) -> None:
    project()
    tell(story)
    until(lambda: shown(model), "the day in the read model")
    story.tell("payment.refunded", "11:00", client_id="c1", payment_id="p1")
    until(lambda: len(model.told("reviews")) == 1, "somebody to review the status")
    assert {event["data"]["client_id"] for event in model.told("changes")} == {"c1", "c2"}
    story.ask("client.erase", "12:00", client_id="c1")
    until(lambda: model.card("c1") is None, "the card to go")
    until(lambda: {event["data"]["client_id"] for event in model.told("changes")} == {"c2"}, "what was told to go")
    assert model.told("reviews") == []
    story.tell("client.noted", "11:59", client_id="c1", text="late")
    story.tell("client.noted", "11:59", client_id="c2", text="the last word")
    until(lambda: len(model.timeline("c2")) == 3, "the last word")
    left = json.dumps(model.everything(), default=list)
    assert '"c1"' not in left
    assert "c1\\u0000" not in left
    assert "zoe" not in left.lower()
    story.tell("client.noted", "13:00", client_id="c1", text="back")
    until(lambda: model.timeline("c1") == ["client.noted", "client.status.changed"], "a new timeline")
    until(lambda: [event["data"]["client_id"] for event in model.told("changes")][1:] == ["c1"], "a change of its own")
