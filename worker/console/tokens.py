"""Who may ask what: bearer tokens, kept as hashes in the file that CONSOLE_TOKENS_FILE names (JSON or TOML).

The file holds ``{"tokens": [{"name": .., "sha256": .., "role": "viewer"|"operator", "businesses": [..] or "*"}]}``, and
is read again when it changes. A token itself is written down nowhere, and never logged.
"""

import hashlib
import hmac
import logging
import secrets
import time
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from topics.fields import BusinessId
from topics.in_words import in_words
from worker.errors import SettingError

log = logging.getLogger(__name__)

Role = Literal["viewer", "operator"]
ALL: Final = "*"
PREFIX: Final = "cs_"
"""What a token begins with, so that it is known for one where it must not be."""
SECRET_BYTES: Final = 32
MAX_TOKEN: Final = 512
"""Characters of what may be a token."""
MAX_FILE_BYTES: Final = 1 << 20
LOOK_SECONDS: Final = 1.0
"""How often the file is looked at, at most."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a token allows. ``name`` stands as the actor on what is done with it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-fA-F]{64}\Z")]
    role: Role
    businesses: list[BusinessId] | str

    def __post_init__(self) -> None:
        """Who writes one business without brackets must not be told of the asterisk only."""
        if isinstance(self.businesses, str) and self.businesses != ALL:
            raise ValueError(f'`businesses` must be a list of ids, such as ["salon"], or "{ALL}" for all')

    def may_see(self, business: str) -> bool:
        """Is it for this business?"""
        return self.businesses == ALL or business in self.businesses

    @property
    def may_change(self) -> bool:
        """Is it an operator's?"""
        return self.role == "operator"


class _File(msgspec.Struct):
    tokens: list[Token]


def new(name: str, role: Role, businesses: list[str]) -> tuple[str, str]:
    """A new token, and the line for the file, as JSON. Raises SettingError."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    wanted: Any = ALL if ALL in businesses else businesses
    entry = {"name": name, "sha256": digest(secret), "role": role, "businesses": wanted}
    try:
        line = msgspec.json.encode(msgspec.convert(entry, Token)).decode()
    except msgspec.ValidationError as exc:
        raise SettingError(f"console token: the entry would not be valid: {in_words(exc, Token)}") from exc
    return secret, line


def digest(secret: str) -> str:
    """By what a token is known."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def read(path: Path) -> list[Token]:
    """The tokens in a file. Raises SettingError that names the setting, and shows nothing of the file."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise SettingError(f"CONSOLE_TOKENS_FILE: cannot read {path}: {exc.strerror}") from exc
    if len(content) > MAX_FILE_BYTES:
        raise SettingError(f"CONSOLE_TOKENS_FILE: {path} is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return msgspec.json.decode(text, type=_File).tokens
        return msgspec.convert(tomllib.loads(text), _File).tokens
    except msgspec.ValidationError as exc:
        raise SettingError(f"CONSOLE_TOKENS_FILE: {path}: {in_words(exc, _File)}") from exc
    except ValueError as exc:
        raise SettingError(f"CONSOLE_TOKENS_FILE: {path} is neither JSON nor TOML") from exc


class Tokens:
    """The tokens that are good now. A file that cannot be used any more leaves those that were good before."""

    def __init__(self, file: str) -> None:
        """Without a file, no token is good. Raises SettingError when it cannot be used."""
        self._path = Path(file) if file else None
        self._tokens: list[Token] = []
        self._seen: object = None
        self._looked = 0.0
        if self._path is not None:
            self._seen = self._stamp()
            self._tokens = read(self._path)
            self._looked = time.monotonic()

    def find(self, secret: str) -> Token | None:
        """The entry of a token. Takes as long whichever it is, and whether it is one."""
        return self.of(digest(secret[:MAX_TOKEN]))

    def of(self, wanted: str) -> Token | None:
        """The entry of a token that is known by its digest."""
        self._look()
        found = None
        for token in self._tokens:
            if hmac.compare_digest(token.sha256.lower().encode(), wanted.encode()):
                found = token
        return found

    def holds(self, token: Token) -> bool:
        """Is it still good?"""
        self._look()
        return token in self._tokens

    def _look(self) -> None:
        now = time.monotonic()
        if self._path is None or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._tokens = read(self._path)
            log.info("the tokens were read again: there are %d", len(self._tokens))
        except SettingError as exc:
            log.error("%s; those that were good before stay good", exc)  # noqa: TRY400 - a traceback says no more

    def _stamp(self) -> object:
        try:
            found = self._path.stat() if self._path is not None else None
        except OSError:
            return None
        return found and (found.st_mtime_ns, found.st_size, found.st_ino)
