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
import pytest
from deltalake import DeltaTable

from spark_jobs.catalog import BRONZE, SILVER, exists
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
