"""The Kubernetes manifests: valid for the versions in use, and what they promise holds."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import KUBERNETES, OURS, documents, one, pods
from worker.config import Settings
from worker.console.tokens import read

VERSIONS = ["1.28", "1.31", "1.34"]
"""The label with a pod's ordinal came with 1.28; the others are what clusters run."""
ORDERLY_STOP_SECONDS = 30
WRITABLE = "/tmp"  # noqa: S108 - a path in a container, not one that this test writes to
DOCUMENTS = pytest.mark.parametrize(
    "document",
    [d for _, d in documents()],
    ids=[f"{file}:{d['kind']}/{d['metadata']['name']}" for file, d in documents()],
)
PODS = pytest.mark.parametrize("pod", [pod for _, pod in pods()], ids=[where for where, _ in pods()])


@DOCUMENTS
@pytest.mark.parametrize("version", VERSIONS)
def test_it_fits_the_schema_of_kubernetes(document: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_the_check_finds_what_is_wrong() -> None:
    worker = one("StatefulSet", "client-status-worker")
    worker["spec"]["replicaz"] = worker["spec"].pop("replicas")
    with pytest.raises(kubernetes_validate.ValidationError, match="replicaz"):
        kubernetes_validate.validate(worker, VERSIONS[0], strict=True)


@DOCUMENTS
def test_everything_is_in_the_one_namespace(document: dict[str, Any]) -> None:
    expected = None if document["kind"] == "Namespace" else "client-status"
    assert document["metadata"].get("namespace") == expected


def test_the_kustomization_has_every_file() -> None:
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    assert sorted([*kustomization["resources"], "kustomization.yaml"]) == sorted(
        path.name for path in KUBERNETES.glob("*.yaml")
    )
    assert [image["name"] for image in kustomization["images"]] == [OURS]


def test_a_worker_gets_the_time_that_its_longest_transaction_takes() -> None:
    pod = one("StatefulSet", "client-status-worker")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > Settings().transaction_timeout + ORDERLY_STOP_SECONDS


def test_the_liveness_probe_is_slower_than_the_watchdog() -> None:
    (container,) = one("StatefulSet", "client-status-worker")["spec"]["template"]["spec"]["containers"]
    probe = container["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > Settings().watchdog_seconds


def test_slots_come_from_the_ordinal() -> None:
    (container,) = one("StatefulSet", "client-status-worker")["spec"]["template"]["spec"]["containers"]
    (slot,) = [entry for entry in container["env"] if entry["name"] == "WORKER_SLOT"]
    assert slot["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['apps.kubernetes.io/pod-index']"


def test_at_most_one_worker_is_taken_away_at_a_time() -> None:
    budget = one("PodDisruptionBudget", "client-status-worker")["spec"]
    worker = one("StatefulSet", "client-status-worker")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == worker["selector"]
    assert worker["selector"]["matchLabels"] == worker["template"]["metadata"]["labels"]
    assert one("Service", worker["serviceName"])["spec"]["selector"] == worker["selector"]["matchLabels"]


@PODS
def test_pods_have_no_more_rights_than_they_need(pod: dict[str, Any]) -> None:
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        assert container["image"] == OURS  # kustomization.yaml gives the version
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"name": "tmp", "mountPath": WRITABLE} in container["volumeMounts"]


@PODS
def test_what_is_mounted_exists(pod: dict[str, Any]) -> None:
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    for container in pod["spec"]["containers"]:
        for mount in container["volumeMounts"]:
            volume = volumes[mount["name"]]
            if "secret" in volume:
                assert one("Secret", volume["secret"]["secretName"])["stringData"]
            else:
                assert "emptyDir" in volume or one("ConfigMap", volume["configMap"]["name"])["data"]


def test_the_certificate_authority_is_where_the_setting_says() -> None:
    path = one("ConfigMap", "client-status-settings")["data"]["KAFKA_SSL_CAFILE"]
    folder, _, name = path.rpartition("/")
    assert name in one("ConfigMap", "client-status-kafka-ca")["data"]
    for _, pod in pods():
        for container in pod["spec"]["containers"]:
            assert folder in {mount["mountPath"] for mount in container["volumeMounts"]}


SERVED = [("StatefulSet", "worker"), ("Deployment", "projector"), ("Deployment", "console")]


@pytest.mark.parametrize(("kind", "name"), SERVED)
def test_probes_ask_for_pages_and_ports_that_are_served(kind: str, name: str) -> None:
    (container,) = one(kind, f"client-status-{name}")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": Settings().http_port}
    for probe, path in {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}


@pytest.mark.parametrize("name", ["projector", "console"])
def test_the_read_model_is_found_and_pods_are_selected(name: str) -> None:
    deployment = one("Deployment", f"client-status-{name}")["spec"]
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]
    (container,) = deployment["template"]["spec"]["containers"]
    assert {"secretRef": {"name": "client-status-redis"}} in container["envFrom"]


def test_the_console_is_reached_and_finds_its_tokens(tmp_path: Path) -> None:
    pod = one("Deployment", "client-status-console")["spec"]["template"]
    assert one("Service", "client-status-console")["spec"]["selector"] == pod["metadata"]["labels"]
    assert (
        one("PodDisruptionBudget", "client-status-console")["spec"]["selector"]["matchLabels"]
        == pod["metadata"]["labels"]
    )
    (container,) = pod["spec"]["containers"]
    (entry,) = container["env"]
    folder, _, name = entry["value"].rpartition("/")
    assert folder in {mount["mountPath"] for mount in container["volumeMounts"]}
    (tmp_path / name).write_text(one("Secret", "client-status-console-tokens")["stringData"][name])
    assert read(tmp_path / name) == []
