"""Accounts, one row per agent and step in which they changed. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least
from spark_jobs.silver.typed import typed_table

RULES = (at_least("agent", 0), at_least("open_orders", 0))
TABLE = typed_table("agents", RULES)
