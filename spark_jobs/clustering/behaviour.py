"""How an agent behaves, as numbers. Upstream: silver.orders, silver.trades, silver.agents; one row per run, world, agent.

Only what every participant's own broker could see: no strategy names and no labels.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.events.vocabulary import Reason, RecordKind, Side, TimeInForce

AGENT = ("run_id", "world_id", "agent")
FEATURES = (
    "orders",  # log of one plus the orders entered
    "cancel_ratio",  # cancelled by their owner, per order entered
    "market_share",  # of orders entered, those that could not rest
    "buy_share",  # of orders entered
    "mean_size",  # log of one plus the mean lots of an order
    "trades",  # log of one plus the fills taken part in
    "aggressor_share",  # of fills, those in which the agent came in
    "inventory_level",  # log of one plus the mean absolute inventory
    "inventory_drift",  # mean inventory as a share of its mean absolute value
)


def transform(orders: DataFrame, trades: DataFrame, agents: DataFrame) -> DataFrame:
    """Silver rows as one row of features per agent that did anything; what an agent never did is 0."""
    keys = list(AGENT)
    joined = _orders(orders).join(_trades(trades), keys, how="full").join(_inventory(agents), keys, how="full")
    return joined.fillna(0.0).select(*AGENT, *(F.col(name).cast("double") for name in FEATURES))


def _is(column: str, value: int) -> Column:
    return F.col(column) == int(value)


def _orders(orders: DataFrame) -> DataFrame:
    entered = _is("kind", RecordKind.ACCEPTED)
    cancelled = _is("kind", RecordKind.CANCELLED) & _is("reason", Reason.BY_OWNER)
    grouped = orders.where(entered | cancelled).withColumn("agent", F.col("owner")).groupBy(*AGENT)
    count = F.count(F.when(entered, 1))
    sums = grouped.agg(
        count.alias("entered"),
        F.count(F.when(cancelled, 1)).alias("cancelled"),
        F.count(F.when(entered & _is("time_in_force", TimeInForce.IOC), 1)).alias("immediate"),
        F.count(F.when(entered & _is("side", Side.BUY), 1)).alias("bought"),
        F.avg(F.when(entered, F.col("size"))).alias("lots"),
    )
    per_order = {"cancel_ratio": "cancelled", "market_share": "immediate", "buy_share": "bought"}
    ratios = [(F.col(part) / F.greatest(F.col("entered"), F.lit(1))).alias(name) for name, part in per_order.items()]
    return sums.select(*AGENT, F.log1p("entered").alias("orders"), *ratios, F.log1p("lots").alias("mean_size"))


def _trades(trades: DataFrame) -> DataFrame:
    came_in = F.col("aggressor")
    bought = trades.select("run_id", "world_id", F.col("buyer").alias("agent"), (came_in == int(Side.BUY)).alias("active"))
    sold = trades.select("run_id", "world_id", F.col("seller").alias("agent"), (came_in == int(Side.SELL)).alias("active"))
    active = F.avg(F.col("active").cast("double")).alias("aggressor_share")
    return bought.unionAll(sold).groupBy(*AGENT).agg(F.log1p(F.count("*")).alias("trades"), active)


def _inventory(agents: DataFrame) -> DataFrame:
    sums = agents.groupBy(*AGENT).agg(F.avg(F.abs("inventory")).alias("level"), F.avg("inventory").alias("drift"))
    share = F.when(F.col("level") > 0, F.col("drift") / F.col("level"))
    return sums.select(*AGENT, F.log1p("level").alias("inventory_level"), share.alias("inventory_drift"))
