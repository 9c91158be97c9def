"""How agents behave, window by window. Upstream: silver.orders, trades, ticks, messages. Key: run_id, world_id, symbol, window, agent.

A window is 1000 s of simulated time since the run's start. What each number means: clustering.features; null where an agent did nothing
of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, reduce

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.clustering.by_agent import Array
from spark_jobs.clustering.features import FEATURES, measure
from spark_jobs.clustering.window import NEEDED, Window
from spark_jobs.schemas import spark_schema
from spark_jobs.table import OF_RUN, ColumnDoc, Table

STEPS = 10_000  # of a window
MARKET = ("run_id", "world_id", "symbol", "window")
KEY = (*MARKET, "agent")
_TABLES = list(NEEDED)
SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        *((name, pa.int32()) for name in KEY[1:]),
        *((name, pa.float64()) for name in FEATURES),
    ]
)

OF_WINDOW = OF_RUN | {
    "symbol": ColumnDoc("id", "in which market"),
    "window": ColumnDoc("1000 s", "simulated, since the run's start"),
    "agent": ColumnDoc("agent", "who"),
}


def transform(orders: DataFrame, trades: DataFrame, ticks: DataFrame, messages: DataFrame) -> DataFrame:
    """Rows of silver as one row for each agent that did anything in a window: each market and window is a task of its own."""
    frames = {"orders": orders, "trades": trades, "ticks": ticks, "messages": messages}
    rows = reduce(partial(DataFrame.unionByName, allowMissingColumns=True), (_needed(name, frame) for name, frame in frames.items()))
    return rows.groupBy(*MARKET).applyInArrow(of_market, spark_schema(SCHEMA))


def _needed(name: str, frame: DataFrame) -> DataFrame:
    window = F.floor(F.col("step") / STEPS).cast("int").alias("window")
    return frame.select("run_id", "world_id", "symbol", window, F.lit(_TABLES.index(name)).alias("table"), *NEEDED[name])


def of_market(rows: pa.Table) -> pa.Table:
    """The features of one market and window, from the rows of all tables together; `table` is the place in NEEDED of the table of each."""
    rows = rows.combine_chunks()
    tables = rows.column("table").to_numpy()
    chosen = {name: rows.filter(pa.array(tables == place)) for place, name in enumerate(_TABLES)}
    parts = {name: {column: chosen[name].column(column).to_numpy() for column in NEEDED[name]} for name in NEEDED}
    return features_of(parts, {name: rows.column(name)[0].as_py() for name in MARKET})


def features_of(parts: Mapping[str, Mapping[str, Array]], market: Mapping[str, object]) -> pa.Table:
    """The rows of one market and window; `market` has the values of MARKET. A window that has only begun is as long as its rows reach."""
    first = int(str(market["window"])) * STEPS
    last = max((int(columns["step"].max()) for columns in parts.values() if len(columns["step"])), default=first)
    window = Window(parts, first, min(last - first + 1, STEPS))
    table = measure(window)
    same = {name: pa.array([market[name]] * window.count, SCHEMA.field(name).type) for name in MARKET}
    columns = [*same.values(), pa.array(window.agents, pa.int32()), *(pa.array(column, from_pandas=True) for column in table.T)]
    return pa.table(columns, schema=SCHEMA)


TABLE = Table(
    "gold.agent_features",
    SCHEMA,
    key=KEY,
    doc="How each agent behaved in each 1000 s of simulated time: orders, trades, direction, timing, talk.",
    upstream=("silver.orders", "silver.trades", "silver.ticks", "silver.messages"),
    partition_by=("run_id",),
    columns=OF_WINDOW | {name: ColumnDoc(feature.unit, feature.meaning) for name, feature in FEATURES.items()},
    transform=transform,
)
