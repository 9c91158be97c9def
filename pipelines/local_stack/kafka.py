"""A real Kafka broker on the loopback interface: one node in KRaft mode, from the jars that `make setup` fetched.

With AGORA_KAFKA_PROTOCOL=SASL_PLAINTEXT everybody must log in by SCRAM-SHA-512, and may do what a rule allows and nothing else. The
broker's own user logs in by PLAIN, with a password that stands in its configuration: through it the first users are made, so that
logins can be switched on and off over the same data.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.kafka_access import Access, Principal
from pipelines.local_stack import ports
from pipelines.local_stack.java import find_java, jar_version, lack_of_jars, lack_of_java
from pipelines.local_stack.process import ServerError
from pipelines.local_stack.secret import keep_secret, password
from pipelines.local_stack.server import LocalServer
from pipelines.settings import Settings

API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # length, api key, version, correlation id, no client id
OWNER = "agora-broker"
CONFIGURATION = """\
process.roles=broker,controller
node.id=1
listeners={protocol}://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners={protocol}://{host}:{broker},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name={protocol}
controller.quorum.bootstrap.servers={host}:{controller}
log.dirs={data}
num.partitions=2
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.segment.delete.delay.ms=1000
"""
LOGINS = """\
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={owner}
listener.name.sasl_plaintext.plain.sasl.jaas.config={owner}
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{name};User:{admin}
"""
PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="{0}" password="{1}" user_{0}="{1}";'


def class_archive(settings: Settings) -> Path:
    """Where the archive of the broker's classes lies, if set-up made one."""
    return settings.kafka_jars / "classes.jsa"


@dataclass(frozen=True)
class KafkaServer(LocalServer):
    """The local broker of one data folder.

    Parameters
    ----------
    jvm_options : added to the command line of the broker.
    """

    jvm_options: tuple[str, ...] = ()

    name = "kafka"
    title = "Kafka"
    elsewhere = "AGORA_BROKER"
    port_names = ("broker", "controller")

    @property
    def mark(self) -> str:
        return str(self._configuration)

    @property
    def version(self) -> str:
        return jar_version(self.settings.kafka_jars, "kafka_2.13")

    @property
    def _configuration(self) -> Path:
        return self.folder / "server.properties"

    @property
    def asks(self) -> bool:
        """Whether it is to ask everybody who he is."""
        return self.settings.kafka_protocol == "SASL_PLAINTEXT"

    def lack(self) -> str:
        if self.settings.kafka_protocol not in ("PLAINTEXT", "SASL_PLAINTEXT"):
            return f"the local broker does not speak {self.settings.kafka_protocol}; set SASL_PLAINTEXT, or AGORA_BROKER to one that does"
        return lack_of_java(self.settings, self.title) or lack_of_jars(self.settings.kafka_jars, "kafka_*.jar", self.title)

    def configure(self, chosen: Mapping[str, int]) -> None:
        protocol = self.settings.kafka_protocol
        text = CONFIGURATION.format(host=ports.HOST, data=self.folder / "data", protocol=protocol, **chosen)
        if self.asks:
            text += LOGINS.format(owner=PLAIN.format(OWNER, self._secret), name=OWNER, admin=Principal.ADMIN.value)
        keep_secret(self._configuration, text)
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()

    def command(self) -> Sequence[str]:
        return [*self._java(), *self.jvm_options, f"-Xmx{self.settings.kafka_heap}", "kafka.Kafka", str(self._configuration)]

    def answers(self, port: int) -> bool:
        return is_kafka(ports.HOST, port)

    def check(self) -> None:
        """ServerError if it was started without logins and is to have them now, or the other way round."""
        text = self._configuration.read_text() if self._configuration.exists() else ""
        if text and (LOGINS.splitlines()[0] in text) != self.asks:
            raise ServerError(
                f"the local broker runs {'without' if self.asks else 'with'} logins, but AGORA_KAFKA_PROTOCOL is "
                f"{self.settings.kafka_protocol}; "
                "`agora stack down && agora stack up` starts it anew as that says, its data is kept"
            )

    def owner(self) -> Access:
        """The way in for making topics, users and rights."""
        return Access(self.address or "", "SASL_PLAINTEXT", "PLAIN", OWNER, self._secret) if self.asks else Access(self.address or "")

    def users(self) -> dict[str, str]:
        """The passwords of all principals: random, made when they are first asked for, in files that their owner alone can read."""
        folder = self.settings.kafka_users
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {who.value: password(folder / f"{who}.password").strip() for who in Principal}

    @property
    def _secret(self) -> str:
        return password(self.folder / f"{OWNER}.password")

    def _java(self) -> list[str]:
        """The start of every command line: java, where it logs, its class path."""
        logging = self.settings.jars_dir / "kafka" / "log4j2.xml"
        archive = class_archive(self.settings)
        return [
            str(find_java(self.settings)),
            # half the CPU time until it answers, and no less throughput (docs/decisions/0007-quick-broker.md)
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *([f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off"] if archive.exists() else []),  # one that does not fit is ignored
            f"-Dlog4j2.configurationFile={logging}",
            f"-Dagora.log.dir={self.folder}",
            "-cp",
            f"{self.settings.kafka_jars}/*",
        ]

    def _format(self) -> None:
        """Make the empty data folder, once."""
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [
            *self._java(),
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            f"--cluster-id={cluster}",
            "-c",
            str(self._configuration),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerError(
                f"Kafka could not make its data folder: {(done.stderr or done.stdout).strip()[-500:]}; remove {self.folder} to begin anew"
            )


def is_kafka(host: str, port: int) -> bool:
    """Whether a Kafka broker answers on the port: its socket opens before it is ready, so it is asked which requests it knows."""
    try:
        with socket.create_connection((host, port), timeout=1.0) as connection:
            connection.sendall(API_VERSIONS)
            answer = connection.recv(8)
    except OSError:
        return False
    return len(answer) == 8 and answer[4:] == API_VERSIONS[8:12]
