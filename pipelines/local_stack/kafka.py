"""A real Kafka broker on the loopback interface: one node in KRaft mode, from the jars that `make setup` fetched.

Everything lies in one folder: the configuration, the ports once chosen, the log segments, what it says, and its process id.
Data and ports survive a stop, a kill and a restart.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import struct
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.local_stack import ports
from pipelines.local_stack.java import NO_JAVA, find_java
from pipelines.local_stack.process import ServerError, ServerProcess
from pipelines.settings import Settings

STOP_SECONDS = 20.0
LEAST_DISK = 256 * 2**20  # bytes; a broker that runs out of them stops for good
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
class KafkaServer:
    """The local broker of one data folder.

    Parameters
    ----------
    settings : data folder, port, heap, jars and Java.
    jvm_options : added to the command line of the broker.
    """

    settings: Settings
    jvm_options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where everything of it lies."""
        return self.settings.stack_dir / "kafka"

    @property
    def process(self) -> ServerProcess:
        """Its process, running or not."""
        return ServerProcess(self.folder / "kafka.pid", str(self._configuration))

    @property
    def _configuration(self) -> Path:
        return self.folder / "server.properties"

    @property
    def address(self) -> str | None:
        """host:port of the broker, or None if it was never started."""
        chosen = self._ports()
        return f"{ports.HOST}:{chosen[0]}" if chosen else None

    def ready(self) -> bool:
        """Whether it answers requests (and it is ours that does)."""
        chosen = self._ports()
        return chosen is not None and self.process.find() is not None and _answers(chosen[0])

    def start(self) -> str:
        """Start it unless it runs, wait until it answers, and return its address.

        Raises ServerError if Java or the jars are missing, a port is busy, the disk is full, or it ends or does not answer in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if self.process.find() is None:
                self._launch()
            return self._wait()

    def stop(self) -> bool:
        """Stop it, keep its data, and say whether it was running."""
        return self.process.stop(STOP_SECONDS) if self.folder.exists() else False

    def _launch(self) -> None:
        java = self._java()
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_DISK:
            raise ServerError(
                f"{self.folder} has {free >> 20} MiB left, Kafka needs {LEAST_DISK >> 20}; make room or set AGORA_DATA_DIR to another disk"
            )
        self._configure()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(java)
        self.process.start(
            [*java, *self.jvm_options, f"-Xmx{self.settings.kafka_heap}", "kafka.Kafka", str(self._configuration)],
            self.folder / "kafka.out",
        )

    def _java(self) -> list[str]:
        """The start of every command line: java, where it logs, its class path."""
        program = find_java(self.settings)
        if program is None:
            raise ServerError(f"Kafka needs Java and there is none; {NO_JAVA}")
        if not any(self.settings.kafka_jars.glob("kafka_*.jar")):
            raise ServerError(f"Kafka's jars are not in {self.settings.kafka_jars}; run `make setup`")
        logging = self.settings.jars_dir / "kafka" / "log4j2.xml"
        archive = class_archive(self.settings)
        return [
            str(program),
            # half the CPU time until it answers, and no less throughput (docs/decisions/0007-quick-broker.md)
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *([f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off"] if archive.exists() else []),  # one that does not fit is ignored
            f"-Dlog4j2.configurationFile={logging}",
            f"-Dagora.log.dir={self.folder}",
            "-cp",
            f"{self.settings.kafka_jars}/*",
        ]

    def _configure(self) -> None:
        """Choose the ports, remember them, and write the configuration."""
        broker, controller = self._ports() or (0, 0)
        if self.settings.kafka_port:
            broker = self.settings.kafka_port
            if not ports.is_free(broker):
                raise ServerError(
                    f"port {broker} is held by {ports.holder(broker)}; stop it, or set AGORA_KAFKA_PORT to another port (0: any free one)"
                )
        elif not broker or not ports.is_free(broker):
            broker = ports.free_port()
        if not controller or not ports.is_free(controller):
            controller = ports.free_port()
        (self.folder / "ports.json").write_text(json.dumps({"broker": broker, "controller": controller}))
        text = CONFIGURATION.format(host=ports.HOST, broker=broker, controller=controller, data=self.folder / "data")
        self._configuration.write_text(text)

    def _ports(self) -> tuple[int, int] | None:
        """The ports of broker and controller as remembered, or None."""
        try:
            kept = json.loads((self.folder / "ports.json").read_text())
            return int(kept["broker"]), int(kept["controller"])
        except (OSError, ValueError, KeyError):
            return None

    def _format(self, java: list[str]) -> None:
        """Make the empty data folder, once."""
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*java, "kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", str(self._configuration)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerError(
                f"Kafka could not make its data folder: {(done.stderr or done.stdout).strip()[-500:]}; remove {self.folder} to begin anew"
            )

    def _wait(self) -> str:
        """Wait until it answers, and return its address."""
        deadline = time.monotonic() + self.settings.start_timeout
        while not self.ready():
            if self.process.find() is None:
                raise ServerError(f"Kafka ended while starting: {self._last_words()}; the whole log is {self.folder / 'kafka.log'}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"Kafka did not answer within {self.settings.start_timeout:g} s; "
                    f"see {self.folder / 'kafka.log'}, or set AGORA_START_TIMEOUT higher"
                )
            time.sleep(0.05)
        return self.address or ""

    def _last_words(self) -> str:
        said = [
            path.read_text(errors="replace").strip() for path in (self.folder / "kafka.out", self.folder / "kafka.log") if path.exists()
        ]
        return next((text.splitlines()[-1] for text in said if text), "it said nothing")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One starter at a time; a second waits and then finds it running."""
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _answers(port: int) -> bool:
    """Whether a Kafka broker answers on the port: its socket opens before it is ready, so it is asked which requests it knows."""
    try:
        with socket.create_connection((ports.HOST, port), timeout=1.0) as connection:
            connection.sendall(API_VERSIONS)
            answer = connection.recv(8)
    except OSError:
        return False
    return len(answer) == 8 and answer[4:] == API_VERSIONS[8:12]
