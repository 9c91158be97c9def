"""Open a Kafka client under a principal, and say clearly why it is not let in."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka.errors import (
    AuthorizationError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)

from pipelines.kafka_access import Access, Servers, access_to

TRY_S = 2.0  # a client retries a refused login until its time is over, so it is given little of it at first
HANG_UPS = 3  # in a row, and nothing else: the client is late for what the broker says before it hangs up on a wrong password
DISTRUST = "CERTIFICATE_VERIFY_FAILED"
SHUT_OUT = (IllegalSaslStateError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError)
GRANT = (
    "run `agora stack secure` as agora-admin to give every principal its rights (docs/security.md), or act under another AGORA_KAFKA_USER"
)


def kafka_python(access: Access) -> dict[str, Any]:
    """What kafka-python's clients take beside the addresses."""
    options: dict[str, Any] = {"bootstrap_servers": access.servers.split(","), "security_protocol": access.protocol}
    if access.encrypted:
        options["ssl_context"] = ssl.create_default_context(cafile=access.ca_file or None)
    if access.logs_in:
        options |= {"sasl_mechanism": access.mechanism, "sasl_plain_username": access.user, "sasl_plain_password": access.password}
    return options


def librdkafka(access: Access) -> dict[str, Any]:
    """What confluent-kafka's clients take beside their own options."""
    options: dict[str, Any] = {"bootstrap.servers": access.servers, "security.protocol": access.protocol}
    if access.encrypted and access.ca_file:
        options["ssl.ca.location"] = access.ca_file
    if access.logs_in:
        options |= {"sasl.mechanism": access.mechanism, "sasl.username": access.user, "sasl.password": access.password}
    return options


def connected(servers: Servers, seconds: float, make: Callable[[int], Any]) -> Any:
    """The client that `make` gives when called with the milliseconds that it may take, or the error to show.

    PermissionError at once if the login is refused; ConnectionError if no broker answers in time.
    """
    access, end, most = access_to(servers), time.monotonic() + seconds, TRY_S
    while True:
        left = max(0.1, end - time.monotonic())
        try:
            with overheard() as said:
                return make(int(1000 * (min(most, left) if access.logs_in or access.encrypted else left)))
        except KafkaTimeoutError as error:
            refusal = _refusal(said, access)
            if refusal is not None:
                raise failure(access, refusal) from error
            if time.monotonic() >= end:
                raise failure(access, said[-1] if said else error) from error
        except KafkaError as error:
            raise failure(access, error) from error
        most *= 2


def _refusal(said: list[Exception], access: Access) -> Exception | None:
    """What of the overheard errors tells that waiting does not help."""
    told: Exception | None = next((each for each in said if isinstance(each, SHUT_OUT) or DISTRUST in str(each)), None)
    if not access.logs_in:
        return told
    met = {(type(each), str(each)) for each in said}
    if told is None and len(said) >= HANG_UPS and met == {(KafkaConnectionError, str(KafkaConnectionError("socket disconnected")))}:
        told = SaslAuthenticationFailedError("it hangs up at the login")
    return told


def failure(servers: Servers, error: Exception, topic: str = "") -> OSError:
    """The error to raise for a client's: PermissionError if waiting does not help, otherwise ConnectionError."""
    access = access_to(servers)
    if isinstance(error, SHUT_OUT):
        user = access.user or "a client without a login"
        return PermissionError(
            f"the broker at {access} does not let {user} in ({_words(error)}); check AGORA_KAFKA_USER, "
            "its password (AGORA_KAFKA_PASSWORD_FILE, or the file of its name in AGORA_KAFKA_USERS_DIR) and AGORA_KAFKA_MECHANISM"
        )
    if is_refusal(error):
        return refused(access, topic, error)
    if DISTRUST in str(error):
        return PermissionError(f"the broker at {access} has no certificate that is trusted here ({_words(error)}); set AGORA_KAFKA_CA_FILE")
    return unreachable(access, error)


def is_refusal(error: Exception) -> bool:
    """Whether the broker does not allow it; some of kafka-python's errors say so in words only."""
    return isinstance(error, AuthorizationError) or "AuthorizationFailed" in str(error)


def refused(servers: Servers, topic: str, error: Exception) -> PermissionError:
    """The error to raise where the broker does not let the principal do it."""
    access = access_to(servers)
    what = f"topic {topic}" if topic else "that"
    return PermissionError(f"{access.user or 'nobody'} has no right to {what} at {access} ({_words(error)}); {GRANT}")


def unreachable(servers: Servers, error: Exception) -> ConnectionError:
    """The error to raise when no broker answers."""
    access = access_to(servers)
    hint = "" if access.logs_in else ", and AGORA_KAFKA_PROTOCOL if it wants a login"
    return ConnectionError(f"no Kafka broker answers at {access} ({_words(error)}); run `agora stack up` or set AGORA_BROKER{hint}")


def _words(error: Exception) -> str:
    return repr(error) if isinstance(error, KafkaTimeoutError) else str(error) or repr(error)


class _Ear(logging.Handler):
    """Keeps the errors that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[Exception] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and record.name != "kafka.net.transport":  # the connection tells the same once more
            self.said += [each for each in record.args if isinstance(each, KafkaError) and not isinstance(each, KafkaTimeoutError)]


@contextmanager
def overheard() -> Iterator[list[Exception]]:
    """The errors that kafka-python meets meanwhile: of a refused login it tells the log alone, its caller that time is over."""
    library, ear = logging.getLogger("kafka.net"), _Ear()
    library.addHandler(ear)
    try:
        yield ear.said
    finally:
        library.removeHandler(ear)
