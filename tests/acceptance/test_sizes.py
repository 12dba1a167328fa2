"""J4: what is large comes through whole, and nothing stops the worker by its size."""

import json

import pytest

from tests.kit.messages import Message, message
from tests.kit.story import Story
from topics.registry import DEAD_LETTERS, INPUT_TOPIC_BYTES, STATE_TOPIC_BYTES

LONG = 900_000


def test_g5_what_a_mailer_needs_may_be_as_long_as_what_is_on_the_card(story: Story) -> None:
    story.tell("client.created", "09:00", client_id="c1", name="n" * LONG)
    story.tell("client.updated", "09:10", client_id="c1", email="e" * LONG)
    assert story.ask("action.request", "10:00", client_id="c1", action="invite_to_book")["data"]["applied"] == ["c1"]
    (asked,) = (output for output in story.outputs("c1") if output["type"] == "action.requested")
    assert [len(asked["data"]["context"][name]) for name in ("name", "email")] == [LONG, LONG]


@pytest.mark.parametrize("size", [STATE_TOPIC_BYTES - 1_000, STATE_TOPIC_BYTES, STATE_TOPIC_BYTES + 4_000_000])
def test_j1_what_came_compressed_is_a_dead_letter_byte_for_byte_whatever_its_size(story: Story, size: int) -> None:
    bad = Message("payments", story.business.encode(), b'{"broken":"' + b"x" * size, (("trace", b"\xff"),))
    story.bus.send_compressed(bad)
    story.tell("client.created", "09:00", client_id="good")
    (letter,) = story.dead_letters()
    assert (letter.value == bad.value, letter.key, letter.headers[:1]) == (True, bad.key, tuple(bad.headers))
    assert letter.header("__streams.errors.exception") == "too_large"
    assert story.short("good") == [">lead"]


def test_j4_what_is_too_large_to_be_sent_again_is_a_dead_letter(story: Story) -> None:
    event = story.event("client.created", "09:00", client_id="c1")
    large = (("x", b"y" * INPUT_TOPIC_BYTES),)
    story.bus.send_compressed(message(event)._replace(key=b"another", headers=large))
    story.tell("client.created", "09:00", client_id="good")
    (letter,) = (got for got in story.bus.read(DEAD_LETTERS) if got.key == b"another")
    assert (letter.key, letter.headers[:1] == large, json.loads(letter.value or b"")) == (b"another", True, event)
    assert letter.header("__streams.errors.exception") == "too_large"
    assert (story.short("good"), story.short("c1")) == ([">lead"], [])
    story.bus.send_compressed(message(event)._replace(headers=large))
    story.bus.settle()
    assert story.short("c1") == [">lead"]
