"""What must be on the broker before anybody works with it: the topics, and where people log in, users and rights."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from pipelines.broker.contract import prepare
from pipelines.broker.rights import Secured, secure
from pipelines.kafka_access import Principal, access
from pipelines.local_stack.kafka import KafkaServer
from pipelines.local_stack.stack import broker_address
from pipelines.settings import Settings


class SetUp(NamedTuple):
    """What was made. secured : None where nobody logs in."""

    topics: list[str]
    secured: Secured | None


def set_up_broker(settings: Settings) -> None:
    """Make what lacks: on the local broker topics, users and rights; elsewhere the topics, as far as we may.

    Raises ServerError if no local broker runs, ConnectionError if one elsewhere does not answer, ValueError if the topics there have
    another number of partitions than ours, pipelines.events.evolution.Breaking if our events contradict what was published there.
    """
    if not settings.broker:
        set_up_local(settings)
        return
    asks = settings.kafka_protocol.startswith("SASL_")
    # a part that may not create topics, or is given no other login than its own, finds them made by the administrator
    owner = None
    with suppress(*([ValueError] if asks else [])):
        owner = access(settings, settings.broker, Principal.ADMIN)
    if owner is not None:
        with suppress(PermissionError):
            prepare(owner, settings.kafka_partitions)


def set_up_local(settings: Settings, *, renew: bool = False) -> SetUp:
    """Topics, users and rights of the local broker; with renew the passwords of users that exist are set to those kept."""
    broker_address(settings)
    server = KafkaServer(settings)
    topics = prepare(server.owner(), settings.kafka_partitions)
    return SetUp(topics, secure(server.owner(), server.users(), renew=renew) if server.asks else None)


def secure_broker(settings: Settings) -> SetUp:
    """Topics, users and rights, made as agora-admin on a broker elsewhere, whatever is there of them already.

    Elsewhere users are made only if AGORA_KAFKA_USERS_DIR names the folder of their passwords; those that lack there are made up. Raises
    ValueError where nobody logs in, PermissionError without the right to alter the cluster.
    """
    if not settings.kafka_protocol.startswith("SASL_"):
        raise ValueError(f"nobody logs in with AGORA_KAFKA_PROTOCOL={settings.kafka_protocol}; set SASL_PLAINTEXT (local) or SASL_SSL")
    if not settings.broker:
        return set_up_local(settings, renew=True)
    owner = access(settings, settings.broker, Principal.ADMIN)
    passwords = KafkaServer(settings).users() if settings.kafka_users_dir else {}
    passwords.pop(owner.user, None)
    return SetUp(prepare(owner, settings.kafka_partitions), secure(owner, passwords, renew=True))
