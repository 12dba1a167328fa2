"""F4: a filter means the same of a card in the read model as of the worker's own, in every field."""

import msgspec
import orjson
import pytest

from tests.domain.filtering import NOON, OWN, card_of
from topics.moments import MILLISECOND
from worker.domain.card import Card, Counts, Score, decode, encode, new_state
from worker.domain.filters import CLIENT_FIELDS, client, for_clients
from worker.readmodel import cards

WHOLE = {
    "name": "Zoë", "emails": ["z@x.org", "y@x.org"], "phones": ["+31 6"], "source": "Web", "staff_id": "s1",
    "client_type": "A", "industry": "hair", "headcount": "1-9", "score": Score(4.5, 2),
    "counts": Counts(attended=3, payments=2), "fields": {"size": 5, "motto": "Ja"}, "tags": ["Gold", "ünï"],
}  # fmt: skip


def shown(card: Card) -> bytes:
    """As the projector keeps it."""
    public = orjson.loads(encode(card))
    del public["state"]
    return orjson.dumps(public)


@pytest.mark.parametrize("active", [0, NOON + 5_123 * MILLISECOND])
@pytest.mark.parametrize("more", [WHOLE, {}], ids=["whole", "bare"])
def test_f4_every_field_of_a_filter_reads_the_same(more: dict[str, object], active: int) -> None:
    card = card_of(active=active, created=NOON + 1 * MILLISECOND, **more)
    card.state = msgspec.structs.replace(new_state(card.state.created, 0), active=active)
    own = client(decode(encode(card)), ended=True, status_groups=frozenset({"g"}))
    public = client(cards.decode(shown(card)), ended=True, status_groups=frozenset({"g"}))
    for name, (_, read) in CLIENT_FIELDS.items():
        assert list(read(public)) == list(read(own)), name
    for field_id in OWN:
        matches = for_clients({"field": f"fields.{field_id}", "op": "exists"}, OWN)
        assert matches(public) is matches(own)
