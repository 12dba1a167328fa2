"""J1, J4: names of headers may be any bytes, though the protocol says UTF-8: nobody is stopped by them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiokafka
import pytest
from aiokafka.producer import message_accumulator
from aiokafka.record import default_records

from tests.kit.messages import cloud_event, message
from tests.kit.place import Place
from topics import dead_letters
from worker.transport.partitions import partition_of

KEY = b"salon"
WITHIN = 30.0


class NoText(str):
    """The name of a header that travels as two bytes that are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"a\xff"


async def _send(place: Place, values: list[bytes], compression: str | None) -> None:
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=place.broker.servers, compression_type=compression) as one:
        batch = one.create_batch()
        for value in values:
            batch.append(key=KEY, value=value, timestamp=7, headers=[("before", b"1"), (NoText("x"), b"\xfe")])
        await (await one.send_batch(batch, f"{place.prefix}clients", partition=partition_of(KEY, place.partitions)))


async def _first(place: Place, topic: str, wanted: Callable[[Any], bool]) -> Any:
    async with aiokafka.AIOKafkaConsumer(
        place.prefix + topic, bootstrap_servers=place.broker.servers, auto_offset_reset="earliest"
    ) as reader:
        async with asyncio.timeout(WITHIN):
            return await anext(record async for record in reader if wanted(record))


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_j1_a_header_whose_name_is_no_text_stops_nobody(
    place: Place, start_worker: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, compression: str | None
) -> None:
    monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", default_records._DefaultRecordBatchBuilderPy)
    good = [message(cloud_event("client.created", "salon", {"client_id": f"c{n}"}, time="09:00")) for n in range(2)]
    asyncio.run(_send(place, [good[0].value or b"", b"broken", good[1].value or b""], compression))
    monkeypatch.undo()
    start_worker()
    letter = asyncio.run(_first(place, "dead-letters", lambda _: True))
    assert (letter.key, letter.value, letter.timestamp) == (KEY, b"broken", 7)
    assert letter.headers[:2] == (("before", b"1"), ("a\\xff", b"\xfe"))
    assert dict(letter.headers)[dead_letters.OFFSET] == b"1"
    for client in ("c0", "c1"):
        card = asyncio.run(_first(place, "client-profiles", lambda r, c=client: r.key == f"salon/{c}".encode()))
        assert json.loads(card.value)["status"] == "lead"
