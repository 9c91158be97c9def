"""Maintenance beside a real stream: everything reconciles, and silver made anew from compacted bronze is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyspark
import pytest
from deltalake import DeltaTable

from pipelines.local_stack.java import find_java
from pipelines.local_stack.ports import HOST, free_port
from pipelines.settings import Settings
from spark_jobs.catalog import BRONZE, SILVER, exists
from spark_jobs.gold.negotiations import TABLE
from tests.docs.blocks import ROOT
from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def maintained(lab: Lab) -> list[str]:
    """Two runs that a following stream took in while its tables were maintained again and again."""
    stream = lab.start("stream", "--follow", "--json")
    runs, rounds = [], 0
    while lab.stream_status().get("checked_at", 0) == 0:
        assert stream.poll() is None
        time.sleep(0.2)
    for seed in ("3", "4"):
        simulation = lab.start("simulate", "--worlds", "2", "--steps", "500", "--pace", "100x", "--seed", seed, "--json")
        while simulation.poll() is None:
            if exists(lab.folder / "data" / "lake", BRONZE):
                lab.json("tables", "maintain", "--apply")
                rounds += 1
        runs.append(json.loads(checked(simulation, ("simulate",)).stdout)["run_id"])
    lab.json("stream", "--once")  # waits until the following one has caught up
    lab.json("tables", "maintain", "--apply")
    stream.send_signal(signal.SIGINT)
    checked(stream, ("stream", "--follow"))
    assert rounds > 1
    return runs


def test_every_event_is_still_in_every_store(lab: Lab, maintained: list[str]) -> None:
    for run_id in maintained:
        assert lab.json("verify", "--run", run_id)["ok"] is True


def test_tables_consist_of_few_files(lab: Lab, maintained: list[str]) -> None:
    lab.json("tables", "maintain", "--apply")
    files = {one["table"]: one["files"] for one in lab.json("tables")["tables"]}
    assert files["bronze.events"] == 1
    assert files["silver.orders"] == files["silver.trades"] == len(maintained)


def test_silver_made_anew_from_bronze_is_the_same(lab: Lab, maintained: list[str]) -> None:
    into = lab.folder / "rebuilt"
    command = [sys.executable, "-m", "spark_jobs.batch", "rebuild", "--into", str(into)]
    subprocess.run(command, env=os.environ | lab.environment, check=True, capture_output=True, timeout=420)
    for table in SILVER:
        old, new = (rows_of(table.path(lake)) for lake in (lab.folder / "data" / "lake", into))
        assert old == new, table.name


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """All rows in order."""
    rows = DeltaTable(path).to_pyarrow_dataset()
    return duckdb.sql("SELECT * FROM rows ORDER BY run_id, world_id, seq").fetchall() if rows.count_rows() else []


def test_the_notebook_runs_from_top_to_bottom(lab: Lab, maintained: list[str]) -> None:
    command = [sys.executable, "-m", "tests.notebooks.cells", "lake.ipynb"]
    subprocess.run(command, env=os.environ | lab.environment, check=True, capture_output=True, timeout=420)


def test_a_jdbc_client_is_answered(lab: Lab, maintained: list[str]) -> None:
    question = "SELECT min(symbol_name) AS symbol, count(*) AS trades, sum(size) AS lots FROM silver.trades_named"
    port = free_port()
    served = lab.start("tables", "serve", "--connect", "0", "--thrift", str(port))
    assert served.stdout is not None
    try:
        assert f"jdbc:hive2://{HOST}:{port}" in served.stdout.readline()
        answer = beeline_says(port, question)
    finally:
        served.send_signal(signal.SIGINT)
        checked(served, ("tables", "serve"))
    [expected] = lab.json("sql", question, "--engine", "duckdb")["rows"]
    assert expected[1] > 0 and answer == ",".join(map(str, expected))


def beeline_says(port: int, question: str) -> str:
    """The row with which a question is answered to Hive's client, which comes with pyspark."""
    jars = Path(pyspark.__file__).parent / "jars" / "*"
    java = [str(find_java(Settings())), "-XX:TieredStopAtLevel=1", "-cp", str(jars), "org.apache.hive.beeline.BeeLine"]
    form = ("--silent=true", "--outputformat=csv2", "--showHeader=false")
    words = [*java, "-u", f"jdbc:hive2://{HOST}:{port}", *form, "-e", question]
    said = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=300).stdout
    return said.rpartition("> ")[2].rstrip("\n")


def test_negotiations_of_the_example_come_into_the_tables(lab: Lab, maintained: list[str]) -> None:
    before = deals(lab)
    command = [sys.executable, str(ROOT / "examples" / "million_negotiations_streamed.py"), "3000"]
    said = subprocess.run(command, env=lab.environment, check=True, capture_output=True, text=True, timeout=420).stdout
    assert "the tables hold what was played" in said and deals(lab) == before + 3000


def deals(lab: Lab) -> int:
    """How many rows gold.negotiations has."""
    path = TABLE.path(lab.folder / "data" / "lake")
    return int(DeltaTable(path).to_pyarrow_dataset().count_rows())
