"""Top of the book and volume, one row per symbol and step in which they changed. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from spark_jobs.expectations import at_least
from spark_jobs.silver.typed import typed_table

RULES = (
    at_least("best_bid", 0),
    at_least("best_ask", 0),
    at_least("volume", 0),
    at_least("bid_size", 0),
    at_least("ask_size", 0),
    at_least("trades", 0),
)
TABLE = typed_table("ticks", RULES)
