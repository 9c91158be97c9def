"""Small blocks as Kafka records, and the frames that Spark's Kafka source makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from pipelines.events.block import Head, WireRecord, columns_of_rows
from pipelines.events.codec import encode, seal
from pipelines.events.declarations import EVENT_TYPES, EventType
from pipelines.events.topics import partition_of
from spark_jobs.bronze.events import HEADERS

DEFAULTS: dict[str, dict[str, Any]] = {
    "trades": {"symbol": 0, "price": 100, "size": 5, "buyer": 1, "seller": 2, "buy_order_id": 10, "sell_order_id": 11, "aggressor": 0},
    "ticks": {"symbol": 0, "best_bid": 99, "best_ask": 101, "last": 100, "volume": 5, "bid_size": 3, "ask_size": 4, "trades": 1},
    "orders": {
        "kind": 1, "side": 0, "reason": 0, "time_in_force": 0, "symbol": 0, "price": 100, "size": 5, "remaining": 5,
        "owner": 1, "other_owner": -1, "order_id": 10, "other_id": -1,
    },
    "agents": {
        "agent": 1, "symbol": 0, "cash": 500, "inventory": 2, "fees": 0, "open_orders": 1, "reputation": 0, "alliance": -1,
    },
    "labels": {"kind": "agent_type", "agent": 3, "symbol": -1, "first_step": 0, "last_step": -1, "episode": -1, "value": "noise"},
    "alerts": {
        "alert_id": "a1", "kind": "price_outlier", "symbol": 0, "first_step": 1, "last_step": 1, "score": 9.5, "suspects": "[]",
        "evidence": "{}",
    },
}  # fmt: skip
KAFKA = pa.schema(
    [
        ("key", pa.binary()),
        ("value", pa.binary()),
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", pa.timestamp("us", "UTC")),
        ("timestampType", pa.int32()),
        ("headers", HEADERS),
    ]
)
AT = datetime(2026, 11, 21, tzinfo=UTC)


def block(
    event: str,
    rows: Sequence[dict[str, Any]],
    prev: int = -1,
    run: str = "r1",
    world: int = 0,
    epoch: int = 0,
    kind: EventType | None = None,
) -> WireRecord:
    """A sealed block of rows, of the present version or as `kind`; each row gives seq and step and whatever differs from the defaults."""
    kind = kind or EVENT_TYPES[event]
    full = [{"step": row["seq"]} | DEFAULTS.get(event, {}) | row for row in rows]
    columns = columns_of_rows(kind, full)
    head = Head(run, world, epoch, prev, full[0]["seq"], full[-1]["seq"], len(full))
    return seal(kind, head, encode(kind, head, columns))


def trades(*seqs: int, prev: int = -1, **fields: Any) -> WireRecord:
    """A block of trades with these seqs."""
    keywords = {name: fields.pop(name) for name in ("run", "world", "epoch") if name in fields}
    return block("trades", [{"seq": seq} | fields for seq in seqs], prev, **keywords)


def home(record: WireRecord, partitions: int = 2) -> int:
    """The partition on which a record belongs."""
    return partition_of(record.key, partitions)


def kafka(*placed: tuple[WireRecord, int], partitions: int = 2) -> pa.RecordBatch:
    """What Spark's Kafka source gives of records, each with its offset."""
    rows = [
        {
            "key": record.key,
            "value": record.value,
            "topic": record.topic,
            "partition": home(record, partitions),
            "offset": offset,
            "timestamp": AT,
            "timestampType": 0,
            "headers": [{"key": name, "value": value} for name, value in record.headers],
        }
        for record, offset in placed
    ]
    return pa.RecordBatch.from_pylist(rows, schema=KAFKA)
