"""A real Cassandra on the loopback interface: one node, from the jars that `make setup` fetched.

The user `agora` is made at the first start, and the built-in one, whose password everybody knows, is shut out.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.local_stack import ports
from pipelines.local_stack.java import find_java, jar_version, lack_of_jars, lack_of_java
from pipelines.local_stack.secret import password
from pipelines.local_stack.server import LocalServer

USER = "agora"
OPTIONS = struct.pack(">BBhBi", 4, 0, 0, 5, 0)  # protocol version 4: no flags, stream 0, "which options do you support?", no body
SUPPORTED = 6
CONFIGURATION = """\
cluster_name: agora
num_tokens: 1
allocate_tokens_for_local_replication_factor: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
listen_address: {host}
rpc_address: {host}
native_transport_port: {port}
storage_port: {storage}
commitlog_sync: periodic
commitlog_sync_period: 1000ms
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{host}:{storage}"}}]
authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
auto_snapshot: false
"""


@dataclass(frozen=True)
class CassandraServer(LocalServer):
    """The local Cassandra of one data folder."""

    name = "cassandra"
    title = "Cassandra"
    elsewhere = "AGORA_CASSANDRA"
    port_names = ("port", "storage", "jmx")

    @property
    def mark(self) -> str:
        return f"-Dcassandra.config=file://{self.folder / 'cassandra.yaml'}"

    @property
    def version(self) -> str:
        return jar_version(self.settings.cassandra_jars, "cassandra-all")

    def lack(self) -> str:
        return lack_of_java(self.settings, self.title) or lack_of_jars(self.settings.cassandra_jars, "cassandra-all-*.jar", self.title)

    def configure(self, chosen: Mapping[str, int]) -> None:
        for name in ("data", "tmp"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "cassandra.yaml").write_text(CONFIGURATION.format(host=ports.HOST, **chosen))

    def command(self) -> Sequence[str]:
        jars, own, heap = self.settings.cassandra_jars, self.settings.jars_dir / "cassandra", self.settings.cassandra_heap
        return [
            str(find_java(self.settings)),
            f"@{own / 'jvm.options'}",
            f"-Xms{heap}",
            f"-Xmx{heap}",
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            self.mark,
            f"-Dcassandra.storagedir={self.folder / 'data'}",
            f"-Dcassandra.logdir={self.folder}",
            f"-Dcassandra.jmx.local.port={self.ports()['jmx']}",
            f"-Dlogback.configurationFile=file://{own / 'logback.xml'}",
            *(f"-javaagent:{jar}" for jar in jars.glob("jamm-*.jar")),
            "-cp",
            f"{jars}/*",
            "org.apache.cassandra.service.CassandraDaemon",
        ]

    def answers(self, port: int) -> bool:
        return is_cassandra(ports.HOST, port)

    def open(self) -> None:
        """Make the user, once."""
        from pipelines.local_stack.cassandra_user import make_user

        made = self.folder / "user.made"
        if not made.exists():
            make_user(ports.HOST, self.port or 0, (USER, password(self._secret)), self.settings.start_timeout)
            made.touch()

    @property
    def _secret(self) -> Path:
        return self.folder / f"{USER}.password"

    def url(self) -> str:
        """Where clients find it, with the user's password."""
        return f"cassandra://{USER}:{password(self._secret)}@{self.address}"


def is_cassandra(host: str, port: int) -> bool:
    """Whether a Cassandra takes clients on the port; the port opens when the node is up."""
    try:
        with socket.create_connection((host, port), timeout=2.0) as connection:
            connection.sendall(OPTIONS)
            answer = connection.recv(9)
    except OSError:
        return False
    return len(answer) == 9 and answer[0] == 0x84 and answer[4] == SUPPORTED
