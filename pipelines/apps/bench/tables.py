"""`agora bench tables`: one question about a symbol and a time, before and after maintenance, while the stream goes on writing.

The lake is made by `agora stream --follow` from runs that are simulated beside it at some times real time: each of its batches leaves a
file per table and run. Each question opens the table anew, as `agora sql` does. All processes share the machine, before and after alike.
"""

from __future__ import annotations

import json as json_text
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from pipelines.apps.bench.sinks import call
from pipelines.apps.sql.engines import open_in_duckdb
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.workers.command import agora, end
from spark_jobs import session as sessions
from spark_jobs.batch import runs_in
from spark_jobs.catalog import table
from spark_jobs.inventory import facts
from spark_jobs.views import register

SCENARIO = "commodity_exchange"  # three symbols
AGENTS = "30"
PACE = "5x"
ENDLESS = 1_000_000  # steps; the runs are stopped
ASKED = 3  # times, of which the median counts
TABLES = ("silver.orders", "silver.trades", "silver.ticks")
QUESTION = "SELECT count(*), sum(size), min(price), max(price) FROM silver.orders WHERE symbol = 1 AND step BETWEEN {} AND {}"


def run(json: bool = False, runs: int = 4, files: int = 600, seconds: float = 90.0) -> dict[str, Any]:
    """Stream `runs` runs until a table has `files` files or the seconds are over, ask, maintain, ask again.

    Examples:  [bold]agora bench tables --json[/bold]   [bold]agora bench tables --files 100[/bold]
    """
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder), spark_driver_memory="1g")
        with stack.running(chosen), writing(chosen, runs):
            session = sessions.build(chosen, "agora-bench")
            wait_until(lambda: len(runs_in(chosen.own_lake_dir)) == runs)
            began = time.monotonic()
            wait_until(lambda: time.monotonic() - began > seconds or file_counts(chosen.own_lake_dir)[TABLES[0]] >= files)
            result = measure(chosen, session)
            session.stop()
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def measure(chosen: Settings, session: SparkSession) -> dict[str, Any]:
    """All figures, of a lake that is being written."""
    lake = chosen.own_lake_dir
    register(session, lake, TABLES)
    question, version = asked_question(lake), facts(lake, table(TABLES[0])).version
    engines = {"duckdb": lambda: by_duckdb(lake, question), "spark": lambda: by_spark(session, question)}
    counts = {"before": file_counts(lake)}
    before = {name: timed(ask) for name, ask in engines.items()}
    maintained = call(chosen, "tables", "maintain", *TABLES, "--apply")
    counts["maintained"] = {one["table"]: one["files_after"] for one in maintained["tables"]}
    after = {name: timed(ask) for name, ask in engines.items()}
    counts["after"] = file_counts(lake)
    commits = facts(lake, table(TABLES[0])).version - version
    if commits < 2 or any(before[name][1] != after[name][1] for name in engines):
        raise RuntimeError(f"the stream made {commits - 1} commits meanwhile; the answers were {before}, then {after}")
    ratios = {f"query_after_maintenance_{name}": round(before[name][0] / after[name][0], 1) for name in engines}
    times = {f"{name}_query_ms": round(1e3 * after[name][0], 1) for name in engines}
    return {
        "figures": times | {"maintain_seconds": maintained["seconds"], "commits_meanwhile": commits - 1},
        "peers": {f"{name}_query_ms_before": round(1e3 * before[name][0], 1) for name in engines},
        "ratios": {"query_after_maintenance": round(statistics.geometric_mean(ratios.values()), 1)} | ratios,
        "files": counts,
    }


@contextmanager
def writing(chosen: Settings, runs: int) -> Iterator[None]:
    """A stream and some runs beside it, which end when this does."""
    simulate = ("simulate", "--scenario", SCENARIO, "--agents", AGENTS, "--steps", str(ENDLESS), "--pace", PACE, "--workers", "1")
    with ExitStack() as open_things:
        open_things.enter_context(process(chosen, "stream", "--follow", "--refresh", "0"))
        for number in range(runs):
            open_things.enter_context(process(chosen, *simulate, "--seed", str(number)))
        yield


@contextmanager
def process(chosen: Settings, *words: str) -> Iterator[None]:
    """A command with that data folder, stopped at the end. Raises RuntimeError if it had ended by itself."""
    log = chosen.data_dir / "bench.log"
    with log.open("ab") as file:
        started = subprocess.Popen(agora(*words, data_dir=chosen.data_dir), stdout=file, stderr=file)
    try:
        yield
        if started.poll() is not None:
            raise RuntimeError(f"agora {words[0]} ended with {started.returncode}: {log.read_text()[-500:]}")
    finally:
        end(started)


def wait_until(met: Callable[[], bool]) -> None:
    """Wait for a condition."""
    while not met():
        time.sleep(0.2)


def asked_question(lake: Path) -> str:
    """About half of the time that all runs have rows of, from its first quarter on, so that the answer stays what it is."""
    last = int(by_duckdb(lake, "SELECT min(last) FROM (SELECT run_id, max(step) AS last FROM silver.orders GROUP BY run_id)")[0][0])
    return QUESTION.format(last // 4, 3 * last // 4)


def by_duckdb(lake: Path, question: str) -> list[tuple[Any, ...]]:
    """The answer of DuckDB, the table opened for it."""
    with duckdb.connect() as connection:
        open_in_duckdb(connection, {"silver.orders": table("silver.orders").path(lake)})
        return connection.execute(question).fetchall()


def by_spark(session: SparkSession, question: str) -> list[tuple[Any, ...]]:
    """The answer of Spark SQL, which looks for new commits at each question."""
    return [tuple(row) for row in session.sql(question).collect()]


def timed(ask: Callable[[], list[tuple[Any, ...]]]) -> tuple[float, list[tuple[Any, ...]]]:
    """Median seconds, and the answer; the first time is for loading and compiling."""
    answer, took = ask(), []
    for _ in range(ASKED):
        began = time.monotonic()
        answer = ask()
        took.append(time.monotonic() - began)
    return statistics.median(took), answer


def file_counts(lake: Path) -> dict[str, int]:
    """How many files each table has."""
    return {name: facts(lake, table(name)).files for name in TABLES}
