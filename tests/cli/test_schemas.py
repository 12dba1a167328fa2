"""``schemas``: what it writes describes what the program takes and writes, and refers to what is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from topics.envelope import EVENT_OF_TYPE
from topics.registry import DEAD_LETTERS, OUTPUTS, PROFILES, SETTINGS, TOPICS
from worker.cli.app import main
from worker.domain import business_record
from worker.domain.business import Business

EVENT = {"specversion": "1.0", "id": "e1", "source": "s", "time": "2026-01-31T10:00:00Z", "businessid": "salon"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("schemas") / "new" / "here"
    assert main(["schemas", str(directory)]) == 0
    return directory


def schema(written: Path, name: str) -> dict[str, Any]:
    return json.loads((written / "json-schema" / f"{name}.json").read_text())


def check(written: Path, name: str, value: object) -> None:
    Draft202012Validator(schema(written, name)).validate(value)


def test_there_is_a_valid_schema_of_every_message_and_record(written: Path) -> None:
    outputs = {type_ for topic in OUTPUTS for type_ in topic.types}
    names = {path.stem for path in (written / "json-schema").iterdir()}
    assert names == set(EVENT_OF_TYPE) | outputs | {PROFILES, SETTINGS}
    for name in names:
        Draft202012Validator.check_schema(schema(written, name))


def test_patterns_are_regular_expressions_of_every_language(written: Path) -> None:
    for path in (written / "json-schema").iterdir():
        assert not re.search(r"\\\\[AZ]", path.read_text()), path.name


def test_an_input_is_judged_as_the_worker_does(written: Path) -> None:
    data = {"client_id": "c1", "payment_id": "p1", "amount": "12.50", "currency": "EUR", "more": 1}
    check(written, "payment.received", {**EVENT, "type": "payment.received", "data": data})
    for wrong in (
        {"type": "payment.recorded"},
        {"businessid": "a b"},
        {"id": ""},
        {"data": {**data, "amount": "12.50000"}},
        {"data": {**data, "currency": "euro"}},
        {"data": {"client_id": "c1"}},
    ):
        with pytest.raises(ValidationError):
            check(written, "payment.received", {**EVENT, "type": "payment.received", "data": data, **wrong})


def test_an_output_is_described(written: Path) -> None:
    answer = {
        "command_id": "x", "command_source": "s", "command_type": "tags.add", "dry_run": False, "applied": ["c1"],
        "unchanged": [], "errors": [{"code": "unknown_client", "message": "no"}], "revision": 3,
    }  # fmt: skip
    event = {**EVENT, "type": "command.applied", "datacontenttype": "application/json", "data": answer}
    check(written, "command.applied", event)
    with pytest.raises(ValidationError):
        check(written, "command.rejected", event)
    with pytest.raises(ValidationError):
        check(written, "command.applied", {**event, "data": {**answer, "errors": ["no"]}})


def test_records_are_described_without_the_workers_own_part(written: Path) -> None:
    record = json.loads(business_record.encode(Business("salon")))
    check(written, SETTINGS, record)
    check(written, PROFILES, {"v": 1, "businessid": "salon", "client_id": "c2", "merged_into": "c1"})
    with pytest.raises(ValidationError):
        check(written, SETTINGS, {**record, "revision": "1"})
    assert "state" in schema(written, SETTINGS)["properties"]
    assert set(schema(written, SETTINGS)["properties"]["state"]) == {"description"}


def test_the_asyncapi_document_has_every_topic_and_its_references_lead_somewhere(written: Path) -> None:
    document = json.loads((written / "asyncapi.json").read_text())
    assert document["asyncapi"] == "3.0.0"
    assert list(document["channels"]) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        channel = document["channels"][topic.name]
        assert channel["address"] == topic.name
        assert list(channel["messages"]) == (list(topic.types) or [topic.name])
        assert channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] == [topic.cleanup]
    actions = {
        operation["channel"]["$ref"].split("/")[-1]: operation["action"]
        for operation in document["operations"].values()
    }
    assert actions == {topic.name: "receive" if topic.direction == "in" else "send" for topic in TOPICS}
    references = set(re.findall(r'"\$ref": ?"([^"]+)"', (written / "asyncapi.json").read_text()))
    for reference in references:
        if reference.startswith("#/"):
            part: Any = document
            for name in reference[2:].split("/"):
                part = part[name]
        else:
            assert (written / reference).is_file(), reference
    described = {name for name in document["components"]["messages"] if name != DEAD_LETTERS}
    assert {Path(r).stem for r in references if not r.startswith("#/")} == described


def test_writing_again_replaces(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (written / "asyncapi.json").write_text("old")
    assert main(["schemas", str(written)]) == 0
    assert json.loads((written / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert capsys.readouterr().out.split() == [str(written / "asyncapi.json"), str(written / "openapi.json")]


def test_the_openapi_document_has_the_routes_of_the_console(written: Path) -> None:
    document = json.loads((written / "openapi.json").read_text())
    assert document["openapi"].startswith("3.1")
    assert "post" in document["paths"]["/api/v1/businesses/{business}/commands"]
