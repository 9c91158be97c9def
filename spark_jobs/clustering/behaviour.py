"""How an agent behaves, as numbers. Upstream: silver.orders, silver.trades, silver.agents; one row per run, world, agent.

Only what every participant's own broker could see: no strategy names and no labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce

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
    rows = reduce(partial(DataFrame.unionByName, allowMissingColumns=True), (_orders(orders), *_fills(trades), _inventory(agents)))
    sums = rows.groupBy(*AGENT).agg(
        *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("entered", "cancelled", "immediate", "bought")),
        *(F.avg(name).alias(name) for name in ("lots", "active", "inventory")),
        F.count("active").alias("fills"),
        F.avg(F.abs("inventory")).alias("level"),
    )
    entered = F.greatest(F.col("entered"), F.lit(1))
    features = {
        "orders": F.log1p("entered"),
        "cancel_ratio": F.col("cancelled") / entered,
        "market_share": F.col("immediate") / entered,
        "buy_share": F.col("bought") / entered,
        "mean_size": F.log1p("lots"),
        "trades": F.log1p("fills"),
        "aggressor_share": F.col("active"),
        "inventory_level": F.log1p("level"),
        "inventory_drift": F.when(F.col("level") > 0, F.col("inventory") / F.col("level")),
    }
    return sums.select(*AGENT, *(F.coalesce(features[name].cast("double"), F.lit(0.0)).alias(name) for name in FEATURES))


def _is(column: str, value: int) -> Column:
    return F.col(column) == int(value)


def _orders(orders: DataFrame) -> DataFrame:
    entered = _is("kind", RecordKind.ACCEPTED)
    cancelled = _is("kind", RecordKind.CANCELLED) & _is("reason", Reason.BY_OWNER)
    columns = {
        "entered": entered,
        "cancelled": cancelled,
        "immediate": entered & _is("time_in_force", TimeInForce.IOC),
        "bought": entered & _is("side", Side.BUY),
    }
    flags = (column.cast("int").alias(name) for name, column in columns.items())
    owner = F.col("owner").alias("agent")
    return orders.where(entered | cancelled).select("run_id", "world_id", owner, *flags, F.when(entered, F.col("size")).alias("lots"))


def _fills(trades: DataFrame) -> Iterator[DataFrame]:
    """Each fill twice: as its buyer's and as its seller's; `active` is 1 for the one that came in."""
    for side, agent in ((Side.BUY, "buyer"), (Side.SELL, "seller")):
        active = _is("aggressor", side).cast("int").alias("active")
        yield trades.select("run_id", "world_id", F.col(agent).alias("agent"), active)


def _inventory(agents: DataFrame) -> DataFrame:
    return agents.select(*AGENT, "inventory")
