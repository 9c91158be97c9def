"""All silver tables by name. Tasks import this rather than the catalog, which would load gold's libraries into every worker."""

from __future__ import annotations

from spark_jobs.silver import (
    agents,
    inputs,
    interventions,
    labels,
    messages,
    metrics,
    negotiations,
    orders,
    quarantine,
    resources,
    ticks,
    trades,
    worlds,
)
from spark_jobs.silver.typed import TypedTable

QUARANTINE = quarantine.TABLE
SILVER: tuple[TypedTable, ...] = (
    worlds.TABLE,
    orders.TABLE,
    trades.TABLE,
    ticks.TABLE,
    messages.TABLE,
    negotiations.TABLE,
    agents.TABLE,
    resources.TABLE,
    interventions.TABLE,
    inputs.TABLE,
    metrics.TABLE,
)
LABEL_TABLES: tuple[TypedTable, ...] = (labels.TABLE,)
"""Ground truth; in a lake folder of its own, which no other query reads."""
