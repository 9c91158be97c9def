"""Detections, one row each. Upstream: market.alerts, gold.agent_clusters. Key: alert_id; an alert that is repeated is one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from pipelines.events.declarations import ALERTS
from pipelines.places import Place, is_table
from spark_jobs.schemas import STEP_NS, arrow_schema
from spark_jobs.table import OF_RUN, ColumnDoc, Table

SCHEMA = pa.schema([field for field in arrow_schema(ALERTS) if field.name != "seq"])


def transform(alerts: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Decoded alerts as rows, the first of each id."""
    first: dict[str, dict[str, Any]] = {}
    for alert in alerts:
        row = {name: alert[name] for name in SCHEMA.names if name != "time_ns"}
        first.setdefault(alert["alert_id"], row | {"time_ns": alert["step"] * STEP_NS})
    return pa.Table.from_pylist(list(first.values()), schema=SCHEMA)


def unknown(lake: Place, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the alerts that the table does not have."""
    path = TABLE.path(lake)
    if not found or not is_table(path):
        return list(found)
    known = set(DeltaTable(str(path)).to_pyarrow_table(columns=["alert_id"]).column("alert_id").to_pylist())
    return [alert for alert in found if alert["alert_id"] not in known]


TABLE = Table(
    "gold.alerts",
    SCHEMA,
    key=("alert_id",),
    doc=ALERTS.doc,
    upstream=("market.alerts", "gold.agent_clusters"),
    columns=OF_RUN
    | {"time_ns": ColumnDoc("ns", "simulated time since the run's start")}
    | {column.name: ColumnDoc(column.unit, column.doc) for column in ALERTS.all_columns if column.name in SCHEMA.names},
    transform=transform,
)
