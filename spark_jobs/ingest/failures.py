"""What ended a query: worth another try, or something that only the user can mend."""

from __future__ import annotations

import errno
import re

from pipelines.kafka_access import Servers, access_to
from pipelines.places import STORE_FAILED, store_failure

NO_SPACE = ("No space left on device", "ENOSPC", "Disk quota exceeded")
BROKER_AWAY = (
    "TimeoutException",
    "DisconnectException",
    "BrokerNotAvailable",
    "No resolvable bootstrap urls",
    "Failed to create new KafkaAdminClient",
    "Failed to construct kafka",
    "NetworkException",
    "LEADER_NOT_AVAILABLE",
)
NOT_LET_IN = ("SaslAuthenticationException", "UnsupportedSaslMechanism")
NO_RIGHT = ("TopicAuthorizationException", "GroupAuthorizationException", "ClusterAuthorizationException")
REFUSED = re.compile(r"Not authorized to access (topic|group)s?: (?:\[([^\]]*)\]|(\S+))")
DATA_LOST = ("failOnDataLoss", "KAFKA_DATA_LOSS", "Some data may have been lost", "OffsetOutOfRange")
NO_TOPIC = ("UnknownTopicOrPartition", "UNKNOWN_TOPIC_OR_PARTITION", "does not host this topic-partition")


class StreamError(ValueError):
    """A stream ended for a reason that the user can mend; nothing is lost."""


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk was full."""
    return (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or _says(error, NO_SPACE)


def is_broker_away(error: BaseException) -> bool:
    """Whether the broker did not answer, so that waiting may help."""
    return _says(error, BROKER_AWAY) and not is_refusal(error)


def is_refusal(error: BaseException) -> bool:
    """Whether the broker does not let this principal in, or do it."""
    return _says(error, (*NOT_LET_IN, *NO_RIGHT))


def explain(error: BaseException, broker: Servers, lake: object) -> StreamError | None:
    """The error to show, or None where it is a fault of the program."""
    if is_disk_full(error):
        return StreamError(f"the disk that holds {lake} is full; free some space and start the stream again, it goes on where it stopped")
    if _says(error, (STORE_FAILED,)):
        return StreamError(f"{store_failure(error, lake)}. Nothing is lost: start the stream again, it goes on where it stopped")
    user = access_to(broker).user or "a client without a login"
    if _says(error, NOT_LET_IN):
        return StreamError(
            f"the broker at {broker} does not let {user} in; check AGORA_KAFKA_USER, its password "
            "(AGORA_KAFKA_PASSWORD_FILE, or the file of its name in AGORA_KAFKA_USERS_DIR) and AGORA_KAFKA_MECHANISM"
        )
    if _says(error, NO_RIGHT):
        found = REFUSED.search(str(error))
        told = f"{found[1]} {found[2] or found[3]}" if found else "what it asked for"
        return StreamError(
            f"{user} has no right to {told} at {broker}; `agora stack secure` as agora-admin gives every principal its rights, "
            "docs/security.md lists them"
        )
    if _says(error, DATA_LOST):
        return StreamError(
            f"the broker at {broker} no longer has records that were not read yet, or it is another broker; "
            "what was read is safe. Bring the old broker data back, or remove the lake and its checkpoints to begin anew"
        )
    if _says(error, NO_TOPIC):
        return StreamError(f"the broker at {broker} lacks topics of this product; create them with `agora stack up`")
    if is_broker_away(error):
        return StreamError(f"no Kafka broker answers at {broker}; start it with `agora stack up` and the stream again, nothing is lost")
    return None


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    text = f"{type(error).__name__}: {error}"
    return any(word in text for word in words)
