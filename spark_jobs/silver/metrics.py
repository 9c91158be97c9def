"""Returns, losses and lineage of learning agents, one row per figure. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import filled_in
from spark_jobs.silver.typed import typed_table

RULES = (filled_in("name"),)
TABLE = typed_table("metrics", RULES)
