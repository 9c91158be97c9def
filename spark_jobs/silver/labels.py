"""Ground truth, for scoring only: it lies in a lake folder of its own. Upstream: bronze.labels. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import filled_in
from spark_jobs.silver.typed import typed_table

RULES = (filled_in("kind"),)
TABLE = typed_table("labels", RULES)
