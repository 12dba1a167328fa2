"""The alerts and queries that are offered for Prometheus ask for metrics and labels that there are."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from tests.docs.pages import ROOT, page
from topics.dead_letters import CODES
from worker.observability.metrics import ConsoleMetrics, Metrics, ProjectorMetrics

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
OFFERED_BY_PROMETHEUS = {"up": {"job", "instance"}}
_SELECTOR = re.compile(r"\b((?:client_status|process|python)_\w+|up)\b(?:\{([^}]*)\})?")


def there_are() -> dict[str, set[str]]:
    """Every series by its name, with its labels."""
    found = dict(OFFERED_BY_PROMETHEUS)
    for programs in (Metrics, ProjectorMetrics, ConsoleMetrics):
        metrics = programs()
        for family in metrics.registry.collect():
            for sample in family.samples:
                found.setdefault(sample.name, set()).update({*sample.labels, "job", "instance"})
        for metric in vars(metrics).values():
            if isinstance(metric, Counter | Gauge | Histogram):
                labels = {*metric._labelnames, "job", "instance"}
                ends = {Counter: ["_total"], Gauge: [""], Histogram: ["_bucket", "_sum", "_count"]}[type(metric)]
                found |= {metric._name + end: labels | ({"le"} if end == "_bucket" else set()) for end in ends}
    return found


def asked_for(text: str) -> Iterator[tuple[str, set[str]]]:
    for name, labels in _SELECTOR.findall(text):
        yield name, set(re.findall(r"(\w+)\s*[=!]", labels))


def rules() -> list[Any]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_it_means(rule: Any) -> None:
    series = list(asked_for(rule["expr"]))
    assert series
    for name, labels in series:
        assert name in there_are()
        assert labels <= there_are()[name]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["description"]


def test_every_alert_has_a_name_of_its_own() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)


def test_what_the_page_for_operators_names_is_there() -> None:
    named = set(re.findall(r"client_status_\w+", page("docs/operating.md")))
    families = {name.removesuffix("_bucket") for name in there_are()}
    assert named <= families | there_are().keys()


def test_the_first_dead_letter_of_a_kind_is_an_increase() -> None:
    """Prometheus sees no increase in a series that begins with one."""
    value = Metrics().registry.get_sample_value
    assert {value("client_status_dead_letters_total", {"code": code}) for code in CODES} == {0.0}
    assert value("client_status_transactions_total", {"outcome": "committed"}) == 0.0
