"""A client that is not let in is told so, and told apart from a broker that is away."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError, TopicAuthorizationFailedError

from pipelines.broker import login
from pipelines.broker.login import connected, failure, is_refusal
from pipelines.kafka_access import Access

WAY = Access("a:1", "SASL_PLAINTEXT", user="agora-worker", password="Jw8_oQ2-hT")
HANG_UP = KafkaConnectionError("socket disconnected")


class Library:
    """A client that logs its errors and then runs out of time, as kafka-python does."""

    def __init__(self, *errors: KafkaError) -> None:
        self.errors, self.tries = errors, 0

    def __call__(self, milliseconds: int) -> Any:
        self.tries += 1
        for error in self.errors:
            logging.getLogger("kafka.net.connection").error("%s: Connection lost: %s", self, error)
        raise KafkaTimeoutError("Unable to bootstrap")


@pytest.mark.parametrize("errors", [(SaslAuthenticationFailedError("wrong"),), (HANG_UP, HANG_UP, HANG_UP)])
def test_a_refused_login_is_told_at_once(errors: tuple[KafkaError, ...]) -> None:
    library = Library(*errors)
    with pytest.raises(PermissionError, match=r"broker at a:1 does not let agora-worker in .*AGORA_KAFKA_PASSWORD_FILE") as raised:
        connected(WAY, 60, library)
    assert library.tries == 1 and "Jw8" not in str(raised.value)


def test_a_certificate_that_is_not_trusted_is_told_at_once() -> None:
    library = Library(KafkaConnectionError("Handshake failed: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"))
    with pytest.raises(PermissionError, match="no certificate that is trusted here .*set AGORA_KAFKA_CA_FILE"):
        connected(Access("a:1", "SSL"), 60, library)
    assert library.tries == 1


@pytest.mark.parametrize("errors", [(), (HANG_UP,), (HANG_UP, HANG_UP, HANG_UP, KafkaConnectionError("Connection refused"))])
def test_a_broker_that_is_away_is_waited_for_and_then_told(errors: tuple[KafkaError, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1000))
    monkeypatch.setattr(login.time, "monotonic", lambda: float(next(now)))
    library = Library(*errors)
    with pytest.raises(ConnectionError, match="no Kafka broker answers at a:1"):
        connected(WAY, 10, library)
    assert library.tries > 1


def test_hang_ups_say_nothing_where_nobody_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1000))
    monkeypatch.setattr(login.time, "monotonic", lambda: float(next(now)))
    with pytest.raises(ConnectionError, match="AGORA_KAFKA_PROTOCOL if it wants a login"):
        connected("a:1", 2, Library(HANG_UP, HANG_UP, HANG_UP))


def test_a_right_that_lacks_names_who_and_what() -> None:
    error = failure(WAY, TopicAuthorizationFailedError("x"), "evaluation.labels")
    assert isinstance(error, PermissionError)
    assert str(error).startswith("agora-worker has no right to topic evaluation.labels at a:1")


def test_a_refusal_in_words_alone_is_one() -> None:
    assert is_refusal(KafkaError("Unexpected error in InitProducerIdResponse: [Error 31] ClusterAuthorizationFailedError"))
    assert not is_refusal(KafkaTimeoutError("no report"))
