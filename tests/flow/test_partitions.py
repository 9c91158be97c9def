"""Topics with more partitions than usual: made by the setting, used by all of the flow, refused by who is told another number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pipelines.broker.kafka_log import KafkaLog
from tests.flow.conftest import Lab

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
PARTITIONS = 4


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory whose topics have four partitions."""
    made = Lab(tmp_path_factory.mktemp("wide"), {"AGORA_KAFKA_PARTITIONS": str(PARTITIONS)})
    made.call("stack", "up", "--with", "redis")
    yield made
    made.call("stack", "down")


@pytest.fixture(scope="module")
def run(wide: Lab) -> dict[str, Any]:
    """A run of as many worlds, in the tables and in a store."""
    summary: dict[str, Any] = wide.json("simulate", "--worlds", str(PARTITIONS), "--workers", "2", "--steps", "300", "--seed", "5")
    wide.json("stream", "--once")
    wide.call("sink", "redis", "--once")
    return summary


def test_each_partition_has_a_world_and_all_events_reconcile(wide: Lab, run: dict[str, Any]) -> None:
    log = KafkaLog(broker(wide))
    assert log.partitions("market.orders") == PARTITIONS
    assert all(log.end_offset("market.orders", partition) > 0 for partition in range(PARTITIONS))
    log.close()
    assert wide.json("verify", "--run", run["run_id"], "--stores", "all", "--recompute")["ok"] is True
    wide.call("refresh")
    wide.call("check", "--run", run["run_id"])


@pytest.mark.parametrize("words", [("prepare", "topics"), ("simulate", "--steps", "5"), ("stream", "--once")])
def test_another_number_is_refused_and_nothing_grows(wide: Lab, run: dict[str, Any], words: tuple[str, ...]) -> None:
    larger = replace(wide, extra={"AGORA_KAFKA_PARTITIONS": "8"})
    said = larger.call(*words, code=2).stderr
    assert "has 4 partitions, but AGORA_KAFKA_PARTITIONS is 8; set it to 4" in " ".join(said.split())
    log = KafkaLog(broker(wide))
    assert log.partitions("market.orders") == PARTITIONS
    log.close()


def broker(lab: Lab) -> str:
    """Where Kafka answers."""
    return str(lab.json("stack", "status")["servers"][0]["address"])
