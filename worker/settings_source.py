"""Where settings come from: flags, then environment, then a ``.env`` file; and which values are refused.

Whatever is unknown or wrong is a SettingError of one line that names the setting, and never shows a secret.
"""

import difflib
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from dotenv.parser import parse_stream

from worker.config import SETTINGS, Setting, Settings
from worker.errors import SettingError
from worker.settings_checks import check_together

ENV_FILE: Final = Path(".env")
"""Read from the current directory when it is there and no other file is named."""
ALIKE_IN_FILE: Final = 0.8
ALIKE_IN_ENVIRONMENT: Final = 0.9
"""How alike (0-1) a name must be to one of ours to be taken for a slip. Other programs share the environment."""
_BY_NAME: Final[Mapping[str, Setting]] = {s.name: s for s in SETTINGS.values()}


class Loaded(NamedTuple):
    """The settings, and the fields that somebody gave (the others have their defaults)."""

    settings: Settings
    given: frozenset[str]


class _Raw(NamedTuple):
    text: str
    origin: str


def load(
    flags: Mapping[str, str | None] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    env_file: Path | None = None,
) -> Loaded:
    """The settings in force. ``flags`` maps fields to what was typed (None: not given). An empty value in the
    environment or in the file counts as not given. Raises SettingError."""
    raw = {
        **_from_file(env_file),
        **_from_environment(environ),
        **{
            field: _Raw(text, f"flag {SETTINGS[field].flag}")
            for field, text in (flags or {}).items()
            if text is not None
        },
    }
    values = {field: _typed(SETTINGS[field], found) for field, found in raw.items()}
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type
    given = frozenset(values)
    check_together(settings, given)
    return Loaded(settings, given)


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for a child process that must have the same ones."""
    return {s.name: str(getattr(settings, s.field)) for s in SETTINGS.values()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, _Raw]:
    for name in environ:
        if name not in _BY_NAME and (meant := _slip(name, ALIKE_IN_ENVIRONMENT)):
            raise SettingError(f"{name}: there is no such setting (in the environment). Did you mean {meant}?")
    return {s.field: _Raw(environ[s.name], "environment") for s in SETTINGS.values() if environ.get(s.name, "").strip()}


def _slip(name: str, alike: float) -> str | None:
    """The setting that was meant by a name of ours with a slip in it; letters that changed places are always one."""
    if turned := next((known for known in _BY_NAME if sorted(known) == sorted(name)), None):
        return turned
    family = name.partition("_")[0]
    candidates = [known for known in _BY_NAME if known.partition("_")[0] == family]
    return next(iter(difflib.get_close_matches(name, candidates, 1, alike)), None)


def _from_file(env_file: Path | None) -> dict[str, _Raw]:
    path = env_file or ENV_FILE
    if env_file is None and not path.is_file():
        return {}
    found: dict[str, _Raw] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingError(f"--env-file: cannot read {path}: {getattr(exc, 'strerror', None) or 'not UTF-8'}") from exc
    for binding in bindings:
        where = f"{path} line {binding.original.line}"
        if binding.error:
            raise SettingError(f"{where}: not NAME=value")
        if binding.key is None:
            continue
        setting = _BY_NAME.get(binding.key)
        if setting is None:
            raise _refuse(binding.key, where)
        if binding.value and binding.value.strip():
            found[setting.field] = _Raw(binding.value, where)
    return found


def _refuse(name: str, where: str) -> SettingError:
    """The file is this program's: a name that it does not have would be a setting that has no effect."""
    close = difflib.get_close_matches(name.upper(), _BY_NAME, 1, ALIKE_IN_FILE)
    hint = f"Did you mean {close[0]}?" if close else "Remove it, or see --help for the settings there are."
    return SettingError(f"{name}: there is no such setting ({where}). {hint}")


def _typed(setting: Setting, raw: _Raw) -> object:
    text = raw.text if setting.secret else raw.text.strip()
    if setting.choices:
        text = next((choice for choice in setting.choices if choice.upper() == text.upper()), text)
    try:
        value: object = msgspec.convert(text, setting.annotation, strict=False)
    except msgspec.ValidationError as exc:
        raise SettingError(_wrong(setting, raw, exc)) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingError(f"{setting.name}: must be a finite number ({raw.origin})")
    return value


def _wrong(setting: Setting, raw: _Raw, exc: msgspec.ValidationError) -> str:
    shown = "the value" if setting.secret else repr(raw.text)
    if setting.choices:
        expected = f"is none of {', '.join(setting.choices)}"
    elif (limits := str(exc)).startswith("Expected `int` ") or limits.startswith("Expected `float` "):
        expected = f"must be {limits.partition('` ')[2]}"
    else:
        expected = "is not a whole number" if isinstance(setting.default, int) else "is not a number"
    return f"{setting.name}: {shown} {expected} ({raw.origin})"
