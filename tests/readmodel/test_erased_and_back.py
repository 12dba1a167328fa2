"""G6, H5: who was erased and is back, all in one batch, keeps nothing of the life before in the timeline."""

from tests.domain.driver import Driver
from topics.registry import PROFILES, SETTINGS
from worker.pipeline.route import Router
from worker.readmodel.fold import Card, Fold
from worker.readmodel.keys import Keys
from worker.readmodel.order import Record


def test_g6_h5_a_merged_client_who_is_erased_and_back_before_the_projector_reads_on() -> None:
    """Its timeline was not yet put into that of the card that it was merged into, which is the one that was erased."""
    salon = Driver()
    for client in ("c1", "c2", "c3"):
        salon.tell("client.noted", "09:00", client_id=client, text="before")
    salon.ask("clients.merge", "09:30", primary_id="c1", duplicate_ids=["c2"])
    salon.ask("client.erase", "10:00", client_id="c1")
    salon.tell("client.noted", "11:00", client_id="c2", text="back")
    keys = Keys("test", 1)
    fold = Fold(keys, [Router(0, 1)], 100)
    for topic in (PROFILES, SETTINGS):
        for number, (key, value) in enumerate(salon.engine.stores[topic].items()):
            fold.take(Record(topic, 0, number, key, value, ()))
    assert {client for (_, client), card in fold.cards.items() if isinstance(card, Card)} == {"c2", "c3"}
    changes = fold.changes({}, {})
    assert changes.deleted == {keys.timeline("salon", "c2")}
