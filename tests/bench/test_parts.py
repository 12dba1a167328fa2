"""What `make bench` is made of works, without measuring anything: seconds, and no broker."""

import random
from collections import Counter

import orjson
import pytest

from bench import engine, profiling, report, restore, workload
from bench.definitions import Cost
from bench.finding import Finding, Waited
from bench.latency import Latency
from bench.projection import Projection
from bench.questions import questions
from bench.restore import Restore
from bench.sweep import Sweep
from bench.throughput import Run
from tests.kit.place import Place
from topics.registry import INPUTS, STATE_TOPICS, TOPIC_OF_TYPE
from worker.pipeline.desk import Limits
from worker.pipeline.process import TaskEngine
from worker.pipeline.task import stored_progress
from worker.transport.partitions import partition_of

EVENTS = 2_000


def results(**changed):
    found = report.Results(
        cores=2,
        kafka="4.1.0",
        quick=True,
        load=(0.5, 0.6),
        engine=engine.Speed(EVENTS, 0.1, 200, 2000.0, 500),
        worker=[Run(EVENTS, 1.0, 0.9, 200 << 20), Run(EVENTS, 0.5, 0.4, 200 << 20), Run(EVENTS, 0.8, 0.7, 200 << 20)],
        faust=[Run(EVENTS, 10.0, 9.0, 80 << 20)],
        shares=profiling.shares(["a (topics/envelope.py:1) 3", "b (elsewhere.py:2) 1"]),
        defined=Cost(*([Run(EVENTS, seconds, 0.9, 200 << 20)] for seconds in (1.0, 1.6, 2.5))),
        defined_known=Cost(*([Run(EVENTS, seconds, 0.9, 200 << 20)] for seconds in (1.0, 1.4, 1.9))),
        latencies=[Latency(4, 100, 0, 20.0, 30.0, 50.0, 0.3), Latency(64, 100, 2, 40.0, 60.0, 90.0, 0.5)],
        restore=Restore(1_000_000, 1500.0, 7.0, 8.0, 6.0, 2400.0),
        sweep=Sweep(1_000_000, 1_000_000, 80.0, Latency(4, 100, 0, 60.0, 100.0, 200.0, 0.9)),
        projection=Projection(1_000_000, 70.0, 60.0, 1200.0),
        finding=Finding(1_000_000, 100_000, 3.0, 450.0, 6.0, [Waited("all together", 900, 8.0, 24.0, 40.0)]),
    )
    return found._replace(**changed)


def test_every_type_of_the_workload_goes_to_its_topic_and_is_accepted_by_the_engine():
    events = list(workload.mixed(EVENTS, EVENTS // 10))
    assert {e.type for e in events} == set(workload._MIX)
    assert all(TOPIC_OF_TYPE[e.type] == e.topic for e in events)
    speed, engines = engine.run(events, 4)  # raises when a record is dead-lettered
    assert speed.events == EVENTS
    assert speed.cards == len({(e.business, e.client) for e in events})
    assert sum(one.timers for one in engines) > 0


def test_the_same_seed_makes_the_same_events_but_for_their_times():
    first, second = ([e[:5] for e in workload.mixed(100, 10)] for _ in range(2))
    assert first == second
    assert first != [e[:5] for e in workload.mixed(100, 10, seed=1)]


def test_batches_follow_each_other_without_a_gap():
    ends = {}
    for one in engine.batches(list(workload.mixed(engine.TRANSACTION + 100, 100)), 4):
        for batch in one:
            assert batch.start == ends.get((batch.topic, batch.partition), 0)
            ends[batch.topic, batch.partition] = batch.end
    assert sum(ends.values()) == engine.TRANSACTION + 100


def test_a_changelog_for_the_restore_is_one_that_an_engine_takes_and_goes_on_from(tmp_path):
    cards = 400
    place = Place(None, "here", tmp_path, restore.PARTITIONS)
    records, size = restore.changelog(place, cards)
    engines = [TaskEngine(p, restore.PARTITIONS, Limits()) for p in range(restore.PARTITIONS)]
    for tp, items in records.items():
        topic = tp.topic.removeprefix(place.prefix)
        assert topic in STATE_TOPICS
        raw = [engine.Raw(n, None, item.key, item.value) for n, item in enumerate(items)]
        engines[tp.partition].restore(topic, raw)
        for item in items:
            if not item.key.startswith(b"\0"):
                business = item.key.partition(b"/")[0]
                assert partition_of(business, restore.PARTITIONS) == tp.partition
                assert orjson.loads(item.value)["businessid"] == business.decode()
    for one in engines:
        one.restored()
        assert stored_progress(one).offsets == {topic.name: 0 for topic in INPUTS}
    assert sum(one.cards for one in engines) == pytest.approx(cards, rel=0.1)
    assert size > 100


def test_a_sample_counts_for_its_innermost_known_frame():
    run = "run (asyncio/runners.py:190);_run (worker/pipeline/tables.py:220)"
    assert profiling.share_of(f"{run};process (worker/pipeline/process.py:1);decode (topics/envelope.py:9)") == "decode"
    assert (
        profiling.share_of(f"{run};process (worker/pipeline/process.py:1);convert (worker/domain/conversion.py:9)")
        == "domain"
    )
    assert profiling.share_of(f"{run};publish (worker/pipeline/commit.py:80)") == "commit"
    assert profiling.share_of(f"{run};_sender (aiokafka/producer/sender.py:80);write (asyncio/streams.py:1)") == "send"
    assert profiling.share_of("main (elsewhere.py:1)") == "other"


def test_the_shares_of_a_profile_add_up_to_one():
    shares = profiling.shares(["a (topics/envelope.py:1) 3", "b (elsewhere.py:2) 1"])
    assert set(shares) == set(profiling.SHARES)
    assert sum(shares.values()) == 1
    assert Counter(shares)["decode"] == 0.75


def test_threads_that_wait_are_not_counted():
    waits = [
        "select (x.py:1);EpollSelector.select (selectors.py:468) 9",
        "Watchdog.run (worker/transport/watchdog.py:5) 9",
    ]
    assert profiling.shares([*waits, "convert (worker/domain/conversion.py:9) 1"])["domain"] == 1


def test_the_page_says_which_goals_are_met_and_which_are_not():
    page = report.page(results())
    assert (
        "Goal: 60,000 events/s, or 15 times stock Faust. **Not met** in this run: 2,500 events/s and 12.5 times."
        in page
    )
    assert "| the worker | 3 | 2,000 | 2,500 (2,000 to 4,000) |" in page
    assert "p99 under 100 ms with 4 partitions. **Met**" in page
    assert (
        "p99 under 250 ms with 64 partitions. **Not met** in this run: p99 90 ms, and 2 changes were not read in time."
        in page
    )
    assert "more than 0.5 of the throughput without. **Met** in this run: 0.62." in page
    assert "more than 0.5 of the throughput without at worst. **Not met** in this run: 0.40." in page
    assert "more than 0.5 of the throughput without at worst. **Met** in this run: 0.53." in page
    assert "in less than 8.0 s. **Met** in this run: 7.0 s." in page
    assert "less than 2,000 bytes a client. **Not met** in this run: 2,400." in page
    assert "clients. **Met** in this run: p95 24 ms with 100,000." in page
    assert "| all together | 900 | 8 | 24 | 40 |" in page
    assert "not idle" not in page


def test_every_kind_of_question_can_be_asked_again_and_again():
    dice = random.Random(1)
    first = questions(dice, 1_000)
    assert all(questions(dice, 1_000).keys() == first.keys() for _ in range(100))


def test_the_page_says_that_the_machine_was_busy_and_that_nothing_was_sampled():
    page = report.page(results(load=(1.0, 5.5), shares=None))
    assert "**The machine was not idle**" in page
    assert "could not be sampled" in page


def test_one_event_has_the_type_that_is_asked_for():
    rnd = random.Random(1)
    one = next(workload.mixed(1, 1))
    again = workload.event(rnd, 5, 7, workload.datetime.now(workload.UTC), "payment.received")
    assert (again.topic, again.client, again.id) == ("payments", "client-000007", "ev-00000005")
    assert orjson.loads(again.value)["businessid"] == again.business
    assert one.business.startswith(restore.FIRST.decode())
