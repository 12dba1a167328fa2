"""The sample businesses of the demo: the same with the same seed, believable, and valid messages all."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from topics.envelope import Unusable
from topics.registry import INPUT_TYPES, TOPIC_OF_TYPE
from worker import clock
from worker.cli import sending
from worker.embedded.sample import CONSULTANCY, FIRST_CLIENT, SALON, SAMPLES, Sample, happenings
from worker.errors import SettingError
from worker.pipeline.decode import DECODERS, MAX_AHEAD

MANY = 400


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.business)
def test_the_same_seed_gives_the_same_and_another_does_not(sample: Sample) -> None:
    first, again, other = (list(islice(happenings(sample, seed), MANY)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.business)
def test_things_happen_in_order_at_a_human_pace(sample: Sample) -> None:
    times = [happening.at for happening in islice(happenings(sample, 1), MANY)]
    assert times == sorted(times)
    assert times[0] == 0
    assert 1 < times[-1] / MANY < 5, "seconds from one event to the next, on average"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.business)
def test_every_message_is_one_of_the_contract(sample: Sample) -> None:
    now = datetime.now(UTC)
    for type_, data in sample.setup:
        assert sending.message(type_, sample.business, data).ignored == ()
    for happening in islice(happenings(sample, 1), MANY):
        if happening.raw is None:
            assert sending.message(happening.type, sample.business, happening.data_at(now)).ignored == ()


def test_a_booking_ends_soon() -> None:
    now = datetime(2024, 5, 6, 10, tzinfo=UTC)
    booked = next(h for h in happenings(SALON, 1) if h.type == "booking.scheduled")
    data = booked.data_at(now)
    assert data["client_id"] == FIRST_CLIENT
    assert now < datetime.fromisoformat(data["ends_at"]) <= now + timedelta(seconds=10)
    assert data["starts_at"] < data["ends_at"]


def test_the_salon_sees_everything_that_makes_or_unmakes_a_customer() -> None:
    types = Counter(happening.type for happening in islice(happenings(SALON, 1), MANY))
    wanted = {
        "client.created", "client.messaged", "booking.scheduled", "booking.cancelled", "booking.no_show",
        "invoice.issued", "payment.received", "payment.recorded", "payment.refunded", "tags.add", "status.set",
        "campaign.delivered", "campaign.clicked", "clients.merge", "automation.set",
    }  # fmt: skip
    assert set(types) == wanted
    assert max(types, key=types.get) in {"client.created", "booking.scheduled"}


def test_one_record_is_broken_and_only_one() -> None:
    broken = [h for sample in SAMPLES for h in islice(happenings(sample, 1), MANY) if h.raw is not None]
    assert len(broken) == 1
    with pytest.raises(Unusable) as refused:
        DECODERS[TOPIC_OF_TYPE[broken[0].type]].decode(broken[0].raw, (), clock.now() + MAX_AHEAD)
    assert refused.value.code == "not_json"
    assert broken[0].at < 60, "it is seen within the first minute"


def test_the_consultancy_has_ways_of_its_own() -> None:
    settings = dict(CONSULTANCY.setup)
    assert set(settings) <= set(INPUT_TYPES)
    assert settings["automation.set"]["completion"] == "explicit"
    with pytest.raises(SettingError):
        sending.message("status.define", CONSULTANCY.business, {"code": "not a code!"})


def test_the_salon_tells_a_story_in_two_minutes() -> None:
    told = [happening for happening in islice(happenings(SALON, 1), MANY) if happening.said]
    assert [happening.type for happening in told] == [
        "campaign.delivered", "campaign.clicked", "client.created", "clients.merge", "automation.set", "automation.set",
    ]  # fmt: skip
    assert told[-1].at < 120
    off, on = told[-2:]
    assert not off.data["enabled"]
    assert on.data == {"enabled": True, "catch_up": True}
    payments = [h for h in islice(happenings(SALON, 1), MANY) if off.at < h.at < on.at and h.type == "invoice.issued"]
    assert payments, "something happens for it to catch up with"
