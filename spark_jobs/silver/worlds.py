"""What the integer ids of a world mean, one row per name. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least, filled_in
from spark_jobs.silver.typed import typed_table

RULES = (filled_in("kind"), at_least("step_ns", 1))
TABLE = typed_table("worlds", RULES)
