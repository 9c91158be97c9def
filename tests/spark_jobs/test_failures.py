"""What is said of a stream that ended, and whether it is tried again."""

from __future__ import annotations

import errno

import pytest

from pipelines.kafka_access import Access
from spark_jobs.ingest.driver import check_topics
from spark_jobs.ingest.failures import StreamError, explain, is_broker_away, is_disk_full, is_refusal


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk that holds lake is full"),
        (RuntimeError("java.io.IOException: No space left on device"), "the disk that holds lake is full"),
        (RuntimeError("org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node"), "no Kafka broker answers at b:1"),
        (RuntimeError("[KAFKA_DATA_LOSS] Some data may have been lost"), "no longer has records that were not read yet"),
        (RuntimeError("UnknownTopicOrPartitionException"), "lacks topics of this product"),
        (OSError("Generic S3 error\n ↳ Connection refused"), "the object store of lake failed: Connection refused"),
    ],
)
def test_what_the_user_can_mend_is_said_with_the_next_step(error: BaseException, words: str) -> None:
    shown = explain(error, "b:1", "lake")
    assert words in str(shown)
    assert "Traceback" not in str(shown)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "TopicAuthorizationException: Not authorized to access topics: [evaluation.labels]\n\tat org",
            "no right to topic evaluation.labels at b:1",
        ),
        ("GroupAuthorizationException: Not authorized to access group: mine\n\tat org", "no right to group mine at b:1"),
        ("SaslAuthenticationException: Authentication failed", "the broker at b:1 does not let agora-detector in; check AGORA_KAFKA_USER"),
    ],
)
def test_a_refusal_names_who_is_refused_what_and_is_not_waited_for(said: str, words: str) -> None:
    error = RuntimeError(f"org.apache.kafka.common.errors.TimeoutException caused by {said}")
    assert words in str(explain(error, Access("b:1", "SASL_SSL", user="agora-detector"), "lake"))
    assert is_refusal(error) and not is_broker_away(error)


def test_faults_of_the_program_are_not_explained_away() -> None:
    assert explain(KeyError("x"), "b:1", "lake") is None


def test_only_an_absent_broker_is_worth_waiting_for() -> None:
    assert is_broker_away(RuntimeError("DisconnectException"))
    assert not is_broker_away(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(OSError(errno.EDQUOT, "quota"))


def test_topics_with_another_number_of_partitions_are_refused_with_the_number_to_set() -> None:
    check_topics({"market.trades": 4, "market.ticks": 4}, 4, "b:1")
    for wanted in (2, 8):
        with pytest.raises(StreamError, match=f"at b:1 has 4 partitions, but AGORA_KAFKA_PARTITIONS is {wanted}; set it to 4"):
            check_topics({"market.trades": 4}, wanted, "b:1")
