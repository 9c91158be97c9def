"""What agents told each other, one row per message. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least
from spark_jobs.silver.typed import typed_table

RULES = (at_least("sender", 0), at_least("receiver", -1))
TABLE = typed_table("messages", RULES)
