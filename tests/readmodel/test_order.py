"""What is read side by side counts in order: the state first, what came of it then; an input when it is committed."""

from topics.dead_letters import OFFSET, PARTITION, TOPIC
from topics.registry import DEAD_LETTERS
from worker.readmodel.order import AWAITED, ERASURES, Lane, Record

STATUSES, NOTES = "client-status-changes", "clients"


def record(topic: str, offset: int, **headers: str | None) -> Record:
    """A record on partition 0."""
    told = [(name, value.encode() if value is not None else None) for name, value in headers.items()]
    return Record(topic, 0, offset, b"salon", b"{}", told)


def letter(offset: int, of: int) -> Record:
    """The dead letter of a note."""
    return record(DEAD_LETTERS, offset, **{TOPIC: f"acme.{NOTES}", PARTITION: "0", OFFSET: str(of)})


def left(lane: Lane, read: int, **more: int) -> list[tuple[str, int]]:
    """What counts now that every topic, but for those in ``more``, is read to ``read``."""
    at = dict.fromkeys((*AWAITED, STATUSES, NOTES), read) | {n.replace("_", "-"): to for n, to in more.items()}
    return [(one.topic, one.offset) for one in lane.leave(at)]


def aim(lane: Lane, end: int, now: float = 0.0) -> bool:
    """Set the goal if it is time."""
    wants = lane.wants_goal(now)
    if wants:
        lane.aim(dict.fromkeys(AWAITED, end))
    return wants


def test_an_output_waits_until_the_state_is_read_to_where_it_ended() -> None:
    lane = Lane("acme.")
    lane.take(record(STATUSES, 3))
    assert aim(lane, end=10)
    assert left(lane, 10, business_settings=9) == []
    assert lane.position(STATUSES, 4) == 3
    lane.take(record(STATUSES, 4))
    assert left(lane, 10) == [(STATUSES, 3)], "what came after the goal was set waits for the next"
    assert aim(lane, end=10)
    assert left(lane, 10) == [(STATUSES, 4)]
    assert lane.position(STATUSES, 5) == 5


def test_g6_an_erasure_counts_before_what_is_told_of_a_new_card() -> None:
    """It lies before that on a topic of its own, and is read later: else it would take the new card's timeline away."""
    lane = Lane("acme.")
    lane.take(record(STATUSES, 3))
    assert aim(lane, end=10)
    lane.take(record(ERASURES, 8))
    lane.take(record(ERASURES, 9))
    assert left(lane, 10) == [], "the state is not read yet to where it ended when the erasure was read"
    assert aim(lane, end=12)
    lane.take(record(ERASURES, 10))
    assert left(lane, 12, client_profiles=11) == []
    assert left(lane, 12) == [(ERASURES, 8), (ERASURES, 9), (STATUSES, 3)]
    assert aim(lane, end=12)
    assert left(lane, 12) == [(ERASURES, 10)]
    assert not lane.is_waiting


def test_an_input_waits_for_the_worker_before_that() -> None:
    lane = Lane("acme.")
    lane.take(record(NOTES, 0))
    lane.take(record(NOTES, 1))
    assert not aim(lane, end=10)
    lane.progress[NOTES] = 1
    assert aim(lane, end=10)
    assert left(lane, 10) == [(NOTES, 0)]
    assert lane.position(NOTES, 2) == 1


def test_an_input_with_a_dead_letter_never_counts() -> None:
    lane = Lane("acme.")
    lane.take(letter(7, of=0))
    assert left(lane, 10, clients=0) == [], "the letter waits: after a restart it must be read again before its input"
    assert lane.position(DEAD_LETTERS, 8) == 7
    lane.take(record(NOTES, 0))
    lane.take(record(NOTES, 1))
    lane.progress[NOTES] = 2
    assert aim(lane, end=8)
    assert left(lane, 10) == [(NOTES, 1), (DEAD_LETTERS, 7)]


def test_a_dead_letter_from_a_topic_that_was_made_anew_waits_for_nothing_that_does_not_come() -> None:
    lane = Lane("acme.")
    for offset in (7, 8, 9):
        lane.take(letter(offset, of=100 + offset))
    lane.take(letter(10, of=1))
    assert aim(lane, end=11)
    assert left(lane, 11, clients=0, client_profiles=10) == [], "the worker may have come to it"
    lane.progress[NOTES] = 2
    assert left(lane, 11, clients=0) == [(DEAD_LETTERS, 7), (DEAD_LETTERS, 8), (DEAD_LETTERS, 9)]
    assert not aim(lane, end=11), "the last one is of an input that comes"
    assert left(lane, 11, clients=2) == [(DEAD_LETTERS, 10)]


def test_a_dead_letter_of_anything_else_waits_for_nothing() -> None:
    lane = Lane("acme.")
    lane.take(record(DEAD_LETTERS, 0))
    lane.take(record(DEAD_LETTERS, 1, **dict.fromkeys((TOPIC, PARTITION, OFFSET))))
    assert left(lane, 10) == [(DEAD_LETTERS, 0), (DEAD_LETTERS, 1)]


def test_without_transactions_the_goal_is_set_a_moment_later() -> None:
    lane = Lane("acme.", settle=0.25)
    lane.take(record(STATUSES, 0))
    assert not aim(lane, end=10, now=100.0)
    assert lane.is_waiting
    assert aim(lane, end=10, now=100.25)
    assert left(lane, 10) == [(STATUSES, 0)]
    assert not lane.is_waiting
