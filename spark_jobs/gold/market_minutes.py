"""The market minute by minute. Upstream: silver.trades, ticks, orders. Key: run_id, world_id, symbol, minute.

A minute is 60 s of simulated time since the run's start. Prices are in ticks, volume in lots. `spread` is the mean of
best ask less best bid; `realised_volatility` the square root of the summed squared log returns of the mid price (Andersen
and Bollerslev, 1998); `imbalance` the mean of (bid size - ask size) / (bid size + ask size) at the touch;
`order_to_trade_ratio` counts orders entered, modified and cancelled by their owners per trade. Null where nothing was.
"""

from __future__ import annotations

from functools import partial, reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.table import OF_RUN, ColumnDoc, Table

MINUTE_NS = 60_000_000_000
KEY = ("run_id", "world_id", "symbol", "minute")
SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("world_id", pa.int32()),
        ("symbol", pa.int32()),
        ("minute", pa.int64()),
        ("open", pa.int32()),
        ("high", pa.int32()),
        ("low", pa.int32()),
        ("close", pa.int32()),
        ("volume", pa.int64()),
        ("trades", pa.int64()),
        ("spread", pa.float64()),
        ("realised_volatility", pa.float64()),
        ("imbalance", pa.float64()),
        ("orders", pa.int64()),
        ("order_to_trade_ratio", pa.float64()),
    ]
)

COLUMNS = OF_RUN | {
    "symbol": ColumnDoc("id", "what is traded"),
    "minute": ColumnDoc("minutes", "simulated, since the run's start"),
    "open": ColumnDoc("ticks", "price of the first trade"),
    "high": ColumnDoc("ticks", "highest price of a trade"),
    "low": ColumnDoc("ticks", "lowest price of a trade"),
    "close": ColumnDoc("ticks", "price of the last trade"),
    "volume": ColumnDoc("lots", "traded"),
    "trades": ColumnDoc("trades", "how many"),
    "spread": ColumnDoc("ticks", "mean of best ask less best bid"),
    "realised_volatility": ColumnDoc("log return", "root of the summed squared returns of the mid price"),
    "imbalance": ColumnDoc("-1 to 1", "mean of (bid size - ask size) / (bid size + ask size) at the touch"),
    "orders": ColumnDoc("orders", "entered, modified and cancelled by their owners"),
    "order_to_trade_ratio": ColumnDoc("orders a trade", "null without a trade"),
}


def transform(trades: DataFrame, ticks: DataFrame, orders: DataFrame) -> DataFrame:
    """Rows of silver.trades, silver.ticks and silver.orders as market minutes.

    One aggregation over all three together: joining three would shuffle three times.
    """
    rows = reduce(partial(DataFrame.unionByName, allowMissingColumns=True), (_prices(trades), _quotes(ticks), _activity(orders)))
    minutes = rows.groupBy(*KEY).agg(
        F.min_by("price", "trade").alias("open"),
        F.max("price").alias("high"),
        F.min("price").alias("low"),
        F.max_by("price", "trade").alias("close"),
        F.coalesce(F.sum("size"), F.lit(0)).alias("volume"),
        F.count("trade").alias("trades"),
        F.avg("gap").alias("spread"),
        F.sqrt(F.sum(F.col("log_return") * F.col("log_return"))).alias("realised_volatility"),
        F.avg("tilt").alias("imbalance"),
        F.count("order").alias("orders"),
    )
    ratio = F.when(F.col("trades") > 0, F.col("orders") / F.col("trades"))
    return minutes.withColumn("order_to_trade_ratio", ratio).select(*SCHEMA.names)


def _by_minute(frame: DataFrame, **columns: Column) -> DataFrame:
    minute = F.floor(F.col("time_ns") / MINUTE_NS).alias("minute")
    return frame.select(*(name for name in KEY if name != "minute"), minute, *(column.alias(name) for name, column in columns.items()))


def _prices(trades: DataFrame) -> DataFrame:
    return _by_minute(trades, trade=F.col("seq"), price=F.col("price"), size=F.col("size").cast("long"))


def _quotes(ticks: DataFrame) -> DataFrame:
    bid, ask = F.col("best_bid"), F.col("best_ask")
    series = Window.partitionBy("run_id", "world_id", "symbol").orderBy("seq")
    moved = F.log((bid + ask) / F.lag(bid + ask).over(series))
    depth = F.col("bid_size").cast("long") + F.col("ask_size")
    tilt = F.when(depth > 0, (F.col("bid_size") - F.col("ask_size")) / depth)
    return _by_minute(ticks.where((bid > 0) & (ask > 0)), gap=ask - bid, log_return=moved, tilt=tilt)


def _activity(orders: DataFrame) -> DataFrame:
    entered = F.col("kind").isin(int(RecordKind.ACCEPTED), int(RecordKind.MODIFIED))
    withdrawn = (F.col("kind") == int(RecordKind.CANCELLED)) & (F.col("reason") == int(Reason.BY_OWNER))
    return _by_minute(orders.where(entered | withdrawn), order=F.col("seq"))


TABLE = Table(
    "gold.market_minutes",
    SCHEMA,
    key=KEY,
    doc="Open, high, low, close, volume, spread, volatility, imbalance and order-to-trade ratio per symbol and minute.",
    upstream=("silver.trades", "silver.ticks", "silver.orders"),
    partition_by=("run_id",),
    columns=COLUMNS,
    transform=transform,
)
