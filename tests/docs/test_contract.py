"""Examples and numbers on the pages are those of the code."""

import re

import pytest

from tests.docs.pages import PAGES, ROOT, page
from topics.envelope import MAX_DEPTH, EventDecoder
from topics.fields import MAX_EVENT_ID_LENGTH, MAX_SOURCE_LENGTH
from topics.moments import DAY, micros
from topics.registry import MAX_INPUT_BYTES
from worker.config import SETTINGS
from worker.domain.tags import MAX_TAGS_PER_BUSINESS, MAX_TAGS_PER_CLIENT
from worker.pipeline.decode import MAX_AHEAD
from worker.pipeline.process import FAILURE_WINDOW

NOT_OURS = {"CONCURRENT_TRANSACTIONS", "FORWARDED_ALLOW_IPS", "CLIENT_STATUS_REQUIRE"}
"""Names in capitals that are no settings of the programs: an error of Kafka's, a variable of the tests."""
MEBIBYTE = 1 << 20


def test_the_example_of_an_event_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", page("docs/contract.md"), re.DOTALL)
    event = EventDecoder("bookings").decode(example.encode(), (), latest=1 << 60)
    assert event.businessid == "salon-1"
    assert event.data.booking_id == "b1"
    assert micros(event.time) > 0


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        (r"`id` has 1 to (\d+) characters", MAX_EVENT_ID_LENGTH, 1),
        (r"`source` has 1 to (\d+)", MAX_SOURCE_LENGTH, 1),
        (r"A record has at most (\d+) MiB", MAX_INPUT_BYTES, MEBIBYTE),
        (r"(\d+) levels of nesting", MAX_DEPTH, 1),
        (r"more than (\d+) hours ahead", MAX_AHEAD, DAY // 24),
        (r"more than ([\d,]+) tags", MAX_TAGS_PER_CLIENT, 1),
        (r"more than ([\d,]+) different tags", MAX_TAGS_PER_BUSINESS, 1),
    ],
)
def test_limits(text: str, value: int, unit: int) -> None:
    (number,) = re.findall(text, page("docs/contract.md"))
    assert int(number.replace(",", "")) * unit == value


def test_the_window_of_the_dead_letter_limit() -> None:
    numbers = set(re.findall(r"latest ([\d,]+) records", page("docs/operating.md")))
    assert {int(number.replace(",", "")) for number in numbers} == {FAILURE_WINDOW}


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_settings_in_the_running_text_exist(path: str) -> None:
    names = set(re.findall(r"(?<![\w-])[A-Z]{2,}(?:_[A-Z]+)+\b", path.read_text()))
    choices = {choice for setting in SETTINGS.values() for choice in setting.choices}
    assert names - NOT_OURS - choices <= {setting.name for setting in SETTINGS.values()}
