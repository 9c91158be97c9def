"""What is said of a stream that ended, and whether it is tried again."""

from __future__ import annotations

import errno

import pytest

from spark_jobs.ingest.failures import explain, is_broker_away, is_disk_full


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk that holds lake is full"),
        (RuntimeError("java.io.IOException: No space left on device"), "the disk that holds lake is full"),
        (RuntimeError("org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node"), "no Kafka broker answers at b:1"),
        (RuntimeError("[KAFKA_DATA_LOSS] Some data may have been lost"), "no longer has records that were not read yet"),
        (RuntimeError("UnknownTopicOrPartitionException"), "lacks topics of this product"),
    ],
)
def test_what_the_user_can_mend_is_said_with_the_next_step(error: BaseException, words: str) -> None:
    shown = explain(error, "b:1", "lake")
    assert words in str(shown)
    assert "Traceback" not in str(shown)


def test_faults_of_the_program_are_not_explained_away() -> None:
    assert explain(KeyError("x"), "b:1", "lake") is None


def test_only_an_absent_broker_is_worth_waiting_for() -> None:
    assert is_broker_away(RuntimeError("DisconnectException"))
    assert not is_broker_away(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(OSError(errno.EDQUOT, "quota"))
