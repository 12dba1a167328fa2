"""The worker's own records about a business, beside the one that everybody reads: what changes often, or grows, is kept
one by one under keys ``\\0kind/business/key``."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from worker.domain import business_record, forgotten, status_moves, sweeps, tag_edits
from worker.domain.business import Business


class Part(NamedTuple):
    """Records of one kind: the mapping of the business that holds them, and the set of keys that were changed."""

    prefix: bytes
    items: Callable[[Business], dict[str, Any]]
    dirty: Callable[[Business], set[str]]
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


ERASED: Final = Part(
    b"\0erased/", lambda b: b.forgotten, lambda b: b.forgotten_dirty, forgotten.encode, forgotten.decode
)
PARTS: Final = (
    Part(b"\0tag/", lambda b: b.tags, lambda b: b.tags_dirty, business_record.encode_tag, business_record.decode_tag),
    Part(
        b"\0status-move/",
        lambda b: b.status_moves,
        lambda b: b.status_moves_dirty,
        status_moves.encode,
        status_moves.decode,
    ),
    Part(b"\0tag-edit/", lambda b: b.tag_edits, lambda b: b.tag_edits_dirty, tag_edits.encode, tag_edits.decode),
    Part(b"\0use/", lambda b: b.uses, lambda b: b.uses_dirty, msgspec.json.encode, msgspec.json.Decoder(int).decode),
    ERASED,
)
_SWEEP: Final = b"\0sweep/"
_BY_PREFIX: Final = {part.prefix: part for part in PARTS}


def changed(business: Business) -> list[tuple[bytes, bytes | None]]:
    """The records to write, with None for those to delete; they count as written after this."""
    written: list[tuple[bytes, bytes | None]] = []
    for part in PARTS:
        dirty = part.dirty(business)
        if dirty:
            items, start = part.items(business), part.prefix + business.id.encode() + b"/"
            for key in sorted(dirty):
                item = items.get(key)
                written.append((start + key.encode(), part.encode(item) if item is not None else None))
            dirty.clear()
    if business.sweeps_dirty:
        under_way = {sweep.number: sweep for sweep in business.sweeps}
        for number in sorted(business.sweeps_dirty):
            sweep = under_way.get(number)
            key_of_sweep = b"%b%b/%d" % (_SWEEP, business.id.encode(), number)
            written.append((key_of_sweep, sweeps.encode(sweep) if sweep is not None else None))
        business.sweeps_dirty.clear()
    return written


def take(key: bytes, value: bytes, of: Callable[[str], Business | None]) -> None:
    """Put a record, if it is of these kinds, where it belongs; ``of`` finds the business."""
    part = _BY_PREFIX.get(key[: key.find(b"/") + 1])
    if part is not None:
        business_id, _, item = key[len(part.prefix) :].decode().partition("/")
        business = of(business_id)
        if business is not None:
            part.items(business)[item] = part.decode(value)
    elif key.startswith(_SWEEP):
        business = of(key[len(_SWEEP) :].decode().partition("/")[0])
        if business is not None:
            business.sweeps.append(sweeps.decode(value))
            business.sweeps.sort(key=lambda sweep: sweep.number)
