"""The tape, one row per fill. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from pipelines.events.vocabulary import Side
from spark_jobs.expectations import at_least, one_of
from spark_jobs.silver.typed import typed_table

RULES = (at_least("price", 1), at_least("size", 1), one_of("aggressor", Side))
TABLE = typed_table("trades", RULES)
