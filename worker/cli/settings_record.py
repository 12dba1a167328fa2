"""A business's record in ``business-settings``: read from its own partition up to the end, and told in words."""

from typing import Any, Final

import msgspec
import orjson

from topics.control import Completion
from topics.registry import SETTINGS
from worker.cli.latest import read_latest
from worker.cli.output import counted
from worker.cli.wording import TRIGGERS
from worker.config import Settings
from worker.domain.history import Automation

_COMPLETION: Final[dict[Completion, str]] = {
    "elapsed": "counts as attended when its end has passed",
    "explicit": "counts as attended only when somebody says so",
}


async def read_settings(settings: Settings, business: str) -> bytes | None:
    """The latest committed value under the business's key; None when there is none."""
    key = business.encode()
    return (await read_latest(settings, SETTINGS, business, lambda found: found == key)).get(key)


def settings_in_words(business: str, record: bytes | None) -> list[str]:
    """What is automated, a line per setting. Without a record: the defaults, and that they are."""
    if record is None:
        shown: dict[str, Any] = {
            "revision": 0,
            "locale": Automation().locale,
            "automation": msgspec.to_builtins(Automation()),
        }
        title = f"{business}: no client and no settings yet; as every business begins:"
    else:
        shown = orjson.loads(record)
        title = f"{business}: settings revision {shown['revision']}"
    automation = shown["automation"]
    days = automation.get("inactive_after_days")
    lines = [
        title,
        f"  automation          {_switch(on=automation['enabled'])}",
        *(
            f"    {name:<17} {_switch(on=automation['triggers'][name])}: a lead becomes a customer when {words}"
            for name, words in TRIGGERS.items()
        ),
        f"  completion          {automation['completion']}: a booking {_COMPLETION[automation['completion']]}",
        f"  inactive after      {f'{days} days without activity' if days else 'never'}",
        f"  require end reason  {_switch(on=automation['require_end_reason'])}",
        f"  locale              {shown['locale']}",
    ]
    return lines + [_status(status) for status in shown.get("statuses", ())]


def _status(status: dict[str, Any]) -> str:
    clients = counted(status["clients"], "client")
    role = f", {status['role']}" if status.get("role") else ""
    return f"  status {status['code']:<12} {status['label']}: {clients}{role}"


def _switch(*, on: bool) -> str:
    return "on" if on else "off"
