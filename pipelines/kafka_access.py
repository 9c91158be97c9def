"""Who speaks to Kafka, and how: the principals, and what a client needs to log in as one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pipelines.secrecy import is_sample, read_secret
from pipelines.settings import Settings


class Principal(StrEnum):
    """The identities under which the parts of the product come; `pipelines.broker.rights` says what each may do."""

    ADMIN = "agora-admin"
    WORKER = "agora-worker"
    STREAM = "agora-stream"
    DETECTOR = "agora-detector"
    LABELS = "agora-labels"
    VIEWER = "agora-viewer"
    AUDITOR = "agora-auditor"
    REDIS = "agora-redis"
    ELASTICSEARCH = "agora-elasticsearch"
    MONGODB = "agora-mongodb"
    CASSANDRA = "agora-cassandra"
    SQL = "agora-sql"


def sink_principal(store: str) -> Principal:
    """Who the sink of a store is; ValueError for an unknown one."""
    return Principal(f"agora-{store}")


@dataclass(frozen=True)
class Access:
    """The way to a cluster. In messages it is its addresses.

    Parameters
    ----------
    servers : `host:port`, several separated by commas.
    protocol, mechanism : in Kafka's words; without SASL in the protocol nobody logs in.
    ca_file : certificates that an encrypted broker is known by; empty: the system's.
    """

    servers: str
    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def __str__(self) -> str:
        return self.servers

    @property
    def logs_in(self) -> bool:
        """Whether the broker asks who it is."""
        return self.protocol.startswith("SASL_")

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return self.protocol.endswith("SSL")


Servers = str | Access
"""Addresses alone stand for a broker that asks nobody who he is."""


def access_to(servers: Servers) -> Access:
    """The way to a cluster of which perhaps only the addresses are known."""
    return servers if isinstance(servers, Access) else Access(servers)


def access(settings: Settings, servers: str, principal: Principal) -> Access:
    """The way to the brokers for a part of the product: under AGORA_KAFKA_USER if that is set, otherwise as the principal.

    ValueError if there is no password for it, or in production a sample one.
    """
    chosen = Access(servers, settings.kafka_protocol, ca_file=str(settings.kafka_ca_file or ""))
    if not chosen.logs_in:
        return chosen
    user = settings.kafka_user or principal.value
    password = settings.kafka_password or _kept(settings.kafka_users / f"{user}.password", user)
    if settings.mode == "production" and is_sample(password):
        raise ValueError(f"Kafka's user {user} has a sample password, which is refused with AGORA_MODE=production; give it another one")
    return Access(servers, chosen.protocol, settings.kafka_mechanism, user, password, chosen.ca_file)


def _kept(path: Path, user: str) -> str:
    if not path.exists():
        raise ValueError(
            f"there is no password for Kafka's user {user}: {path} does not exist; set AGORA_KAFKA_PASSWORD_FILE, "
            "or AGORA_KAFKA_USERS_DIR to the folder that has it (`agora stack up` makes those of the local broker)"
        )
    return read_secret("AGORA_KAFKA_USERS_DIR", path)


def jaas(access: Access) -> str:
    """The login as Java takes it."""
    module = "scram.ScramLoginModule" if access.mechanism.startswith("SCRAM") else "plain.PlainLoginModule"
    return f"org.apache.kafka.common.security.{module} required username={_quoted(access.user)} password={_quoted(access.password)};"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
