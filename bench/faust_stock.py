"""The peer: stock Faust doing the core of the work, at least once, as its documentation would have one write it.

Decode, one table of clients with its changelog, one output per status change. No card, no order of events, no
duplicates, no timers: it does far less than the worker. Raw bytes and orjson instead of Faust's models, to its favour.
``python -m bench.faust_stock worker`` with SERVERS, PREFIX, GROUP, PARTITIONS, EVENTS and DATADIR in the
environment. The clock runs from the first record to the last one, its last commit left out: again to its favour.
"""

import logging
import os
import time
from typing import Any, Final

import faust
import orjson

from bench.workload import CONVERTING, TOPICS

log = logging.getLogger(__name__)
PREFIX: Final = os.environ["PREFIX"]
PARTITIONS: Final = int(os.environ["PARTITIONS"])
EVENTS: Final = int(os.environ["EVENTS"])

app: Any = faust.App(
    os.environ["GROUP"],
    broker=f"kafka://{os.environ['SERVERS']}",
    store="memory://",
    processing_guarantee="at_least_once",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    producer_acks=-1,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
    datadir=os.environ["DATADIR"],
)
events: Any = app.topic(
    *(PREFIX + name for name in TOPICS), key_serializer="raw", value_serializer="raw", partitions=PARTITIONS
)
changes: Any = app.topic(
    PREFIX + "client-status-changes", key_serializer="raw", value_serializer="raw", partitions=PARTITIONS
)
clients: Any = app.Table("clients", partitions=PARTITIONS)


@app.agent(events)  # type: ignore[untyped-decorator]  # Faust ships no types that hold
async def work(stream: Any) -> None:
    """Count what a client did; the first event that converts makes a lead a customer."""
    seen = 0
    async for incoming in stream.events():
        if not seen:
            log.warning("first record at %.3f, processor time %.3f", time.time(), time.process_time())
        seen += 1
        event = orjson.loads(incoming.value)
        business, data, type_ = event["businessid"], event["data"], event["type"]
        for client_id in data.get("client_ids") or (data["client_id"],):
            key = f"{business}/{client_id}"
            card = clients.get(key) or {"status": "lead", "counts": {}, "last": "", "sequence": 0}
            card["counts"][type_] = card["counts"].get(type_, 0) + 1
            card["last"] = max(card["last"], event["time"])
            converted = card["status"] == "lead" and type_ in CONVERTING
            if converted:
                card["status"], card["sequence"] = "customer", card["sequence"] + 1
            clients[key] = card
            if converted:
                change = {
                    "specversion": "1.0", "id": f"{key}#{card['sequence']}", "source": "stock-faust",
                    "type": "client.status.changed", "time": event["time"], "businessid": business,
                    "data": {
                        "client_id": client_id, "from": "lead", "to": "customer", "sequence": card["sequence"],
                        "cause": {"type": "automation", "event_source": event["source"], "event_id": event["id"]},
                    },
                }  # fmt: skip
                await changes.send(key=incoming.key, value=orjson.dumps(change))
        if seen == EVENTS:
            log.warning("last record at %.3f, processor time %.3f", time.time(), time.process_time())


if __name__ == "__main__":
    app.main()
