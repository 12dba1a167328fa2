"""The read model in Redis against the naive fold: all that lies there, and everything that can be asked of it."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
import redis
from redis.asyncio import Redis

from tests.readmodel.naive import KINDS, Naive, bare, entry, folded, moment
from worker import clock
from worker.readmodel import counting
from worker.readmodel.asking import InvalidQuestion, Question
from worker.readmodel.reading import Reader
from worker.readmodel.search import search
from worker.readmodel.table import Table
from worker.readmodel.tables import Tables
from worker.readmodel.timeline import read

PAGE = 7
"""Few to a page, so that cursors are followed."""
AT_MOST = 6
"""Differences of one kind that are told."""
Card = dict[str, Any]
Holds = Callable[[Card], bool]


def differences(url: str, prefix: str, naive: Naive) -> list[str]:
    """What is not as it must be, in words; nothing when all is."""
    try:
        return [*lying(url, prefix, naive), *asyncio.run(asked(url, prefix, naive))]
    except InvalidQuestion as exc:  # the settings that are read have moved on from those that were folded
        return [f"a question cannot be asked: {exc}"]


# -- what lies there -----------------------------------------------------------------------------------------------


KINDS_OF_KEYS = frozenset((
    "cards", "aliases", "settings", "erased", "businesses", "timeline", "results", "changes", "reviews", "refused",
    "dead", "positions", "control", "answered", "log",
))  # fmt: skip


class Lying:
    """The keys of the generation that counts."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = redis.Redis.from_url(url)
        space = f"client-status:{prefix}"
        self._root = f"{space}:{int(self._redis.get(f'{space}:current') or 1)}:"
        every = [key.decode() for key in self._redis.scan_iter(match=f"{space}:*", count=1000)]
        self.others = [key for key in every if not key.startswith(self._root) and key != f"{space}:current"]
        self._keys = [key.removeprefix(self._root) for key in every if key.startswith(self._root)]
        self.strange = [key for key in self._keys if key.partition(":")[0] not in KINDS_OF_KEYS]

    def of(self, *kinds: str) -> Iterator[tuple[str, Any]]:
        """Keys of these kinds, and what lies under them."""
        for key in self._keys:
            if key.partition(":")[0] in kinds:
                yield key, self._value(self._root + key)

    def _value(self, key: str) -> Any:
        kind = self._redis.type(key).decode()
        if kind == "hash":
            return self._redis.hgetall(key)
        if kind == "set":
            return {member.decode() for member in self._redis.smembers(key)}
        if kind == "zset":
            return self._redis.zrange(key, 0, -1, withscores=True)
        if kind == "stream":
            return [fields for _, fields in self._redis.xrange(key)]
        return self._redis.get(key)

    def fields(self, kind: str) -> dict[tuple[str, str], bytes]:
        """All fields of the hashes of a kind, by business."""
        return {(key.partition(":")[2], f.decode()): v for key, fields in self.of(kind) for f, v in fields.items()}


def lying(url: str, prefix: str, naive: Naive) -> Iterator[str]:
    """Every key; what is found in them is asked for."""
    there = Lying(url, prefix)
    if there.others or there.strange:
        yield f"keys that should not be there: {there.others[:AT_MOST]} {there.strange[:AT_MOST]}"
    yield from differ("card", naive.cards, {at: orjson.loads(card) for at, card in there.fields("cards").items()})
    yield from differ("alias", naive.aliases, {at: id_.decode() for at, id_ in there.fields("aliases").items()})
    settings = {key.partition(":")[2]: orjson.loads(value) for key, value in there.of("settings")}
    yield from differ("settings", naive.settings, settings)
    yield from differ("mark", naive.marks, set(there.fields("erased")))
    yield from differ("set", {"businesses": naive.businesses}, dict(there.of("businesses")))
    yield from _timelines(there, naive)
    results = {tuple(key.split(":", 2)[1:]): value for key, value in there.of("results")}
    yield from differ("result", naive.results(), results)
    yield from _streams(there, naive)


def _timelines(there: Lying, naive: Naive) -> Iterator[str]:
    found = {}
    for key, entries in there.of("timeline"):
        _, business, client = key.split(":", 2)
        found[business, client] = {entry(read(member)) for member, _ in entries}
        wrong = [m for m, at in entries if int(at) != round(moment(read(m)["time"]).timestamp() * 1_000_000)]
        if wrong:
            yield f"timeline of {client}: {len(wrong)} entries stand at another time than their own"
    wanted = naive.timelines
    yield from differ(
        "entry",
        {(at, text) for at, entries in wanted.items() for text in entries},
        {(at, text) for at, entries in found.items() for text in entries},
    )


def _streams(there: Lying, naive: Naive) -> Iterator[str]:
    changes = {key.partition(":")[2]: Counter(f[b"event"] for f in fields) for key, fields in there.of("changes")}
    yield from differ("changes", {b: wanted for b in naive.businesses if (wanted := naive.changes(b))}, changes)
    refused = {key.partition(":")[2]: [f[b"event"] for f in fields] for key, fields in there.of("refused")}
    yield from differ("refusals", {b: wanted for b in naive.businesses if (wanted := naive.refused(b))}, refused)
    dead = {key.partition(":")[2]: sorted(f[b"letter"].decode() for f in fields) for key, fields in there.of("dead")}
    yield from differ("dead letters", naive.dead(), dead)


def differ(what: str, wanted: Any, found: Any) -> Iterator[str]:
    """The first differences of two mappings or sets."""
    if isinstance(wanted, set):
        wanted, found = dict.fromkeys(wanted), dict.fromkeys(found)
    texts = [f"{what} {at!r} is missing: {wanted[at]!r:.300}" for at in wanted.keys() - found.keys()]
    texts += [f"{what} {at!r} should not be there: {found[at]!r:.300}" for at in found.keys() - wanted.keys()]
    texts += [
        f"{what} {at!r}: {found[at]!r:.700} and not {wanted[at]!r:.700}"
        for at in wanted.keys() & found.keys()
        if wanted[at] != found[at]
    ]
    yield from texts[:AT_MOST]
    if len(texts) > AT_MOST:
        yield f"… and {len(texts) - AT_MOST} more of {what}"


# -- what can be asked ---------------------------------------------------------------------------------------------


async def asked(url: str, prefix: str, naive: Naive) -> list[str]:
    """Every kind of search, and all counts, of every business."""
    found: list[str] = []
    async with Redis.from_url(url) as connection:
        for business in sorted(naive.businesses):
            model, table = await Tables(connection, f"client-status:{prefix}").reader(business)
            clients = naive.clients(business)
            settings = naive.settings[business]
            for question, holds in questions(clients.values(), settings, naive, business):
                found += await _ask(model, table, question, holds, clients, settings)
            found += _counts(model, table, clients, settings)
    return found


def questions(cards: Iterable[Card], settings: Card, naive: Naive, business: str) -> Iterator[tuple[Question, Holds]]:
    """Each with what a client must be to be found."""
    cards = list(cards)
    yield Question(), lambda _: True
    for status in settings["statuses"]:
        code = status["code"]
        yield Question(status=code), lambda c, code=code: c["status"] == code
    for group in settings.get("status_groups", ()):
        codes = group["statuses"]
        yield Question(preset=f"status_group:{group['code']}", ended=True), lambda c, codes=codes: c["status"] in codes
    for tag in sorted({t["tag"] for c in cards for t in c.get("tags", ())} | {"nobody has it"}):
        yield (
            Question(tag=tag.swapcase(), ended=True),
            lambda c, tag=tag: folded(tag) in {folded(t["tag"]) for t in c.get("tags", ())},
        )
    for source in sorted({c["source"] for c in cards if c.get("source")}):
        yield Question(source=source, ended=True), lambda c, s=source: folded(c.get("source") or "") == folded(s)
    for audience in settings.get("audiences", ()):
        id_ = audience["audience_id"]
        yield Question(audience=id_, ended=True), lambda c, id_=id_: id_ in c.get("audiences", ())
    for preset in ("upcoming", "outstanding"):
        yield Question(preset=preset, ended=True), lambda c, p=preset: bool(c.get(p))
    created = sorted(c["created_at"] for c in cards)
    for first, last in ((created[len(created) // 4], created[len(created) // 2]), (created[0], created[-1])):
        yield (
            Question(created_from=first, created_to=last, ended=True),
            lambda c, a=first, b=last: moment(a) <= moment(c["created_at"]) <= moment(b),
        )
    yield from _texts(cards, naive, business)


def _texts(cards: list[Card], naive: Naive, business: str) -> Iterator[tuple[Question, Holds]]:
    """H1."""
    for word in ("zoe", "SMIT b", "van den", "b", "ann-marie", "strasse", "李", "nobody"):
        wanted = _words(word)
        yield (
            Question(q=word, ended=True),
            lambda c, w=wanted: (
                all(any(have.startswith(one) for have in _words(c.get("name") or "")) for one in w)
                or (len(w) == 1 and any(bare(e).startswith(w[0]) for e in c.get("emails", ())))
            ),
        )
    for address in sorted({e for c in cards for e in c.get("emails", ())})[:10]:
        yield Question(q=address.upper(), ended=True), lambda c, a=address: bare(a) in map(bare, c.get("emails", ()))
    for number in sorted({p for c in cards for p in c.get("phones", ())})[:15]:
        spelled = re.sub(r"^(\+|00)", "00", number)
        end, whole = _digits(number)[-9:], _digits(number)
        yield (
            Question(q=spelled, ended=True),
            lambda c, e=end, w=whole: any(_digits(p).endswith(e) or w in _digits(p) for p in c.get("phones", ())),
        )
    for client in sorted(naive.cards)[::9]:
        if client[0] == business:
            meant = naive.aliases.get(client, client[1])
            yield Question(q=client[1], ended=True), lambda c, m=meant: c["client_id"] == m


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", bare(text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")


async def _ask(
    model: Reader, table: Table, question: Question, holds: Holds, clients: dict[str, Card], settings: Card
) -> list[str]:
    ended = {s["code"] for s in settings["statuses"] if s["ended"]}
    asks_for_ended = question.ended or question.status in ended
    wanted = {id_ for id_, card in clients.items() if holds(card)}
    shown = {id_ for id_ in wanted if asks_for_ended or clients[id_]["status"] not in ended}
    found: list[str] = []
    cursor, hidden, total = None, 0, 0
    while True:
        page = await search(model, table, question, PAGE, cursor, clock.now())
        found += [orjson.loads(card)["client_id"] for card in page.cards]
        cursor, hidden, total = page.next_cursor, page.ended_hidden, page.total
        if cursor is None:
            break
    texts = []
    if sorted(found) != sorted(shown):
        texts.append(
            f"{model.business} {question}: also {sorted(set(found) - shown)}, not {sorted(shown - set(found))}"
        )
    if (total, hidden) != (len(shown), len(wanted) - len(shown)):
        texts.append(
            f"{model.business} {question}: {total} and {hidden} hidden, not {len(shown)} and {len(wanted) - len(shown)}"
        )
    names = [bare(c.get("name") or (c.get("emails") or [c["client_id"]])[0])[:40] for c in map(clients.get, found) if c]
    if names != sorted(names):
        texts.append(f"{model.business} {question}: not in the order of names")
    return texts


def _counts(model: Reader, table: Table, clients: dict[str, Card], settings: Card) -> list[str]:
    """H4."""
    counts = counting.counts(model.settings, table)
    status = Counter(card["status"] for card in clients.values())
    tags = Counter(folded(t["tag"]) for card in clients.values() for t in card.get("tags", ()))
    sources = Counter(folded(card["source"]) for card in clients.values() if card.get("source"))
    members = Counter(a for card in clients.values() for a in card.get("audiences", ()))
    spelled = {t["tag"] for card in clients.values() for t in card.get("tags", ())}
    found = {
        "total": counts["total"],
        "statuses": {s["code"]: s["clients"] for s in counts["statuses"]},
        "status_groups": {g["code"]: g["clients"] for g in counts["status_groups"]},
        "tags": {folded(t["tag"]): t["clients"] for t in counts["tags"]},
        "spelled": {t["tag"] for t in counts["tags"]},
        "sources": {folded(s["source"]): s["clients"] for s in counts["sources"]},
        "audiences": {a["audience_id"]: a["clients"] for a in counts["audiences"]},
        **{kind: {v["code"]: v["clients"] for v in counts["classifications"][kind]} for kind in KINDS},
    }
    wanted = {
        "total": len(clients),
        "statuses": {s["code"]: status[s["code"]] for s in settings["statuses"]},
        "status_groups": {g["code"]: sum(status[c] for c in g["statuses"]) for g in settings.get("status_groups", ())},
        "tags": dict(tags),
        "spelled": spelled,
        "sources": dict(sources),
        "audiences": {a["audience_id"]: members[a["audience_id"]] for a in settings.get("audiences", ())},
        **{
            kind: {
                v["code"]: sum(card.get(kind) == v["code"] for card in clients.values())
                for v in settings.get("classifications", {}).get(kind, ())
            }
            for kind in KINDS
        },
    }
    return list(differ(f"count of {model.business}", wanted, found))
