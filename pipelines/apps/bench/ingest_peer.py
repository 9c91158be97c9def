"""The peer of `agora bench ingest`: the same path as most teams write it first. One JSON event a record, from_json in Spark.

Bronze as received, typed silver tables with deduplication by a mark per world, offenders to quarantine; Delta's own
writer, idempotent by transaction id. What is known to help it is done: few statistics, zstd, Kafka read once, each type
parsed once, offenders and marks found while its rows are written.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from pipelines.events.topics import Topic
from spark_jobs.schemas import STEP_NS, spark_schema
from spark_jobs.silver.tables import SILVER
from spark_jobs.silver.typed import TypedTable

TYPES = ("orders", "trades", "ticks", "agents")
TOPICS = tuple(Topic(f"bench.{name}", "json") for name in TYPES)
NOT_NEGATIVE = {
    "orders": ("price", "size", "remaining"),
    "trades": ("price", "size"),
    "ticks": ("best_bid", "best_ask", "volume"),
    "agents": ("open_orders",),
}
QUARANTINED = ("run_id", "world_id", "seq", "partition", "offset")


class Peer:
    """Batches of JSON events into Delta tables."""

    def __init__(self, session: SparkSession, lake: Path) -> None:
        self.session, self.lake = session, lake
        self.marks: dict[tuple[str, str, int], int] = {}
        session.conf.set("spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols", "4")

    def __call__(self, frame: DataFrame, batch: int) -> None:
        """One batch, as foreachBatch hands it over."""
        raw = frame.select("topic", "partition", "offset", "timestamp", "key", "value", "headers").persist()
        self._append(raw, "bronze", batch)
        for table in SILVER:
            if table.event.name in TYPES:
                self._typed(raw.where(F.col("topic") == f"bench.{table.event.name}"), table, batch)
        raw.unpersist()

    def _typed(self, raw: DataFrame, table: TypedTable, batch: int) -> None:
        name = table.event.name
        schema = StructType([field for field in spark_schema(table.schema) if field.name != "time_ns"])
        event = F.from_json(F.col("value").cast("string"), schema)
        parsed = raw.select(event.alias("event"), "partition", "offset").select("event.*", "partition", "offset")
        fresh = self._above_marks(parsed, name).dropDuplicates(["run_id", "world_id", "seq"])
        judged = fresh.withColumn("bad", reduce(lambda one, other: one | other, [F.col(column) < 0 for column in NOT_NEGATIVE[name]]))
        seen = Observation()
        watched = judged.observe(seen, F.count_if("bad").alias("bad"), F.max(F.struct("run_id", "world_id", "seq")).alias("last"))
        rows = watched.withColumn("time_ns", F.col("step").cast("long") * STEP_NS)
        self._append(rows.where(~F.col("bad")).select(*table.schema.names), name, batch, "run_id")
        if seen.get["bad"]:
            self._append(judged.where("bad").select(*QUARANTINED, F.lit(name).alias("event")), "quarantine", batch, "run_id")
        last = seen.get["last"]
        if last is not None:  # one world at a time is published here, so the greatest seq is its mark
            self.marks[name, last["run_id"], last["world_id"]] = last["seq"]

    def _above_marks(self, parsed: DataFrame, name: str) -> DataFrame:
        known = [(run, world, seq) for (event, run, world), seq in self.marks.items() if event == name]
        marks = self.session.createDataFrame(known, "run_id string, world_id int, mark long")
        joined = parsed.join(F.broadcast(marks), ["run_id", "world_id"], "left")
        return joined.where(F.col("mark").isNull() | (F.col("seq") > F.col("mark")))

    def _append(self, rows: DataFrame, name: str, batch: int, *partition: str) -> None:
        writer = rows.write.format("delta").mode("append").option("txnAppId", f"peer-{name}").option("txnVersion", batch)
        writer.partitionBy(*partition).save(str(self.lake / name))
