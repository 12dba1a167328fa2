"""K1: sweeps go in bounded steps, survive restarts between any two, and look to every input as if done at once."""

from typing import Any

import pytest

from tests.domain.driver import Driver
from topics.commands import ClientsReevaluate
from worker.domain import commands, sweeps, timers
from worker.domain.card import Card
from worker.domain.session import Session
from worker.domain.sweep import Sweep
from worker.pipeline import chores, sweeping

CLIENTS = 25
STEP = 4
VISITS = 3
BEFORE = "before"
Outputs = list[dict[str, Any]]


def _mark(_session: Session, card: Card, sweep: Sweep) -> bool:
    """A visit that shows in the card: every second client's note says that it was visited, and how often."""
    if int(card.client_id.removeprefix("c")) % 2:
        return False
    card.latest_note = f"{sweep.id} {card.latest_note}"
    return True


@pytest.fixture
def salon(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """A business whose re-evaluation marks clients, and which has some."""

    def handler(session: Session, data: ClientsReevaluate) -> Sweep:
        return sweeps.wanted(session, "mark", data)

    monkeypatch.setattr(chores, "VISITS", VISITS)
    monkeypatch.setitem(commands.COMMANDS, ClientsReevaluate, handler)
    monkeypatch.setitem(sweeps.KINDS, "mark", sweeps.SweepRule(_mark, lambda _session, sweep: sweeps.answered(sweep)))
    driver = Driver(sweep_step=STEP)
    for number in range(CLIENTS):
        driver.tell("client.noted", "09:00", client_id=f"c{number:02}", text=BEFORE)
    driver.settle()
    return driver


def one_step(salon: Driver) -> Outputs:
    """What one step tells."""
    assert salon.engine.wants_step(salon.now)
    return salon.commit(salon.engine.step(salon.now))


def types(outputs: Outputs) -> list[str]:
    """The types of the answers among the outputs."""
    return [o["type"] for o in outputs if o["topic"] == "command-results"]


def notes(salon: Driver) -> dict[str, str]:
    """The note of each client."""
    return {f"c{n:02}": salon.card(f"c{n:02}")["latest_note"] for n in range(CLIENTS)}


def marked(sweep: str = "s1") -> dict[str, str]:
    """What the notes come to."""
    return {f"c{n:02}": BEFORE if n % 2 else f"{sweep} {BEFORE}" for n in range(CLIENTS)}


def test_k1_progress_is_told_at_every_step_and_the_answer_has_the_totals(salon: Driver) -> None:
    assert types(salon.tell("clients.reevaluate", "10:00", id="s1")) == []
    told: Outputs = []
    while not told or types(told)[-1] == "command.progress":
        step = one_step(salon)
        assert types(step)[0] == "command.progress"
        told += step
    progress = [(o["data"]["done"], o["data"]["total"]) for o in told if o["type"] == "command.progress"]
    assert progress == [(min(done, CLIENTS), CLIENTS) for done in range(STEP, CLIENTS + STEP, STEP)]
    assert len({o["id"] for o in told}) == len(told)
    answer = told[-1]["data"]
    assert told[-1]["type"] == "command.applied"
    assert answer["totals"] == {"clients": CLIENTS, "changed": 13}
    assert answer["applied"] == [f"c{n:02}" for n in range(0, CLIENTS, 2)]
    assert notes(salon) == marked()
    assert not salon.engine.wants_step(salon.now)


def test_k1_a_restart_between_any_two_steps_changes_nothing(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1")
    told: Outputs = []
    while "command.applied" not in types(told):
        salon.restart()
        told += one_step(salon)
    assert told[-1]["data"]["totals"] == {"clients": CLIENTS, "changed": 13}
    assert notes(salon) == marked()


def test_k1_a_step_for_which_there_is_no_more_time_ends_early_and_the_sweep_goes_on_from_there(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1")
    told: Outputs = []
    while "command.applied" not in types(told):
        salon.restart()
        told += salon.commit(salon.engine.step(salon.now, lambda: False))
    progress = [o["data"]["done"] for o in told if o["type"] == "command.progress"]
    assert progress == [min(done, CLIENTS) for done in range(VISITS, CLIENTS + VISITS, VISITS)]
    assert told[-1]["data"]["totals"] == {"clients": CLIENTS, "changed": 13}
    assert notes(salon) == marked()


def test_k1_a_large_task_is_sorted_a_part_at_a_time_while_there_is_no_time_for_more(
    salon: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "RUN", 7)
    salon.tell("clients.reevaluate", "10:00", id="s1")
    told: Outputs = []
    idle = 0
    while "command.applied" not in types(told):
        step = salon.commit(salon.engine.step(salon.now, lambda: False))
        idle += not step
        told += step
    assert idle == (CLIENTS + 1) // 7
    assert notes(salon) == marked()


def test_k1_an_input_meets_a_card_as_if_the_sweep_had_come_to_it(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1")
    one_step(salon)
    salon.tell("client.messaged", "11:00", client_id="c24", direction="in")
    assert salon.card("c24")["latest_note"] == f"s1 {BEFORE}"
    salon.restart()
    told = salon.settle()
    assert notes(salon) == marked()
    assert told[-1]["data"]["totals"] == {"clients": CLIENTS, "changed": 13}


def test_k1_a_client_that_comes_during_a_sweep_needs_no_visit(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1")
    one_step(salon)
    salon.tell("client.noted", "11:00", client_id="c98", text="new")
    salon.restart()
    salon.settle()
    assert salon.card("c98")["latest_note"] == "new"


def test_k1_sweeps_of_a_business_follow_each_other_and_businesses_take_turns(salon: Driver) -> None:
    salon.tell("client.noted", "09:00", client_id="c00", text=BEFORE, business="other")
    salon.tell("clients.reevaluate", "10:00", id="s1")
    salon.tell("clients.reevaluate", "10:01", id="s2")
    salon.tell("clients.reevaluate", "10:02", id="s3", business="other")
    answers = [o["data"]["command_id"] for o in salon.settle() if o["type"] == "command.applied"]
    assert answers == ["s3", "s1", "s2"]
    assert notes(salon) == marked("s2 s1")


def test_c6_a_message_that_comes_again_during_its_sweep_is_answered_as_often(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1")
    one_step(salon)
    assert types(salon.tell("clients.reevaluate", "10:00", id="s1")) == []
    salon.restart()
    answers = [o for o in salon.settle() if o["type"] == "command.applied"]
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert salon.tell("clients.reevaluate", "10:00", id="s1")[-1]["id"] == answers[0]["id"]
    assert notes(salon) == marked()


def test_c5_a_dry_run_walks_over_all_clients_and_changes_none(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1", dry_run=True)
    answer = salon.settle()[-1]["data"]
    assert answer["dry_run"] is True
    assert answer["totals"] == {"clients": CLIENTS, "changed": 13}
    assert answer["preview"] == {"clients": [f"c{n:02}" for n in range(0, CLIENTS, 2)]}
    assert set(notes(salon).values()) == {BEFORE}


def test_k1_without_clients_it_is_answered_at_once(salon: Driver) -> None:
    salon.tell("clients.reevaluate", "10:00", id="s1", business="empty")
    assert salon.settle()[-1]["data"]["totals"] == {"clients": 0, "changed": 0}


def test_j2_a_bug_at_one_client_is_named_in_the_answer_and_the_sweep_goes_on(
    salon: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit(session: Session, card: Card, sweep: Sweep) -> bool:
        card.latest_note = "half done"
        if card.client_id == "c10":
            raise ZeroDivisionError
        card.latest_note = BEFORE
        return _mark(session, card, sweep)

    monkeypatch.setitem(sweeps.KINDS, "mark", sweeps.KINDS["mark"]._replace(visit=visit))
    salon.tell("clients.reevaluate", "10:00", id="s1")
    told = salon.settle()
    assert told[-1]["type"] == "command.partly_applied"
    assert told[-1]["data"]["totals"] == {"clients": CLIENTS, "changed": 12}
    assert [(e["client_id"], e["code"]) for e in told[-1]["data"]["errors"]] == [("c10", "internal_error")]
    assert notes(salon) == marked() | {"c10": BEFORE}
    assert len({o["id"] for o in told}) == len(told)
    salon.restart()


def test_j2_a_bug_at_one_timer_holds_up_no_other(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    for client in ("c01", "c02", "c03"):
        times = {"starts_at": "11:00", "ends_at": "12:00"}
        salon.tell("booking.scheduled", "09:30", client_id=client, booking_id="b", kind="appointment", **times)
    fire = timers.fire

    def failing(session: Session, card: Card, as_of: int, grace: int) -> None:
        fire(session, card, as_of, grace)
        if card.client_id == "c02":
            raise ZeroDivisionError

    monkeypatch.setattr(timers, "fire", failing)
    told = salon.settle()
    assert [o["subject"] for o in told if o["type"] == "client.status.changed"] == ["c01", "c03"]
    assert salon.card("c02")["status"] == "lead"
    monkeypatch.undo()
    salon.tell("client.noted", "12:30", client_id="c02", text=BEFORE)
    assert [o["subject"] for o in salon.settle() if o["type"] == "client.status.changed"] == ["c02"]


def test_k1_a_large_task_is_sorted_in_parts_with_none_left_out(salon: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "RUN", 7)
    salon.tell("clients.reevaluate", "10:00", id="s1")
    told = salon.settle()
    assert told[-1]["data"]["totals"] == {"clients": CLIENTS, "changed": 13}
    assert notes(salon) == marked()
