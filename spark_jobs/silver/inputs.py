"""What came in from outside, one row per input. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least, filled_in
from spark_jobs.silver.typed import typed_table

RULES = (filled_in("kind"), at_least("applies_at", 0))
TABLE = typed_table("inputs", RULES)
