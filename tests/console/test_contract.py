"""The console against its own OpenAPI document, over HTTP: no error of its own, and every answer as it is written."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.brokers.embedded import EmbeddedKafka
from tests.console.filled import filled
from tests.console.who import bearer
from tests.kit.place import Place
from worker.console.app import routes
from worker.console.openapi import document
from worker.embedded.valkey import EmbeddedValkey

EXAMPLES = 15
"""Of each kind and route; as many requests a second as a token may make would be more."""
ENDLESS = "/changes"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
IDS = {
    "business": ["salon", "salon", "salon", "never-heard-of"],
    "client_id": ["c1", "c2", "gone", "nobody"],
    "audience_id": ["regulars", "none"],
    "command_id": ["m1", "m2", "m3"],
}
FILTERS = [
    '{"field": "status", "op": "eq", "value": "lead"}', '{"any": []}', "{}", "[", '{"field": "name", "op": "lt"}',
    '{"all": [{"field": "tags", "op": "has_any", "value": ["gold"]}, {"not": {"field": "email", "op": "exists"}}]}',
]  # fmt: skip
DOCUMENT = document(routes())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def console(
    embedded: EmbeddedKafka,
    valkey: EmbeddedValkey,
    new_place: Callable[..., Place],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a console."""
    with filled(new_place(embedded, "contract"), valkey, tmp_path_factory.mktemp("contract")) as program:
        yield f"http://127.0.0.1:{program.port}"


def strategy(operation: Any, mode: GenerationMode) -> Any:
    """Requests as the document allows them, or as it does not; about something that is there, as a rule."""

    def about_something(drawn: tuple[Any, dict[str, str], str]) -> Any:
        case, ids, filter_ = drawn
        for name in case.path_parameters or {}:
            case.path_parameters[name] = ids.get(name, case.path_parameters[name])
        if "filter" in (case.query or {}):
            case.query["filter"] = filter_
        if isinstance((case.query or {}).get("wait"), int | float):
            case.query["wait"] = min(case.query["wait"], 0.05)
        if isinstance(case.body, dict) and isinstance(case.body.get("wait"), int | float):
            case.body["wait"] = min(case.body["wait"], 0.05)
        return case

    ids = st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in IDS.items()})
    requests = operation.as_strategy(generation_mode=mode)
    return st.tuples(requests, ids, st.sampled_from(FILTERS)).map(about_something)


@pytest.mark.embedded
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not-allowed"])
@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if not o.path.endswith(ENDLESS)], ids=lambda o: f"{o.method} {o.path}"
)
def test_every_answer_is_as_the_document_says(console: str, operation: Any, mode: GenerationMode) -> None:
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
        return  # nothing can be wrong with it

    @given(case=strategy(operation, mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        answer = case.call(base_url=console, headers=bearer("alma"), allow_redirects=False, timeout=20)
        if answer.status_code == 429:
            pytest.fail("the test asks more than a token may")
        case.validate_response(answer, checks=CHECKS)

    check()


@pytest.mark.embedded
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
@pytest.mark.parametrize(("who", "status"), [(None, 401), ("otto", 403)])
def test_every_refusal_is_as_the_document_says(console: str, operation: Any, who: str | None, status: int) -> None:
    case = operation.Case(
        path_parameters={name: some[0] for name, some in IDS.items() if f"{{{name}}}" in operation.path},
        body={"type": "clients.reevaluate", "data": {}},
        media_type="application/json",
    )
    if status == 403 and "{business}" not in operation.path:
        return
    answer = case.call(base_url=console, headers=bearer(who) if who else {}, timeout=20)
    assert answer.status_code == status
    case.validate_response(answer, checks=CHECKS)
