"""The table of rights gives each part what it needs, and the truth to nobody who detects."""

from __future__ import annotations

import pytest
from kafka.admin import ACLOperation

from pipelines.broker.rights import rights
from pipelines.events.topics import CONSUMERS, SCHEMAS, TOPICS, dead_letter_topics
from pipelines.kafka_access import Principal, sink_principal
from spark_jobs.catalog import LABEL_TOPICS, MARKET_TOPICS

LABELS = "evaluation.labels"


def may(principal: str, operation: ACLOperation) -> set[str]:
    return {right.name for right in rights() if right.principal == principal and right.operation is operation}


def test_only_three_may_read_the_truth_and_only_the_worker_writes_it() -> None:
    readers = {principal for principal in Principal if LABELS in may(principal, ACLOperation.READ)}
    assert readers == {Principal.WORKER, Principal.LABELS, Principal.AUDITOR}
    assert [principal for principal in Principal if LABELS in may(principal, ACLOperation.WRITE)] == [Principal.WORKER]


def test_the_worker_writes_what_is_simulated_and_no_alert() -> None:
    assert may(Principal.WORKER, ACLOperation.WRITE) == {topic.name for topic in TOPICS} - {"market.alerts"} | {SCHEMAS.name}
    assert {"market.inputs", "market.alerts"} <= may(Principal.WORKER, ACLOperation.READ)


@pytest.mark.parametrize(("principal", "topics"), [(Principal.STREAM, MARKET_TOPICS), (Principal.LABELS, LABEL_TOPICS)])
def test_a_stream_reads_its_topics_and_writes_their_dead_letters(principal: Principal, topics: tuple[str, ...]) -> None:
    assert set(topics) <= may(principal, ACLOperation.READ)
    written = {f"{topic}.bronze.dlq" for topic in topics} | ({"market.alerts"} if principal is Principal.STREAM else set())
    assert may(principal, ACLOperation.WRITE) == written


@pytest.mark.parametrize("name", [name for name in CONSUMERS if name != "bronze"])
def test_a_sink_reads_its_topics_and_writes_its_dead_letters_alone(name: str) -> None:
    topics = {topic.name for topic in TOPICS if topic.event in CONSUMERS[name]}
    assert may(sink_principal(name), ACLOperation.READ) == topics | {"market.worlds", f"sink-{name}"}
    assert may(sink_principal(name), ACLOperation.WRITE) == {f"{topic}.{name}.dlq" for topic in topics}


def test_the_viewer_and_the_auditor_write_nothing() -> None:
    for principal in (Principal.VIEWER, Principal.AUDITOR):
        assert may(principal, ACLOperation.WRITE) == set()
    assert may(Principal.AUDITOR, ACLOperation.READ) == {topic.name for topic in TOPICS} | set(dead_letter_topics())


def test_somebody_writes_every_topic() -> None:
    written = {right.name for right in rights() if right.operation is ACLOperation.WRITE}
    assert written == {topic.name for topic in (*TOPICS, SCHEMAS)} | set(dead_letter_topics())
