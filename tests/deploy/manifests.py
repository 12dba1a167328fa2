"""What the deployment files say, read the way Docker Compose and Kubernetes read them, for these tests."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from worker.config import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
KUBERNETES = ROOT / "deploy" / "kubernetes"
SETTINGS = {field.name.upper() for field in msgspec.structs.fields(Settings)}
OURS = "client-status"
"""The image of this project, without its tag."""


class Started(NamedTuple):
    """One container of ours: where it is written down, its arguments, the names of its settings."""

    where: str
    arguments: Sequence[str]
    settings: dict[str, Any]


def compose() -> dict[str, Any]:
    """docker-compose.yml, with its anchors and merge keys resolved."""
    return yaml.safe_load(COMPOSE.read_text())


def documents() -> list[tuple[str, dict[str, Any]]]:
    """Every Kubernetes resource with the file it is in."""
    files = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
    return [(path.name, document) for path in files for document in yaml.safe_load_all(path.read_text())]


def one(kind: str, name: str) -> dict[str, Any]:
    """The Kubernetes resource of this kind and name."""
    (found,) = [d for _, d in documents() if d["kind"] == kind and d["metadata"]["name"] == name]
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The pod template of every workload, with the workload's name."""
    for _, document in documents():
        if document["kind"] in {"StatefulSet", "Deployment", "Job"}:
            yield f"{document['kind']} {document['metadata']['name']}", document["spec"]["template"]


def started() -> list[Started]:
    """Every container of ours in any of the files."""
    found = []
    for name, service in compose()["services"].items():
        if service["image"].split(":")[0] == OURS:
            found.append(Started(f"compose service {name}", service["command"], service["environment"]))
    for where, pod in pods():
        for container in pod["spec"]["containers"]:
            environment = {entry["name"]: entry.get("value", entry) for entry in container.get("env", ())}
            for source in container["envFrom"]:
                ((kind, reference),) = source.items()
                resource = one("ConfigMap" if kind == "configMapRef" else "Secret", reference["name"])
                environment |= resource.get("data") or resource["stringData"]
            found.append(Started(where, container["args"], environment))
    return found


@cache
def command_line(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What ``client-status ARGUMENTS`` says."""
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
