"""Writes the parts of the documentation that the code knows best, between their markers: ``make docs``.

A part begins with ``<!-- rendered: NAME -->`` and ends with ``<!-- end -->``. A test fails when one is out of date.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml
from prometheus_client import Counter, Gauge, Histogram

from topics.causes import Cause
from topics.commands import Command
from topics.fields import Message
from topics.registry import COMMAND_TOPICS, INPUTS, OUTPUTS, TOPICS, Topic
from worker.config import SETTINGS
from worker.domain.card import STORED, Card
from worker.observability.metrics import ConsoleMetrics, Metrics, ProjectorMetrics
from worker.spreadsheets.cards import COLUMNS

ROOT: Final = Path(__file__).parents[1]
ALERTS: Final = ROOT / "deploy" / "prometheus" / "alerts.yml"
PAGES: Final = ("docs/contract.md", "docs/design.md", "docs/operating.md")
_PART: Final = re.compile(r"(<!-- rendered: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_PLAIN: Final = {str: "text", bool: "bool", int: "int", float: "number", datetime: "moment", date: "date", Any: "any"}
_UNSAID: Final = frozenset({"text", "moment"})
"""Kinds that a field's name tells; they are not written out."""


# -- the notation of the data of a message ----------------------------------------------------------------------------


def kind(annotation: Any) -> str:
    """A type in the notation of the contract: ``"in"|"out"``, ``[text]``, ``{text: int}``."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(arguments[0]) + _bounds(arguments[1:])
    if origin is Literal:
        return "|".join(f'"{choice}"' for choice in arguments)
    if origin in (Union, UnionType):
        kinds = [kind(a) for a in arguments if a not in (type(None), msgspec.UnsetType)]
        return "|".join(dict.fromkeys(k for k in kinds if not (k == "int" and "number" in kinds)))
    if origin is list:
        return f"[{kind(arguments[0])}]"
    if origin is dict and arguments[1] is Any:
        return "{...}"
    if origin is dict:
        return "{" + f"{kind(arguments[0])}: {kind(arguments[1])}" + "}"
    if annotation is Cause:
        return "text"  # the page has it once, not with every event
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return "{" + ", ".join(fields(annotation)) + "}"
    return _PLAIN[annotation]


def _bounds(metas: tuple[Any, ...]) -> str:
    for meta in metas:
        low, high = (meta.ge, meta.le) if meta.ge is not None else (meta.min_length, meta.max_length)
        if low is not None and high is not None:
            return f" {low}..{high}"
    return ""


def fields(message: type[msgspec.Struct], leave_out: frozenset[str] = frozenset()) -> Iterator[str]:
    """The fields of a message: ``name``, ``name: kind``, with ``?`` when it may be missing."""
    hints = {**get_type_hints(message, include_extras=True), **STORED}
    for field in msgspec.structs.fields(message):
        if field.encode_name in leave_out:
            continue
        annotation = hints[field.name]
        said = kind(annotation)
        unset = msgspec.UnsetType in get_args(annotation)
        may_miss = unset or (not field.required and (issubclass(message, Message) or omits_defaults(message)))
        null = type(None) in get_args(annotation) and (unset or field.required)
        text = said + ("|null" if null else "")
        yield field.encode_name + ("?" if may_miss else "") + (f": {text}" if text not in _UNSAID else "")


def omits_defaults(message: type[msgspec.Struct]) -> bool:
    """Are fields that have their default left out on the wire?"""
    return message.__struct_config__.omit_defaults


def _types(topics: tuple[Topic, ...], leave_out: frozenset[str] = frozenset()) -> Iterator[str]:
    for topic in topics:
        if not topic.types:
            continue
        yield f"**`{topic.name}`**\n"
        for type_, message in topic.types.items():
            hidden = leave_out | (frozenset({"dry_run", "actor"}) if issubclass(message, Command) else frozenset())
            yield f"- `{type_}` `{{{', '.join(fields(message, hidden))}}}`"
        yield ""


# -- the parts --------------------------------------------------------------------------------------------------------


def topics() -> Iterator[str]:
    """Every topic."""
    yield "| topic | direction | cleanup | what |"
    yield "|---|---|---|---|"
    for topic in TOPICS:
        yield f"| `{topic.name}` | {topic.direction} | {topic.cleanup} | {topic.about} |"


def inputs() -> Iterator[str]:
    """Every type that the worker reads, but commands and control messages."""
    return _types(tuple(t for t in INPUTS if t.name not in COMMAND_TOPICS))


def commands() -> Iterator[str]:
    """Every command and control message."""
    return _types(tuple(t for t in INPUTS if t.name in COMMAND_TOPICS))


def cause() -> Iterator[str]:
    """Why something changed."""
    yield f"`cause` `{{{', '.join(fields(Cause))}}}`"


def outputs() -> Iterator[str]:
    """Every type that the worker writes."""
    return _types(OUTPUTS)


def profile() -> Iterator[str]:
    """The public part of a client's card."""
    yield f"`{{{', '.join(fields(Card, frozenset({'state'})))}}}`"


def settings() -> Iterator[str]:
    """Every setting of the programs."""
    yield "| setting | default | what |"
    yield "|---|---|---|"
    for setting in SETTINGS.values():
        shown = f"{setting.default:g}" if isinstance(setting.default, float) else str(setting.default)
        choices = f" ({', '.join(f'`{choice}`' for choice in setting.choices)})" if setting.choices else ""
        what = setting.about + choices + (" (never shown)" if setting.secret else "")
        yield f"| `{setting.name}` | {f'`{shown}`' if shown else 'none'} | {what} |"


def metrics(of: type[Metrics | ProjectorMetrics | ConsoleMetrics] = Metrics) -> Iterator[str]:
    """Every metric of a program."""
    yield "| metric | kind | labels | what |"
    yield "|---|---|---|---|"
    for metric in vars(of()).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            name = metric._name + ("_total" if isinstance(metric, Counter) else "")  # noqa: SLF001 - there is no other way
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001
            yield f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |"  # noqa: SLF001


def alerts() -> Iterator[str]:
    """Every alert of the rules for Prometheus."""
    yield "| alert | when | because |"
    yield "|---|---|---|"
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            when = " ".join(rule["expr"].split()).replace("|", "\\|")
            lasting = f" for {rule['for']}" if "for" in rule else ""
            yield f"| {rule['alert']} | `{when}`{lasting} | {rule['annotations']['description']} |"


def module_map() -> Iterator[str]:
    """Every module with the first sentence of its docstring."""
    folder = None
    for path in sorted(
        (p for top in ("topics", "worker") for p in (ROOT / top).rglob("*.py")), key=lambda p: (p.parent, p.name)
    ):
        text = path.read_text()
        if not text.strip():
            continue
        if path.parent != folder:
            folder = path.parent
            yield f"\n**{folder.relative_to(ROOT)}/**\n"
            yield "| file | what |"
            yield "|---|---|"
        about = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        name = path.relative_to(ROOT).as_posix()
        if path.name != "__init__.py":
            yield f"| [{path.name}](../{name}) | {about.replace('``', '`')} |"


def export_columns() -> Iterator[str]:
    """The columns of every export."""
    yield ", ".join(f"`{name}`" for name in COLUMNS)


PARTS: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "topics": topics,
    "inputs": inputs,
    "commands": commands,
    "outputs": outputs,
    "cause": cause,
    "profile": profile,
    "settings": settings,
    "metrics": metrics,
    "metrics-projector": lambda: metrics(ProjectorMetrics),
    "metrics-console": lambda: metrics(ConsoleMetrics),
    "alerts": alerts,
    "map": module_map,
    "export-columns": export_columns,
}


def render(page: str) -> str:
    """The page with every rendered part made anew."""
    return _PART.sub(lambda m: m[1] + "\n".join(PARTS[m[2]]()).rstrip("\n") + "\n" + m[4], page)


def main() -> None:
    """Rewrite the pages that are out of date."""
    for name in PAGES:
        path = ROOT / name
        before = path.read_text()
        after = render(before)
        if after != before:
            path.write_text(after)
            sys.stdout.write(f"{name} written\n")


if __name__ == "__main__":
    main()
