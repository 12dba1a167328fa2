"""A real Apache Kafka with two more listeners: one wants a user and a password over TLS, one a client's certificate.

Users: USER with PASSWORD, by SASL PLAIN and SCRAM, and whoever has the certificate, who may do all; LIMITED, by PLAIN,
who may do what is allowed to them (``allow``)."""

import asyncio
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from tests.brokers.apache import ApacheKafka
from tests.kit.certificates import make_certificates, openssl
from worker.embedded.child import HOST, free_port

USER, PASSWORD = "app", "s3cret-of-the-app"
LIMITED = "limited"
_STORE: Final = "changeit"
_SCRAM: Final = "SCRAM-SHA-256"
_LISTENERS: Final = """
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller},SASL://{host}:{sasl},MUTUAL://{host}:{mutual}
advertised.listeners=PLAINTEXT://{host}:{port},SASL://{host}:{sasl},MUTUAL://{host}:{mutual}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,MUTUAL:SSL
ssl.keystore.type=PKCS12
ssl.keystore.location={files}/server.p12
ssl.keystore.password={store}
ssl.key.password={store}
ssl.truststore.type=PEM
ssl.truststore.location={files}/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  user_{user}="{password}" user_{limited}="{password}";
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{user};User:CN=client
"""

_RESOURCES: Final = {"topic": 2, "group": 3, "cluster": 4, "transactional id": 5}
_PATTERNS: Final = {"literal": 3, "prefixed": 4}
_OPERATIONS: Final = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_ALLOW: Final = 3


class Grant(NamedTuple):
    """``operations``: Kafka's names, separated by spaces."""

    kind: str
    name: str
    pattern: str
    operations: str


class SecuredKafka(ApacheKafka):
    """``servers`` is still without security, for what tests do themselves."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.files = directory
        self.sasl, self.mutual = free_port(), free_port()
        make_certificates(directory, HOST)
        openssl(directory, f"pkcs12 -export -in server.pem -inkey server.key -out server.p12 -passout pass:{_STORE}")
        super().__init__(directory)
        password = f"{_SCRAM}=[iterations=4096,password={PASSWORD}]"
        whom = ("--entity-type", "users", "--entity-name", USER)
        self._tool(
            "kafka.admin.ConfigCommand", "--bootstrap-server", self.servers, "--alter", *whom, "--add-config", password
        )

    def _properties(self, controller: int) -> str:
        more = _LISTENERS.format(
            host=HOST, port=self.port, controller=controller, sasl=self.sasl, mutual=self.mutual, files=self.files,
            store=_STORE, user=USER, limited=LIMITED, password=PASSWORD,
        )  # fmt: skip
        return super()._properties(controller) + more

    def _tool(self, main: str, *arguments: str) -> None:
        done = subprocess.run(self._java(main, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def allow(self, grants: Iterable[Grant]) -> None:
        """What LIMITED may do."""
        asyncio.run(self._allow(grants))

    async def _allow(self, grants: Iterable[Grant]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            for kind, name, pattern, operations in grants:
                for operation in operations.split():
                    wanted = _RESOURCES[kind], name, _PATTERNS[pattern], f"User:{LIMITED}", "*", _OPERATIONS[operation]
                    response = await admin._send_request(CreateAclsRequest(*wanted, _ALLOW))
                    assert all(code == 0 for code, _ in response.creation_responses), response
        finally:
            await admin.close()

    def with_password(self, mechanism: str = "PLAIN", password: str = PASSWORD, *, user: str = USER) -> dict[str, str]:
        """The settings of a program of ours that signs in with user and password."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{self.sasl}",
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": mechanism,
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": password,
            "KAFKA_SSL_CAFILE": str(self.files / "ca.pem"),
        }

    def with_certificate(self) -> dict[str, str]:
        """The settings of a program of ours that shows a certificate."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{self.mutual}",
            "KAFKA_SECURITY_PROTOCOL": "SSL",
            "KAFKA_SSL_CAFILE": str(self.files / "ca.pem"),
            "KAFKA_SSL_CERTFILE": str(self.files / "client.pem"),
            "KAFKA_SSL_KEYFILE": str(self.files / "client.key"),
        }
