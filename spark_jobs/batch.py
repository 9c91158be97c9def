"""Batch work on the lake: refresh the gold tables from silver, rebuild silver from bronze.

python -m spark_jobs.batch refresh [--run ID ...]
python -m spark_jobs.batch rebuild --into FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.events.topics import PARTITIONS
from pipelines.places import ObjectFolder, Place, is_table
from pipelines.settings import Settings, settings
from spark_jobs import session as sessions
from spark_jobs.catalog import BRONZE, QUARANTINE, SILVER
from spark_jobs.delta_writes import Lake, create, merge_new, replace_runs
from spark_jobs.detection.deep import deep_alerts
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.models import read_models
from spark_jobs.gold import agent_clusters, agent_features, agent_novelty, alerts, market_minutes, negotiations, strategy_switches
from spark_jobs.ingest.journal import Entry, combine
from spark_jobs.ingest.task import BlockTask, Here, run_tasks
from spark_jobs.maintenance.active import active_files
from spark_jobs.schemas import spark_schema
from spark_jobs.stored_rows import stored_rows

ROWS = 100_000  # that Spark hands to Python at a time
REFRESHED = (market_minutes.TABLE, agent_features.TABLE, agent_clusters.TABLE, agent_novelty.TABLE, negotiations.TABLE)


@dataclass(frozen=True)
class Looking:
    """How a refresh looks for what needs more than a glance: the deep lane's models, whether the runs have ended, and who is told."""

    models: Mapping[str, Forest] = field(default_factory=dict)
    finished: bool = True
    tell: Callable[[list[dict[str, Any]]], None] = lambda _alerts: None


def refresh(session: SparkSession, lake: Place, runs: Iterable[str] | None = None, looking: Looking | None = None) -> dict[str, int]:
    """Make the gold tables of some runs anew from silver, or of all; how many rows each has for them.

    Replaces whole partitions, and adds the alerts of changed strategies and of the deep lane that gold.alerts does not have yet, so it can
    be repeated at any time.
    """
    names = sorted(runs_in(lake) if runs is None else set(runs))
    if not names:
        return dict.fromkeys((table.name for table in REFRESHED), 0)
    silver, rows_each = ("trades", "ticks", "orders", "messages", "negotiations"), session.newSession()
    rows_each.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(ROWS))  # not blocks of rows, as in the stream
    trades, ticks, orders, messages, steps = (_of_runs(rows_each, lake, name, names) for name in silver)
    features = agent_features.transform(orders, trades, ticks, messages).toArrow().cast(agent_features.SCHEMA)
    clusters = _by_run(agent_clusters.transform, agent_clusters.SCHEMA, features)
    odd = _by_run(agent_novelty.transform, agent_novelty.SCHEMA, features)
    minutes, deals = market_minutes.transform(trades, ticks, orders).toArrow(), negotiations.transform(steps).toArrow()
    made = (minutes, features, clusters, odd, deals)
    for table, rows in zip(REFRESHED, made, strict=True):
        replace_runs(lake, table, rows, names)
    switched = strategy_switches.found(clusters, _known_until(orders, trades, ticks))
    _raise(lake, names, switched, looking or Looking(read_models()))
    return {table.name: rows.num_rows for table, rows in zip(REFRESHED, made, strict=True)}


def _raise(lake: Place, runs: list[str], switched: list[dict[str, Any]], looking: Looking) -> None:
    """Tell of the alerts that gold.alerts does not have, and add them."""
    deep = [alert for run in runs for alert in deep_alerts(lake, run, looking.models, looking.finished)]
    new = alerts.unknown(lake, switched + deep)
    looking.tell(new)
    merge_new(lake, alerts.TABLE, alerts.transform(new))


def runs_in(lake: Place) -> set[str]:
    """The runs that silver holds."""
    found: set[str] = set()
    for table in SILVER:
        path = table.path(lake)
        if is_table(path):
            found |= {partition["run_id"] for partition in DeltaTable(str(path)).partitions()}
    return found


def _of_runs(session: SparkSession, lake: Place, name: str, runs: list[str]) -> DataFrame:
    """Rows of a silver table. delta-rs says which files they are: Delta's own reader takes ten seconds to start for four tables."""
    table = next(table for table in SILVER if table.event.name == name)
    delta, path = create(lake, table), table.path(lake)
    if isinstance(path, ObjectFolder):
        return stored_rows(session, table, path, [file for file in active_files(delta, table) if dict(file.partition)["run_id"] in runs])
    files = delta.file_uris(file_pruning_predicate=[("run_id", "in", runs)])
    if not files:
        return session.createDataFrame(table.schema.empty_table())
    return session.read.schema(spark_schema(table.schema)).option("basePath", str(path)).parquet(*files)


def _by_run(transform: Callable[[pa.Table], pa.Table], schema: pa.Schema, features: pa.Table) -> pa.Table:
    """The rows of a table that is made of the features of each run."""
    runs = sorted(pc.unique(features.column("run_id")).to_pylist())
    return pa.concat_tables([schema.empty_table(), *(transform(features.filter(pc.equal(features.column("run_id"), run))) for run in runs)])


def _known_until(*frames: DataFrame) -> dict[tuple[str, int, int], int]:
    """The step of each run, world and symbol up to which all of the frames have rows."""
    market = strategy_switches.MARKET
    ends = reduce(DataFrame.union, (frame.groupBy(*market).agg(F.max("step").alias("end")) for frame in frames))
    rows = ends.groupBy(*market).agg(F.min("end").alias("end"), F.count("end").alias("tables")).where(F.col("tables") == len(frames))
    return {tuple(row[name] for name in market): row["end"] for row in rows.collect()}


def rebuild(session: SparkSession, lake: Place, into: Path, partitions: int = PARTITIONS) -> Entry:
    """Make silver anew from bronze in another folder, by the same work that made it from Kafka, where topics had so many partitions.

    Raises ValueError if the folder holds tables already.
    """
    if into.exists() and any(into.iterdir()):
        raise ValueError(f"{into} is not empty; name a new folder, compare, then put its silver in place of the old one")
    path = BRONZE.path(lake)
    if isinstance(path, ObjectFolder):
        records = stored_rows(session, BRONZE, path, active_files(DeltaTable(str(path)), BRONZE))
    else:
        records = session.read.format("delta").load(str(path))
    ordered = records.repartition("topic", "partition").sortWithinPartitions("topic", "partition", "offset")
    task = BlockTask(lake, into, into, Here({}), Entry(), keep_bronze=False, partitions=partitions)
    entry = combine(Entry(), 0, "rebuild", run_tasks(ordered, task))
    tables = Lake(into, (*SILVER, QUARANTINE), "rebuild")
    for name in tables.tables:
        tables.commit(name, 0, [file for file in entry.files if file.table == name])
    return entry


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    chosen: Settings = settings()
    began = time.monotonic()
    session = sessions.build(chosen, "agora-batch", quick=False)
    if options.verb == "refresh":
        result: dict[str, object] = {"rows": refresh(session, chosen.lake_dir, options.run or None)}
    else:
        entry = rebuild(session, chosen.lake_dir, options.into, chosen.kafka_partitions)
        result = {"rows": entry.rows(), "counters": entry.counters}
    print(json.dumps(result | {"seconds": round(time.monotonic() - began, 2)}, separators=(",", ":")))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spark_jobs.batch", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    again = verbs.add_parser("refresh", help="make gold anew from silver")
    again.add_argument("--run", action="append", help="only this run; may be given several times")
    anew = verbs.add_parser("rebuild", help="make silver anew from bronze")
    anew.add_argument("--into", type=Path, required=True, help="a new folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
