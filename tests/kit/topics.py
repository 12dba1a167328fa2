"""What operators do to topics."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kit.place import Place
from tests.kit.waiting import until_async
from topics.registry import BY_NAME


def make_anew(place: Place, topic: str) -> None:
    """Delete a topic and make it again, at once."""

    async def anew() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=place.broker.servers)
        await admin.start()
        name = f"{place.prefix}{topic}"
        await admin.delete_topics([name])

        async def made() -> bool:
            new = NewTopic(name, place.partitions, 1, topic_configs=BY_NAME[topic].configs)
            answer = await admin.create_topics([new])
            return answer.topic_errors[0][1] == 0

        await until_async(made, f"{name} to be there again")
        await admin.close()

    asyncio.run(anew())
