"""Deals outside the book, one row each. Upstream: silver.negotiations. Key: run_id, world_id, deal_id.

What is public of a negotiation, a contract or an auction from its beginning to its end. Prices are in ticks, amounts in ticks x lots;
`outcome` is the DealStep that ended it, 3 for a contract that is not yet due, null while it is open. `first_share` is the part of the way
from the second one's opening price to its own that the first one got, 0.5 halfway: the division of the distance that they showed each
other, since what the goods were worth to them is nobody's to know. Null where only one named a price.
"""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.events.vocabulary import DealStep
from spark_jobs.table import OF_RUN, ColumnDoc, Table

KEY = ("run_id", "world_id", "deal_id")
SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("world_id", pa.int32()),
        ("deal_id", pa.int64()),
        ("protocol", pa.int32()),
        ("symbol", pa.int32()),
        ("first", pa.int32()),
        ("second", pa.int32()),
        ("side", pa.int32()),
        ("lots", pa.int32()),
        ("opening_price", pa.int32()),
        ("answer_price", pa.int32()),
        ("price", pa.int32()),
        ("rounds", pa.int32()),
        ("begun", pa.int32()),
        ("agreed", pa.int32()),
        ("ended", pa.int32()),
        ("outcome", pa.int32()),
        ("first_share", pa.float64()),
        ("settled", pa.int64()),
        ("refunded", pa.int64()),
    ]
)
COLUMNS = OF_RUN | {
    "deal_id": ColumnDoc("id", "which deal"),
    "protocol": ColumnDoc("Protocol", "0 bilateral, 1 English, 2 Dutch, 3 first-price, 4 second-price auction"),
    "symbol": ColumnDoc("id", "what is traded"),
    "first": ColumnDoc("agent", "who began"),
    "second": ColumnDoc("agent", "the other side, of an auction the buyer; -1: nobody"),
    "side": ColumnDoc("Side", "of the first: 0 buys, 1 sells"),
    "lots": ColumnDoc("lots", "at the end"),
    "opening_price": ColumnDoc("ticks", "that the first one named"),
    "answer_price": ColumnDoc("ticks", "that the second one named; null where it named none"),
    "price": ColumnDoc("ticks", "agreed; null without an agreement"),
    "rounds": ColumnDoc("rounds", "offers or bids"),
    "begun": ColumnDoc("steps", "simulated step at which it began"),
    "agreed": ColumnDoc("steps", "at which it was agreed"),
    "ended": ColumnDoc("steps", "at which it ended; null while it is open"),
    "outcome": ColumnDoc("DealStep", "that ended it; 3 for a contract not yet due, null while it is open"),
    "first_share": ColumnDoc("share", "of the way between the two opening prices that the first one got"),
    "settled": ColumnDoc("ticks x lots", "by a mediator's settlement"),
    "refunded": ColumnDoc("ticks x lots", "for misrepresented quality"),
}
BEGINNINGS = (DealStep.OFFERED, DealStep.OPENED)
ENDINGS = (
    DealStep.AGREED, DealStep.WALKED_AWAY, DealStep.EXPIRED, DealStep.DELIVERED, DealStep.DEFAULTED, DealStep.SETTLED, DealStep.UNSETTLED,
    DealStep.SOLD, DealStep.UNSOLD,
)  # fmt: skip
"""In the order in which they can follow each other."""


def transform(negotiations: DataFrame) -> DataFrame:
    """Rows of silver.negotiations as one row a deal; what began before the rows do is left out."""
    begins, price = _is(*BEGINNINGS), F.col("price")
    answers, ends = _is(DealStep.COUNTERED) & (F.col("round") == 2), _is(*ENDINGS)
    deals = negotiations.groupBy(*KEY).agg(
        F.min("protocol").alias("protocol"),
        F.min("symbol").alias("symbol"),
        F.max(F.when(begins, F.col("party"))).alias("first"),
        F.max_by("counterparty", F.when(begins | _is(DealStep.SOLD), F.col("seq"))).alias("second"),
        F.max(F.when(begins, F.col("side"))).alias("side"),
        F.max_by("lots", "seq").alias("lots"),
        F.max(F.when(begins, price)).alias("opening_price"),
        F.max(F.when(answers, price)).alias("answer_price"),
        F.max_by("price", F.when(_is(DealStep.AGREED, DealStep.SOLD), F.col("seq"))).alias("price"),
        F.max("round").alias("rounds"),
        F.min(F.when(begins, F.col("step"))).alias("begun"),
        F.max(F.when(_is(DealStep.AGREED), F.col("step"))).alias("agreed"),
        F.max(F.when(ends, F.col("step"))).alias("ended"),
        F.max_by("kind", F.when(ends, F.col("seq"))).alias("outcome"),
        F.max(F.when(_is(DealStep.SETTLED), F.col("amount"))).alias("settled"),
        F.max(F.when(_is(DealStep.MISREPRESENTED), F.col("amount"))).alias("refunded"),
    )
    way = F.col("opening_price") - F.col("answer_price")
    share = F.when(way != 0, (F.col("price") - F.col("answer_price")) / way)
    return deals.where(F.col("first").isNotNull()).withColumn("first_share", share).select(*SCHEMA.names)


def _is(*steps: DealStep) -> Column:
    return F.col("kind").isin(*(int(step) for step in steps))


TABLE = Table(
    "gold.negotiations",
    SCHEMA,
    key=KEY,
    doc="Every negotiation, contract and auction with its sides, prices, rounds, end and how the distance was divided.",
    upstream=("silver.negotiations",),
    partition_by=("run_id",),
    columns=COLUMNS,
    transform=transform,
)
