"""Has the broker the requests that exactly-once processing needs?"""

from typing import Any

from worker.config import Settings
from worker.errors import SettingError
from worker.transport.messages import REQUIRED_VERSIONS


async def check_versions(client: Any, settings: Settings) -> None:
    """Ask one broker through an aiokafka admin client. Raises SettingError, which says what is lacking."""
    kafka = client._client
    connection = await kafka._get_conn(kafka.get_random_node())
    newest = {key: highest for key, (_, highest) in connection._versions.items()}
    lacking = [name for name, (key, number) in REQUIRED_VERSIONS.items() if newest.get(key, -1) < number]
    if lacking:
        raise SettingError(
            "PROCESSING_GUARANTEE: exactly_once needs a broker with transactions (Apache Kafka 3.0 or newer); the one "
            f"at {settings.kafka_bootstrap_servers} lacks {', '.join(lacking)}. Set it to at_least_once for this broker"
        )
