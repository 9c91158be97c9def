"""Deals outside the book, one row per step. Upstream: bronze.events. Key: run_id, world_id, seq."""

from __future__ import annotations

from pipelines.events.vocabulary import DealStep, Protocol, Side
from spark_jobs.expectations import at_least, one_of
from spark_jobs.silver.typed import typed_table

RULES = (
    at_least("deal_id", 0),
    one_of("protocol", Protocol),
    one_of("kind", DealStep),
    one_of("side", Side),
    at_least("lots", 1),
)
TABLE = typed_table("negotiations", RULES)
