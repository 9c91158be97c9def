"""What the stream itself sends to Kafka: dead letters with their coordinates, and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pipelines.events.block import Head, StoredRecord, columns_of_rows
from pipelines.events.codec import encode, seal
from pipelines.events.dead_letters import bury
from pipelines.events.declarations import ALERTS
from pipelines.events.topics import PARTITIONS, partition_of
from spark_jobs.ingest.journal import Refused

CONSUMER = "bronze"


class Outgoing(NamedTuple):
    """A record to send."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def dead_letter(refused: Refused) -> Outgoing:
    """The original record on its dead-letter topic, with its coordinates and the reason; these topics have one partition."""
    place = (refused.topic, refused.partition, refused.offset, refused.timestamp_ms)
    origin = StoredRecord(*place, refused.key, refused.value, tuple(refused.headers))
    record = bury(origin, CONSUMER, refused.reason, refused.detail)
    return Outgoing(record.topic, 0, record.key, record.value, list(record.headers))


def alert_records(alerts: Iterable[Mapping[str, Any]], partitions: int = PARTITIONS) -> list[Outgoing]:
    """Alerts as blocks, one per run, world and symbol, for a topic with so many partitions."""
    groups: dict[tuple[str, int, int], list[Mapping[str, Any]]] = {}
    for alert in alerts:
        groups.setdefault((alert["run_id"], alert["world_id"], alert["symbol"]), []).append(alert)
    return [_alert_block(*group, rows, partitions) for group, rows in groups.items()]


def _alert_block(run_id: str, world_id: int, symbol: int, rows: list[Mapping[str, Any]], partitions: int) -> Outgoing:
    columns = columns_of_rows(ALERTS, [{**row, "seq": seq} for seq, row in enumerate(rows)])
    head = Head(run_id, world_id, 0, -1, 0, len(rows) - 1, len(rows))
    record = seal(ALERTS, head, encode(ALERTS, head, columns))
    key = f"{run_id}/{symbol}".encode()
    return Outgoing(record.topic, partition_of(key, partitions), key, record.value, list(record.headers))
