"""Settings: from flags, then environment, then a ``.env`` file; typed once, here, and passed down from then on."""

from typing import Literal

import msgspec

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
Guarantee = Literal["exactly_once", "at_least_once"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is the environment variable of the same name in capitals."""

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism = "PLAIN"
    kafka_sasl_username: str = ""
    kafka_sasl_password: str = ""
    kafka_ssl_cafile: str = ""
    kafka_ssl_certfile: str = ""
    kafka_ssl_keyfile: str = ""
    app_id: str = "client-status"
    topic_prefix: str = ""
    partitions: int = 4
    replication_factor: int = 1
    processing_guarantee: Guarantee = "exactly_once"
    completion_grace: float = 60.0
    max_dead_letters: int = 200
    worker_slot: str = ""
    state_dir: str = ""
    redis_url: str = "redis://127.0.0.1:6379/0"
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    console_tokens_file: str = ""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # Tuning of the worker; the defaults are measured (docs/design.md).
    session_timeout: float = 6.0
    transaction_timeout: float = 10.0
    transaction_records: int = 8_000
    broker_patience: float = 30.0
    watchdog_seconds: float = 60.0
