"""What agents produced and consumed, one row per agent and period. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least
from spark_jobs.silver.typed import typed_table

RULES = (
    at_least("agent", 0),
    at_least("produced", 0),
    at_least("consumed", 0),
    at_least("lacked", 0),
    at_least("perished", 0),
)
TABLE = typed_table("resources", RULES)
