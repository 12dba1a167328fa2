"""K2: timers that wait, each once, however often they are set anew."""

from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.waiting import MAX_PASSED_OVER, Waiting

_changes = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 9)), max_size=50)


@given(_changes, st.integers(0, 10), st.integers(1, 3))
def test_like_a_dict_that_is_searched(changes: list[tuple[bytes, int]], as_of: int, limit: int) -> None:
    waiting, model = Waiting(), {}
    for key, due in changes:
        waiting.set(key, due)
        model[key] = due
    model = {key: due for key, due in model.items() if due}
    assert len(waiting) == len(model)
    assert waiting.next() == min(model.values(), default=None)
    due = sorted((moment, key) for key, moment in model.items() if moment <= as_of)
    assert waiting.take(as_of, limit) == [key for _, key in due[:limit]]
    assert len(waiting) == len(model) - len(due[:limit])


def test_b6_what_is_due_already_lingers_but_no_longer_than_once() -> None:
    waiting = Waiting(linger=10)
    waiting.now = 100
    waiting.set(b"late", 50)
    waiting.set(b"in time", 105)
    assert waiting.take(105, 10) == [b"in time"]
    waiting.now = 108
    waiting.set(b"late", 40)
    assert waiting.take(109, 10) == []
    assert waiting.take(110, 10) == [b"late"]


def test_b6_what_was_due_in_time_does_not_linger_when_it_is_set_again() -> None:
    waiting = Waiting(linger=10)
    waiting.set(b"a", 50)
    waiting.now = 51
    waiting.set(b"a", 50)
    assert waiting.take(51, 10) == [b"a"]


def test_j4_timers_set_anew_again_and_again_do_not_pile_up() -> None:
    waiting = Waiting()
    for moment in range(1, 10 * MAX_PASSED_OVER):
        waiting.set(b"a", moment)
    assert len(waiting._heap) <= MAX_PASSED_OVER + 2
    assert waiting.take(10 * MAX_PASSED_OVER, 10) == [b"a"]
