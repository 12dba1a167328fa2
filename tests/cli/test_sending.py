"""``send`` and ``automation``, with a worker and without."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.program import at
from tests.kit.bus import Bus
from tests.kit.place import Place, WorkerProcess
from topics.outputs import CONTENT_TYPE
from worker.transport.partitions import partition_of

CREATED = ("send", "client.created", "--business", "salon")


def test_a_message_goes_under_its_key_to_its_partition(place: Place, bus: Bus) -> None:
    data = {"client_id": "c1", "name": "Zoë"}
    sent = at(place, *CREATED, "--data", json.dumps(data), "--source", "shop", "--time", "2026-01-31T10:00:00+01:00")
    assert (sent.code, sent.err) == (0, "")
    got = bus.wait_for("clients", bool)
    assert (got.key, got.partition) == (b"salon", partition_of(b"salon", place.partitions))
    assert got.json == {
        "specversion": "1.0", "id": sent.out.strip(), "source": "shop", "type": "client.created",
        "time": "2026-01-31T10:00:00+01:00", "businessid": "salon", "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    assert got.headers == (("content-type", CONTENT_TYPE),)


def test_data_from_standard_input_and_an_id_of_ones_own(place: Place, bus: Bus) -> None:
    sent = at(place, *CREATED, "--data", "-", "--id", "mine", stdin='{"client_id": "c1", "nmae": "x"}')
    assert (sent.code, sent.out) == (0, "mine\n")
    assert sent.err == "Note: client.created has no field 'nmae'; it will be ignored.\n"
    assert bus.wait_for("clients", bool).json["id"] == "mine"


def test_a_topic_that_is_missing_is_told(place: Place) -> None:
    place.prefix = "nothing-here."
    sent = at(place, *CREATED, "--data", '{"client_id":"c1"}')
    assert sent.code == 78
    assert "the topic nothing-here.clients is missing: run client-status topics create" in sent.err


def test_without_a_worker_waiting_ends_with_1(place: Place) -> None:
    command = ("send", "tag.delete", "--business", "salon", "--data", '{"tag":"x"}', "--wait", "--timeout", "1")
    sent = at(place, *command, "--id", "t1")
    assert (sent.code, sent.out) == (1, "")
    assert "timed out: no answer to t1 within 1 s" in sent.err
    assert at(place, "automation", "on", "--business", "salon", "--timeout", "1").code == 1


def test_the_answer_is_printed(place: Place, worker: WorkerProcess) -> None:
    tag = ("send", "tags.add", "--business", "salon", "--wait", "--data")
    applied = at(place, *tag, '{"client_ids":["c1"],"tags":["new"]}', "--id", "a1")
    assert applied.code == 0
    assert applied.json["type"] == "command.applied"
    assert (applied.json["data"]["command_id"], applied.json["data"]["applied"]) == ("a1", ["c1"])
    again = at(place, *tag, '{"client_ids":["c1"],"tags":["new"]}', "--id", "a1")
    assert again.json["id"] == applied.json["id"], "the same message gets the same answer (C6)"


def test_a_refusal_ends_with_1_and_says_why(place: Place, worker: WorkerProcess) -> None:
    data = '{"client_ids":["c1"],"status":"gold"}'
    refused = at(place, "send", "status.set", "--business", "salon", "--wait", "--data", data)
    assert refused.code == 1
    assert refused.json["type"] == "command.rejected"
    assert "(unknown_status)" in refused.err


def test_automation_in_words(place: Place, worker: WorkerProcess) -> None:
    def automation(*arguments: str) -> Any:
        return at(place, "automation", arguments[0], "--business", "salon", *arguments[1:])

    before = automation("show")
    assert before.code == 0
    assert "no client and no settings yet" in before.out
    assert automation("show", "--json").out == "null\n"
    off = automation("off", "--actor", "Ann")
    assert (off.code, off.out) == (0, "Done: the settings of salon are at revision 1.\n")
    changed = automation("set", "--trigger", "message_received=on", "--trigger", "payment_made=off",
                         "--completion", "explicit", "--require-end-reason", "on", "--locale", "nl")  # fmt: skip
    assert changed.code == 0, changed.err
    shown = automation("show").out
    assert "salon: settings revision 2" in shown
    for line in (
        "automation          off",
        "message_received  on: ",
        "payment_made      off: ",
        "completion          explicit",
        "require end reason  on",
        "locale              nl",
        "status customer     Klant: 0 clients, converted",
    ):
        assert line in shown
    assert automation("on", "--catch-up").code == 0
    assert automation("set", "--inactive-after-days", "30").code == 0
    assert "inactive after      30 days" in automation("show").out
    assert automation("set", "--inactive-after-days", "never").code == 0, "as it is shown, it is taken"
    assert "inactive after      never" in automation("show").out
    record = json.loads(automation("show", "--json").out)
    assert (record["revision"], record["automation"]["enabled"]) == (5, True)


def test_the_last_trigger_stays_on(place: Place, worker: WorkerProcess) -> None:
    triggers = [f"--trigger={name}=off" for name in ("booking_attended", "invoice_issued", "payment_made")]
    refused = at(place, "automation", "set", "--business", "salon", *triggers)
    assert (refused.code, refused.out) == (1, "")
    assert "(no_trigger_enabled)" in refused.err


@pytest.mark.apache
def test_the_settings_are_found_among_many_records(apache: Any, new_place: Callable[..., Place]) -> None:
    place = new_place(apache, "settings", partitions=1)
    worker = place.worker()
    try:
        for business in ("a", "b", "c", "a"):
            assert at(place, "automation", "off", "--business", business).code == 0
        assert "a: settings revision 2" in at(place, "automation", "show", "--business", "a").out
        assert "c: settings revision 1" in at(place, "automation", "show", "--business", "c").out
        assert "no settings yet" in at(place, "automation", "show", "--business", "d").out
    finally:
        worker.stop()
