"""A real Kafka broker on the loopback interface: one node in KRaft mode, from the jars that `make setup` fetched."""

from __future__ import annotations

import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.local_stack import ports
from pipelines.local_stack.java import find_java, jar_version, lack_of_jars, lack_of_java
from pipelines.local_stack.process import ServerError
from pipelines.local_stack.server import LocalServer
from pipelines.settings import Settings

API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # length, api key, version, correlation id, no client id
CONFIGURATION = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
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

    def lack(self) -> str:
        return lack_of_java(self.settings, self.title) or lack_of_jars(self.settings.kafka_jars, "kafka_*.jar", self.title)

    def configure(self, chosen: Mapping[str, int]) -> None:
        text = CONFIGURATION.format(host=ports.HOST, data=self.folder / "data", **chosen)
        self._configuration.write_text(text)
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()

    def command(self) -> Sequence[str]:
        return [*self._java(), *self.jvm_options, f"-Xmx{self.settings.kafka_heap}", "kafka.Kafka", str(self._configuration)]

    def answers(self, port: int) -> bool:
        return is_kafka(ports.HOST, port)

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
