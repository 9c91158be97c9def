"""What regulators and the market's rules did, one row per intervention. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from pipelines.events.vocabulary import InterventionKind, Rule
from spark_jobs.expectations import at_least, one_of
from spark_jobs.silver.typed import typed_table

RULES = (
    one_of("kind", InterventionKind),
    one_of("rule", Rule),
    at_least("amount", 0),
)
TABLE = typed_table("interventions", RULES)
